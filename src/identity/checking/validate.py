"""Validation by Great Expectations: one run of each suite over its frame.

Where the frame comes from is the caller's: `run_suites(suites, frame_of, parameters)`.
"""

import logging
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any

from identity.checking.frames import Frame, FrameOf
from identity.checking.parameters import Absent, resolve
from identity.checking.results import Result, expected, observed
from identity.checking.suites import Expectation, Severity, Suite
from identity.errors import ConfigurationError

_SHOWN = 3
_NUMBER = "identity_number"
Keep = Callable[[Suite, Any], None]


def run_suites(
    suites: Iterable[Suite], frame_of: FrameOf, parameters: Mapping[str, Any], keep: Keep | None = None
) -> list[Result]:
    """Every expectation of every suite, in order. `parameters` stand in for `{"$PARAMETER": name}`.

    `keep` is handed each suite with what Great Expectations answered.

    Frames are made in a thread of their own, one after the other and some ahead: the engine counts on one core while
    Great Expectations is loaded and judges on the other.

    A check that breaks is a critical failure of its own, never taken for bad data. Raises
    ConfigurationError where a suite names an expectation, an argument or a parameter that does not exist.
    """
    asked = [(suite, [_ask(suite, entry, parameters) for entry in suite.expectations]) for suite in suites]
    with ThreadPoolExecutor(1) as pool:
        frames = [pool.submit(frame_of, suite) for suite, _ in asked]
        try:
            definition = _batch_definition()
            return [
                result
                for (suite, questions), frame in zip(asked, frames, strict=True)
                for result in _run_suite(suite, _of_frame(definition, frame.result()), questions, keep)
            ]
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Judged:
    """What one suite is validated on: a batch of Great Expectations with `shown` rows out of `rows`."""

    batch: Any
    shown: int
    rows: int
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def run_batches(
    suites: Iterable[Suite], batch_of: Callable[[Suite], Judged], parameters: Mapping[str, Any]
) -> list[Result]:
    """The same over batches of the caller's, one suite after the other."""
    asked = [(suite, [_ask(suite, entry, parameters) for entry in suite.expectations]) for suite in suites]
    return [result for suite, questions in asked for result in _run_suite(suite, batch_of(suite), questions)]


def _of_frame(definition: Any, frame: Frame) -> Judged:
    batch = definition.get_batch(batch_parameters={"dataframe": frame.data})
    return Judged(batch, len(frame.data), frame.rows, frame.examples)


def great_expectations() -> Any:
    """The library, without the warnings its import raises about modules that Python deprecates."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return great_expectations


@cache
def _batch_definition() -> Any:
    """Where frames are handed in: an ephemeral context without files, progress bars or calls home.

    It keeps nothing of a frame, so one serves every run of the process.
    """
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    # it would hash every frame for a fingerprint in the batch's markers, which nobody reads: a third of its time
    gx.execution_engine.pandas_execution_engine.HASH_THRESHOLD = 0
    return (
        context.data_sources.add_pandas("run")
        .add_dataframe_asset("frame")
        .add_batch_definition_whole_dataframe("whole")
    )


@dataclass(frozen=True)
class _Asked:
    """An expectation with its parameters filled in; `absent` names the one that has no value yet."""

    entry: Expectation
    kwargs: Mapping[str, Any]
    absent: str = ""


def _run_suite(suite: Suite, judged: Judged, asked: Sequence[_Asked], keep: Keep | None = None) -> Iterator[Result]:
    outcome = _validate(judged.batch, suite, asked)
    if keep is not None:
        keep(suite, outcome)
    found = {result.expectation_config.meta[_NUMBER]: result for result in outcome.results}
    for number, question in enumerate(asked):
        if question.absent:
            yield _not_compared(suite, question)
        else:
            yield _result(suite, judged, question, found[number])


def _ask(suite: Suite, entry: Expectation, parameters: Mapping[str, Any]) -> _Asked:
    try:
        return _Asked(entry, resolve(entry.kwargs, parameters))
    except Absent as absent:
        return _Asked(entry, {}, absent.name)
    except KeyError as error:
        raise ConfigurationError(f"suite {suite.name}: {entry.name}: no parameter {error}") from None


def _validate(batch: Any, suite: Suite, asked: Sequence[_Asked]) -> Any:
    """Great Expectations' results, each with the number of its expectation."""
    gx = great_expectations()
    expectations = [
        {
            "type": question.entry.type,
            "kwargs": dict(question.kwargs),
            "severity": question.entry.severity.value,
            "meta": {_NUMBER: number},
        }
        for number, question in enumerate(asked)
        if not question.absent
    ]
    try:
        gx_suite = gx.ExpectationSuite(name=suite.name, expectations=expectations)
    except (gx.exceptions.GreatExpectationsError, ValueError, TypeError) as error:
        raise ConfigurationError(f"suite {suite.name}: {type(error).__name__}: {error}") from None
    kept = {expectation.meta[_NUMBER] for expectation in gx_suite.expectations}
    dropped = [
        question.entry.type for number, question in enumerate(asked) if not question.absent and number not in kept
    ]
    if dropped:  # an unknown one is left out with no more than a line in the log
        raise ConfigurationError(
            f"suite {suite.name}: Great Expectations knows no {', '.join(dropped)} with these kwargs"
        )
    return batch.validate(
        gx_suite,
        result_format={
            "result_format": "SUMMARY",
            "unexpected_index_column_names": list(suite.key),
            "exclude_unexpected_values": True,
            "partial_unexpected_count": _SHOWN,
        },
    )


