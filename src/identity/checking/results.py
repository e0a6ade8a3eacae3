"""Results of expectations, and their words: what was seen, what was expected, what to do.

No personal value gets into them: counts, shares and record keys only (PROMISES.md P16).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from identity.checking.suites import Severity


@dataclass(frozen=True)
class Result:
    """One expectation of a run: a row of `ops.quality_result`."""

    suite: str
    expectation: str
    subject: str
    severity: Severity
    success: bool
    observed: str
    expected: str
    message: str
    failed_rows: int | None = None

    @property
    def stops(self) -> bool:
        """Whether it keeps the run from being published."""
        return not self.success and self.severity is Severity.CRITICAL

    @property
    def warns(self) -> bool:
        """Whether it is shown as a warning."""
        return not self.success and self.severity is Severity.WARNING


def number(value: float) -> str:
    """A figure for people: whole numbers with thousands, others with four significant digits."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.4g}"


def _range(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None:
        return f"at most {number(high)}" if high is not None else "anything"
    if high is None:
        return f"at least {number(low)}"
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _one_of(kwargs: Mapping[str, Any]) -> str:
    values = sorted(map(str, kwargs.get("value_set") or kwargs.get("column_set") or ()))
    return f"one of {len(values)} values" if len(values) > 12 else f"one of {', '.join(values)}"


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "expect_column_values_to_match_regex": lambda kwargs: f"matches {kwargs['regex']}",
    "expect_column_values_to_not_match_regex": lambda kwargs: f"does not match {kwargs['regex']}",
    "expect_column_values_to_be_in_set": _one_of,
    "expect_column_distinct_values_to_be_in_set": _one_of,
    "expect_table_columns_to_match_set": _one_of,
    "expect_column_values_to_not_be_null": lambda _: "never empty",
    "expect_column_values_to_be_unique": lambda _: "no value twice",
    "expect_compound_columns_to_be_unique": lambda _: "no combination twice",
}


def expected(kind: str, kwargs: Mapping[str, Any]) -> str:
    """What an expectation asks for, in words."""
    words = _WORDS.get(kind)
    text = words(kwargs) if words else _range(kwargs)
    mostly = kwargs.get("mostly", 1)
    return text if mostly == 1 else f"{text}, in at least {mostly:.4g} of the rows"


def observed(result: Mapping[str, Any]) -> str:
    """What Great Expectations saw, as counts; a value that is not a figure is not repeated."""
    if "unexpected_count" in result:
        failed, rows = result["unexpected_count"], result.get("element_count")
        if rows is None:  # expectations about the set of values count values, not rows
            return f"{failed:,} values fail"
        return f"{failed:,} of {rows:,} rows fail" if failed else f"{rows:,} rows hold"
    seen = result.get("observed_value")
    if isinstance(seen, bool) or not isinstance(seen, Real):
        return "nothing to measure" if seen is None else "a value that is not shown"
    return number(float(seen))
