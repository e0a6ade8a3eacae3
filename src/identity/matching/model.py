"""The matching model: what each level of each comparison is worth, and how rare matches are.

Fellegi-Sunter with three classes of pairs: the same person (m), two people of one household (h), any two
people (u). The weight of a level is log2(m/u); what a household shares (family name, address, phone, often
e-mail) is no evidence against "two people of one household", so it counts once and never joins two of them.
"""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.errors import ConfigurationError
from identity.matching.comparison import Field
from identity.matching.levels import Family, Given
from identity.matching.records import Bools, Floats, Levels

Doubles = NDArray[np.float64]
SCHEMA_VERSION = 1
UNSEEN = 2.0
"""Records that a value nobody else holds is credited with."""
FUZZY_RARITY = 4.0
"""Bits by which a frequency may move the weight of a level that is not exact."""

_GIVEN_AGREES = np.isin(np.arange(16), (Given.EXACT, Given.NICKNAME, Given.SWAPPED, Given.TYPO))
_FAMILY_AGREES = np.isin(np.arange(16), (Family.EXACT, Family.SWAPPED, Family.TYPO))


@dataclass(frozen=True)
class FieldModel:
    """Parameters of one comparison, one entry per level with 0 (missing) first.

    `reference` is the frequency at which a level's weight is log2(m/u): a value of frequency f adds
    log2(reference/f). 0 where no frequency adjusts. `origin` says where a level's m came from.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    m: tuple[float, ...]
    h: tuple[float, ...]
    u: tuple[float, ...]
    reference: tuple[float, ...]
    origin: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """Parameters of a run.

    The match and household shares are of all unordered pairs of records; `sizes` are the shares of people with 1, 2,
    ... records (`sizes.py`), empty where unknown. `namesakes` is how many times as often two people bear the same
    whole name as the frequencies of given and family name make one expect: names go together in families, regions
    and languages. `size` is the number of records that the shares hold for, 0 where they were not fitted to any.
    """

    fields: tuple[FieldModel, ...]
    match_share: float
    household_share: float
    records_per_person: float
    em_iterations: int = 0
    em_converged: bool = False
    sizes: tuple[float, ...] = ()
    namesakes: float = 1.0
    size: int = 0

    @property
    def version(self) -> str:
        """Hash of the parameters."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """One readable JSON; numbers to 9 digits."""
        body = {
            "schema_version": SCHEMA_VERSION,
            "match_share": _rounded(self.match_share),
            "household_share": _rounded(self.household_share),
            "records_per_person": _rounded(self.records_per_person),
            "em_iterations": self.em_iterations,
            "em_converged": self.em_converged,
            "namesakes": _rounded(self.namesakes),
            "size": self.size,
            "sizes": [_rounded(share) for share in self.sizes],
            "fields": [
                {
                    "name": field.name,
                    "kind": field.kind,
                    "levels": [
                        {
                            "label": label,
                            "m": _rounded(field.m[level]),
                            "h": _rounded(field.h[level]),
                            "u": _rounded(field.u[level]),
                            "reference": _rounded(field.reference[level]),
                            "origin": field.origin[level],
                        }
                        for level, label in enumerate(field.labels)
                    ],
                }
                for field in self.fields
            ],
        }
        return json.dumps(body, indent=1)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


def from_json(text: str) -> Model:
    """Read what `Model.to_json` wrote; ValueError for another schema version."""
    body = json.loads(text)
    if body.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"model schema version {body.get('schema_version')!r}; this program reads {SCHEMA_VERSION}")
    return Model(
        tuple(_field_from(entry) for entry in body["fields"]),
        body["match_share"],
        body["household_share"],
        body["records_per_person"],
        body["em_iterations"],
        body["em_converged"],
        tuple(map(float, body.get("sizes", ()))),
        float(body.get("namesakes", 1.0)),
        int(body.get("size", 0)),
    )


def rounded(model: Model) -> Model:
    """The model as it is written: what is scored today and what is read tomorrow are the same to the last bit."""
    return from_json(model.to_json())


def read_model(path: Path) -> Model:
    """Read a model's file; ConfigurationError says what is wrong with it."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: the model cannot be read: {os.strerror(error.errno or 0)}") from None
    except (ValueError, KeyError, TypeError) as error:
        told = str(error) if "schema version" in str(error) else "not a model that `identity model --save` wrote"
        raise ConfigurationError(f"{path}: {told}") from None


def _field_from(entry: dict[str, Any]) -> FieldModel:
    def numbers(key: str) -> tuple[float, ...]:
        return tuple(float(level[key]) for level in entry["levels"])

    def words(key: str) -> tuple[str, ...]:
        return tuple(str(level[key]) for level in entry["levels"])

    return FieldModel(
        entry["name"],
        entry["kind"],
        words("label"),
        numbers("m"),
        numbers("h"),
        numbers("u"),
        numbers("reference"),
        words("origin"),
    )


@lru_cache(maxsize=1)
def prior() -> dict[str, Any]:
    """The shipped prior: see `prior.json`."""
    loaded: dict[str, Any] = json.loads(files("identity.matching").joinpath("prior.json").read_text(encoding="utf-8"))
    return loaded


