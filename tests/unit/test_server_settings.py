"""The warehouse may be named by an address: where its files stand then, what wins, what is shown of it."""

from pathlib import Path

import pytest

from identity.errors import ConfigurationError
from identity.serving.connection import statement
from identity.settings import Settings, load, shown_address

ADDRESS = "postgresql://job@db.example.com/warehouse"


def test_an_address_puts_the_state_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(f'warehouse = "{ADDRESS}"\n')
    chosen = load(tmp_path / "run.toml", environ={})
    assert chosen.server is not None
    assert chosen.state == tmp_path / "identity.state"
    assert chosen.warehouse == tmp_path / "identity.state" / "warehouse.duckdb"
    assert chosen.warehouse_name == ADDRESS


@pytest.mark.parametrize(("environ", "option"), [({"IDENTITY_WAREHOUSE": "b.duckdb"}, None), ({}, "b.duckdb")])
def test_a_file_named_later_wins_over_an_address(tmp_path: Path, environ: dict[str, str], option: str | None) -> None:
    (tmp_path / "run.toml").write_text(f'warehouse = "{ADDRESS}"\n')
    chosen = load(tmp_path / "run.toml", environ=environ, warehouse=option)
    assert (chosen.server, chosen.warehouse, chosen.state) == (None, Path("b.duckdb"), Path("b.state"))


def test_an_address_named_later_wins_over_a_file_and_keeps_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('warehouse = "a.duckdb"\nstate_dir = "s"\n')
    chosen = load(tmp_path / "run.toml", environ={}, warehouse="postgres://job@h/w")
    assert chosen.server is not None
    assert (chosen.state, chosen.warehouse) == (tmp_path / "s", tmp_path / "s" / "warehouse.duckdb")


def test_places_do_not_change_what_a_run_is(tmp_path: Path) -> None:
    here, there = Settings(), Settings(warehouse=ADDRESS, store=ADDRESS, state_dir=tmp_path)
    assert here.fingerprint == there.fingerprint


def test_a_store_is_an_address_and_a_role_prefix_a_name(tmp_path: Path) -> None:
    for text, told in (
        ('store = "a.sqlite"', "`store` takes postgresql://"),
        ('[postgres]\nrole_prefix = "x; drop role y"', "role_prefix"),
    ):
        (tmp_path / "run.toml").write_text(text)
        with pytest.raises(ConfigurationError, match=told):
            load(tmp_path / "run.toml", environ={})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ann:s3cret@h:5/w?sslmode=require", "postgresql://ann@h:5/w?sslmode=require"),
        ("postgresql://ann:a%40b:c@h/w", "postgresql://ann@h/w"),
        ("postgresql://h/w?user=ann&password=s3cret&sslmode=require", "postgresql://h/w?user=ann&password=…&sslmode=require"),
        ("postgresql:///w?host=/run/pg", "postgresql:///w?host=/run/pg"),
        ("gold.orders", "gold.orders"),
    ],
)  # fmt: skip
def test_p16_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert shown_address(address) == shown


def test_parameters_of_queries_are_written_as_the_driver_wants_them() -> None:
    text, values = statement("postgres/kept_schemas", names=["gold"])
    assert "any(%(names)s)" in text
    assert values == {"names": ["gold"]}
