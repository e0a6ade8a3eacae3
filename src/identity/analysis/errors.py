"""Where a run went wrong, by cause: pairs joined that are two people, and pairs of one person left apart."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from identity.analysis.matched import Matched
from identity.matching.components import inner_pairs
from identity.matching.model import Doubles
from identity.matching.records import Longs
from identity.matching.score import probability

MOST_PAIRS = 2_000_000
"""Wrong pairs that are looked at; of more, those of the first clusters."""
SHOWN = 15
"""Wrong pairs of each kind that are listed."""
_LARGEST = 100_000

Kind = Literal["joined", "missed"]


@dataclass(frozen=True)
class WrongPair:
    """Two records, named by number and by key, what was said of them and which fields speak for and against it.

    `for_it`, `against` are `field level bits`, the strongest first.
    """

    kind: Kind
    left: int
    right: int
    record_a: tuple[str, str]
    record_b: tuple[str, str]
    match_weight: float
    match_probability: float
    cause: str
    for_it: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Errors:
    """How many wrong pairs of each kind have which cause, and the worst: those of which the model was surest."""

    joined: dict[str, int]
    missed: dict[str, int]
    worst: tuple[WrongPair, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "wrongly_joined": self.joined,
            "missed": self.missed,
            "worst": [
                {name: value for name, value in asdict(pair).items() if name not in ("left", "right")}
                for pair in self.worst
            ],
        }


def of_entities(matched: Matched, entity: Longs, link_threshold: float) -> Errors:
    """Errors against labels of entities (-1: no label)."""
    labelled = np.flatnonzero(entity >= 0)
    said, true = matched.cluster[labelled], entity[labelled]
    joined = _wrong(labelled, said, true)
    missed = _wrong(labelled, true, said)
    return _told(matched, joined, missed, link_threshold)


def of_pairs(
    matched: Matched, pairs: tuple[Longs, Longs], same: "np.ndarray[tuple[int], np.dtype[np.bool_]]", link: float
) -> Errors:
    """Errors against labelled pairs."""
    together = matched.cluster[pairs[0]] == matched.cluster[pairs[1]]
    joined, missed = together & ~same, same & ~together
    return _told(matched, (pairs[0][joined], pairs[1][joined]), (pairs[0][missed], pairs[1][missed]), link)


def _wrong(records: Longs, group: Longs, other: Longs) -> tuple[Longs, Longs]:
    """Pairs of records in one `group` but two `other` groups."""
    cells = np.unique(np.stack([group, other]), axis=1)
    mixed, several = np.unique(cells[0], return_counts=True)
    rows = np.flatnonzero(np.isin(group, mixed[several > 1]))
    left, right = inner_pairs(np.unique(group[rows], return_inverse=True)[1].astype(np.int64), _LARGEST)
    differ = np.flatnonzero(other[rows][left] != other[rows][right])[:MOST_PAIRS]
    one, two = records[rows[left[differ]]], records[rows[right[differ]]]
    return np.minimum(one, two), np.maximum(one, two)


def _told(matched: Matched, joined: tuple[Longs, Longs], missed: tuple[Longs, Longs], link_threshold: float) -> Errors:
    found: list[WrongPair] = []
    counts: list[dict[str, int]] = []
    kinds: tuple[tuple[Kind, tuple[Longs, Longs]], ...] = (("joined", joined), ("missed", missed))
    for kind, (left, right) in kinds:
        weight = _weights(matched, left, right)
        causes = _causes(matched, kind, (left, right), weight, link_threshold)
        counts.append(dict(sorted(Counter(causes.tolist()).items(), key=lambda entry: (-entry[1], entry[0]))))
        worst = _worst(matched, left, right, weight)
        found += [_pair(matched, kind, (int(left[row]), int(right[row])), str(causes[row])) for row in worst]
    return Errors(counts[0], counts[1], tuple(found))


def _weights(matched: Matched, left: Longs, right: Longs, chunk: int = 500_000) -> Doubles:
    parts = [matched.compared(left[at : at + chunk], right[at : at + chunk])[2] for at in range(0, len(left), chunk)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _causes(
    matched: Matched, kind: Kind, pairs: tuple[Longs, Longs], weight: Doubles, link: float
) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    chance = probability(weight)
    distinct = matched.encoded.distinct_of
    left, right = distinct[pairs[0]], distinct[pairs[1]]
    same = left == right
    if kind == "joined":
        choices = [same, chance >= link, chance >= 0.5]
        words = ["the records say exactly the same", "score above the link threshold", "score above even odds"]
        return np.select(choices, words, "joined through other records").astype(object)
    size = max(matched.encoded.records.size, 1)
    kept = np.minimum(matched.left, matched.right).astype(np.int64) * size + np.maximum(matched.left, matched.right)
    known = np.isin(np.minimum(left, right) * size + np.maximum(left, right), kept)
    choices = [same, chance >= link, known & (chance >= 0.5), known, chance >= 0.5]
    words = [
        "the records say exactly the same",
        "score above the link threshold, kept apart by other evidence",
        "score between the thresholds",
        "score below even odds",
        "never compared: no blocking rule proposed the pair",
    ]
    return np.select(choices, words, "too little in common to be compared or kept").astype(object)


def _worst(matched: Matched, left: Longs, right: Longs, weight: Doubles) -> list[int]:
    """Rows of the pairs with the highest weight, one for each two clusters (for wrongly joined ones: each cluster)."""
    chosen: list[int] = []
    seen: set[tuple[int, int]] = set()
    for row in np.lexsort((right, left, -weight)).tolist():
        place = int(matched.cluster[left[row]]), int(matched.cluster[right[row]])
        if place not in seen:
            seen.add(place)
            chosen.append(row)
        if len(chosen) == SHOWN:
            break
    return chosen


def _pair(matched: Matched, kind: Kind, pair: tuple[int, int], cause: str) -> WrongPair:
    vectors, evidence, weight = matched.compared(np.array(pair[:1]), np.array(pair[1:]))
    bits = [
        (float(evidence.match[row, 0]), field.name, field.labels[int(vectors.levels[row, 0])])
        for row, field in enumerate(matched.model.fields)
        if vectors.levels[row, 0]
    ]
    told = [(weight_, f"{name} {label} {weight_:+.1f}") for weight_, name, label in sorted(bits)]
    return WrongPair(
        kind,
        *pair,
        (matched.sources[pair[0]], matched.keys[pair[0]]),
        (matched.sources[pair[1]], matched.keys[pair[1]]),
        float(weight[0]),
        float(probability(weight)[0]),
        cause,
        tuple(text for value, text in reversed(told) if value > 0.05),
        tuple(text for value, text in told if value < -0.05),
    )
