"""The golden profiles: fill rates, what decided between differing values, consent."""

from typing import Any

from identity.reporting.figures.reader import Answer, Column, Reader, codes, counts, grid, plural, shared, when
from identity.reporting.figures.waiting import overrides
from identity.reporting.page import Grid, Section

_FIELDS = {
    "given_name": "given name",
    "family_name": "surname",
    "birth_date": "birth date",
    "gender": "gender",
    "company": "company",
    "email": "e-mail",
    "phone": "phone",
    "address_line1": "street",
    "city": "city",
    "postal_code": "postal code",
    "country_iso2": "country",
    "preferred_channel": "preferred channel",
    "first_order_at": "an order",
    "name": "name",
    "address": "address",
}
_RULES = {
    "only_candidate": "only value",
    "completeness": "most complete",
    "priority": "preferred source",
    "recency": "most recent",
    "frequency": "most frequent",
    "tie_break": "tie-break",
    "steward": "a steward",
}


_FIELD = Column("field", "text", lambda row: _FIELDS.get(row["field_group"], row["field_group"]))


def fill(reader: Reader) -> Section:
    """Share of profiles that have each golden field."""
    answer = reader.ask("fill")
    listing = grid(
        "Profiles that have the field",
        answer.rows,
        Column("field", "text", lambda row: _FIELDS.get(row["field"], row["field"])),
        *counts("filled=profiles"),
        *shared("share", "share"),
        *reader.before("fill", "field", "share"),
    )
    return Section(
        id="fill",
        title="Filled fields",
        shows="How many profiles have each field of the golden profile.",
        alarming="a field that lost more than 3 points since the last run, or a rate that does not fit the sources.",
        body=(listing,) if answer.total("profiles") else (),
        queries=(answer.query,),
        reached=reader.reached("gold.customer_360"),
        empty="There is no profile.",
    )


def survivorship(reader: Reader) -> Section:
    """Where sources disagreed, which rule decided and which source won."""
    groups, rules, sources = (
        reader.ask(name) for name in ("survivorship", "survivorship_rules", "survivorship_sources")
    )
    chosen = overrides(reader) if reader.reached("steward.decision") else None
    conflicts = grid(
        "Profiles whose records disagree",
        groups.rows,
        _FIELD,
        *counts("profiles=profiles with a value", "conflicts=records disagree"),
        *shared("share", "conflict_share", "review"),
        *reader.before("survivorship", "field_group", "conflict_share"),
    )
    return Section(
        id="survivorship",
        title="Which value survived",
        shows="Where the records of one person disagree, what decided, and how often each source won.",
        alarming="a source you do not trust winning often, or many values decided by the tie-break.",
        body=(conflicts, _decided(rules), _won(sources), *((chosen,) if chosen else ())) if groups.rows else (),
        queries=(groups.query, rules.query, sources.query, *((reader.ask("decisions").query,) if chosen else ())),
        reached=reader.reached("gold.field_lineage"),
        empty="There is no golden value.",
    )


def _decided(answer: Answer) -> Grid:
    """Field groups down, rules across."""
    across = sorted({str(row["rule"]) for row in answer.rows}, key=_order)
    rows = _pivot(answer, "field_group", "rule")
    return grid("What decided", rows, _FIELD, *(_share_of(rule, _RULES) for rule in across))


def _won(answer: Answer) -> Grid:
    """Sources down, field groups across."""
    across = sorted({str(row["field_group"]) for row in answer.rows})
    rows = sorted(_pivot(answer, "source", "field_group"), key=lambda row: str(row["source"]))
    return grid("Which source won", rows, *codes("source"), *(_share_of(group, _FIELDS) for group in across))


def _pivot(answer: Answer, down: str, across: str) -> list[dict[str, Any]]:
    """One row per value of `down`; the share of each value of `across` under the key `=value`."""
    found: dict[str, dict[str, Any]] = {}
    for row in answer.rows:
        found.setdefault(row[down], {down: row[down]})[f"={row[across]}"] = row["share"]
    return list(found.values())


def _share_of(key: str, words: dict[str, str]) -> Column:
    return Column(words.get(key, key), "share", lambda row: row.get(f"={key}"))


def _order(rule: str) -> tuple[int, str]:
    known = list(_RULES)
    return (known.index(rule) if rule in known else len(known), rule)


def consent(reader: Reader) -> Section:
    """Consent by channel, and sources that contradict each other."""
    answer, conflicts = reader.ask("consent"), reader.ask("consent_conflicts")
    states = grid(
        "Profiles by channel and consent",
        answer.rows,
        Column("channel", "text", "channel"),
        Column("purpose", "text", "purpose"),
        *counts("profiles", "granted"),
        *reader.before("consent", "channel purpose", "granted"),
        *counts("denied"),
        *reader.before("consent", "channel purpose", "denied"),
        *counts("unknown", "objections"),
        note="Unknown is never treated as granted.",
    )
    contradictions = grid(
        "Sources that contradict each other",
        conflicts.rows,
        Column("channel", "text", "channel"),
        *counts("profiles"),
        *reader.before("consent_conflicts", "channel", "profiles"),
        *counts("decided_denied=decided: denied", "decided_granted=decided: granted"),
        note="A later dated consent for the same contact point may end an earlier denial; an objection never ends.",
    )
    total = conflicts.total("profiles")
    return Section(
        id="consent",
        title="Consent",
        shows="Who may be contacted on which channel, and where sources contradict each other.",
        alarming="contradictions decided as granted that you cannot explain.",
        body=(states, contradictions) if answer.rows else (),
        queries=(answer.query, conflicts.query),
        signals=when(
            total, "note", f"For {plural(total, 'profile')} one source says yes to marketing and another no.", "consent"
        ),
        reached=reader.reached("gold.consent"),
        empty="No source says anything about consent.",
    )
