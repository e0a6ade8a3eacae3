"""A whole run's tables, invented in SQL: so many people over five systems, with doubts, conflicts and rejects.

Same numbers in, same rows out.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from identity.engine.duck import DuckEngine
from identity.runs.run import Run
from identity.runs.workspace import StageEntry, declared
from identity.tables import Column

SECONDS = {
    "land": 3.2,
    "standardise": 6.1,
    "link": 11.4,
    "resolve": 2.3,
    "unify": 3.9,
    "enrich": 2.0,
    "check": 4.4,
    "publish": 1.7,
}

_PEOPLE = """
    create table people as
    select
        i as person, 1 + (hash(i, 1) % 100 < 55)::int + (hash(i, 2) % 100 < 30)::int + (hash(i, 3) % 100 < 12)::int
            + (hash(i, 4) % 100 < 4)::int * 3 as n,
        ['Maria', 'James', 'Linh', 'Olu', 'Sofia', 'Hans', 'Aiko', 'Peter'][1 + (hash(i, 5) % 8)::int] as given_name,
        ['Garcia', 'Smith', 'Nguyen', 'Okafor', 'Rossi', 'Meyer', 'Sato', 'Novak'][1 + (hash(i, 6) % 8)::int] || (i % 997) as family_name,
        date '1950-01-01' + (hash(i, 7) % 18000)::int as birth_date,
        'person' || i || '@' || ['example.com', 'example.org', 'mail.example'][1 + (hash(i, 8) % 3)::int] as email,
        '+1415' || lpad((5550000 + hash(i, 9) % 9999)::varchar, 7, '0') as phone,
        (1 + hash(i, 10) % 900)::varchar as house_number, ['Oak Street', 'Hill Road', 'Lake Avenue'][1 + (hash(i, 11) % 3)::int] as street,
        lpad((10000 + hash(i, 12) % 80000)::varchar, 5, '0') as postal_code
    from range({people}) as t(i)
"""
_RECORDS = """
    create table records as
    select p.*, k, 'r' || lpad((person * 8 + k)::varchar, 9, '0') as source_pk,
        ['shopify_customer', 'klaviyo_profile', 'square_customer', 'salesforce_contact', 'zendesk_user'][1 + (hash(person, k, 20) % 5)::int] as source,
        hash(person, k, 21) % 100 < 70 as has_email, hash(person, k, 22) % 100 < 45 as has_phone, hash(person, k, 23) % 100 < 40 as has_address,
        hash(person, k, 24) % 100 < 25 as has_birth, 'p' || lpad(person::varchar, 10, '0') as profile_id,
        timestamp '2024-01-01' + interval 1 hour * (hash(person, k, 25) % 17000)::int as changed
    from people as p, unnest(range(n)) as u(k)
