"""What can be set, table by table of the TOML file, with its default; `identity.settings` puts it together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Kind = Literal["record", "order", "order_item", "touchpoint", "ticket", "survey"]
FieldGroup = Literal["name", "email", "phone", "address", "birth_date", "gender", "company"]


class Frozen(BaseModel):
    """Values that nobody changes, and names that are known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _country(code: str) -> str:
    """A country's code in capitals; ValueError when ISO 3166 has no such country."""
    import pycountry

    known = code.upper() if len(code) == 2 else ""
    if known != "XK" and not pycountry.countries.get(alpha_2=known or "-"):
        raise ValueError("no such country; give its ISO 3166 code of two letters, such as US or GB")
    return known


def _zone(name: str) -> str:
    """A time zone's name; ValueError when it is none of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; give an IANA name, such as Europe/Berlin") from None
    return name


def _currency(code: str) -> str:
    """A currency's code in capitals; ValueError when ISO 4217 has no such currency."""
    import pycountry

    if not pycountry.currencies.get(alpha_3=code.upper()):
        raise ValueError("no such currency; give its ISO 4217 code of three letters, such as EUR")
    return code.upper()


Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, AfterValidator(_country)]
Zone = Annotated[str, AfterValidator(_zone)]


class SourceSettings(Frozen):
    """One `[[sources]]` table: a generic source, or how to treat a system we know.

    With `record_id` and `fields` the files are read by the generic source. With `system` they are
    recognised by their headers as ever and the other keys (prefix, time zone …) override the preset.
    """

    name: str | None = None
    name_column: str | None = None
    system: str | None = None
    files: str | tuple[str, ...] | None = None
    kind: Kind = "record"
    record_id: str | None = None
    updated_at: str | None = None
    created_at: str | None = None
    person_source: str | None = None
    person_id: str | None = None
    fields: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)
    attributes: Mapping[str, str] = Field(default_factory=dict)
    consent: Mapping[str, str] = Field(default_factory=dict)
    immutable: tuple[str, ...] = ()
    delivery: Literal["delta", "full"] = "delta"
    default_region: Country | None = None
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    time_zone: Zone | None = None
    currency: str | None = None
    encoding: str | None = None
    prefix: str = ""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.system is None:
            if self.name is None and self.name_column is None:
                raise ValueError("a source needs `name`, `name_column` or `system`")
            if self.record_id is None:
                raise ValueError("a generic source needs `record_id`, the column that identifies its rows")
            if not self.files:
                raise ValueError("a generic source needs `files`, a pattern relative to the configuration")
        return self


class MatchingSettings(Frozen):
    """Thresholds are match probabilities after calibration; blocked_* are distinct names per value.

    `model` is a model's JSON (`identity train`, `identity model --save`) whose parameters are used as they stand.
    """

    link_threshold: float = Field(default=0.95, gt=0, lt=1)
    review_threshold: float = Field(default=0.50, gt=0, lt=1)
    blocked_email_names: int = 20
    blocked_phone_names: int = 20
    blocked_address_names: int = 40
    blocked_values: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    pairs_per_record: int = 40
    model: Path | None = None


class ResolveSettings(Frozen):
    """Caps per profile; a cluster beyond one is cut at its weakest evidence and goes to review."""

    max_records: int = 200
    max_emails: int = 10
    max_phones: int = 10
    max_addresses: int = 20


class StewardshipSettings(Frozen):
    """What goes to stewards.

    A contact point that `shared_contact_profiles` profiles share, yet nobody blocked, is a case; `sample_pairs` pairs
    of each kind of automatic answer are drawn for review, a share of `sample_double` of them for two reviewers.
    """

    shared_contact_profiles: int = Field(default=5, ge=2)
    sample_pairs: int = Field(default=20, ge=0)
    sample_double: float = Field(default=0.2, ge=0, le=1)


class ReviewSettings(Frozen):
    """The review application: who is asked for a second word, and who says who somebody is.

    `proxy_header` names the header in which a reverse proxy at one of `trusted_addresses` gives the name of whom it let
    in; without it people log in with a password. `second_person_records`: joining profiles of this many records
    together takes a second person.
    """

    second_person_records: int = Field(default=20, ge=2)
    session_hours: int = Field(default=10, ge=1, le=168)
    proxy_header: str | None = None
    trusted_addresses: tuple[str, ...] = ()
    secure_cookies: bool = False


