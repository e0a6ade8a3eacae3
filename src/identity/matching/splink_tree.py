"""Conditions of a Splink model as a small tree: what concerns one record, and what compares two.

A part of a condition that speaks of one record only (`substr(dob_l, 1, 4)`, `length(first_name_l) = 1`) stays SQL, of
checked functions only, and is evaluated once per distinct value. What compares two records is one of few nodes,
evaluated on arrays of codes and numbers. Negations are pushed down to the leaves, so that "is true" of every node is
"is true" of its parts, and a comparison with a missing value is simply not true (three-valued logic of SQL).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import sqlglot
from sqlglot import exp

from identity.errors import ConfigurationError

Side = Literal["l", "r"]
Order = Literal["<", "<=", ">", ">=", "=", "<>"]
Function = Literal["jaro_winkler", "jaro", "levenshtein", "damerau_levenshtein"]

SIMILARITIES: dict[str, Function] = {
    "jarowinklersimilarity": "jaro_winkler",
    "jarowinkler": "jaro_winkler",
    "jarosimilarity": "jaro",
    "jarosim": "jaro",
    "levenshtein": "levenshtein",
    "dameraulevenshtein": "damerau_levenshtein",
}
"""Functions of DuckDB and Spark by name, without underscores (sqlglot has nodes for some and names for others)."""
INTERSECTIONS = ("listintersect", "arrayintersect")
LENGTHS = ("arraylength", "len", "listlength", "length", "arraysize")
ONE_SIDED_NAMES = frozenset(
    "try_strptime strptime epoch strip_accents list_sort list_distinct list_reverse_sort array_length len year month "
    "day nullif regexp_extract regexp_replace regexp_matches upper lower trim ltrim rtrim replace reverse left right "
    "substring substr concat contains starts_with prefix suffix ends_with split_part lpad rpad translate".split()
)
"""Functions by name (those sqlglot has no node for) that may be asked about one record."""
_ONE_SIDED: tuple[type[exp.Expression], ...] = tuple(
    getattr(exp, name)
    for name in (
        "Column Identifier Literal Boolean Null Paren Cast TryCast DataType And Or Not EQ NEQ LT LTE GT GTE Is In "
        "Between Like ILike Length Lower Upper Trim Substring Left Right Concat ConcatWs DPipe Coalesce Nullif "
        "RegexpExtract RegexpReplace RegexpLike Replace Case If Abs Add Sub Mul Div IntDiv Mod Neg Round Floor Ceil "
        "TimeToUnix StrToTime Year Month Day Greatest Least ArraySize Bracket Slice Reverse StrPosition SplitPart "
        "StartsWith EndsWith Contains Array Pad Var Translate"
    ).split()
    if hasattr(exp, name)
)


class NotUnderstood(ConfigurationError):
    """A condition of the model uses SQL that this engine does not evaluate; names where it stands."""


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
    """How many elements two arrays share."""

    left: OneSide
    right: OneSide


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
ColumnSide = Callable[[exp.Column], tuple[str, Side]]
_ORDERS: dict[type[exp.Expression], Order] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
_REVERSED: dict[Order, Order] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
_ARITHMETIC: dict[type[exp.Expression], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Abs: "abs",
    exp.Neg: "neg",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Coalesce: "coalesce",
}


def parse_condition(sql: str, dialect: str, side_of: ColumnSide) -> Condition:
    """The tree of a condition; raises NotUnderstood (with the part it stumbles over) for anything else.

    `side_of` says of a column which record it belongs to and what it is called in the table.
    """
    try:
        tree = sqlglot.parse_one(sql, read=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise NotUnderstood("this is no SQL condition") from error
    return _Parser(side_of).condition(tree, wanted=True)


def level_column(column: exp.Column) -> tuple[str, Side]:
    """`name_l` of a comparison level."""
    name = column.name
    side = name[-2:].lower()
    if side not in ("_l", "_r") or column.table:
        raise NotUnderstood(f"column {name} ends neither in _l nor in _r")
    return name[:-2], cast(Side, side[1])


def rule_column(column: exp.Column) -> tuple[str, Side]:
    """`l.name` of a blocking rule."""
    side = column.table.lower()
    if side not in ("l", "r"):
        raise NotUnderstood(f"column {column.name} belongs neither to l nor to r")
    return column.name, cast(Side, side)


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
        case Equal(left, right, _) | Similarity(_, left, right) | Overlap(left, right):
            children = (left, right)
        case Ordered(_, one, other):
            children = (one, other)
    if isinstance(condition, OneSide | Similarity | Overlap | Number | Arithmetic):
        yield condition
    for child in children:
        yield from scalars(child)


class _Parser:
    """Turns sqlglot's tree into ours; state is only the naming of columns."""

    def __init__(self, side_of: ColumnSide) -> None:
        self._side_of = side_of

    def condition(self, tree: exp.Expression, *, wanted: bool) -> Condition:
        tree = tree.unnest()
        match tree:
            case exp.Not():
                return self.condition(tree.this, wanted=not wanted)
            case exp.And() | exp.Or():
                parts = tuple(
                    part
                    for child in (tree.left, tree.right)
                    for part in self._flat(self.condition(child, wanted=wanted), isinstance(tree, exp.And) == wanted)
                )
                return AllOf(parts) if isinstance(tree, exp.And) == wanted else AnyOf(parts)
            case exp.Boolean():
                return Always(bool(tree.this) == wanted)
        if self._sides(tree) in ({"l"}, {"r"}):
            return self._of_one(tree, wanted=wanted)
        if isinstance(tree, exp.Between):
            both = exp.and_(exp.GTE(this=tree.this, expression=tree.args["low"]),
                            exp.LTE(this=tree.this.copy(), expression=tree.args["high"]))  # fmt: skip
            return self.condition(both, wanted=wanted)
        if type(tree) in _ORDERS:
            return self._comparison(tree, wanted=wanted)
        raise _stumble(tree)

    @staticmethod
    def _flat(condition: Condition, conjunction: bool) -> tuple[Condition, ...]:  # noqa: FBT001 - which of two kinds
        kind = AllOf if conjunction else AnyOf
        return condition.parts if isinstance(condition, kind) else (condition,)

    def _of_one(self, tree: exp.Expression, *, wanted: bool) -> Condition:
        if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null):
            return Missing(self._one_side(tree.this), wanted)
        return Holds(self._one_side(tree), wanted)

    def _comparison(self, tree: exp.Expression, *, wanted: bool) -> Condition:
        order = _ORDERS[type(tree)]
        order = order if wanted else _REVERSED[order]
        one, other = self._scalar(tree.this), self._scalar(tree.expression)
        if isinstance(one, OneSide) and isinstance(other, OneSide) and order in ("=", "<>"):
            left, right = (one, other) if one.side == "l" else (other, one)
            return Equal(left, right, order == "=")
        if isinstance(one, Number) and isinstance(other, Number):
            return Always(_compare_numbers(order, one.value, other.value))
        return Ordered(order, one, other)

    def _scalar(self, tree: exp.Expression) -> Scalar:
        tree = tree.unnest()
        sides = self._sides(tree)
        if not sides:
            return Number(_constant(tree))
        if len(sides) == 1:
            return self._one_side(tree)
        name = _name_of(tree)
        if name in SIMILARITIES:
            left, right = self._two_sides(tree)
            return Similarity(SIMILARITIES[name], left, right)
        if name in LENGTHS:
            inner = (tree.this if not isinstance(tree, exp.Anonymous) else tree.expressions[0]).unnest()
            if _name_of(inner) in INTERSECTIONS:
                left, right = self._two_sides(inner)
                if left == right and left.bare:
                    return Overlap(left, right)
        if isinstance(tree, exp.DateDiff) and str(tree.args.get("unit") or "day").lower() == "day":
            return Arithmetic("-", (self._day(tree.this), self._day(tree.expression)))
        if type(tree) in _ARITHMETIC:
            return Arithmetic(_ARITHMETIC[type(tree)], tuple(self._scalar(child) for child in _arguments(tree)))
        raise _stumble(tree)

    def _day(self, tree: exp.Expression) -> Scalar:
        """Days since 1970 of a date."""
        day = exp.Cast(this=tree.copy(), to=exp.DataType.build("date"))
        return self._scalar(exp.Div(this=exp.TimeToUnix(this=day), expression=exp.Literal.number(86400)))

    def _two_sides(self, tree: exp.Expression) -> tuple[OneSide, OneSide]:
        found = [self._scalar(child) for child in _arguments(tree)]
        match found:
            case [OneSide() as one, OneSide() as other] if {one.side, other.side} == {"l", "r"}:
                return (one, other) if one.side == "l" else (other, one)
        raise _stumble(tree)

    def _sides(self, tree: exp.Expression) -> set[Side]:
        return {self._side_of(column)[1] for column in tree.find_all(exp.Column)}

    def _one_side(self, tree: exp.Expression) -> OneSide:
        """SQL over plain column names; only functions known to be harmless and to look at one row."""
        for node in tree.walk():
            named = isinstance(node, exp.Anonymous) and node.name.lower() in ONE_SIDED_NAMES
            if not named and not isinstance(node, _ONE_SIDED):
                raise _stumble(cast(exp.Expression, node))
        side = next(iter(self._sides(tree)))
        columns: list[str] = []

        def plain(node: exp.Expression) -> exp.Expression:
            if not isinstance(node, exp.Column):
                return node
            name = self._side_of(node)[0].lower()
            columns.append(name)
            return exp.column(name, quoted=True)

        rewritten = tree.copy().transform(plain)
        bare = isinstance(rewritten, exp.Column)
        return OneSide(rewritten.sql("duckdb"), tuple(sorted(set(columns))), bare, side)


def _name_of(tree: exp.Expression) -> str:
    name = tree.name if isinstance(tree, exp.Anonymous) else tree.key
    return str(name).lower().replace("_", "")


def _arguments(tree: exp.Expression) -> list[exp.Expression]:
    if isinstance(tree, exp.Anonymous):
        return list(tree.expressions)
    first = [tree.this] if tree.this is not None else []
    second = [tree.args["expression"]] if tree.args.get("expression") is not None else []
    return [*first, *second, *tree.expressions]


def _constant(tree: exp.Expression) -> float:
    sign = 1.0
    while isinstance(tree, exp.Neg | exp.Cast | exp.Paren):
        sign = -sign if isinstance(tree, exp.Neg) else sign
        tree = tree.this
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return sign * float(tree.this)
    raise _stumble(tree)


def _compare_numbers(order: Order, one: float, other: float) -> bool:
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other,
            "=": one == other, "<>": one != other}[order]  # fmt: skip


def _stumble(tree: exp.Expression) -> NotUnderstood:
    return NotUnderstood(f"{type(tree).__name__} is not understood in: {tree.sql('duckdb')}")
