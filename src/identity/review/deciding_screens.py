"""Deciding: every word goes through `identity.deciding` into the one log, under the name of who is logged in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from identity import deciding, reviewing
from identity.deciding import Recorded, Word
from identity.errors import ConfigurationError
from identity.review import accounts, listing, notes
from identity.review.queue_screens import MOST_AT_ONCE
from identity.review.visit import NotFound, Visit
from identity.stewardship import proposals
from identity.stewardship.decisions import Kind
from identity.stewardship.outcome import key_of, written

_VERDICTS = {"same": Kind.SAME, "not_same": Kind.NOT_SAME, "unsure": Kind.UNSURE}
_USUAL = {
    "same": "the records agree",
    "not_same": "the records are of two people",
    "unsure": "nobody can tell from these records",
    "block": "identifies nobody",
    "unblock": "identifies somebody",
    "again": "looked at again",
    "undo": "taken back",
    "split": "of another person",
}
Row = dict[str, Any]


def word_of(visit: Visit, verb: str) -> Word:
    """Who decides and why; a reason that nobody typed is the usual one of the verb."""
    due = visit.given("due")
    try:
        day = date.fromisoformat(due) if due else None
    except ValueError:
        raise ConfigurationError("due: no date such as 2026-07-31") from None
    reason = visit.given("reason").strip() or _USUAL.get(verb, "")
    return Word(visit.who.name, reason, day, visit.given("assignee").strip() or None)


def decide(visit: Visit) -> Response:
    """A steward's word about a case; goes on to the next one."""
    case = listing.found(visit, visit.part("item_id"))
    chosen = listing.filter_of({key: values[0] for key, values in visit.form.items() if values})
    following = listing.after(visit, case["item_id"], chosen)
    done = said(visit, case, visit.given("verb"), visit.given("with"))
    if following is None:
        return visit.go(done=done, **chosen.as_query())
    return visit.go("cases", following, done=done, **chosen.as_query())


def said(visit: Visit, case: Row, verb: str, with_: str = "") -> str:
    """Record a verdict about a case; answers the decision's name, or what else was noted."""
    if case["kind"] == "sample" and verb in _VERDICTS:
        return _opinion(visit, case, verb)
    if case["kind"] == "contested" and verb in _VERDICTS:
        return _contested(visit, case, verb, with_)
    if case["kind"] in ("pair", "cap") and verb in _VERDICTS:
        return _pair(visit, case, verb, case["records"][:2])
    if case["kind"] == "shared_contact" and verb in ("block", "unblock"):
        kind = Kind.BLOCK_VALUE if verb == "block" else Kind.UNBLOCK_VALUE
        recorded, _ = deciding.block(visit.page.desk, kind, case["id_type"], case["id_value"], word_of(visit, verb))
        return recorded.decision.name
    if case["kind"] == "stale_decision" and verb == "again":
        return _again(visit, case).decision.name
    raise ConfigurationError("that cannot be said of a case of this kind")


def _pair(visit: Visit, case: Row, verb: str, records: Sequence[str]) -> str:
    """A word about two records: the decision's name, or that of a proposal where it takes a second person."""
    one, other = records
    word = word_of(visit, verb)
    return deciding.pair(visit.page.desk, _VERDICTS[verb], one, other, word, case=case["item_id"]).name


def _contested(visit: Visit, case: Row, verb: str, with_: str) -> str:
    newcomer, *candidates = case["records"][:3]
    if verb == "same":
        if with_ not in candidates:
            raise ConfigurationError("say with which of the two it is the same")
        return _pair(visit, case, verb, (newcomer, with_))
    return [_pair(visit, case, verb, (newcomer, other)) for other in candidates][-1]


def _opinion(visit: Visit, case: Row, verb: str) -> str:
    """An opinion about a sampled pair; where it says that the machine was wrong, also a decision."""
    of = (case["stratum"], visit.page.generation.number)
    notes.give_opinion(visit.live.store, case["item_id"], visit.who.name, verb, of)
    if (verb, case["stratum"].startswith("joined")) in (("same", False), ("not_same", True)):
        return _pair(visit, case, verb, case["records"])
    return "opinion"


def _again(visit: Visit, case: Row) -> Recorded:
    number = visit.page.desk.number(case["decisions"][0])
    earlier = visit.page.desk.log[number - 1].said
    details = {"field": earlier.field, "value": earlier.value}
    word = word_of(visit, "again")
    replacing = Word(word.by, word.reason, word.due, word.assignee, number)
    return deciding.say(visit.page.desk, earlier.kind, replacing, earlier.parts, **details)


