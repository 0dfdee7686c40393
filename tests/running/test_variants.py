"""Parameters with a value per branch and brand: one rule, several variants, one occurrence name."""

from datetime import date, datetime

import pytest

from engine.running import held
from engine.running.tick import tick
from engine.site import load_site

NOW = datetime(2024, 3, 1, 7)
SITE = """
pack: site
packs: [standard]
branches: {KOE: {}, BON: {}, WIE: {zone: Europe/Vienna, region: AT-9}}
parameters:
  site.away: {default: 15 months, branch: {KOE: 12 months, WIE: 12 months, BON: 24 months}, brand: {Ford: 6 months}}
  site.late: {brand: {Ford: 10 days}}
"""
RULES = """
parameters:
  away: {type: duration, default: 18 months, label: Weg}
  late: {type: duration, default: 5 days, label: Danach}
rules:
  customer_away: {label: C, for: customer, purpose: internal, while: [{visits: {no: [{visited_on: {after: $away ago}}]}}], do: {mark: {tag: stammkunde}}}
  vehicle_late: {label: V, for: vehicle, purpose: internal, date: $late after last_service_on, catch_up: all, limit: 3 per run, do: {mark: {tag: mailing}}}
"""


@pytest.fixture
def make(store, tmp_path):
    def setting(site=SITE, rules=RULES):
        (tmp_path / "rules").mkdir(exist_ok=True)
        (tmp_path / "regelwerk.yaml").write_text(site, "utf-8")
        (tmp_path / "rules" / "own.yaml").write_text(rules, "utf-8")
        found = load_site(tmp_path)
        assert found.findings() == []
        setting = found.setting(store)
        setting.rules = [rule for rule in setting.rules if rule.id.startswith("site.")]
        return setting

    return setting


def fill(store):
    with store.session(write=True):
        branches = dict(zip(("KOE", "WIE", "BON", "XXX"), store.insert_many("branch", [{"code": code} for code in ("KOE", "WIE", "BON", "XXX")]), strict=True))
        rows = [(n, months, branches.get(code)) for n, (code, months) in enumerate([(c, m) for c in (*branches, None) for m in (8, 13, 17, 30)], start=1)]
        customers = store.insert_many("customer", [{"number": n, "branch": branch} for n, _, branch in rows])
        visits = [
            {"number": str(n), "customer": c, "kind": "shop", "visited_on": date(2024, 3, 1).replace(year=2024 - (m + 9) // 12, month=(2 - m) % 12 + 1)}
            for (n, m, _), c in zip(rows, customers, strict=True)
        ]
        store.insert_many("visit", visits)
    return {row[0]: (row[1], row[2]) for row in store.rows("SELECT c.number, b.code, c.number FROM customer c LEFT JOIN branch b ON c.branch = b.id", [])}


def tagged(store, kind):
    sql = "SELECT b.code, c.number FROM tag t JOIN customer c ON t.customer = c.id LEFT JOIN branch b ON c.branch = b.id WHERE t.kind = ? AND t.taken_back_on IS NULL"
    found = {}
    for code, number in sorted(map(tuple, store.rows(sql, [kind])), key=str):
        found.setdefault(code, []).append((8, 13, 17, 30)[(number - 1) % 4])
    return {code: sorted(months) for code, months in found.items()}


def test_a_value_per_branch_and_the_default_for_all_others(store, make):
    fill(store)
    setting = make()
    assert len([rule for rule in setting.rules if rule.id == "site.customer_away"]) == 4, "KOE and WIE, BON, all others with Ford and without"
    for hour in (0, 1, 2):
        tick(setting, NOW.replace(hour=7 + hour))
        assert tagged(store, "stammkunde") == {"KOE": [13, 17, 30], "WIE": [13, 17, 30], "BON": [30], "XXX": [17, 30], None: [17, 30]}
    tick(make(SITE.replace("KOE: 12 months", "KOE: 16 months")), NOW.replace(hour=11))
    assert tagged(store, "stammkunde")["KOE"] == [17, 30], "another value takes back what no longer holds, and does nothing twice"


def test_a_customer_who_changes_the_branch(store, make):
    fill(store)
    setting = make()
    tick(setting, NOW)
    with store.session(write=True):
        bonn = store.rows("SELECT id FROM branch WHERE code = 'BON'", [])[0][0]
        moved = [row[0] for row in store.rows("SELECT c.id FROM customer c JOIN branch b ON c.branch = b.id WHERE b.code = 'KOE'", [])]
        store.update_many("customer", [{"id": row, "branch": bonn} for row in moved])
    tick(setting, NOW.replace(hour=8))
    assert tagged(store, "stammkunde")["BON"] == [30, 30]


def test_a_limit_counts_over_all_variants_and_what_is_held_is_released_by_each(store, make):
    setting = make()
    with store.session(write=True):
        (owner,) = store.insert_many("customer", [{"number": 1}])
        store.insert_many(
            "vehicle",
            [{"vin": str(n), "brand": "Ford" if n % 2 else "Opel", "owner": owner, "last_service_on": date(2024, 2, 15 + n)} for n in range(6)],
        )
    tick(setting, NOW)
    waiting = {(row[0], row[2]) for row in held.held_counts(store)}
    assert waiting == {("site.vehicle_late", 6)}, "Opel: the 20th to the 24th; Ford: the 26th to the 1st; four or more in sum"
    assert held.release(setting, "site.vehicle_late", NOW).total("done") == 6
    assert store.rows("SELECT COUNT(*) FROM occurrence WHERE status = 'done' AND definition = 'site.vehicle_late'", [])[0][0] == 6


def test_a_branch_that_the_settings_do_not_name_is_served_too(store, make):
    """Where several calendars are in use, everything else goes by the site's own."""
    setting = make("pack: site\npacks: [standard]\nbranches: {WIE: {zone: Europe/Vienna, region: AT-9}}\n")
    fill(store)
    tick(setting, NOW)
    assert set(tagged(store, "stammkunde")) == {"KOE", "WIE", "BON", "XXX", None}