def prior_field(field: Field) -> FieldModel:
    """A comparison as the shipped prior knows it; levels the prior leaves out (missing, implied) weigh nothing."""
    labels = tuple(level.name.lower() for level in field.levels)
    nothing, ones = (0.0,) * len(labels), (1.0,) * len(labels)
    bare = FieldModel(field.name, field.kind, labels, ones, ones, ones, nothing, ("prior",) * len(labels))
    return with_prior(bare)


def with_prior(field: FieldModel) -> FieldModel:
    """The comparison with the shipped prior's m, h and u."""
    known = prior()["kinds"][field.kind]
    size = len(field.labels)

    def padded(values: list[float]) -> tuple[float, ...]:
        return (1.0, *values, *([1.0] * (size - 1 - len(values))))

    return replace(field, m=padded(known["m"]), h=padded(known["h"]), u=padded(known["u"]))


def prior_model(fields: tuple[Field, ...], size: int) -> Model:
    """The model before any training, for `size` records."""
    partners = max(size - 1, 1) / 2
    return Model(
        tuple(prior_field(field) for field in fields),
        match_share=min(prior()["matches_per_record"] / partners, 0.2),
        household_share=min(prior()["households_per_record"] / partners, 0.2),
        records_per_person=2.0,
        size=size,
    )


SAME_SIZE = 1.25
"""Factor in the number of records up to which a given model's shares of pairs are taken as they stand."""


def fitted(given: Model, start: Model, size: int) -> Model:
    """A given model for the comparisons of `start` and `size` records: its parameters as they stand.

    A comparison that it does not know keeps those of `start`. Its shares of all pairs hold for as many records as it
    was learned on; for a data set of another size the matches per record stay, and the shares follow.
    """
    known = {(field.name, field.kind, field.labels): field for field in given.fields}
    chosen = tuple(known.get((field.name, field.kind, field.labels), field) for field in start.fields)
    learned_on = 1 + (given.records_per_person - 1) / given.match_share
    scale = learned_on / max(size, 2)
    unknown = given.records_per_person - 1 < 1e-6
    scale = 1.0 if unknown or 1 / SAME_SIZE <= scale <= SAME_SIZE else scale
    return replace(
        given,
        fields=chosen,
        match_share=min(given.match_share * scale, 0.2),
        household_share=min(given.household_share * scale, 0.2),
        size=size,
    )


@dataclass(frozen=True)
class Tables:
    """The model as lookup tables [fields, 16 levels], in bits.

    `namesakes` are the bits by which given and family name (rows `names`) say less together than one by one.
    """

    match: Doubles
    household: Doubles
    reference: Doubles
    size: int
    records_per_person: float
    names: tuple[int, int] | None = None
    namesakes: float = 0.0


def tables(model: Model, size: int) -> Tables:
    """Lookup tables for `size` records, or for as many as the model was fitted to."""
    size = model.size or size
    shape = (len(model.fields), 16)
    match, household, reference = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row, field in enumerate(model.fields):
        width = len(field.labels)
        u = np.array(field.u)
        most = np.array([40.0, *prior()["kinds"][field.kind].get("most", ())])
        match[row, :width] = np.log2(np.array(field.m) / u)
        match[row, : len(most)] = np.minimum(match[row, : len(most)], most)
        household[row, :width] = np.log2(np.array(field.h) / u)
        reference[row, :width] = field.reference
    rows = {field.name: row for row, field in enumerate(model.fields)}
    both = (rows["given_name"], rows["family_name"]) if {"given_name", "family_name"} <= rows.keys() else None
    namesakes = float(np.log2(model.namesakes))
    return Tables(match, household, reference, size, model.records_per_person, both, namesakes)


def together(lookup: Tables, levels: Levels) -> Bools:
    """Pairs [fields, pairs] that agree on given and family name, a slip or a form of the name included."""
    if lookup.names is None:
        return np.zeros(levels.shape[1], dtype=bool)
    given, family = lookup.names
    return np.asarray(_GIVEN_AGREES[levels[given]] & _FAMILY_AGREES[levels[family]])


def rarity(lookup: Tables, levels: Levels, shares: Floats) -> Floats:
    """Bits that the frequency of the agreeing value adds to each field of each pair, [fields, pairs].

    A value's records less those of one person tell how many others hold it. Where none do, it is taken to be
    as rare as values of its field can be told to be: once among the records and the 1/reference values that
    the field is known to have.
    """
    out = np.zeros(levels.shape, dtype=np.float32)
    for row in range(levels.shape[0]):
        if not lookup.reference[row].any():
            continue
        where = np.flatnonzero(shares[row])
        known = lookup.reference[row][levels[row][where]]
        if not known.all():
            where, known = where[known > 0], known[known > 0]
        others = shares[row][where] - (lookup.records_per_person - 1) / lookup.size
        bits = np.log2(known / np.maximum(others, UNSEEN / (lookup.size + UNSEEN / known)))
        limit = np.where(levels[row][where] == 1, 40.0, FUZZY_RARITY)
        out[row][where] = np.clip(bits, -limit, limit)
    return out