def decide_alike(visit: Visit) -> Response:
    """One word about the chosen ones of the cases with identical evidence."""
    case = listing.found(visit, visit.part("item_id"))
    verb = visit.given("verb")
    wanted = list(dict.fromkeys(visit.form.get("case", ())))
    same = {other["item_id"]: other for other in visit.page.generation.by_evidence.get(case["evidence"] or "", ())}
    if verb not in _VERDICTS or not wanted or len(wanted) > MOST_AT_ONCE:
        raise ConfigurationError(f"choose 1 to {MOST_AT_ONCE} cases and say same, not same or unsure")
    if not set(wanted) <= set(same):
        raise NotFound("One of the chosen cases does not have this evidence.")
    over = listing.overlay(visit)
    names = [said(visit, same[name], verb) for name in wanted if listing.state_of(visit, same[name], over) == "open"]
    return visit.go(done=names[-1] if names else None)


def comment(visit: Visit) -> Response:
    """A comment on a case."""
    case = listing.found(visit, visit.part("item_id"))
    records = [key_of(record) for record in case["records"]]
    notes.comment(visit.live.store, case["item_id"], records, visit.who.name, visit.given("text"))
    return visit.go("cases", case["item_id"])


def assign(visit: Visit) -> Response:
    """Who is to look at a case, and until when."""
    case = listing.found(visit, visit.part("item_id"))
    word = word_of(visit, "again")
    if word.assignee is not None and accounts.find(visit.live.store, word.assignee) is None:
        raise ConfigurationError("nobody of that name has an account")
    notes.assign(visit.live.store, case["item_id"], word.assignee, word.due, visit.who.name)
    return visit.go("cases", case["item_id"])


def values(visit: Visit) -> Response:
    """Show values in full from now on, or mask them again; every page that shows them is logged."""
    accounts.show_values(visit.live.store, visit.who.name, shown=visit.given("shown") == "yes")
    back = visit.given("back")
    return visit.go() if not _is_ours(back) else visit.go(*back.strip("/").split("/"))


def _is_ours(back: str) -> bool:
    parts = back.strip("/").split("/")
    return parts[0] in ("cases", "profiles") and len(parts) == 2


def decisions(visit: Visit) -> Response:
    """What was decided, the latest first, with what each came to."""
    rows = reviewing.masked_decisions(reviewing.described(visit.page.desk), unmasked=not visit.is_masked)
    chosen = visit.query.get("show", "")
    if chosen == "pending":
        rows = [row for row in rows if row["effect"] == "next run"]
    elif chosen == "mine":
        rows = [row for row in rows if row["decided_by"] == visit.who.name]
    visit.saw("decisions", f"{min(len(rows), 200)} decisions")
    return visit.show(
        "decisions.html.j2", rows=rows[:200], total=len(rows), show=chosen,
        torn=visit.page.desk.contradictions(visit.page.desk.log), done=visit.query.get("done", "")[:12],
    )  # fmt: skip


def undo(visit: Visit) -> Response:
    """Take a decision back; the opinion that led to it goes as well."""
    number = visit.part("number")
    known = {decision.number for decision in visit.page.desk.log}
    if not number.isdecimal() or len(number) > 9 or int(number) not in known:
        raise NotFound("There is no such decision.")
    undone = next(decision for decision in visit.page.desk.log if decision.number == int(number))
    recorded = deciding.undo(visit.page.desk, f"D{number}", word_of(visit, "undo"))
    named = {written(record) for record in undone.said.records}
    for item in visit.page.generation.by_id.values():
        if item["kind"] == "sample" and set(item["records"]) == named:
            notes.take_back_opinion(visit.live.store, item["item_id"], visit.who.name)
    item_id = visit.given("item")
    if item_id in visit.page.generation.by_id:
        return visit.go("cases", item_id, done=recorded.decision.name)
    return visit.go("decisions", done=recorded.decision.name)


def proposal(visit: Visit) -> Response:
    """A second person confirms or declines."""
    found = proposals.found(visit.live.store, Kind.SAME.value, visit.part("number"))
    if found is None:
        raise NotFound("There is no such open proposal.")
    if visit.given("answer") not in ("confirm", "decline"):
        raise ConfigurationError("confirm or decline")
    confirmed = visit.given("answer") == "confirm"
    recorded = deciding.second(visit.page.desk, found, Word(visit.who.name, ""), confirmed=confirmed)
    return visit.go(done=recorded.name if recorded else "declined")
