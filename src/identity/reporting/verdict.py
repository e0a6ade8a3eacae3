"""The verdict in words: whether the run was published, why, and what to do next."""

from collections.abc import Sequence

from identity.reporting.page import Verdict
from identity.runs import workspace

_SHOWN = 12


def verdict(decided: workspace.Verdict, done: Sequence[str], generation: int, last: int | None) -> Verdict:
    """The verdict of a run.

    `decided` is what the check stage left, `done` the stages that finished, in order, `last` the
    generation that readers keep if this run was not published.
    """
    kept = f"Readers keep generation {last}." if last else "Nothing has been published yet."
    reasons = _first(decided.reasons)
    if decided.verdict == "stopped":
        return Verdict(
            "Stopped: not published",
            "bad",
            f"A critical check failed. {kept}",
            reasons,
            "Mend the cause named above, usually in the source or its settings, then run again. "
            "“Quality checks” below lists every check with what was seen.",
        )
    if decided.verdict == "held":
        return Verdict(
            "Held: not published",
            "warn",
            f"This run moves more than the limits allow. {kept}",
            reasons,
            "Look at “What changed” below. If a delivery was incomplete or a setting wrong, mend it and run again; "
            "if the change is meant, a named person has to decide.",
        )
    if "publish" not in done:
        return _unfinished(decided, reasons, done, kept)
    return _published(decided, reasons, generation)


def _published(decided: workspace.Verdict, reasons: tuple[str, ...], generation: int) -> Verdict:
    if decided.verdict == "released":
        return Verdict(
            "Published after release", "warn", f"A person released this run as generation {generation}.", reasons, ""
        )
    if decided.verdict == "passed_with_warnings":
        return Verdict(
            "Published with warnings",
            "warn",
            f"No critical check failed. This is generation {generation}.",
            reasons,
            "Nothing is blocked. Look at the warnings when there is time.",
        )
    return Verdict("Published", "good", f"Every check held. This is generation {generation}.", reasons, "")


def _unfinished(decided: workspace.Verdict, reasons: tuple[str, ...], done: Sequence[str], kept: str) -> Verdict:
    checked = "" if decided.verdict == "not_reached" else "The checks passed, but publishing did not finish. "
    last = f"The last stage that finished is “{done[-1]}”." if done else "No stage finished."
    return Verdict(
        "Unfinished: not published",
        "bad",
        f"{checked}{last} {kept}",
        reasons,
        "The message of the run names the cause. Run again with the same settings: it goes on where it ended.",
    )


def _first(reasons: Sequence[str]) -> tuple[str, ...]:
    more = len(reasons) - _SHOWN
    return (*reasons[:_SHOWN], f"and {more} more, under “Quality checks”") if more > 0 else tuple(reasons)
