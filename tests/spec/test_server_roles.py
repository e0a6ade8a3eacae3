"""P21: denied by default. Each role is connected as, and may what `sql/roles/` gives it and nothing else."""

from pathlib import Path

import psycopg
import pytest
from tests.support.server import as_url, ask, database, settings

from identity.serving import roles, serve
from identity.serving.connection import connected
from identity.settings import Settings
from identity.tables import published as published_tables

DENIED = psycopg.errors.InsufficientPrivilege
SCHEMAS = {
    "analyst": {"gold", "mart", "identity", "ops"},
    "analyst_personal": {"gold", "mart", "identity", "ops"},
    "steward": {"gold", "mart", "identity", "ops", "raw", "std", "match", "steward"},
}


@pytest.fixture(scope="module")
def granted(server: str, published: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Settings]:
    """A database with two generations and the roles, of each a login; a stranger has one, too."""
    place = database(server)
    chosen = settings(place, tmp_path_factory.mktemp("granted"))
    name = psycopg.conninfo.conninfo_to_dict(place)["dbname"]
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"revoke all on database {name} from public")
    roles.create(chosen)
    serve.serve(chosen, published / "w.duckdb")
    prefix = chosen.postgres.role_prefix
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("alter schema gold rename to gold__g000000")  # kept, as if another had come after it
        connection.execute(f"create role {prefix}nobody login")
        connection.execute(f"grant connect on database {name} to {prefix}nobody")
        for name in roles.ROLES:
            connection.execute(f"create role {prefix}{name}_login login in role {prefix}{name}")
    with connected(chosen) as connection:
        roles.close(connection, chosen.postgres, ["gold__g000000"])
    serve.serve(chosen, published / "w.duckdb", again=True)
    return place, chosen


def may(granted: tuple[str, Settings], role: str, statement: str) -> bool:
    """Whether a login of the role may execute a statement, which is taken back."""
    place, chosen = granted
    login = f"{chosen.postgres.role_prefix}{role}_login" if role != "nobody" else f"{chosen.postgres.role_prefix}nobody"
    with psycopg.connect(as_url(place, login)) as connection:
        try:
            connection.execute(statement)
        except DENIED:
            return False
        finally:
            connection.rollback()
    return True


def readable(granted: tuple[str, Settings], role: str) -> set[str]:
    """Columns that a login of the role can select, tried one by one."""
    place, chosen = granted
    found = set()
    with psycopg.connect(as_url(place, f"{chosen.postgres.role_prefix}{role}_login"), autocommit=True) as connection:
        for table in published_tables():
            for column in table.columns:
                try:
                    connection.execute(f'select "{column.name}" from {table.name} limit 0')
                except DENIED:
                    continue
                found.add(f"{table.name}.{column.name}")
    return found


def columns(*schemas: str, personal: bool) -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in published_tables()
        for column in table.columns
        if table.schema in schemas and (personal or not column.personal)
    }


@pytest.mark.parametrize("role", ["analyst", "analyst_personal", "steward"])
def test_p21_a_role_reads_its_columns_and_no_other(granted: tuple[str, Settings], role: str) -> None:
    assert readable(granted, role) == columns(*SCHEMAS[role], personal=role != "analyst")


def test_p21_the_analyst_sees_no_value_of_a_person(granted: tuple[str, Settings]) -> None:
    assert not may(granted, "analyst", "select email from gold.customer_360")
    assert not may(granted, "analyst", "select * from gold.customer_360")
    assert not may(granted, "analyst", "select count(*) from raw.shopify_order")
    assert may(granted, "analyst", "select count(*), sum(revenue) from gold.customer_360")
    assert may(granted, "analyst", "select * from identity.profile_as_of('2026-12-31')")
    assert may(granted, "steward", "select * from raw.shopify_order")


@pytest.mark.parametrize("role", ["analyst", "analyst_personal", "steward"])
def test_p21_readers_change_nothing_and_see_no_kept_generation(granted: tuple[str, Settings], role: str) -> None:
    for statement in (
        "delete from gold.orders",
        "update gold.customer_360 set orders = 0",
        "insert into gold.orders (order_id) values ('x')",
        "create table gold.mine (n int)",
        "create schema mine",
        "alter schema gold rename to silver",
        "select order_id from gold__g000000.orders",
        "select request_id from privacy.request",
    ):
        assert not may(granted, role, statement), statement


def test_p21_who_has_no_role_sees_nothing(granted: tuple[str, Settings]) -> None:
    for table in published_tables():
        assert not may(granted, "nobody", f"select count(*) from {table.name}"), table.name
    assert not may(granted, "nobody", "select * from identity.profile_as_of('2026-12-31')")


def test_p21_the_eraser_finds_deletes_and_empties_and_reads_no_other_value(granted: tuple[str, Settings]) -> None:
    assert may(
        granted,
        "eraser",
        "delete from gold.customer_360 where profile_id in (select profile_id from gold.contact_point)",
    )
    assert may(granted, "eraser", "update gold.customer_360 set email = null, phone = null where profile_id = 'x'")
    assert may(granted, "eraser", "select * from privacy.request")
    assert may(granted, "eraser", "delete from gold__g000000.orders")
    assert not may(granted, "eraser", "select email from gold.customer_360")
    assert not may(granted, "eraser", "select raw_text from raw.rejected")
    assert not may(granted, "eraser", "update gold.customer_360 set orders = 0")
    assert not may(granted, "eraser", "insert into gold.customer_360 (profile_id) values ('x')")
    assert not may(granted, "eraser", "delete from ops.run")


def test_the_loader_is_no_superuser_and_publishes_what_others_of_its_role_own(
    granted: tuple[str, Settings], published: Path, tmp_path: Path
) -> None:
    place, chosen = granted
    login = as_url(place, f"{chosen.postgres.role_prefix}loader_login")
    mine = Settings(warehouse=login, state_dir=tmp_path, postgres=chosen.postgres, threads=1)
    assert serve.serve(mine, published / "w.duckdb", again=True) > 0
    owners = ask(place, "select distinct nspowner::regrole::text from pg_namespace where nspname in ('gold', 'std')")
    assert owners == [(f"{chosen.postgres.role_prefix}loader",)]
    assert not may(granted, "loader", "create role other")
    assert readable(granted, "analyst") == columns(*SCHEMAS["analyst"], personal=False)


def test_roles_come_after_the_first_generation_too(server: str, published: Path, tmp_path: Path) -> None:
    place = database(server)
    chosen = settings(place, tmp_path)
    serve.serve(chosen, published / "w.duckdb")
    assert roles.create(chosen) == roles.create(chosen)
    prefix = chosen.postgres.role_prefix
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"set role {prefix}analyst")
        assert connection.execute("select count(profile_id) from gold.customer_360").fetchone() > (0,)
        with pytest.raises(DENIED):
            connection.execute("select email from gold.customer_360")
