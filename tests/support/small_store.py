"""A small store that is consistent from files to golden profiles: five people in two systems, two orders.

The tables up to the clusters are drawn; ids, golden profiles, consent and events are made by the stages
themselves. `spoil` then breaks one thing.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identity.engine.duck import DuckEngine
from identity.runs.run import Run
from identity.runs.workspace import StageEntry, declared
from identity.stages import enrich, profile_ids, unify
from pictures import given, new_run

SHOP = "a" * 64
CRM = "b" * 64

RAW = {
    "raw_file": f"""
    path      | member | sha256 | source        | status  | rule    | reason      | bytes | lines | header_lines | rows | rejected_rows | rejected_lines | first_run
    shop.csv  | ''     | {SHOP} | shop_customer | landed  |         |             | 300   | 6     | 1            | 4    | 1             | 1              | 1
    crm.csv   | ''     | {CRM}  | crm_contact   | landed  |         |             | 200   | 4     | 1            | 3    | 0             | 0              | 1
    again.csv | ''     | {CRM}  | crm_contact   | seen    |         |             | 200   |       |              | 0    | 0             | 0              | 1
    """,
    "raw_rejected": f"""
    source        | path     | member | sha256 | row_number | line_from | line_to | rule       | detail                     | raw_text | first_run
    shop_customer | shop.csv | ''     | {SHOP} | 5          | 6         | 6       | ragged_row | more cells than the header | x,y,z    | 1
    """,
    "raw_column": """
    source        | column_name | mapped_to | files | filled | rows
    shop_customer | Email       | email     | 1     | 4      | 4
    shop_customer | Note        |           | 1     | 1      | 4
    crm_contact   | Phone       | phone     | 1     | 3      | 3
    """,
    "std_row_disposition": f"""
    source        | sha256 | row_number | disposition | source_pk
    shop_customer | {SHOP} | 1          | record      | 1
    shop_customer | {SHOP} | 2          | record      | 2
    shop_customer | {SHOP} | 3          | record      | 3
    shop_customer | {SHOP} | 4          | superseded  | 3
    crm_contact   | {CRM}  | 1          | record      | 11
    crm_contact   | {CRM}  | 2          | record      | 12
    crm_contact   | {CRM}  | 3          | record      | 13
    """,
}

STD = {
    "std_source_record": f"""
    source        | source_pk | system | record_hash | sha256 | row_number | delivered_run | source_updated_at | given_name | family_name | birth_date | birth_year | birth_month | birth_day | gender | company | email_raw       | email_norm      | phone_raw    | phone_e164   | country_iso2
    shop_customer | 1         | shop   | h1          | {SHOP} | 1          | 1             | 2024-01-01        | Ann        | Lee         | 1980-02-03 | 1980       | 2           | 3         | female |         | ann@example.com | ann@example.com |              |              | US
    shop_customer | 2         | shop   | h2          | {SHOP} | 2          | 1             | 2024-01-02        | Bob        | Ray         |            |            |             |           | male   |         | bob@example.com | bob@example.com |              |              | US
    shop_customer | 3         | shop   | h3          | {SHOP} | 3          | 1             | 2024-01-03        | Cy         | Fox         |            |            |             |           |        |         | box@example.com | box@example.com |              |              |
    crm_contact   | 11        | crm    | h4          | {CRM}  | 1          | 1             | 2024-02-01        | Ann        | Lee         |            | 1980       |             |           |        | Acme    | ann@example.com | ann@example.com | 212-555-0101 | +12125550101 | US
    crm_contact   | 12        | crm    | h5          | {CRM}  | 2          | 1             | 2024-02-02        | Dee        | Poe         |            |            |             |           |        |         |                 |                 | 212-555-0102 | +12125550102 | US
    crm_contact   | 13        | crm    | h6          | {CRM}  | 3          | 1             | 2024-02-03        | Eve        | Orr         |            |            |             |           |        |         |                 |                 | 212-555-0103 | +12125550103 |
    """,
    "std_name": """
    source        | source_pk | given_name | family_name
    shop_customer | 1         | Ann        | Lee
    shop_customer | 2         | Bob        | Ray
    shop_customer | 3         | Cy         | Fox
    crm_contact   | 11        | Ann        | Lee
    crm_contact   | 12        | Dee        | Poe
    crm_contact   | 13        | Eve        | Orr
    """,
    "std_identifier": """
    source        | source_pk | id_type     | id_value_norm   | is_blocked | block_reason
    shop_customer | 1         | email       | ann@example.com | false      |
    shop_customer | 2         | email       | bob@example.com | false      |
    shop_customer | 3         | email       | box@example.com | true       | many_names
    crm_contact   | 11        | email       | ann@example.com | false      |
    crm_contact   | 11        | phone       | +12125550101    | false      |
    crm_contact   | 11        | national_id | 900             | false      |
    crm_contact   | 12        | phone       | +12125550102    | false      |
    crm_contact   | 13        | phone       | +12125550103    | false      |
    """,
    "std_address": """
    source        | source_pk | line1       | city     | region | postal_code | country_iso2
    shop_customer | 1         | 1 Oak St    | Boston   | MA     | 02108       | US
    crm_contact   | 11        | 9 Elm Ave   | Chicago  | IL     | 60601       | US
    crm_contact   | 12        | 5 Hill Road | New York | NY     | 10001       | US
    """,
    "std_blocked_value": """
    id_type | id_value        | n_records | n_distinct_names | rule       | origin | since_run
    email   | box@example.com | 30        | 25               | many_names | auto   | 1
    """,
    "std_consent_event": """
    source        | source_pk | channel | contact         | status  | is_objection | effective_at
    shop_customer | 1         | email   | ann@example.com | granted | false        | 2024-01-01
    crm_contact   | 11        | sms     | +12125550101    | denied  | false        | 2024-01-01
    crm_contact   | 11        | sms     | +12125550101    | granted | false        | 2023-01-01
    crm_contact   | 12        | phone   | +12125550102    | denied  | true         |
    shop_customer | 2         | email   | bob@example.com | granted | false        | 2024-01-01
    """,
    "std_order": """
    source     | order_id | person_source | person_pk | order_at   | channel | currency | gross | discount | returned_revenue | canceled_revenue | net_revenue | total_charged
    shop_order | 1001     | shop_customer | 1         | 2024-03-01 | online  | USD      | 10.00 | 1.00     | 0                | 0                | 9.00        | 9.90
    shop_order | 1002     | shop_customer | 2         | 2024-03-02 | online  | USD      | 20.00 | 0        | 0                | 0                | 20.00       | 22.00
    shop_order | 1003     |               |           | 2024-03-03 | store   | USD      | 5.00  | 0        | 0                | 0                | 5.00        | 5.50
    """,
    "std_order_item": """
    source     | order_id | line_number | sku | quantity | gross | discount | net_revenue
    shop_order | 1001     | 1           | A   | 1        | 10.00 | 1.00     | 9.00
    shop_order | 1002     | 1           | B   | 2        | 20.00 | 0        | 20.00
    """,
    "std_touchpoint": """
    source     | source_pk | person_source | person_pk | occurred_at | channel | touch_type
    mail_click | t1        | shop_customer | 1         | 2024-03-05  | email   | email_clicked
    mail_open  | t2        |               |           | 2024-03-06  | email   | email_opened
    """,
    "std_ticket": """
    source      | ticket_id | person_source | person_pk | created_at | status | satisfaction
    desk_ticket | k1        | crm_contact   | 12        | 2024-04-01 | open   | good
    """,
}

MATCH = {
    "match_cluster_member": """
    source        | source_pk | cluster_id | link_method | link_score
    shop_customer | 1         | 2          | same_email  | 12
    crm_contact   | 11        | 2          | same_email  | 12
    crm_contact   | 12        | 0          | single      |
    crm_contact   | 13        | 1          | single      |
    shop_customer | 2         | 3          | single      |
    shop_customer | 3         | 4          | single      |
    """,
    "match_cluster": """
    cluster_id | n_records | n_sources | confidence | density
    0          | 1         | 1         | 1          |
    1          | 1         | 1         | 1          |
    2          | 2         | 2         | 0.99       | 1
    3          | 1         | 1         | 1          |
    4          | 1         | 1         | 1          |
    """,
    "match_candidate_pair": """
    source_a    | pk_a | source_b      | pk_b | blocking_rule | stage         | rule_id    | match_weight | match_probability | outcome
    crm_contact | 11   | shop_customer | 1    | email         | deterministic | same_email | 12           | 0.999             | link
    crm_contact | 12   | crm_contact   | 13   | surname       | fuzzy         |            | 0.2          | 0.53              | review
    """,
}

PUBLISHED = (
    "raw.file",
    "raw.column",
    "std.source_record",
    "identity.profile_xref",
    "identity.profile",
    "identity.profile_event",
    "identity.profile_alias",
    "ops.run_metric",
)


def small_store(folder: Path, **settings: Any) -> Run:
    """A first generation up to and with enrich, in a folder of its own."""
    run = new_run(folder, **settings)
    given(run, **RAW, **STD, **MATCH)
    _land(run, "shop_customer", SHOP, 4)
    _land(run, "crm_contact", CRM, 3)
    finish(run)
    return run


def finish(run: Run) -> None:
    """Ids, golden profiles and events from the drawn tables, by the stages themselves."""
    with run.open(*profile_ids.READS) as db:
        metrics = profile_ids.write(run, db)
    run.workspace.finish(StageEntry("resolve", seconds=0.1, metrics=metrics))
    run.workspace.finish(StageEntry("unify", seconds=0.1, metrics=unify.unify(run)))
    run.workspace.finish(StageEntry("enrich", seconds=0.1, metrics=enrich.enrich(run)))


def next_run(run: Run) -> Run:
    """The generation after `run`, as if it had been published: the same tables, its predecessor's as `prior`."""
    following = replace(run, run_id="next", number=run.number + 1)
    shutil.copytree(run.folder, following.folder)
    for name in PUBLISHED:
        source = run.workspace.path(name)
        if source.exists():
            shutil.copy(source, following.workspace.path(f"prior.{name.split('.')[1]}"))
    return following


def copy_of(run: Run, folder: Path) -> Run:
    """The same run in another place, to be spoiled there."""
    shutil.copytree(run.settings.state, folder / "warehouse.state")
    return replace(run, settings=run.settings.model_copy(update={"warehouse": folder / "warehouse.duckdb"}))


def spoil(run: Run, name: str, query: str) -> None:
    """Rewrite a table of the run by a query over it, named `t`; other tables of the run are named as ever."""
    table = declared(name)
    assert table is not None
    with DuckEngine(threads=1, memory_limit="1GB", temp=run.folder / "spill") as engine:
        engine.attach("t", run.workspace.files(name), table=table)
        engine.save_arrow(table, engine.query(query), run.workspace.path(name))


def _land(run: Run, source: str, digest: str, rows: int) -> None:
    path = run.landed_file(source, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = list(range(1, rows + 1))
    pq.write_table(
        pa.table(
            {
                "_sha256": [digest] * rows,
                "_row": numbers,
                "_line_from": [number + 1 for number in numbers],
                "_line_to": [number + 1 for number in numbers],
                "_hash": [f"{digest[:4]}{number}" for number in numbers],
                "email": [None] * rows,
            }
        ),
        path,
    )
