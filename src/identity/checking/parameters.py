"""The parameters of suites: settings, the run's year, ISO countries and figures of the last published run.

A suite writes `{"$PARAMETER": "gate.max_reject_rate"}`, `{"$PARAMETER": "previous.check.profiles"}` or
`{"$PARAMETER": "previous.check.fill_rate:email"}`. A figure no published run has yet leaves its expectation
out of the first run.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from identity.runs.run import Run

_MARK = "$PARAMETER"
_PREVIOUS = "previous."


class Absent(Exception):
    """A figure of the last published run that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def suite_parameters(run: Run, previous: Iterable[tuple[str, str, str, float]]) -> dict[str, Any]:
    """Values by name; `previous` are stage, name, label and value of the last published run's figures."""
    values: dict[str, Any] = {"run.year": run.as_of.year, "countries": list(countries())}
    for group in ("gate", "resolve", "matching", "limits"):
        settings = getattr(run.settings, group).model_dump()
        values |= {f"{group}.{name}": value for name, value in settings.items()}
    for stage, name, label, value in previous:
        values[f"{_PREVIOUS}{stage}.{name}" + (f":{label}" if label else "")] = value
    return values


@cache
def countries() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes, and XK, which mail and phone plans use for Kosovo."""
    import pycountry

    return (*sorted(country.alpha_2 for country in pycountry.countries), "XK")


def resolve(value: Any, parameters: Mapping[str, Any]) -> Any:
    """`value` with every parameter filled in.

    Raises Absent for a figure of an earlier run that is not there, KeyError for an unknown name.
    """
    if isinstance(value, Mapping):
        if set(value) == {_MARK}:
            return _lookup(str(value[_MARK]), parameters)
        return {key: resolve(inner, parameters) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(inner, parameters) for inner in value]
    return value


def _lookup(name: str, parameters: Mapping[str, Any]) -> Any:
    if name not in parameters and name.startswith(_PREVIOUS):
        raise Absent(name)
    return parameters[name]
