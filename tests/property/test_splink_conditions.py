"""The evaluation of a Splink model's conditions equals a slow obvious oracle: DuckDB asked pair by pair."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from identity.matching.splink_blocking import blocks_of, pairs_of, tasks
from identity.matching.splink_columns import Columns
from identity.matching.splink_conditions import Chunk, is_true, prepare
from identity.matching.splink_json import load_splink_model
from identity.matching.splink_parse import level_column, parse_condition

texts = st.one_of(
    st.none(),
    st.sampled_from(["", "a", "ann", "anna", "anne", "nana", "müller", "muller", "mulelr", "2001-02-03", "2001-03-02"]),
    st.text("abé1 ", max_size=6),
)
records = st.lists(
    st.fixed_dictionaries(
        {
            "a": texts,
            "b": texts,
            "n": st.one_of(st.none(), st.integers(-3, 3)),
            "t": st.one_of(st.none(), st.lists(st.sampled_from("xyz"), max_size=3)),
        }
    ),
    min_size=1,
    max_size=6,
)
LEFT = (
    "a_l",
    "b_l",
    "lower(a_l)",
    "substr(a_l, 1, 2)",
    "coalesce(b_l, '')",
    "nullif(regexp_extract(a_l, '^[^n]+', 0), '')",
)
RIGHT = ("a_r", "b_r", "upper(a_r)", "substr(b_r, 1, 2)", "coalesce(a_r, 'a')", "a_r || b_r")
NUMBERS = (
    "abs(n_l - n_r)", "n_l + 2 * n_r", "greatest(n_l, n_r)", "least(length(a_l), n_r)", "coalesce(n_l, n_r, 1)",
    "n_l / n_r", "abs(epoch(try_strptime(a_l, '%Y-%m-%d')) - epoch(try_strptime(a_r, '%Y-%m-%d'))) / 86400",
    "array_length(list_intersect(t_l, t_r))", "array_length(list_intersect(t_r, t_l))", "levenshtein(a_l, b_r)", "jaro_similarity(a_l, b_r) - n_l",
)  # fmt: skip
ORDERS = ("<", "<=", ">", ">=", "=", "<>")
MEASURES = ("jaro_winkler_similarity", "jaro_similarity", "levenshtein", "damerau_levenshtein")


def measured(function: str, left: str, right: str, order: str, similar: float, edits: int) -> str:
    return f"{function}({left}, {right}) {order} {similar if function.startswith('jaro') else edits}"


atoms = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(LEFT), st.sampled_from(["=", "<>"]), st.sampled_from(RIGHT)),
    st.builds("{} is null".format, st.sampled_from(LEFT + RIGHT + ("t_l", "n_r"))),
    st.builds("length({}) = {}".format, st.sampled_from(LEFT + RIGHT), st.integers(0, 3)),
    st.builds(
        measured,
        st.sampled_from(MEASURES),
        st.sampled_from(LEFT),
        st.sampled_from(RIGHT),
        st.sampled_from(ORDERS[:4]),
        st.sampled_from([0.0, 0.5, 0.7, 0.8, 0.88, 0.92, 1.0]),
        st.integers(0, 3),
    ),
    st.builds("{} {} {}".format, st.sampled_from(NUMBERS), st.sampled_from(ORDERS), st.integers(-2, 3)),
    st.builds("n_l between {} and n_r".format, st.integers(-1, 1)),
    st.sampled_from(["a_l in ('ann', 'a')", "a_r like 'a%'", "true"]),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)
ORACLE = duckdb.connect(config={"threads": 1})
SCHEMA = pa.schema([("a", pa.string()), ("b", pa.string()), ("n", pa.int64()), ("t", pa.list_(pa.string()))])


def answers_of_duckdb(table: pa.Table, condition: str) -> list[bool]:
    """Every ordered pair, the left record first."""
    sides = {side: ", ".join(f"{name} as {name}_{side}" for name in table.column_names) for side in "lr"}
    numbered = table.append_column("i", pa.array(range(table.num_rows)))
    with ORACLE.cursor() as database:
        database.register("records", numbered)
        rows = database.execute(
            f"select coalesce({condition}, false) from (select i as i_l, {sides['l']} from records) "
            f"cross join (select i as i_r, {sides['r']} from records) order by i_l, i_r"
        ).fetchall()
    return [bool(row[0]) for row in rows]


@given(records, conditions)
def test_a_condition_is_true_of_the_pairs_of_which_duckdb_says_so(people: list[dict[str, object]], sql: str) -> None:
    table = pa.Table.from_pylist(people, schema=SCHEMA)
    tree = parse_condition(sql, "duckdb", level_column)
    left, right = (part.ravel().astype(np.int32) for part in np.indices((len(people), len(people))))
    with ThreadPoolExecutor(1) as pool, closing(Columns(table, None, 1)) as columns:
        found = is_true(tree, prepare([tree], columns, pool), Chunk(left, right))
    assert found.tolist() == answers_of_duckdb(table, sql)


rules = st.lists(
    st.sampled_from(
        [
            "l.a = r.a", "l.b = r.b and l.a = r.a", "l.a = r.b", "substr(l.a, 1, 1) = substr(r.a, 1, 1)",
            "l.a = r.a and levenshtein(l.b, r.b) <= 1", "l.a = r.b and l.b = r.a", "l.n = r.n or l.a = r.a",
        ]
    ),
    min_size=1,
    max_size=4,
    unique=True,
)  # fmt: skip


@given(records, rules, st.integers(1, 5))
def test_every_pair_of_the_rules_comes_once_under_its_first_rule(
    people: list[dict[str, object]], sqls: list[str], most: int
) -> None:
    table = pa.Table.from_pylist(people, schema=SCHEMA)
    model = load_splink_model({"comparisons": [], "blocking_rules_to_generate_predictions": sqls})
    found = []
    with ThreadPoolExecutor(1) as pool, closing(Columns(table, None, 1)) as columns:
        ready = prepare([part for rule in model.rules for part in rule.rest], columns, pool)
        blocks = [blocks_of(number, rule, columns) for number, rule in enumerate(model.rules)]
        for block in blocks:
            for task in tasks(block, most):
                chunk = pairs_of(task, model.rules, blocks, ready)
                found += [(int(a), int(b), block.rule) for a, b in zip(chunk.left, chunk.right, strict=True)]
    size = len(people)
    expected: dict[tuple[int, int], int] = {}
    for number, sql in enumerate(sqls):
        suffixed = sql
        for name in SCHEMA.names:
            suffixed = suffixed.replace(f"l.{name}", f"{name}_l").replace(f"r.{name}", f"{name}_r")
        for at, holds in enumerate(answers_of_duckdb(table, suffixed)):
            if holds and at // size < at % size:
                expected.setdefault((at // size, at % size), number)
    assert sorted(found) == sorted((*pair, number) for pair, number in expected.items())
