"""Precision and recall from the sample that people reviewed."""

from collections.abc import Sequence

from identity.reporting.figures.reader import Column, Reader, Row, counts, grid, plural, shared, when
from identity.reporting.page import Grid, Section
from identity.reporting.words import share
from identity.stewardship.sampled import Agreement, Estimate, Stratum, agreement, precision, recall, strata_of

_ALARMING = 0.9


def sampled(reader: Reader) -> Section:
    """Estimated precision and recall, from reviews."""
    kinds, said = reader.ask("sample_strata"), reader.ask("opinions")
    strata = strata_of(
        [(row["stratum"], row["is_joined"], row["pairs"]) for row in kinds.rows],
        [(row["item_id"], row["stratum"], row["verdict"]) for row in said.rows],
    )
    found = {"precision": precision(strata), "recall": recall(strata)}
    low = found["precision"].value if found["precision"] else 1.0
    return Section(
        id="sampled",
        title="How good is it? What reviewers say",
        shows="Pairs drawn at random from every kind of automatic answer were looked at by people; their answers, "
        "weighted by how many pairs each kind has, estimate how many of all answers are right.",
        alarming=f"a precision or recall below {share(_ALARMING)}, or no reviews after months.",
        body=(_estimates(found, strata), _kinds(strata), *_agreement(agreement(_twice(said.rows)))),
        signals=when(low < _ALARMING, "warn", f"Reviewers find {share(low)} of the joined pairs right.", "sampled"),
        queries=(kinds.query, said.query),
        reached=reader.reached("steward.sample_stratum"),
        empty="Nothing was drawn.",
    )


def _estimates(found: dict[str, Estimate | None], strata: Sequence[Stratum]) -> Grid:
    words = {
        "precision": "pairs joined that are one person",
        "recall": "pairs of one person, among those compared, that are joined",
    }
    rows = [
        {
            "figure": name,
            "words": words[name],
            "estimate": share(told.value) if told else "too few reviews",
            "interval": f"{share(told.low)} to {share(told.high)}" if told else _lacking(name, strata),
        }
        for name, told in found.items()
    ]
    return grid(
        "Estimated from reviews",
        rows,
        Column("figure", "text", "figure"),
        Column("of", "text", "words"),
        Column("estimate", "text", "estimate"),
        Column("95 % interval", "text", "interval"),
        note="Wilson intervals of the kinds, put together by the method of variance estimates recovery (Zou and Donner "
        "2008, Newcombe 2016). What no blocking rule proposed is not seen, and pairs far below the threshold are not "
        "drawn.",
    )


def _lacking(name: str, strata: Sequence[Stratum]) -> str:
    needed = sum(stratum.lacking for stratum in strata if name == "recall" or stratum.is_joined)
    return f"{plural(needed, 'more review')} needed, in the queue under sample" if needed else "no pairs"


def _kinds(strata: Sequence[Stratum]) -> Grid:
    return grid(
        "Reviews by kind of answer",
        [vars(stratum) for stratum in strata],
        Column("kind", "text", lambda row: str(row["name"]).replace("_", " ")),
        *counts("pairs", "reviewed", "same=one person"),
        *shared("share that is one person", lambda row: row["same"] / row["reviewed"] if row["reviewed"] else None),
    )


def _twice(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """First and second answer of the pairs that two people reviewed."""
    by_pair: dict[str, list[str]] = {}
    for row in rows:
        by_pair.setdefault(row["item_id"], []).append(row["verdict"])
    return [(said[0], said[1]) for said in by_pair.values() if len(said) > 1]


def _agreement(found: Agreement | None) -> tuple[Grid, ...]:
    if found is None:
        return ()
    rows = [{"pairs": found.pairs, "agreed": found.agreed, "kappa": found.kappa}]
    return (
        grid(
            "How far two reviewers of one pair agree",
            rows,
            *counts("pairs"),
            Column("agree on", "share", "agreed"),
            Column("Cohen's kappa", "number", "kappa"),
            note="Kappa takes off what would agree by chance: 0 is no better than chance, 1 is perfect.",
        ),
    )
