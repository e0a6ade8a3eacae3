"""A profile: its golden values and where they come from, its records, history, journey; and deciding about it."""

from typing import Any

from starlette.responses import Response

from identity import deciding
from identity.deciding import FIELDS
from identity.errors import ConfigurationError
from identity.reporting import masking
from identity.review import evidence, listing, notes, sides
from identity.review.deciding_screens import word_of
from identity.review.visit import NotFound, Visit
from identity.stewardship.decisions import Kind
from identity.stewardship.outcome import written

_MOST = 100
_MOST_DRAWN = 60
Row = dict[str, Any]


def profile(visit: Visit) -> Response:
    """The page of a profile; an id that another carries on shows that one."""
    asked = visit.part("profile_id")
    page = visit.page
    fate = page.desk.rows("fate_of", profile_id=asked)
    if not fate:
        raise NotFound("There is no such profile.")
    current = _current(visit, asked)
    page.offer("wanted_profile", profile_id=[current])
    members = page.rows("members")
    shown = members[:_MOST]
    page.want([(row["source"], row["source_pk"]) for row in shown])
    records = page.rows("records")
    page.want([(row["source"], row["source_pk"]) for row in members[:_MOST_DRAWN]])
    pairs = page.rows("pairs")
    golden = page.rows("golden")
    visit.saw("profile", current)
    over = listing.overlay(visit)
    cases = [
        {**item, "state": listing.state_of(visit, item, over)} for item in page.generation.by_profile.get(current, ())
    ]
    return visit.show(
        "profile.html.j2", asked=asked, current=current, fate=fate[0]["status"], golden=_golden(visit, golden),
        facts=golden[0] if golden else None, lineage=_lineage(visit), members=members, records=_named(visit, records),
        why=_why(members, pairs), events=page.rows("events"), journey=_journey(visit), orders=page.rows("orders"),
        consent=page.rows("consent"), contacts=_contacts(visit), cases=cases,
        graph=evidence.graph(members[:_MOST_DRAWN], pairs, [], [current]) if len(members) > 1 else None, fields=FIELDS,
        comments=notes.comments(visit.live.store, current), done=visit.query.get("done", "")[:12],
        golden_labels=sides.GOLDEN,
    )  # fmt: skip


def _current(visit: Visit, asked: str) -> str:
    """The id itself, or the one that carries it on."""
    found = visit.page.desk.rows("records_of", profile_id=asked)
    return str(found[0]["profile_id"]) if found else asked


def _golden(visit: Visit, rows: list[Row]) -> list[tuple[str, str | None]]:
    return [
        (label, sides.golden_text(column, rows[0][column], masked=visit.is_masked))
        for column, (label, _) in sides.GOLDEN.items()
        if rows
    ]


def _lineage(visit: Visit) -> list[Row]:
    return visit.page.rows("lineage")


def _named(visit: Visit, records: list[Row]) -> list[Row]:
    """The records as they are listed."""
    rows = []
    for row in records:
        email, phone = ((row[name] or [None])[0] for name in ("emails", "phones"))
        listed = {**row, "email": email, "phone": phone}
        rows.append(masking.masked_record(listed) if visit.is_masked else listed)
    return rows


def _why(members: list[Row], pairs: list[Row]) -> dict[str, str]:
    """Why each record is in the profile: its strongest pair there, in words."""
    found: dict[str, str] = {}
    for pair in pairs:  # the strongest first
        if pair["outcome"] != "link":
            continue
        ends = (f"{pair['source_a']}:{pair['pk_a']}", f"{pair['source_b']}:{pair['pk_b']}")
        by = str(pair["rule_id"] or "the weight of all evidence").replace("_", " ")
        for one, other in (ends, ends[::-1]):
            found.setdefault(one, f"{by}, with {other}")
    return {written((row["source"], row["source_pk"])): "" for row in members} | found


def _journey(visit: Visit) -> list[Row]:
    rows = visit.page.rows("journey")
    if visit.is_masked:
        for row in rows:  # titles of tickets are people's words
            row["title"] = row["title"] if row["touch_type"] == "order" else masking.mask_hidden(row["title"])
    return rows


def _contacts(visit: Visit) -> list[Row]:
    rows = visit.page.rows("contacts")
    if visit.is_masked:
        for row in rows:
            row["value"] = masking.mask_identifier(row["type"], row["value"])
    return rows


def decide(visit: Visit) -> Response:
    """A steward's word about a profile: split, pin, exclude, correct, block, unblock, same, or a comment."""
    current = _current(visit, visit.part("profile_id"))
    at = visit.page.desk
    if not at.rows("fate_of", profile_id=current):
        raise NotFound("There is no such profile.")
    verb = visit.given("verb")
    members = {written(record) for record in at.records(current)} if verb != "comment" else set()
    subject = visit.given("record") or current
    if visit.given("record") and visit.given("record") not in members:
        raise NotFound("That record is not of this profile.")
    if verb == "comment":
        notes.comment(visit.live.store, current, at.records(current), visit.who.name, visit.given("text"))
        return visit.go("profiles", current)
    if verb == "split":
        leaving = list(visit.form.get("leave", ()))
        each = visit.given("each") == "yes"
        recorded = deciding.split(at, current, leaving, word_of(visit, "split"), each=each)
    elif verb in ("pin", "exclude"):
        kind = Kind.PIN_VALUE if verb == "pin" else Kind.EXCLUDE_VALUE
        value = visit.given("value").strip() or None
        recorded = deciding.pick(at, kind, subject, visit.given("field"), value, _word(visit))
    elif verb == "correct":
        recorded = deciding.correct(at, subject, visit.given("field"), visit.given("value"), _word(visit))
    elif verb in ("block", "unblock"):
        kind = Kind.BLOCK_VALUE if verb == "block" else Kind.UNBLOCK_VALUE
        recorded, _ = deciding.block(at, kind, visit.given("field"), visit.given("value"), word_of(visit, verb))
    else:
        raise ConfigurationError("that cannot be said of a profile")
    return visit.go("profiles", current, done=recorded.decision.name)


def _word(visit: Visit) -> deciding.Word:
    return word_of(visit, "")
