"""A model as Splink saves it: comparisons with their levels and weights, and the blocking rules."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from identity.errors import ConfigurationError
from identity.matching.splink_parse import NotUnderstood, level_column, parse_condition, rule_column
from identity.matching.splink_tree import Condition, Equal, parts_of

SMALLEST = 1e-300
NOT_OBSERVED = "level not observed in training dataset"
NOT_OBSERVED_PROBABILITY = 1e-6
EXACT_SHARE = 0.95
"""Splink's default m of the best level; the others share the rest."""
WORST_WEIGHT, BEST_FUZZY_WEIGHT, EXACT_WEIGHT = -5.0, 3.0, 10.0
"""Splink's default weights, from which its default u follows."""


@dataclass(frozen=True)
class TermFrequency:
    """Adjustment of a level's weight: `strength` × (log2 `u` − log2 of the value's frequency, at least `least`)."""

    column: str
    u: float
    strength: float
    least: float


@dataclass(frozen=True)
class Level:
    """One level of a comparison; `value` is what Splink calls gamma, -1 for missing. `condition` None is ELSE."""

    value: int
    label: str
    sql: str
    condition: Condition | None
    weight: float
    frequency: TermFrequency | None


@dataclass(frozen=True)
class Comparison:
    """A comparison with its levels in the order in which they are tried."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Rule:
    """A blocking rule; `equal` are the values two records must share, `rest` what is checked on their pairs."""

    sql: str
    equal: tuple[Equal, ...]
    rest: tuple[Condition, ...]


@dataclass(frozen=True)
class SplinkModel:
    """A trained Splink model for deduplication."""

    comparisons: tuple[Comparison, ...]
    rules: tuple[Rule, ...]
    match_share: float
    unique_id: str
    level_prefix: str

    @property
    def prior(self) -> float:
        """Weight of a pair of which nothing is known, in bits."""
        return weight_of(self.match_share)


def weight_of(probability: float) -> float:
    """log2 odds; infinite at 0 and 1."""
    if probability <= 0:
        return -math.inf
    return math.inf if probability >= 1 else math.log2(probability / (1 - probability))


def load_splink_model(source: str | Path | Mapping[str, Any]) -> SplinkModel:
    """Read what `linker.misc.save_model_to_json` of Splink 4 or 5 wrote, from a file or as its dictionary.

    Raises ConfigurationError for what is no such model or links several tables, NotUnderstood with the comparison,
    the level and the SQL for a condition this engine cannot evaluate.
    """
    settings = source if isinstance(source, Mapping) else _read(Path(source))
    if "comparisons" not in settings:
        raise ConfigurationError("this is no Splink model: it has no `comparisons`")
    link_type = settings.get("link_type", "dedupe_only")
    if link_type != "dedupe_only":
        raise ConfigurationError(f"link_type {link_type!r} of the Splink model is not supported, only 'dedupe_only'")
    dialect = str(settings.get("sql_dialect") or "duckdb")
    comparisons = tuple(_comparison(entry, dialect) for entry in settings["comparisons"])
    twice = {one.name for at, one in enumerate(comparisons) for other in comparisons[:at] if one.name == other.name}
    if twice:
        raise ConfigurationError(f"two comparisons are called {min(twice)}: name each by output_column_name")
    return SplinkModel(
        comparisons=comparisons,
        rules=tuple(_rule(entry, dialect) for entry in settings.get("blocking_rules_to_generate_predictions") or []),
        match_share=float(settings.get("probability_two_random_records_match", 1e-4)),
        unique_id=str(settings.get("unique_id_column_name") or "unique_id"),
        level_prefix=str(settings.get("comparison_vector_value_column_prefix") or "gamma_"),
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: no readable Splink model (JSON)") from error
    if not isinstance(found, Mapping):
        raise ConfigurationError(f"{path}: no Splink model, but a JSON {type(found).__name__}")
    return found


def _rule(entry: str | Mapping[str, Any], dialect: str) -> Rule:
    given = {"blocking_rule": entry} if isinstance(entry, str) else entry
    sql = str(given["blocking_rule"])
    if given.get("arrays_to_explode"):
        raise NotUnderstood(f"blocking rule {sql!r}: arrays_to_explode is not supported")
    try:
        parts = parts_of(parse_condition(sql, str(given.get("sql_dialect") or dialect), rule_column))
    except NotUnderstood as error:
        raise NotUnderstood(f"blocking rule {sql!r}: {error}") from error
    equal = tuple(part for part in parts if isinstance(part, Equal) and part.wanted)
    return Rule(sql, equal, tuple(part for part in parts if part not in equal))


def _comparison(entry: Mapping[str, Any], dialect: str) -> Comparison:
    given = entry["comparison_levels"]
    several = sum(not level.get("is_null_level") for level in given)
    name = str(entry.get("output_column_name") or entry.get("comparison_description") or "comparison")
    conditions = [_condition(name, level, dialect) for level in given]
    probabilities, values = [], []
    value = several - 1
    for level in given:
        null = bool(level.get("is_null_level"))
        values.append(-1 if null else value)
        probabilities.append((1.0, 1.0) if null else _probabilities(level, value, several))
        value -= not null
    exact = {_exact_column(c): u for c, (_, u) in zip(reversed(conditions), reversed(probabilities), strict=True)}
    levels = []
    for level, condition, at, (m, u) in zip(given, conditions, values, probabilities, strict=True):
        label = str(level.get("label_for_charts") or at)
        weight = 0.0 if at < 0 else math.log2(max(m, SMALLEST) / max(u, SMALLEST))
        frequency = None if at < 0 or condition is None else _frequency(name, label, level, u, exact)
        levels.append(Level(at, label, str(level["sql_condition"]), condition, weight, frequency))
    if levels and levels[-1].condition is not None:
        raise ConfigurationError(f"comparison {name}: its last level is no ELSE")
    return Comparison(name, tuple(levels))


def _condition(name: str, level: Mapping[str, Any], dialect: str) -> Condition | None:
    sql = str(level["sql_condition"])
    if sql.strip().upper() == "ELSE":
        return None
    try:
        return parse_condition(sql, dialect, level_column)
    except NotUnderstood as error:
        label = level.get("label_for_charts") or "without label"
        raise NotUnderstood(f"comparison {name}, level {label!r}, {sql!r}: {error}") from error


def _probabilities(level: Mapping[str, Any], value: int, several: int) -> tuple[float, float]:
    """(m, u) as Splink takes them: as given, its defaults where nothing was learned."""
    share = (1 - EXACT_SHARE) / max(several - 1, 1)
    m = EXACT_SHARE if value == several - 1 else share
    steps = max(several - 2, 1)
    weight = WORST_WEIGHT + (BEST_FUZZY_WEIGHT - WORST_WEIGHT) * value / steps
    u = m / 2 ** (EXACT_WEIGHT if value == several - 1 else weight)
    found = []
    for key, default in (("m_probability", m), ("u_probability", u)):
        given = level.get(key)
        given = NOT_OBSERVED_PROBABILITY if given == NOT_OBSERVED else given
        found.append(default if given is None else float(given))
    return found[0], found[1]


def _exact_column(condition: Condition | None) -> str | None:
    """The column of a level that is an exact match on one column and nothing else."""
    if isinstance(condition, Equal) and condition.wanted and condition.left == condition.right and condition.left.bare:
        return condition.left.columns[0]
    return None


def _frequency(
    name: str, label: str, level: Mapping[str, Any], u: float, exact: Mapping[str | None, float]
) -> TermFrequency | None:
    given = level.get("tf_adjustment_column")
    strength = float(level.get("tf_adjustment_weight", 1.0))
    if not given or strength == 0:
        return None
    column = str(given).strip('"').lower()
    if not level.get("disable_tf_exact_match_detection"):
        if column not in exact:
            raise ConfigurationError(
                f"comparison {name}, level {label!r}: no exact match level on {column}, which its term frequency needs"
            )
        u = exact[column]
    return TermFrequency(column, u, strength, float(level.get("tf_minimum_u_value", 0.0)))
