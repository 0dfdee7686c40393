"""Files taken in by a map, on both databases."""

from datetime import datetime

import pytest

from engine.language.calendars import Calendar
from engine.store.imports import load_file

NOW = datetime(2026, 11, 24, 9)
CUSTOMERS = {
    "entity": "customer",
    "key": "number",
    "mode": "full",
    "file": {"encoding": "windows-1252", "delimiter": ";", "decimal": ",", "dates": "dd.mm.yyyy"},
    "columns": {
        "KdNr": "number",
        "Name": "name",
        "Anrede": {"field": "salutation", "values": {"Herr": "mr", "Frau": "ms"}},
        "Geburtstag": "birthday",
        "Verkäufer": {"field": "salesperson", "by": "initials"},
        "Mutter": {"field": "parent", "by": "number"},
        "Verstorben": "deceased",
        "Bemerkung": "ignore",
    },
    "constants": {"country": "DE"},
}
HEAD = "KdNr;Name;Anrede;Geburtstag;Verkäufer;Mutter;Verstorben;Bemerkung\n"
GOOD = HEAD + "1;Müller & Söhne;;;ana;;nein;x\n2;Öztürk;Frau;29.02.2000;ana;1;ja;\n3;Groß;Herr;01.01.1970;;2;;\n"


def take(store, tmp_path, text, *, name="kunden.csv", **options):
    path = tmp_path / name
    path.write_bytes(text.encode("windows-1252"))
    return load_file(store, CUSTOMERS, path, NOW, Calendar(), **options)


@pytest.fixture
def staffed(store):
    with store.session(write=True):
        store.insert_many("employee", [{"initials": "ana"}])
    return store


@pytest.mark.parametrize(
    ("raw", "encoding", "said"),
    [
        (None, "auto", "kunden.csv: error import-unreadable: the file cannot be read: No such file or directory; check its name and rights"),
        (b"KdNr\n1\n\x81\n", "auto", "kunden.csv:3:1: error import-encoding: byte 0x81 is not Windows-1252; name the file's encoding in the map"),
        ("KdNr\nÄ\n".encode("windows-1252"), "utf-8", "kunden.csv:2:1: error import-encoding: byte 0xC4 is not UTF-8; name the file's encoding in the map"),
        (b"KdNr;KdNr\n1;1\n", "utf-8", "kunden.csv:1:1: error import-double-column: the column 'KdNr' stands twice; rename one"),
    ],
)
def test_a_file_that_cannot_be_taken_as_a_whole_is_refused(store, tmp_path, raw, encoding, said):
    path = tmp_path / "kunden.csv"
    if raw is not None:
        path.write_bytes(raw)
    result = load_file(store, {"entity": "customer", "key": "number", "file": {"encoding": encoding}, "columns": {"KdNr": "number"}}, path, NOW, Calendar())
    assert [str(finding) for finding in result.findings] == [said]
    assert not result.taken


@pytest.mark.req("S2.1", "S2.3", "S1.4")
def test_rows_are_added_then_unchanged_then_changed_then_vanish(staffed, tmp_path):
    first = take(staffed, tmp_path, GOOD)
    assert (first.added, first.changed, first.unchanged, first.bad) == (3, 0, 0, 0)
    rows = staffed.rows(
        "SELECT c.number, c.name, c.salutation, c.birthday, c.deceased, p.number FROM customer c LEFT JOIN customer p ON p.id = c.parent ORDER BY 1", []
    )
    assert [(r[0], r[1], r[2], str(r[3]), bool(r[4]), r[5]) for r in rows] == [
        (1, "Müller & Söhne", None, "None", False, None),
        (2, "Öztürk", "ms", "2000-02-29", True, 1),
        (3, "Groß", "mr", "1970-01-01", False, 2),
    ]
    before = staffed.rows('SELECT COUNT(*) FROM "change"', [])[0][0]
    again = take(staffed, tmp_path, GOOD)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert staffed.rows('SELECT COUNT(*) FROM "change"', [])[0][0] == before
    less = take(staffed, tmp_path, HEAD + "1;Müller AG;;;ana;;nein;\n")
    assert (less.changed, less.vanished) == (1, 2)
    back = take(staffed, tmp_path, GOOD)
    assert (back.changed, back.vanished) == (3, 0)
    assert staffed.rows("SELECT COUNT(*) FROM customer WHERE vanished_on IS NOT NULL", [])[0][0] == 0


