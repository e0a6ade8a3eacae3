"""SQL of a Splink model into the tree of splink_tree, by sqlglot; what is not understood is an error that says so."""

from collections.abc import Callable
from typing import cast

import sqlglot
from sqlglot import exp

from identity.errors import ConfigurationError
from identity.matching.splink_tree import (
    AllOf,
    Always,
    AnyOf,
    Arithmetic,
    Condition,
    Equal,
    Function,
    Holds,
    Missing,
    Number,
    OneSide,
    Order,
    Ordered,
    Overlap,
    Scalar,
    Side,
    Similarity,
)  # fmt: skip

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
ONE_SIDED_NAMES = frozenset({
    "array_length", "concat", "contains", "day", "ends_with", "epoch", "left", "len", "list_distinct",
    "list_reverse_sort", "list_sort", "lower", "lpad", "ltrim", "month", "nullif", "prefix", "regexp_extract",
    "regexp_matches", "regexp_replace", "replace", "reverse", "right", "rpad", "rtrim", "split_part", "starts_with",
    "strip_accents", "strptime", "substr", "substring", "suffix", "translate", "trim", "try_strptime", "upper", "year",
})  # fmt: skip
"""Functions by name (those sqlglot has no node for) that may be asked about one record."""
_ONE_SIDED: tuple[type[exp.Expr], ...] = (
    exp.Abs, exp.Add, exp.And, exp.Array, exp.ArraySize, exp.Between, exp.Boolean, exp.Bracket, exp.Case, exp.Cast,
    exp.Ceil, exp.Coalesce, exp.Column, exp.Concat, exp.ConcatWs, exp.Contains, exp.DataType, exp.Day, exp.Div,
    exp.DPipe, exp.EndsWith, exp.EQ, exp.Floor, exp.Greatest, exp.GT, exp.GTE, exp.Identifier, exp.If, exp.ILike,
    exp.In, exp.IntDiv, exp.Is, exp.Least, exp.Left, exp.Length, exp.Like, exp.Literal, exp.Lower, exp.LT, exp.LTE,
    exp.Mod, exp.Month, exp.Mul, exp.Neg, exp.NEQ, exp.Not, exp.Null, exp.Nullif, exp.Or, exp.Pad, exp.Paren,
    exp.RegexpExtract, exp.RegexpLike, exp.RegexpReplace, exp.Replace, exp.Reverse, exp.Right, exp.Round, exp.Slice,
    exp.SplitPart, exp.StartsWith, exp.StrPosition, exp.StrToTime, exp.Sub, exp.Substring, exp.TimeToUnix,
    exp.Translate, exp.Trim, exp.TryCast, exp.Upper, exp.Var, exp.Year,
)  # fmt: skip
"""What may stand in a value of one record: it looks at one row, and at nothing outside it."""


class NotUnderstood(ConfigurationError):
    """A condition of the model uses SQL that this engine does not evaluate; names where it stands."""


