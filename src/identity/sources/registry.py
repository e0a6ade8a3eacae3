"""Which sources there are, and which of them a file belongs to."""

from collections.abc import Callable
from dataclasses import fields, replace

from identity.errors import ConfigurationError
from identity.settings import Settings
from identity.settings_groups import SourceSettings
from identity.sources import generic, klaviyo, mailchimp, salesforce, shopify, square, zendesk
from identity.sources.base import FileFacts, Names, Source, base_header, column_key

BUILT_IN: tuple[Source, ...] = (
    *salesforce.SOURCES,
    *shopify.SOURCES,
    *square.SOURCES,
    *klaviyo.SOURCES,
    *mailchimp.SOURCES,
    *zendesk.SOURCES,
)


def sources(settings: Settings) -> tuple[Source, ...]:
    """All sources of a configuration: the built-in ones with their overrides, then the generic ones.

    A `[[sources]]` table with `system` (a system or one of its objects) and no `files` changes the built-in
    objects; one with `files` adds objects of its own for those files, which need a `prefix` to be told apart.
    Raises ConfigurationError when two sources would have one name.
    """
    found = [replace(source, region=source.region or settings.region) for source in BUILT_IN]
    for entry in settings.sources:
        if entry.system is None:
            found.append(generic.source(entry, settings.region))
            continue
        chosen = [source for source in BUILT_IN if entry.system in {source.system, source.name}]
        if not chosen:
            known = ", ".join(sorted({source.system for source in BUILT_IN}))
            raise ConfigurationError(f"[[sources]] system = {entry.system!r} is unknown; known are {known}")
        changed = [_overridden(source, entry, settings.region) for source in chosen]
        if not entry.files:
            replaced = {source.name for source in chosen}
            found = [source for source in found if source.name not in replaced]
        found.extend(changed)
    _refuse_equal_names(found)
    return tuple(found)


def _overridden(source: Source, entry: SourceSettings, region: str | None) -> Source:
    patterns = () if entry.files is None else (entry.files,) if isinstance(entry.files, str) else tuple(entry.files)
    return replace(
        source,
        name=f"{entry.prefix}_{source.name}" if entry.prefix else source.name,
        prefix=entry.prefix,
        region=entry.default_region or source.region or region,
        time_zone=entry.time_zone or source.time_zone,
        currency=entry.currency or source.currency,
        date_order=entry.date_order or source.date_order,
        encoding=entry.encoding or source.encoding,
        delivery=entry.delivery if "delivery" in entry.model_fields_set else source.delivery,
        immutable=entry.immutable or source.immutable,
        files=patterns,
        accepts=_both(source.accepts, patterns),
        priority=source.priority + (100 if patterns else 0),
    )


def _both(accepts: Callable[[FileFacts], bool] | None, patterns: tuple[str, ...]) -> Callable[[FileFacts], bool] | None:
    if not patterns:
        return accepts
    under = generic.under(patterns)
    return lambda facts: under(facts) and (accepts is None or accepts(facts))


def _refuse_equal_names(found: list[Source]) -> None:
    names = [source.name for source in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(
            f"two sources are named {', '.join(twice)}; give one of them another `name`, or a `prefix`"
        )


def by_name(settings: Settings) -> dict[str, Source]:
    """The sources of a configuration by name."""
    return {source.name: source for source in sources(settings)}


def recognise(facts: FileFacts, settings: Settings) -> Source | None:
    """The source a file is an export of, None when there is none.

    Of several the one with the highest priority (configured before built in) wins, then the one with the larger
    signature, then the first by name.
    """
    fitting = [source for source in sources(settings) if source.recognises(facts)]
    return min(fitting, key=lambda s: (-s.priority, -len(s.signature), s.name), default=None)


def nearest(facts: FileFacts, settings: Settings) -> str:
    """In words: which source a file that none recognises is nearest to, and what it lacks."""
    candidates = [source for source in sources(settings) if source.signature and facts.format in source.formats]
    ranked = sorted(
        candidates, key=lambda s: (-len(s.signature & facts.columns) / len(s.signature), len(s.signature), s.name)
    )
    if not ranked or not ranked[0].signature & facts.columns:
        return "no known export has such columns; describe it as a generic source in the configuration"
    best = ranked[0]
    missing = sorted(best.signature - facts.columns)
    lacks = f"it lacks {', '.join(missing)}" if missing else "its folder, file name or first rows do not fit"
    return f"nearest is {best.name}, but {lacks}; else describe it as a generic source in the configuration"


def mapped(source: Source, header: str) -> str | None:
    """Our fields that a delivered column feeds, comma separated; None where nobody mapped it."""
    return mapping(source).get(column_key(base_header(header)))


def mapping(source: Source) -> dict[str, str]:
    """Delivered columns (as `column_key` writes them) to the fields they feed, comma separated.

    Columns that only a query or `prepare` reads feed the tables of the source's events.
    """
    found: dict[str, list[str]] = {}
    for name, columns in _fields(source):
        for header in (columns,) if isinstance(columns, str) else columns:
            found.setdefault(column_key(header), []).append(name)
    tables = [event.table.removeprefix("std.") for event in source.events] or ["record"]
    for header in (*source.columns, *source.event_key, *((source.name_column,) if source.name_column else ())):
        found.setdefault(column_key(header), list(tables))
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items() if key}


def _fields(source: Source) -> list[tuple[str, Names]]:
    """Pairs of our field and the delivered columns that feed it."""
    record = source.record
    if record is None:
        return []
    plain = (
        "key", "emails", "phones", "company", "gender", "birth_date", "birth_year", "birth_month", "birth_day",
        "created_at", "updated_at", "deleted", "is_test", "is_staff", "tags",
    )  # fmt: skip
    found: list[tuple[str, Names]] = [(name, getattr(record, name)) for name in plain]
    for name in record.names:
        found += [(part.name, getattr(name, part.name)) for part in fields(name)]
    for address in record.addresses:
        parts = [part.name for part in fields(address) if part.name != "kind"]
        found += [(f"{address.kind} {part}", getattr(address, part)) for part in parts]
    found += [("key", record.key_fallback), ("phones", record.shared_phones)]
    found += record.identifiers.items()
    found += [(f"attribute {name}", columns) for name, columns in record.attributes.items()]
    for consent in record.consents:
        found += [(f"consent {consent.channel}", consent.column), (f"consent {consent.channel} at", consent.at)]
    found += [(f"link {rule}", column) for rule, (column, _) in record.links.items()]
    found += [(f"flag {flag}", columns) for flag, columns in record.flags.items()]
    if record.company_id is not None:
        found.append(("company", record.company_id[0]))
    return found
