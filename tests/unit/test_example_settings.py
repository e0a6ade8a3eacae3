"""`identity.example.toml` names every setting with its default."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from identity.settings import Settings, load
from identity.settings_groups import SourceSettings

EXAMPLE = Path(__file__).resolve().parents[2] / "identity.example.toml"
# Keys of which the example shows a use, since they have no default to show.
WITHOUT_DEFAULT = {"inbox", "region", "state_dir", "expectations", "sources", "threads", "base_dir"}
WITHOUT_DEFAULT |= {
    "matching.blocked_values",
    "matching.model",
    "survivorship.groups",
    "notify.email",
    "notify.webhook",
}
WITHOUT_DEFAULT |= {"money.currency", "money.rates"}
WITHOUT_DEFAULT |= {f"resellers.{name}" for name in ("tags", "email_domains", "companies", "orders_per_year")}
WITHOUT_DEFAULT |= {"server", "store"}
WITHOUT_DEFAULT |= {"retention.run_folder_days", "retention.delivered_days", "review.proxy_header"}


def _uncommented() -> str:
    return re.sub(r"^#(?=[\w\"\[])", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _keys(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            found |= _keys(type(field.default), f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = field.default
    return found


def _value(data: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        data = data[part]
    return data


def test_the_example_as_it_stands_is_the_defaults() -> None:
    assert load(EXAMPLE, environ={}) == Settings(base_dir=EXAMPLE.parent)


@pytest.mark.parametrize("key", sorted(set(_keys(Settings)) - WITHOUT_DEFAULT))
def test_the_example_shows_the_default_of(key: str) -> None:
    shown, default = _value(tomllib.loads(_uncommented()), key), _keys(Settings)[key]
    assert (tuple(shown) if isinstance(shown, list) else shown) == (str(default) if key == "warehouse" else default)


def test_every_line_of_the_example_is_valid_when_uncommented(tmp_path: Path) -> None:
    path = tmp_path / "identity.toml"
    path.write_text(_uncommented(), encoding="utf-8")
    settings = load(path, environ={})
    assert [source.name or source.system for source in settings.sources] == [
        "shopify",
        "registry",
        "registry_visit",
        "site",
    ]
    shown = set(tomllib.loads(_uncommented()))
    assert set(Settings.model_fields) - shown == {"base_dir", "server"}  # the address that `warehouse` may be
    used = {key for source in settings.sources for key in source.model_fields_set}
    assert set(SourceSettings.model_fields) - used == {"name_column"}  # shown in the comment beside `name`