ColumnSide = Callable[[exp.Column], tuple[str, Side]]
_ORDERS: dict[type[exp.Expr], Order] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
_REVERSED: dict[Order, Order] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
_ARITHMETIC: dict[type[exp.Expr], str] = {
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


class _Parser:
    """Turns sqlglot's tree into ours; state is only the naming of columns."""

    def __init__(self, side_of: ColumnSide) -> None:
        self._side_of = side_of

    def condition(self, tree: exp.Expr, *, wanted: bool) -> Condition:
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
            both: exp.Expr = exp.and_(exp.GTE(this=tree.this, expression=tree.args["low"]),
                            exp.LTE(this=tree.this.copy(), expression=tree.args["high"]))  # fmt: skip
            return self.condition(both, wanted=wanted)
        if type(tree) in _ORDERS:
            return self._comparison(tree, wanted=wanted)
        raise _stumble(tree)

    @staticmethod
    def _flat(condition: Condition, conjunction: bool) -> tuple[Condition, ...]:  # noqa: FBT001 - which of two kinds
        kind = AllOf if conjunction else AnyOf
        return condition.parts if isinstance(condition, kind) else (condition,)

    def _of_one(self, tree: exp.Expr, *, wanted: bool) -> Condition:
        if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null):
            return Missing(self._one_side(tree.this), wanted)
        return Holds(self._one_side(tree), wanted)

    def _comparison(self, tree: exp.Expr, *, wanted: bool) -> Condition:
        order = _ORDERS[type(tree)]
        order = order if wanted else _REVERSED[order]
        one, other = self._scalar(tree.this), self._scalar(tree.expression)
        if isinstance(one, OneSide) and isinstance(other, OneSide) and order in ("=", "<>"):
            left, right = (one, other) if one.side == "l" else (other, one)
            return Equal(left, right, order == "=")
        if isinstance(one, Number) and isinstance(other, Number):
            return Always(_compare_numbers(order, one.value, other.value))
        return Ordered(order, one, other)

    def _scalar(self, tree: exp.Expr) -> Scalar:
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
                    return Overlap(left, right, self._one_side(_arguments(inner)[0].unnest()).side)
        if isinstance(tree, exp.DateDiff) and str(tree.args.get("unit") or "day").lower() == "day":
            return Arithmetic("-", (self._day(tree.this), self._day(tree.expression)))
        if type(tree) in _ARITHMETIC:
            return Arithmetic(_ARITHMETIC[type(tree)], tuple(self._scalar(child) for child in _arguments(tree)))
        raise _stumble(tree)

    def _day(self, tree: exp.Expr) -> Scalar:
        """Days since 1970 of a date."""
        day = exp.Cast(this=tree.copy(), to=exp.DataType.build("date"))
        return self._scalar(exp.Div(this=exp.TimeToUnix(this=day), expression=exp.Literal.number(86400)))

    def _two_sides(self, tree: exp.Expr) -> tuple[OneSide, OneSide]:
        found = [self._scalar(child) for child in _arguments(tree)]
        match found:
            case [OneSide() as one, OneSide() as other] if {one.side, other.side} == {"l", "r"}:
                return (one, other) if one.side == "l" else (other, one)
        raise _stumble(tree)

    def _sides(self, tree: exp.Expr) -> set[Side]:
        return {self._side_of(column)[1] for column in tree.find_all(exp.Column)}

    def _one_side(self, tree: exp.Expr) -> OneSide:
        """SQL over plain column names; only functions known to be harmless and to look at one row."""
        for node in tree.walk():
            named = isinstance(node, exp.Anonymous) and node.name.lower() in ONE_SIDED_NAMES
            if not named and not isinstance(node, _ONE_SIDED):
                raise _stumble(node)
        side = next(iter(self._sides(tree)))
        columns: list[str] = []

        def plain(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            name = self._side_of(node)[0].lower()
            columns.append(name)
            return exp.column(name, quoted=True)

        rewritten = tree.copy().transform(plain)
        bare = isinstance(rewritten, exp.Column)
        return OneSide(rewritten.sql("duckdb"), tuple(sorted(set(columns))), bare, side)


def _name_of(tree: exp.Expr) -> str:
    name = tree.name if isinstance(tree, exp.Anonymous) else tree.key
    return str(name).lower().replace("_", "")


def _arguments(tree: exp.Expr) -> list[exp.Expr]:
    if isinstance(tree, exp.Anonymous):
        return list(tree.expressions)
    first = [tree.this] if tree.this is not None else []
    second = [tree.args["expression"]] if tree.args.get("expression") is not None else []
    return [*first, *second, *tree.expressions]


def _constant(tree: exp.Expr) -> float:
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


def _stumble(tree: exp.Expr) -> NotUnderstood:
    return NotUnderstood(f"{type(tree).__name__} is not understood in: {tree.sql('duckdb')}")