"""
_TABLES: dict[str, str] = {
    "raw.file": """
        select path, '' as member, sha256(path) as sha256, source, status, rule, reason, 1000 as bytes, rows + 1 as lines,
            1 as header_lines, rows, rejected_rows, rejected_rows as rejected_lines, 'utf-8' as encoding, ',' as delimiter, 1 as first_run
        from (select source || '_export.csv' as path, source, 'landed' as status, null as rule, null as reason, count(*) as rows,
                (count(*) * 0.012)::bigint as rejected_rows from records group by source
            union all select 'old/loyalty.xls', null, 'refused', 'unknown_format', 'Not a format we read; export it as CSV.', null, null)
    """,
    "raw.rejected": """
        select source, source || '_export.csv' as path, '' as member, sha256(source || '_export.csv') as sha256, 100 + i as row_number,
            101 + i as line_from, 101 + i as line_to, case when i % 3 = 0 then 'ragged_row' else 'unclosed_quote' end as rule,
            case when i % 3 = 0 then 'The row has more cells than the header; export again with quoting.' else 'A quote opens and never closes; look for a stray quotation mark.' end as detail,
            'secret raw text' as raw_text, 1 as first_run
        from (select distinct source from records), range(greatest(3, {people} // 900)) as t(i)
    """,
    "raw.column": """
        select source, c as column_name, case when c = 'Internal note' then null else lower(c) end as mapped_to, 1 as files, n as filled, n as rows
        from (select source, count(*) as n from records group by source), unnest(['Email', 'Phone', 'Internal note']) as u(c)
    """,
    "std.row_disposition": """
        select source, sha256(source || '_export.csv') as sha256, row_number() over (partition by source order by source_pk) as row_number,
            case when hash(source_pk, 30) % 100 < 95 then 'record' when hash(source_pk, 30) % 100 < 98 then 'superseded' else 'duplicate' end as disposition, source_pk
        from records
    """,
    "std.source_record": """
        select source, source_pk, split_part(source, '_', 1) as system, sha256(source_pk) as record_hash, changed as source_updated_at,
            case when hash(person, k, 40) % 100 < 6 then left(given_name, 3) else given_name end as given_name, family_name,
            given_name || ' ' || family_name as full_name, case when has_birth then birth_date end as birth_date,
            case when has_email then email end as email_norm, case when has_phone then phone end as phone_e164,
            case when has_address then house_number end as house_number, case when has_address then street end as street,
            case when has_address then 'Springfield' end as city, case when has_address then postal_code end as postal_code, 'US' as country_iso2,
            source_pk = 'r000000008' as is_test, false as is_staff, true as has_identity
        from records
    """,
    "std.name": """
        select source, source_pk, 0 as position, given_name, family_name,
            lower(case when hash(person, k, 40) % 100 < 6 then left(given_name, 3) else given_name end) as given_key, lower(family_name) as family_key, true as is_person
        from records
    """,
    "std.identifier": """
        select source, source_pk, 'email' as id_type, email as id_value_norm, email as id_match_key, 0 as position, true as is_valid, false as is_blocked from records where has_email
        union all select source, source_pk, 'phone', phone, phone, 0, true, false from records where has_phone
        union all select source, source_pk, 'loyalty_id', 'L' || (person * 7), 'L' || (person * 7), 0, true, false from records where k = 2
    """,
    "std.address": """
        select source, source_pk, 0 as position, 'mailing' as kind, house_number, street, lower(street) as street_key, 'Springfield' as city,
            'springfield' as city_key, postal_code, postal_code as postal_key, 'US' as country_iso2
        from records where has_address
    """,
    "std.blocked_value": """
        select * from (values ('email', 'store@example.com', 4210, 3900, 'distinct_names', 'auto'), ('phone', '+14155550100', 811, 640, 'distinct_names', 'auto'),
            ('email', 'noreply@example.com', 12, 9, 'placeholder', 'global'), ('phone', '+10000000000', 0, 0, 'placeholder', 'global'))
            as t(id_type, id_value, n_records, n_distinct_names, rule, origin)
    """,
    "match.blocking_rule": """
        select * from (values ('same_email', {people}, {people}, {people} // 2, 12, 0, 0, 0), ('same_phone', {people} // 2, {people} // 4, {people} // 3, 40, 2, 0, 0),
            ('name_and_postcode', {people} * 2, {people}, {people} // 4, 900, 5, 1, 400000), ('loyalty_id', {people} // 9, 0, {people} // 9, 2, 0, 0, 0))
            as t(rule, pairs, new_pairs, blocks, largest_block, refined_blocks, skipped_blocks, skipped_pairs)
    """,
    "match.vector": """
        select field, level, shift, 2 as bits, ['missing', 'differs', 'similar', 'the same'][level + 1] as label, 0.5 as m, 0.1 as u,
            [0.0, -4.5 + shift / 4, 2.5, 9.0 - shift / 2][level + 1] as weight, 'em' as origin
        from (values ('given_name', 0), ('family_name', 2), ('email', 4), ('phone', 6), ('birth_date', 8), ('address', 10)) as f(field, shift), range(4) as l(level)
    """,
    "match.model": """
        select 'm' || left(md5('x'), 12) as model_version, '{{}}' as parameters, 9 as em_iterations, true as em_converged, 0.0001 as prior_match_probability, {people} * 4 as pairs_scored
    """,
    "match.candidate_pair": """
        with pairs as (
            select a.source as source_a, a.source_pk as pk_a, b.source as source_b, b.source_pk as pk_b, a.person = b.person as same, hash(a.source_pk, b.source_pk) as h,
                a.has_email and b.has_email as emails, a.given_name = b.given_name as givens
            from records as a join records as b on a.person = b.person and a.k < b.k
            union all
            select a.source, a.source_pk, b.source, b.source_pk, false, hash(a.source_pk, b.source_pk), false, a.given_name = b.given_name
            from records as a join records as b on b.person = a.person + 1 and a.k = 0 and b.k = 0 where hash(a.person, 60) % 100 < 9
        ),
        scored as (
            select *, case when same then 6 + (h % 1700) / 100.0 + (h // 1700 % 500) / 100.0 else -0.5 + (h % 500) / 100.0 end as w from pairs
        )
        select source_a, pk_a, source_b, pk_b, 'same_email' as blocking_rule, case when same and emails then 'deterministic' else 'fuzzy' end as stage,
            case when same and emails then case when h % 3 = 0 then 'same_email_and_name' else 'same_email' end end as rule_id, w as match_weight,
            1 / (1 + 2 ** -w) as match_probability, (h % 4096)::bigint as comparison_vector,
            case when not same and h % 11 = 0 then 'vetoed' when 1 / (1 + 2 ** -w) >= .95 then 'link' when 1 / (1 + 2 ** -w) >= .5 then 'review' else 'no' end as outcome,
            case when not same and h % 11 = 0 then 'differing_national_id' end as vetoed_by
        from scored
    """,
    "match.cluster": """
        select row_number() over (order by profile_id) as cluster_id, profile_id, count(*) as n_records, count(distinct source) as n_sources,
            case when count(*) > 1 then 0.9 + (hash(profile_id) % 1000) / 10000.0 end as min_edge_probability, count(*) > 2 and hash(profile_id) % 40 = 0 as is_bridge,
            case when count(*) > 1 then 0.8 end as density, case when hash(profile_id) % 90 = 0 then ['birth_date'] else [] end as conflict_flags, 0.97 as confidence
        from records group by profile_id
    """,
    "identity.profile_xref": """
        select source, source_pk, profile_id, case when n = 1 then 'single' when has_email then 'same_email' else 'fuzzy' end as link_method,
            case when n > 1 then 12.5 end as link_score, case when hash(source_pk, 70) % 100 < 20 then 2 else 1 end as linked_since_run, null as prev_profile_id
        from records
    """,
    "identity.profile": "select distinct profile_id, 'active' as status, 1 as created_run from records",
    "identity.profile_event": """
        select 'e' || profile_id as event_id, 2 as run_number, case when person % 10 = 0 then 'created' when person % 10 < 4 then 'absorbed_record' else 'merged_into' end as event_type,
            profile_id, case when person % 7 = 0 then 'changed_data' else 'new_data' end as cause, 'pipeline' as actor
        from people join (select distinct person, profile_id from records) using (person) where hash(person, 71) % 100 < 8
    """,
    "gold.customer_360": """
        select profile_id, min(given_name) as given_name, min(family_name) as family_name, max(case when has_birth then birth_date end) as birth_date,
            max(case when has_email then email end) as email, max(case when has_phone then phone end) as phone, max(case when has_address then street end) as address_line1,
            max(case when has_address then 'Springfield' end) as city, max(case when has_address then postal_code end) as postal_code, 'US' as country_iso2,
            max(case when has_email then 'online' end) as preferred_channel
        from records group by profile_id
    """,
    "gold.field_lineage": """
        select profile_id, g as field_group, min(source) as winning_source, min(source_pk) as winning_source_pk,
            case when count(*) = 1 then 'only_candidate' else ['completeness', 'priority', 'recency', 'tie_break'][1 + (hash(profile_id, g) % 4)::int] end as rule,
            case when count(*) > 1 and hash(profile_id, g) % 5 = 0 then 2 else 1 end as n_candidates, count(*) as n_records
        from records, unnest(['name', 'email', 'phone', 'address', 'birth_date']) as u(g) where hash(profile_id, g, 3) % 10 < 8 group by profile_id, g
    """,
    "gold.consent": """
        select distinct profile_id, c as channel, 'marketing' as purpose, ['granted', 'denied', 'unknown'][1 + (hash(profile_id, c) % 3)::int] as status,
            case when hash(profile_id, c) % 30 = 1 then 'objection' else 'only_evidence' end as rule
        from records, unnest(['email', 'sms']) as u(c)
    """,
    "gold.consent_event": """
        select profile_id, source, source_pk, 'email' as channel, 'marketing' as purpose, '' as contact, ['granted', 'denied'][1 + (hash(source_pk, 80) % 2)::int] as status, false as is_objection, 'column' as evidence
        from records where hash(person, 81) % 100 < 5
    """,
    "gold.orders": "select source, source_pk as order_id, case when person % 6 > 0 then profile_id end as profile_id from records where source = 'square_customer'",
    "gold.session": """
        select 's_' || source_pk as session_id, case when person % 3 > 0 then profile_id end as profile_id, 'direct' as channel, 'site' as source, source_pk
        from records where source = 'shopify_customer'
    """,
    "mart.journey": """
        select 'j' || profile_id as journey_id, profile_id, 1 as journey_number, person % 2 = 0 as is_converted, person % 5 as steps,
            'email > direct' as path from records where k = 0
    """,
    "mart.journey_path": """
        select * from (values ('direct', 90, 40, 0.44, 4000.5, 0.3), ('email > direct', 70, 30, 0.43, 3100.25, 51.0),
            ('organic_search > paid_search > email > direct', 20, 9, 0.45, 900.0, 300.5), ('referral', 5, 0, 0.0, 0.0, null))
            as t(path, journeys, conversions, conversion_rate, value_reporting, median_hours)
    """,
    "mart.kpi": """
        select * from (values ('aov', 'USD', 101.5, 'money per order', 'last 12 months', 'goods / orders'),
            ('repeat_purchase_rate', '', 0.31, 'ratio', 'last 12 months', 'buyers of two / buyers'))
            as t(kpi, currency, value, unit, period, definition)
    """,
    "mart.cohort_retention": """
        select date '2025-01-01' as cohort_month, n::integer as month_number, 100 as customers, 100 // (n + 1) as active,
            1 / (n + 1) as retention, true as is_complete
        from range(13) as month(n)
    """,
    "mart.attribution_channel": """
        select model, channel, 'USD' as currency, conversions, conversions / 60 as share
        from (values ('direct', 40), ('email', 20)) as t(channel, conversions),
            (values ('last'), ('linear'), ('markov')) as m(model)
    """,
    "mart.model": """
        select 'bg_nbd' as model, '' as currency, 80 as customers, false as is_fitted, '80 buyers; 100 are needed' as reason
    """,
    "steward.decision": """
        select i + 1 as number, 'D' || (i + 1) as decision_id, k as kind, s as state, e as effect, 'Stella' as decided_by
        from (values (0, 'same', 'active', 'applied'), (1, 'not_same', 'stale', 'applied'), (2, 'pin_value', 'stale', 'applied'),
            (3, 'undo', 'active', null)) as t(i, k, s, e)
    """,
    "steward.review_item": """
        select 'R' || i as item_id, k as kind, 'grey_band' as why, 90.0 - i as priority, 0.9 as uncertainty, 100.0 as business_value,
            ['shop:' || i] as records, t as id_type, case when t is not null then 'desk@example.com' end as id_value, 1 as since_run
        from (values (0, 'pair', null), (1, 'pair', null), (2, 'contradiction', null), (3, 'shared_contact', 'email')) as t(i, k, t)
    """,
    "steward.sample_item": """
        select 'S' || i as item_id, 'joined_likely' as stratum, false as is_double from range(8) as t(i)
    """,
    "privacy.request": """
        select 'E' || i as request_id, 'erase' as type, 'exact' as strategy, case when i = 0 then 'done' else 'open' end as status,
            timestamp '2026-01-02' as requested_at, timestamp '2026-02-02' + interval 1 day * i as due_at,
            case when i = 0 then timestamp '2026-01-05' end as done_at
        from range(2) as t(i)
    """,
    "steward.sample_stratum": """
        select * from (values ('joined_by_rule', true, {people} * 2, 5), ('joined_likely', true, {people}, 8),
            ('apart_review', false, {people} // 10 + 1, 9)) as t(stratum, is_joined, pairs, drawn)
    """,
    "steward.opinion": """
        select 'S' || stratum || i as item_id, 'Stella' as reviewer, if(i % 8 = 0, 'not_same', 'same') as verdict, stratum, 1 as run_number
        from unnest(['joined_by_rule', 'joined_likely']) as s(stratum), range(16) as t(i)
        union all select 'Sjoined_likely' || i, 'Max', 'same', 'joined_likely', 1 from range(5) as t(i)
    """,
    "ops.quality_result": """
        select suite, expectation, subject, severity, success, observed, expected, failed_rows, message
        from (values
            ('raw', 'rejects_below', 'raw.rejected', 'warning', false, '1.2 %', 'below 1 %', 61, 'More rows than usual could not be read; see Rejected rows.'),
            ('golden', 'one_row_per_profile', 'gold.customer_360 profile_id', 'critical', true, '0 duplicates', '0 duplicates', 0, 'Every profile id stands once.'),
            ('golden', 'every_record_in_one_profile', 'identity.profile_xref', 'critical', true, '0 missing', '0 missing', 0, 'Every live record is in exactly one profile.'),
            ('matched', 'largest_profile', 'match.cluster n_records', 'critical', true, '7', 'at most 200', 0, 'No profile is above the cap.'))
            as t(suite, expectation, subject, severity, success, observed, expected, failed_rows, message)
    """,
    "ops.run_metric": """
        select stage, name, label, value, previous, threshold
        from (values ('resolve', 'changed_ids', '', 0.004, null, 0.02), ('resolve', 'profiles', '', 5210.0, 5100.0, 0.10), ('unify', 'fill_rate', 'email', 0.81, 0.8, 0.10))
            as t(stage, name, label, value, previous, threshold)
    """,
    "prior.profile_xref": """
        select source, source_pk, case when hash(source_pk, 72) % 1000 < 12 then 'q' || profile_id else profile_id end as profile_id, 'single' as link_method
        from records where hash(source_pk, 70) % 100 >= 20
    """,
    "prior.run": "select 1 as run_number, '20260101T000000' as run_id, timestamp '2026-01-01' as published_at, 'published' as verdict",
}  # fmt: skip


def invent(run: Run, people: int, *, without: tuple[str, ...] = ()) -> None:
    """Write every table of a run over so many people, but those named."""
    run.folder.mkdir(parents=True, exist_ok=True)
    for name, content in _made(people).items():
        if name not in without:
            run.workspace.path(name).write_bytes(content)
    for stage, seconds in SECONDS.items():
        run.workspace.finish(StageEntry(stage, seconds=seconds))


@cache
def _made(people: int) -> dict[str, bytes]:
    """The tables as files, made once for all tests that ask for so many people."""
    made = {}
    with TemporaryDirectory() as folder, DuckEngine(threads=2, memory_limit="4GB", temp=Path(folder)) as engine:
        for text in (_PEOPLE, _RECORDS):
            engine.rows(text.format(people=people))
        for name, text in _TABLES.items():
            table, path = declared(name), Path(folder) / f"{name}.parquet"
            assert table is not None
            engine.save(table, text.format(people=people), path)
            made[name] = path.read_bytes()
    return made


def say(run: Run, verdict: str, *reasons: str) -> None:
    """What the check stage leaves behind."""
    text = json.dumps({"verdict": verdict, "reasons": list(reasons)})
    (run.folder / "verdict.json").write_text(text, encoding="utf-8")


def every_text(run: Run, text_of: Callable[[Column, int], str | None], *, rows: int) -> None:
    """Rewrite every table to so many rows, its text columns replaced where `text_of(column, row)` says something."""
    with run.open(*_TABLES) as db:
        for name in _TABLES:
            table = declared(name)
            assert table is not None
            data = db.query(f"select * from {name}")
            data = data.take([row % data.num_rows for row in range(rows)])
            for position, column in enumerate(table.columns):
                values = [text_of(column, row) for row in range(rows)]
                if column.type == "VARCHAR" and values[0] is not None:
                    data = data.set_column(position, column.name, pa.array(values, pa.string()))
            db.engine.save_arrow(table, data, run.workspace.path(name))