def _result(suite: Suite, judged: Judged, question: _Asked, found: Any) -> Result:
    entry, seen = question.entry, _counted(found.result)
    result = Result(
        suite=suite.name,
        expectation=entry.name,
        subject=suite.subject(entry),
        severity=entry.severity,
        success=bool(found.success),
        observed=observed(seen),
        expected=expected(entry.type, question.kwargs),
        failed_rows=_failed_rows(entry, seen),
        message=entry.why,
    )
    broken = _exception(found.exception_info)
    if broken:
        return replace(
            result,
            severity=Severity.CRITICAL,
            success=False,
            observed=f"the check itself broke: {broken}",
            failed_rows=None,
            message=f"{result.subject} could not be checked ({broken}): mend the suite {suite.name} or its query.",
        )
    if judged.shown < judged.rows:
        result = replace(result, observed=f"{result.observed} in a sample of {judged.shown:,} out of {judged.rows:,}")
    return result if result.success else _explained(result, entry, _examples(suite, judged, entry, seen))


def _counted(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """A result whose count is a number: over no rows at all, SQL sums up to nothing."""
    return {**result, "unexpected_count": result["unexpected_count"] or 0} if "unexpected_count" in result else result


def _explained(result: Result, entry: Expectation, examples: Sequence[str]) -> Result:
    shown = f" (for instance {'; '.join(examples)})" if examples else ""
    return replace(
        result,
        message=f"Rule broken: {entry.why} Found {result.observed}{shown}, expected {result.expected} "
        f"({result.subject}). {entry.next}",
    )


def _not_compared(suite: Suite, question: _Asked) -> Result:
    entry = question.entry
    return Result(
        suite=suite.name,
        expectation=entry.name,
        subject=suite.subject(entry),
        severity=entry.severity,
        success=True,
        observed="not compared",
        expected=f"depends on {question.absent}, which no published run has yet",
        message=entry.why,
    )


def _failed_rows(entry: Expectation, result: Mapping[str, Any]) -> int | None:
    if "unexpected_count" in result:
        return int(result["unexpected_count"])
    seen = result.get("observed_value")
    counted = entry.type == "expect_column_max_to_be_between" and entry.kwargs.get("max_value") == 0
    return int(seen) if counted and seen is not None else None


def _examples(suite: Suite, judged: Judged, entry: Expectation, result: Mapping[str, Any]) -> list[str]:
    """Up to three keys of rows at fault: from the query's own list, else from the rows Great Expectations names."""
    if entry.column in judged.examples:
        return list(judged.examples[entry.column])[:_SHOWN]
    listed = [place for place in result.get("partial_unexpected_index_list") or () if suite.key]
    keys = (key for place in listed for key in _keys(place, suite.key))
    return [" ".join(str(part) for part in key) for key in islice(keys, _SHOWN)]


def _keys(place: Mapping[str, Any], key: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Great Expectations gives the keys of all rows as one entry of columns."""
    columns = [place[name] if isinstance(place[name], list) else [place[name]] for name in key]
    yield from zip(*columns, strict=True)


def _exception(info: Mapping[str, Any]) -> str:
    """Kind of the error that broke a check, empty when none did; its text may quote data and is left out."""
    details = [info] if "raised_exception" in info else list(info.values())
    traces = [str(detail["exception_traceback"]) for detail in details if detail["raised_exception"]]
    if not traces:
        return ""
    last_line = traces[0].strip().splitlines()[-1]
    match = re.match(r"[\w.]+", last_line)
    return match[0].rsplit(".", 1)[-1] if match else "unknown error"