def test_a_first_load_raises_no_events_and_a_later_one_does(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    assert {bool(row[0]) for row in staffed.rows("SELECT quiet FROM \"change\" WHERE row_entity = 'customer'", [])} == {True}
    take(staffed, tmp_path, GOOD + "4;Neu;;;;;;\n")
    assert [bool(row[0]) for row in staffed.rows("SELECT quiet FROM \"change\" WHERE row_entity = 'customer' ORDER BY id DESC LIMIT 1", [])] == [False]


BAD = HEAD + "x;A;;;;;;\n2;B;Hr;;;;;\n3;C;;31.02.2026;;;;\n4;D;;;zz;;;\n5;E;;;;99;;\n6;F;;;;;vielleicht;\n7;G\n;H;;;;;;\n8;I;;;;;;\n8;J;;;;;;\n"


def test_every_bad_line_is_named_and_nothing_is_taken(staffed, tmp_path):
    result = take(staffed, tmp_path, BAD)
    assert not result.taken
    assert staffed.rows("SELECT COUNT(*) FROM customer", [])[0][0] == 0
    assert [(f.place.line, f.place.column, f.code, f.message) for f in result.findings if f.code != "import-no-key" or f.place.line == 9] == [
        (2, 1, "import-bad-cell", "KdNr: 'x' is no number"),
        (3, 3, "import-bad-cell", "Anrede: 'Hr' is none of the values the map knows"),
        (4, 4, "import-bad-cell", "Geburtstag: '31.02.2026' is no day"),
        (5, 5, "import-unknown-reference", "Verkäufer: there is no employee 'zz'"),
        (6, 6, "import-unknown-reference", "Mutter: there is no customer '99'"),
        (7, 7, "import-bad-cell", "Verstorben: 'vielleicht' is neither yes nor no"),
        (8, 1, "import-ragged", "the line has 2 cells, the header 8"),
        (9, 1, "import-no-key", "the key number is empty"),
        (11, 1, "import-double-key", "the key 8 stands in line 10 already"),
    ]


def test_skip_bad_takes_the_good_and_writes_the_bad_beside(staffed, tmp_path):
    result = take(staffed, tmp_path, BAD, skip_bad=True)
    assert result.taken
    assert [row[0] for row in staffed.rows("SELECT number FROM customer", [])] == [8]
    lines = result.bad_file.read_bytes().decode("windows-1252").splitlines()
    assert lines[0].endswith(";Fehler")
    assert any("31.02.2026" in line and "is no day" in line for line in lines)


def test_every_bad_line_is_in_the_file_of_bad_lines(staffed, tmp_path):
    result = take(staffed, tmp_path, BAD, skip_bad=True)
    lines = result.bad_file.read_bytes().decode("windows-1252").splitlines()[1:]
    assert [line.split(";")[1] for line in lines] == ["A", "B", "C", "D", "E", "F", "G", "H", "J"]
    assert {line.count(";") for line in lines} == {8}


def vanished(store):
    return [row[0] for row in store.rows("SELECT number FROM customer WHERE vanished_on IS NOT NULL ORDER BY number", [])]


def test_whose_line_is_bad_has_not_vanished(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    result = take(staffed, tmp_path, HEAD + "1;Müller;;;ana;;;\n2;Öztürk;Frau;31.02.2000;ana;1;ja;\n", skip_bad=True)
    assert (result.vanished, vanished(staffed)) == (1, [3])


@pytest.mark.parametrize("line", ["2;Öztürk\n", ";Öztürk;;;;;;\n", "x;Öztürk;;;;;;\n"])
def test_nobody_vanishes_where_a_line_does_not_tell_whom_it_is_about(staffed, tmp_path, line):
    take(staffed, tmp_path, GOOD)
    assert take(staffed, tmp_path, HEAD + "1;Müller;;;ana;;;\n" + line, skip_bad=True).vanished == 0


def test_a_full_file_without_a_line_makes_nobody_vanish(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    result = take(staffed, tmp_path, HEAD, skip_bad=True)
    assert ([finding.code for finding in result.findings], result.taken, vanished(staffed)) == (["import-nothing"], False, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "import-empty"), ("KdNr;Nmae\n", "import-missing-column"), (HEAD.strip() + ";Extra\n", "import-unknown-column"),
     (HEAD + '1;"offen;;;;;;\n', "import-quotes"), (HEAD + "1;a\0b;;;;;;\n", "import-nul"), (HEAD + f"1;{'a' * 131_073};;;;;;\n", "import-too-long")],
)  # fmt: skip
def test_a_file_that_does_not_fit_its_map(staffed, tmp_path, text, code):
    result = take(staffed, tmp_path, text)
    assert code in [finding.code for finding in result.findings]
    assert not result.taken


def test_a_header_alone_is_no_mistake(staffed, tmp_path):
    assert take(staffed, tmp_path, HEAD).findings == []


@pytest.mark.req("S2.5")
def test_rows_without_a_number_have_a_key_of_several_fields_and_may_refer_to_each_other(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    spec = {
        "entity": "contact_person",
        "key": ["customer", "email"],
        "columns": {
            "KdNr": "customer",
            "Name": "last_name",
            "E-Mail": "email",
            "Geburtsdatum": "birthday",
            "Vorgesetzter": {"field": "superior", "by": "email"},
        },
    }
    path = tmp_path / "personen.csv"
    path.write_text("KdNr;Name;E-Mail;Geburtsdatum;Vorgesetzter\n1;Groß;g@x;01.02.1970;\n1;Klein;k@x;;g@x\n3;Fein;f@x;;\n", "utf-8")
    assert load_file(staffed, spec, path, NOW, Calendar()).added == 3
    rows = staffed.rows("SELECT a.last_name, b.last_name FROM contact_person a JOIN contact_person b ON a.superior = b.id", [])
    assert [tuple(row) for row in rows] == [("Klein", "Groß")]
    again = load_file(staffed, spec, path, NOW, Calendar())
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)


def test_moments_as_part_of_a_key(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    spec = {
        "entity": "consent",
        "key": ["customer", "channel", "given_at"],
        "columns": {"KdNr": "customer", "Kanal": {"field": "channel", "values": {"E-Mail": "email"}}, "Erteilt": "given_at"},
        "constants": {"purpose": "advertising"},
    }
    path = tmp_path / "einwilligungen.csv"
    path.write_text("KdNr;Kanal;Erteilt\n1;E-Mail;01.07.2026 10:15\n2;E-Mail;01.01.2026 10:15\n", "utf-8")
    first, second = (load_file(staffed, spec, path, NOW, Calendar()) for _ in range(2))
    assert (first.added, second.added, second.changed, second.unchanged) == (2, 0, 0, 2)
    assert str(staffed.rows("SELECT given_at FROM consent ORDER BY customer LIMIT 1", [])[0][0])[:16] == "2026-07-01 08:15"


MAILS = {
    "entity": "message",
    "key": ["customer", "template"],
    "columns": {"KdNr": "customer", "Vorlage": "template", "Stand": "status", "Zeit": "accepted_at", "Adresse": "address"},
}


def mails(store, tmp_path, text, **options):
    path = tmp_path / "mails.csv"
    path.write_text("KdNr;Vorlage;Stand;Zeit;Adresse\n" + text, "utf-8")
    result = load_file(store, MAILS, path, NOW, Calendar(), **options)
    return [str(finding).partition("error ")[2] for finding in result.findings]


def test_messages_come_in_as_history_alone(staffed, tmp_path):
    take(staffed, tmp_path, GOOD)
    assert mails(staffed, tmp_path, "1;a;queued;;x@y.de\n2;a;accepted;;x@y.de\n") == [
        "import-bad-cell: Stand: only the engine decides that status is 'queued'; one of accepted, failed, cancelled",
        "import-no-time: accepted, but accepted_at is empty; fill it in",
    ]
    assert mails(staffed, tmp_path, "1;a;accepted;01.11.2026 08:00;x@y.de\n") == []
    assert mails(staffed, tmp_path, "1;a;accepted;01.11.2026 08:00;x@y.de\n") == []
    with staffed.session(write=True):
        staffed.update_many("message", [{"id": 1, "status": "queued", "accepted_at": None}])
    assert mails(staffed, tmp_path, "1;a;cancelled;;z@y.de\n") == [
        "import-kept: message 1, a has another status, address already; a file does not change that; add a new one"
    ]


def test_a_line_that_cannot_be_read_is_bad_and_the_others_are_taken(staffed, tmp_path):
    path = tmp_path / "kunden.csv"
    lines = [b"1;M\xfcller;;;;;;", b"2;a\0b;;;;;;", b"3;a\x81b;;;;;;", b"4;" + b"x" * 131_073 + b";;;;;;", b"5;Gro\xdf;;;;;;", b"6;c\x9d;;;;;;"]
    path.write_bytes(HEAD.encode("windows-1252") + b"\n".join(lines))
    result = load_file(staffed, CUSTOMERS, path, NOW, Calendar(), skip_bad=True)
    assert [str(finding) for finding in result.findings] == [
        "kunden.csv:3:1: error import-nul: there is a NUL byte in the line; export it again",
        "kunden.csv:4:1: error import-encoding: byte 0x81 is not Windows-1252; name the file's encoding in the map",
        "kunden.csv:5:1: error import-too-long: a cell has 131073 characters, more than 131072; check the quotes around it",
        "kunden.csv:7:1: error import-encoding: byte 0x9D is not Windows-1252; name the file's encoding in the map",
    ]
    assert staffed.rows("SELECT name FROM customer ORDER BY number", []) == [("Müller",), ("Groß",)]
    assert b"3;a\x81b;" in result.bad_file.read_bytes()
    assert len(result.bad_file.read_bytes().splitlines()) == 5


@pytest.mark.parametrize(("byte", "names"), [(b"\xff", ["Müller", "Groß"]), (b"", ["Müller", "x", "Groß"])])
def test_a_file_in_utf_8_with_a_bad_byte_is_still_utf_8(staffed, tmp_path, byte, names):
    path = tmp_path / "kunden.csv"
    path.write_bytes("KdNr;Name\n1;Müller\n2;x".encode() + byte + "\n3;Groß\n".encode())
    spec = {"entity": "customer", "columns": {"KdNr": "number", "Name": "name"}}
    load_file(staffed, spec, path, NOW, Calendar(), skip_bad=True)
    assert [row[0] for row in staffed.rows("SELECT name FROM customer ORDER BY number", [])] == names


def test_a_ledgers_entry_is_not_rewritten_and_names_its_customer(store, tmp_path):
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1}])[0]
        store.insert_many("consent", [{"customer": anna, "channel": "email", "source": "Haus"}])
    path = tmp_path / "einwilligungen.csv"
    path.write_text("Kunde;Kanal;Quelle\n1;email;Messe\n;sms;Messe\n", "utf-8")
    columns = {"Kunde": {"field": "customer", "by": "number"}, "Kanal": "channel", "Quelle": "source"}
    spec = {"entity": "consent", "key": "channel", "columns": columns}
    result = load_file(store, spec, path, NOW, Calendar())
    assert {finding.code for finding in result.findings} == {"import-missing", "import-kept"}, [str(f) for f in result.findings]
    assert store.rows("SELECT source FROM consent", []) == [("Haus",)]
