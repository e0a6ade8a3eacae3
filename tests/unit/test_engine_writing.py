"""How tables are written: by DuckDB from a query or by Arrow from rows, alike, and in the order of their key."""

import pyarrow as pa
import pytest

from support.tables import make_run

COLUMNS = (
    "source, order_id, line_number::bigint as line_number, product, quantity::decimal(18, 4) as quantity, "
    "net_revenue::decimal(18, 4) as net_revenue, profile_id"
)
# keys that never repeat and outgrow every dictionary, a value that often does, one with gaps and some that are no ASCII
LINES = """
    select
        'shop_' || n % 3 as source, 'order ' || n // 2 as order_id, n % 2 + 1 as line_number,
        if(n % 5 = 0, null, 'Größe ' || n % 7) as product, n / 8 as quantity, if(n % 4 = 0, null, n / 100) as net_revenue,
        if(n % 11 = 0, null, 'P' || n * 7919 % 12000) as profile_id
    from range(12000) as line(n)
"""


def written(folder, order, *, from_arrow=False):
    run = make_run(folder)
    with run.open() as db:
        query = f"select {COLUMNS} from ({LINES}) order by {order}"
        if from_arrow:
            db.save_arrow("gold.order_items", db.query(query))
        else:
            db.save("gold.order_items", query)
        return run.workspace.path("gold.order_items"), db.query("select * from gold.order_items")


def test_a_table_is_the_same_whether_a_query_or_arrow_rows_are_written(tmp_path):
    _, queried = written(tmp_path / "query", "hash(order_id)")
    _, arrow = written(tmp_path / "arrow", "hash(order_id)", from_arrow=True)
    assert queried.schema == arrow.schema
    assert queried.num_rows == 12_000
    assert queried == arrow
    keys = queried.select(["source", "order_id", "line_number"])
    assert keys == keys.sort_by([(name, "ascending") for name in keys.column_names])
    assert pa.types.is_decimal(queried.schema.field("net_revenue").type)


@pytest.mark.parametrize("from_arrow", [False, True])
def test_equal_content_is_equal_bytes_whatever_the_order_it_comes_in(tmp_path, from_arrow):
    one, _ = written(tmp_path / "one", "hash(order_id, line_number)", from_arrow=from_arrow)
    other, _ = written(tmp_path / "other", "product, quantity desc", from_arrow=from_arrow)
    assert one.read_bytes() == other.read_bytes()
