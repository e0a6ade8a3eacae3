"""Deterministic rules: named, counted, and never stronger than the evidence between two groups.

A rule says "these two records are one person" in words a steward understands. It gives a link for the pair;
whether the groups of the two join is still decided with all evidence and all limits, so that a borrowed
identifier cannot bridge clusters.
"""

import numpy as np

from identity.matching import levels as lv
from identity.matching.comparison import Field
from identity.matching.records import Bools, Levels

HARD_LINK = "source_link"
IDENTICAL = "identical_record"
_AGREEING_GIVEN = (lv.Given.EXACT, lv.Given.NICKNAME, lv.Given.SWAPPED, lv.Given.TYPO, lv.Given.PART, lv.Given.INITIAL)
_AGREEING_FAMILY = (lv.Family.EXACT, lv.Family.SWAPPED, lv.Family.TYPO, lv.Family.PART, lv.Family.MISSING)


def rule_names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The rules that the fields allow, the strongest first: same id, same e-mail, same phone."""
    strong = [f"same_{field.name}" for field in fields if field.kind == "identifier"]
    contact = [f"same_{field.name}" for field in fields if field.name in ("email", "phone")]
    return (*strong, *contact)


def rules_that_fire(fields: tuple[Field, ...], levels: Levels) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Index in `rule_names` of the first rule that fires for each pair [fields, pairs], -1 for none."""
    row = {field.name: number for number, field in enumerate(fields)}
    fired = np.full(levels.shape[1], -1, dtype=np.int8)
    if "given_name" not in row:
        return fired
    compatible = names_compatible(row, levels)
    for number, name in reversed(list(enumerate(rule_names(fields)))):
        fired[compatible & (levels[row[name.removeprefix("same_")]] == 1)] = number
    return fired


def names_compatible(row: dict[str, int], levels: Levels) -> Bools:
    """Given names agree or are forms of one another; nothing else of the person contradicts."""
    found = np.isin(levels[row["given_name"]], _AGREEING_GIVEN)
    if "family_name" in row:
        found &= np.isin(levels[row["family_name"]], _AGREEING_FAMILY)
    if "suffix" in row:
        found &= levels[row["suffix"]] != lv.Same.DIFFERS
    if "birth_date" in row:
        found &= ~np.isin(levels[row["birth_date"]], (lv.Birthday.NEAR_YEAR, lv.Birthday.DIFFERS))
    return np.asarray(found)
