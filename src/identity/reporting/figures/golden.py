"""The golden profiles: fill rates, what decided between differing values, consent."""

from typing import Any

from identity.reporting.figures.reader import Answer, Column, Reader, counts, grid, plural, shared, when
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
    conflicts = grid(
        "Profiles whose records disagree",
        groups.rows,
        _FIELD,
        *counts("profiles=profiles with a value", "conflicts=records disagree"),
        *shared("share", "conflict_share", "review"),
    )
    crossed = (_cross("What decided", rules, "rule", _RULES), _cross("Which source won", sources, "source", {}))
    return Section(
        id="survivorship",
        title="Which value survived",
        shows="Where the records of one person disagree, what decided, and how often each source won.",
        alarming="a source you do not trust winning often, or many values decided by the tie-break.",
        body=(conflicts, *crossed) if groups.rows else (),
        queries=(groups.query, rules.query, sources.query),
        reached=reader.reached("gold.field_lineage"),
        empty="There is no golden value.",
    )


def _cross(caption: str, answer: Answer, column: str, words: dict[str, str]) -> Grid:
    """Field groups down, the values of `column` across, shares of the field group inside."""
    across = sorted({str(row[column]) for row in answer.rows}, key=lambda key: _order(key, words))
    by_group: dict[str, dict[str, Any]] = {}
    for row in answer.rows:
        by_group.setdefault(row["field_group"], {"field_group": row["field_group"]})[f"={row[column]}"] = row["share"]
    columns = (_share_of(key, words) for key in across)
    return grid(caption, tuple(by_group.values()), _FIELD, *columns)


def _share_of(key: str, words: dict[str, str]) -> Column:
    return Column(words.get(key, key), "share", lambda row: row.get(f"={key}"))


def _order(key: str, words: dict[str, str]) -> tuple[int, str]:
    known = list(words)
    return (known.index(key) if key in words else len(known), key)


def consent(reader: Reader) -> Section:
    """Consent by channel, and sources that contradict each other."""
    answer, conflicts = reader.ask("consent"), reader.ask("consent_conflicts")
    states = grid(
        "Profiles by channel and consent",
        answer.rows,
        Column("channel", "text", "channel"),
        Column("purpose", "text", "purpose"),
        *counts("profiles", "granted", "denied", "unknown", "objections"),
        note="Unknown is never treated as granted.",
    )
    contradictions = grid(
        "Sources that contradict each other",
        conflicts.rows,
        Column("channel", "text", "channel"),
        *counts("profiles", "decided_denied=decided: denied", "decided_granted=decided: granted"),
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
