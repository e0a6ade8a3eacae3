"""What holds a run: it moves more than the gate allows against the last *published* run (PROMISES.md P11).

The first generation has nothing to move and is never held.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from identity.checking.figures import CHECK, Figure
from identity.checking.results import number

_LARGEST = 5


@dataclass(frozen=True)
class Move:
    """Known records that went from one profile id to another."""

    from_profile: str
    to_profile: str
    cause: str
    n_records: int


def hold_reasons(figures: Iterable[Figure], moves: Sequence[Move]) -> list[str]:
    """Why the run is held, one reason for each limit it exceeds; empty when none."""
    return [
        reason
        for figure in figures
        if figure.stage == CHECK and figure.threshold is not None and abs(figure.value) > figure.threshold
        for reason in _reason(figure, moves)
    ]


def _reason(figure: Figure, moves: Sequence[Move]) -> Iterator[str]:
    share, limit = percent(figure.value), percent(figure.threshold or 0)
    match figure.name:
        case "changed_ids_share":
            yield f"{share} of the known records would change their profile id (limit {limit}): {churn(moves)}"
        case "profile_count_change":
            yield f"the number of profiles would change by {share} (limit {limit} either way)"
        case "fill_rate_change":
            yield f"the share of profiles with {figure.label} would change by {share} (limit {limit} either way)"
        case "reject_rate":
            yield f"{share} of the delivered rows were rejected (limit {limit}); raw.rejected has each with its reason"
        case "largest_profile":
            yield f"the largest profile has {number(figure.value)} records (limit {number(figure.threshold or 0)})"


def churn(moves: Sequence[Move]) -> str:
    """Moved records by cause, and the largest moves."""
    causes: Counter[str] = Counter()
    for move in moves:
        causes[move.cause] += move.n_records
    ranked = sorted(causes.items(), key=lambda item: (-item[1], item[0]))
    by_cause = ", ".join(f"{records:,} by {cause}" for cause, records in ranked)
    cases = "; ".join(f"{move.n_records:,} from {move.from_profile} to {move.to_profile}" for move in moves[:_LARGEST])
    return f"{by_cause}; largest moves: {cases}"


def percent(share: float) -> str:
    """A share with its sign where it fell, for people."""
    return f"{100 * share:.3g} %"