class GateSettings(Frozen):
    """When a run is held instead of published; shares of the last published run."""

    max_changed_ids: float = 0.02
    max_profile_count_change: float = 0.10
    max_fill_rate_change: float = 0.10
    max_reject_rate: float = 0.05
    max_profile_records: int = 200


class LimitSettings(Frozen):
    """File limits at landing (PROMISES.md P20)."""

    max_file_bytes: int = 2 * 1024**3
    max_rows: int = 10_000_000
    max_columns: int = 2_000
    max_field_bytes: int = 1024**2
    max_inflation: int = 200
    max_nesting: int = 64


class RetentionSettings(Frozen):
    """How many generations and run folders `identity prune` and a run keep, and for how long.

    `run_folder_days` is the greatest age of a run folder, whatever their number; `delivered_days` that of what was
    delivered and counts no more: versions a newer one superseded, rows delivered twice, files nobody refers to.
    """

    generations: int = 7
    run_folders: int = 3
    run_folder_days: int | None = Field(default=None, ge=1)
    delivered_days: int | None = Field(default=None, ge=1)


class SurvivorshipSettings(Frozen):
    """Order of systems (or source objects), best first, per field group; groups not named use `default`."""

    default: tuple[str, ...] = ("salesforce", "shopify", "zendesk", "klaviyo", "mailchimp", "square")
    groups: Mapping[FieldGroup, tuple[str, ...]] = Field(default_factory=dict)


class MoneySettings(Frozen):
    """The currency in which revenue is added up, and the file of rates by day (`standard.rates`)."""

    currency: Currency | None = None
    rates: Path | None = None

    @model_validator(mode="after")
    def _has_a_currency(self) -> Self:
        if self.rates is not None and self.currency is None:
            raise ValueError("rates need `currency`, the one they convert into, such as EUR")
        return self


class HouseholdSettings(Frozen):
    """Whom a surname and an address join: no more people than this, in no house of more surnames than this."""

    max_members: int = Field(default=8, ge=1)
    max_surnames: int = Field(default=6, ge=1)


class ResellerSettings(Frozen):
    """Who buys to sell on: a tag, a domain of an e-mail, a company, or more orders in 365 days than a person places."""

    tags: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    orders_per_year: int | None = Field(default=None, ge=1)


class KpiSettings(Frozen):
    """What the KPIs count by (docs/analyst.md): days of the lifecycle, the outlook of predictions, attribution."""

    new_days: int = Field(default=90, ge=1)
    active_days: int = Field(default=365, ge=1)
    lapsed_days: int = Field(default=730, ge=1)
    early_repeat_days: int = Field(default=84, ge=1)
    clv_months: int = Field(default=12, ge=1, le=120)
    monthly_discount: float = Field(default=0.01, ge=0, lt=1)
    lookback_days: int = Field(default=30, ge=1)
    half_life_hours: float = Field(default=168.0, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.new_days <= self.active_days <= self.lapsed_days:
            raise ValueError("new_days, active_days and lapsed_days have to grow in this order")
        return self


class SegmentSettings(Frozen):
    """Where further segment definitions stand: patterns relative to the configuration; ours are `shipped`."""

    files: str | tuple[str, ...] = ()
    shipped: bool = True


class NotifySettings(Frozen):
    """Where Airflow's failure and held callbacks report; each channel only when set."""

    email: tuple[str, ...] = ()
    webhook: str | None = None


class PostgresSettings(Frozen):
    """A warehouse on Postgres: names of its roles, how many connections load it, whether delivered rows go there.

    Roles are `<role_prefix>loader`, `…analyst`, `…analyst_personal`, `…steward`, `…eraser`. Without `raw_rows` the
    rows as delivered stay in the state folder; `raw.file`, `raw.rejected` and `raw.column` are served in any case.
    """

    role_prefix: str = Field(default="identity_", pattern=r"^[a-z_][a-z0-9_]{0,30}$")
    connections: int = Field(default=2, ge=1, le=16)
    raw_rows: bool = True
