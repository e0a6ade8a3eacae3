"""One frozen object from one TOML file and IDENTITY_* variables.

Precedence: command line, then IDENTITY_* variables, then the TOML file, then the defaults below
(DESIGN.md, "Contracts and defaults"). Paths in the TOML are relative to it.
"""

import difflib
import glob
import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, model_validator

from identity.errors import ConfigurationError
from identity.settings_groups import (
    Country,
    Frozen,
    GateSettings,
    HouseholdSettings,
    KpiSettings,
    LimitSettings,
    MatchingSettings,
    MoneySettings,
    NotifySettings,
    PostgresSettings,
    ResellerSettings,
    ResolveSettings,
    RetentionSettings,
    ReviewSettings,
    SegmentSettings,
    SourceSettings,
    StewardshipSettings,
    SurvivorshipSettings,
)


def is_server(text: object) -> bool:
    """Whether a warehouse or store is named by the address of a Postgres server, not by a file."""
    return isinstance(text, str) and text.startswith(("postgresql://", "postgres://"))


class Settings(Frozen):
    """Everything a run depends on besides its input files and its time.

    `expectations` is the folder with the suites; without it those of the installation are used. `warehouse` may be
    given as `postgresql://…`: then `server` is that address, and `warehouse` the generation's file in the state
    folder, from which the server is loaded. `store` is the address of the operational store, where it is not the
    SQLite file of the state folder.
    """

    warehouse: Path = Path("warehouse.duckdb")
    server: SecretStr | None = None
    store: SecretStr | None = None
    state_dir: Path | None = None
    inbox: Path | None = None
    expectations: Path | None = None
    region: Country | None = None
    store_key: str = "identity"
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    memory_limit: str = "4GB"
    sources: tuple[SourceSettings, ...] = ()
    matching: MatchingSettings = MatchingSettings()
    resolve: ResolveSettings = ResolveSettings()
    stewardship: StewardshipSettings = StewardshipSettings()
    gate: GateSettings = GateSettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    survivorship: SurvivorshipSettings = SurvivorshipSettings()
    money: MoneySettings = MoneySettings()
    resellers: ResellerSettings = ResellerSettings()
    household: HouseholdSettings = HouseholdSettings()
    kpi: KpiSettings = KpiSettings()
    segments: SegmentSettings = SegmentSettings()
    notify: NotifySettings = NotifySettings()
    postgres: PostgresSettings = PostgresSettings()
    review: ReviewSettings = ReviewSettings()
    base_dir: Path = Path()

    @model_validator(mode="before")
    @classmethod
    def _address_apart(cls, values: Any) -> Any:
        """Take the address of a server out of `warehouse`; its local file stands in the state folder."""
        if not isinstance(values, dict) or not is_server(values.get("warehouse")):
            return values
        state = Path(values.get("state_dir") or Path(values.get("base_dir") or "") / "identity.state")
        return {**values, "server": values["warehouse"], "warehouse": state / "warehouse.duckdb", "state_dir": state}

    @model_validator(mode="after")
    def _store_is_known(self) -> Self:
        if self.store is not None and not is_server(self.store.get_secret_value()):
            raise ValueError("`store` takes postgresql://…; without it the store is a file of the state folder")
        return self

    @property
    def warehouse_name(self) -> str:
        """How the warehouse is called in what people read: the file, or the server's address without its password."""
        return str(self.warehouse) if self.server is None else shown_address(self.server.get_secret_value())

    @property
    def state(self) -> Path:
        """The folder beside the warehouse with run folders, generations, landed files and the store."""
        return self.state_dir or self.warehouse.with_suffix(".state")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the settings and the model that can change a result; not threads, memory or places."""
        places = {
            "warehouse",
            "server",
            "store",
            "postgres",
            "state_dir",
            "inbox",
            "expectations",
            "threads",
            "memory_limit",
            "base_dir",
            "notify",
            "retention",
            "review",
        }
        apart: dict[str, Any] = {**dict.fromkeys(places, True), "matching": {"model"}, "money": {"rates"}}
        digest = hashlib.sha256(self.model_dump_json(exclude=apart).encode())
        for file in (self.matching.model, self.money.rates):
            if file is not None:
                digest.update(file.read_bytes() if file.is_file() else b"absent")
        for path in self.segment_files:
            digest.update(path.read_bytes() if path.is_file() else b"absent")
        return digest.hexdigest()

    @property
    def segment_files(self) -> tuple[Path, ...]:
        """The deployer's own segment definitions, in order of their paths."""
        patterns = (self.segments.files,) if isinstance(self.segments.files, str) else self.segments.files
        found = {name for pattern in patterns for name in glob.glob(pattern, root_dir=self.base_dir, recursive=True)}  # noqa: PTH207
        return tuple(self.base_dir / name for name in sorted(found))


def shown_address(address: str) -> str:
    """An address without its password, wherever in it that stands."""
    without = re.sub(r"(?i)([?&;]|^)(password|sslpassword|passfile)=[^&;]*", r"\1\2=…", address)
    return re.sub(r"^(\w+://[^:@/?]*):.*@", r"\1@", without)


_PATHS = ("warehouse", "state_dir", "inbox", "expectations")
_PATHS_WITHIN = (("matching", "model"), ("money", "rates"))


def load(config: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from a TOML file, IDENTITY_* variables and keyword overrides (None = not given).

    Raises ConfigurationError naming the file and every key at fault.
    """
    values: dict[str, Any] = {}
    if config is not None:
        values = _read(config)
        values["base_dir"] = config.parent
        named = [key for key in _PATHS if key in values and not is_server(values[key])]
        values.update({key: config.parent / values[key] for key in named})
        for group, key in _PATHS_WITHIN:
            if isinstance(values.get(group), dict) and isinstance(values[group].get(key), str):
                values[group][key] = config.parent / values[group][key]
    environ = os.environ if environ is None else environ
    values.update(
        {
            key: environ[f"IDENTITY_{key.upper()}"]
            for key in (*_PATHS, "store", "region", "store_key", "threads", "memory_limit")
            if environ.get(f"IDENTITY_{key.upper()}")
        }
    )
    values.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(_explain(config, error)) from None


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{config}: no such file; give --config the path of a TOML file") from None
    except OSError as error:
        raise ConfigurationError(f"{config}: cannot be read: {os.strerror(error.errno or 0)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{config}: not valid TOML: {error}") from None


def _explain(config: Path | None, error: ValidationError) -> str:
    place = str(config) if config else "settings"
    lines = [
        f"{place}: {'.'.join(str(part) for part in problem['loc']) or 'settings'}: {_problem(problem)}"
        for problem in error.errors()
    ]
    hint = [f"`identity validate {config}` checks it without running"] if config else []
    return "\n".join([*lines, *hint])


def _problem(problem: Mapping[str, Any]) -> str:
    """What is wrong with one key; of an unknown one also the known key it resembles."""
    if problem["type"] != "extra_forbidden":
        return str(problem["msg"]).removeprefix("Value error, ")
    models: list[type[Frozen]] = Frozen.__subclasses__()
    known = sorted({name for model in models for name in model.model_fields})
    near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
    return f"unknown key; did you mean `{near[0]}`?" if near else "unknown key"
