"""The stock of invented people's names: real common ones, composed surnames, Zipf-like frequencies."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from identity.sample.text import Ints, Text, texts

CULTURES = ("en", "es", "de", "fr", "nl", "in", "zh", "sl")
_COMPOUNDS = {"es": (" ", 13), "fr": ("-", 12), "de": ("-", 8), "en": (" ", 5)}
_FOLDED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "đ": "d"}
_PARTICLE = re.compile(r"^(?:[Dd]e|[Vv]an|[Dd]er|[Dd]en|Da|Le|[Vv]an-de[rn]?)-")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the package's own CSV tables."""
    content = resources.files("identity.sample").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(content.splitlines()))


def fold(name: str) -> str:
    """Lower-case ASCII letters only, as people write their names in an e-mail address."""
    lowered = "".join(_FOLDED.get(c, c) for c in name.lower())
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain)


def without_accents(name: str) -> str:
    """The name as a system without accents shows it (`Müller` becomes `Muller`)."""
    plain = name.replace("ß", "ss").replace("ł", "l").replace("Ł", "L").replace("đ", "d")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


@dataclass(frozen=True)
class Pool:
    """Names with their folded and accent-free forms; `ranges` names each group's slice and cumulated shares."""

    names: Text
    folded: Text
    plain: Text
    ranges: dict[tuple[str, str], tuple[int, npt.NDArray[np.float64]]]

    def draw(self, rng: np.random.Generator, culture: Ints, gender: npt.NDArray[np.str_] | None = None) -> Ints:
        """One name index per person, by culture index and (for given names) gender `f`/`m`."""
        out = np.zeros(len(culture), dtype=np.int32)
        position = rng.random(len(culture))
        for (group, sex), (start, shares) in self.ranges.items():
            rows_ = culture == CULTURES.index(group)
            if gender is not None:
                rows_ = rows_ & (gender == sex)
            out[rows_] = start + np.searchsorted(shares, position[rows_], side="right").clip(max=len(shares) - 1)
        return out


def _pool(groups: dict[tuple[str, str], list[str]], flatness: float, slope: float) -> Pool:
    """Zipf–Mandelbrot shares (rank + flatness) ** -slope within each group."""
    names: list[str] = []
    ranges = {}
    for key, members in groups.items():
        unique = list(dict.fromkeys(members))
        weights = (np.arange(len(unique)) + 1 + flatness) ** -slope
        ranges[key] = (len(names), np.cumsum(weights / weights.sum()))
        names += unique
    return Pool(texts(names), texts(map(fold, names)), texts(map(without_accents, names)), ranges)


@cache
def given_names() -> Pool:
    """Given names by culture and gender, with compounds such as Jean-Pierre at the tail."""
    groups = {}
    for row in rows("given.csv"):
        names = row["names"].split()
        mark, count = _COMPOUNDS.get(row["culture"], ("", 0))
        compounds = [f"{a}{mark}{b}" for a in names[:count] for b in names[:count] if a != b]
        groups[row["culture"], row["gender"]] = names + compounds
    return _pool(groups, 12.0, 0.95)


@cache
def family_names() -> Pool:
    """Family names by culture; stems and suffixes compose the long tail."""
    common: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    suffixes: dict[str, list[str]] = {}
    for row in rows("family.csv"):
        target = {"common": common, "stem": stems, "suffix": suffixes}[row["kind"]]
        target[row["culture"]] = row["values"].split()
    groups = {}
    for culture, names in common.items():
        # A stem pairs with every suffix in an order that mixes both, so that the tail is not one stem's.
        pairs = [(s, t) for s in stems.get(culture, []) for t in suffixes.get(culture, [])]
        order = np.random.default_rng(20_011).permutation(len(pairs))
        composed = [pairs[i][0] + pairs[i][1] for i in order]
        spaced = [re.sub("-", " ", name) if _PARTICLE.match(name) else name for name in names]
        groups[culture, ""] = spaced + composed
    return _pool(groups, 22.0, 0.86)


@cache
def nicknames() -> tuple[Text, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """All nicknames, and per given-name index where its own start and how many there are."""
    table = {row["formal"]: row["nicknames"].split() for row in rows("nicknames.csv")}
    flat: list[str] = []
    start, count = [], []
    for name in given_names().names.to_pylist():
        own = table.get(name, [])
        start.append(len(flat))
        count.append(len(own))
        flat += own
    return texts(flat), np.array(start, dtype=np.int32), np.array(count, dtype=np.int32)
