"""Conditions of a Splink model as a small tree: what concerns one record, and what compares two.

A part of a condition that speaks of one record only (`substr(dob_l, 1, 4)`, `length(first_name_l) = 1`) stays SQL, of
checked functions only, and is evaluated once per distinct value. What compares two records is one of few nodes,
evaluated on arrays of codes and numbers. There is no negation: it is pushed down to the leaves (splink_parse), so that
"is true" of every node is "is true" of its parts, and a comparison with a missing value is simply not true
(three-valued logic of SQL).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Side = Literal["l", "r"]
Order = Literal["<", "<=", ">", ">=", "=", "<>"]
Function = Literal["jaro_winkler", "jaro", "levenshtein", "damerau_levenshtein"]


@dataclass(frozen=True)
class OneSide:
    """A value of one record: SQL over its `columns`; `bare` when it is a column as it stands."""

    sql: str
    columns: tuple[str, ...]
    bare: bool
    side: Side = field(compare=False)


@dataclass(frozen=True)
class Similarity:
    """A similarity or distance of two texts."""

    function: Function
    left: OneSide
    right: OneSide


@dataclass(frozen=True)
class Overlap:
    """How many elements two arrays share; null where the one named `first` is (DuckDB takes the other as empty)."""

    left: OneSide
    right: OneSide
    first: Side


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True)
class Arithmetic:
    """`+ - * /`, `abs`, `greatest`, `least` or `coalesce` of numbers."""

    function: str
    parts: tuple["Scalar", ...]


Scalar = OneSide | Similarity | Overlap | Number | Arithmetic


@dataclass(frozen=True)
class Always:
    """True or false of every pair."""

    value: bool


@dataclass(frozen=True)
class Holds:
    """A condition on one record; `wanted` is the answer it must give."""

    of: OneSide
    wanted: bool


@dataclass(frozen=True)
class Missing:
    """A value of one record is null (or not, `wanted` false)."""

    of: OneSide
    wanted: bool


@dataclass(frozen=True)
class Equal:
    """Two values are equal (or differ, `wanted` false)."""

    left: OneSide
    right: OneSide
    wanted: bool


@dataclass(frozen=True)
class Ordered:
    """Two numbers stand in an order."""

    order: Order
    one: Scalar
    other: Scalar


@dataclass(frozen=True)
class AllOf:
    """Every part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """Some part is true."""

    parts: tuple["Condition", ...]


Condition = Always | Holds | Missing | Equal | Ordered | AllOf | AnyOf


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The parts that must all hold."""
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def scalars(condition: Condition | Scalar) -> Iterator[Scalar]:
    """Every value that a condition needs, inner ones included."""
    children: tuple[Any, ...] = ()
    match condition:
        case AllOf(parts) | AnyOf(parts) | Arithmetic(_, parts):
            children = parts
        case Holds(of, _) | Missing(of, _):
            children = (of,)
        case Equal(left, right, _) | Similarity(_, left, right) | Overlap(left, right, _):
            children = (left, right)
        case Ordered(_, one, other):
            children = (one, other)
    if isinstance(condition, OneSide | Similarity | Overlap | Number | Arithmetic):
        yield condition
    for child in children:
        yield from scalars(child)
