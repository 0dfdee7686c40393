"""One prospect's way through the thirteen steps of S1, as `make demo` shows it."""

from datetime import date

import pytest

from engine.demo.prospect import as_rows, play_prospect
from engine.site import load_site
from engine.store.store import Store

WAY = [
    ("02.11.2026", "prospect recorded", "ana"),
    ("09.11.2026", "phone call", "ana"),
    ("11.11.2026", "test drive", "ana"),
    ("12.11.2026", "vehicle offer", "ana"),
    ("16.11.2026", "personal meeting", "ana"),
    ("17.11.2026", "financing", "ana"),
    ("17.11.2026", "insurance", "ana"),
    ("27.11.2026", "email follow up", "ana"),
    ("01.12.2026", "purchase contract", "ana"),
    ("07.12.2026", "signing", "ana"),
    ("07.12.2026", "contract recorded", ""),
    ("04.01.2027", "vehicle delivery", "ana"),
    ("04.01.2027", "delivery recorded", ""),
    ("11.01.2027", "customer satisfaction", "ana"),
]


@pytest.mark.req("S1.10")
def test_the_thirteen_steps_with_their_dates(tmp_path):
    (tmp_path / "regelwerk.yaml").write_text("packs: [standard, pipelines]\n", "utf-8")
    store = Store.open(":memory:", create=True)
    way = as_rows(play_prospect(load_site(tmp_path).setting(store), date(2026, 11, 2)))
    store.close()
    assert [row[:3] for row in way][: len(WAY)] == WAY
    assert way[-1] == ("04.09.2029", "remotorisation", "ana", "interested")
