"""Survivorship in SQL equals a slow, obvious oracle in Python on generated records."""

import json
from collections import defaultdict
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.stages.unify import WRITES, unify
from pictures import new_run, write

ORDER = {"default": ("salesforce", "shopify"), "groups": {"email": ("square", "shopify_order")}}
SOURCES = ["salesforce_lead", "shopify_customer", "shopify_order", "square_customer", "other_thing"]
GROUPS = ["name", "email", "phone", "address", "birth_date", "gender", "company"]

maybe = lambda *values: st.sampled_from([None, *values])  # noqa: E731 - reads as a word

NAMES = st.fixed_dictionaries(
    {
        "given_name": maybe("Jane", "J", "Bo"),
        "family_name": maybe("Smith", "S", "Li"),
        "suffix": maybe("Jr"),
        "middle_name": maybe("Ann"),
        "is_person": st.sampled_from([True, True, True, False]),
    }
)
ADDRESSES = st.fixed_dictionaries(
    {
        "house_number": maybe("1"),
        "street": maybe("Mill St"),
        "city": maybe("Leeds", "York"),
        "postal_code": maybe("LS1"),
        "region": maybe("WY"),
        "country_iso2": maybe("GB"),
        "line2": maybe("c/o Bo"),
    }
)
IDENTIFIERS = st.fixed_dictionaries(
    {
        "id_type": st.sampled_from(["email", "email", "phone", "loyalty_id"]),
        "value": st.integers(0, 3),
        "is_valid": st.booleans(),
        "is_blocked": st.sampled_from([False, False, True]),
    }
)
VALUES = {
    "email": ["ann@example.com", "bo@shop.example.org", "c@d", "eve@example.com"],
    "phone": ["+12025550101", "+12025550199", "5550100", "+44113496000"],
    "loyalty_id": ["L1", "L2", "L3", "L4"],
}
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(SOURCES),
            "profile": st.integers(0, 3),
            "updated": st.none() | st.integers(0, 2),
            "created": st.none() | st.integers(0, 2),
            "names": st.lists(NAMES, max_size=2),
            "addresses": st.lists(ADDRESSES, max_size=2),
            "identifiers": st.lists(IDENTIFIERS, max_size=3),
            "birth_date": maybe("1980-01-02", "1981-03-04"),
            "gender": maybe("female", "male"),
            "company": maybe("ACME Ltd", "Acme ltd", "Bolt"),
        }
    ),
    min_size=1,
    max_size=12,
)


# --- the oracle ---------------------------------------------------------------------------------------


def day(number):
    return None if number is None else datetime.fromisoformat("2025-01-01") + timedelta(days=number)


def changed(record):
    return day(record["updated"]) or day(record["created"])


def name_value(name):
    parts = [(name[part] or "").lower() for part in ("given_name", "family_name", "suffix")]
    given_name, family_name, _ = parts
    if not name["is_person"]:
        fullness = 0
    elif given_name and family_name:
        fullness = 4 if min(len(given_name), len(family_name)) > 1 else 3
    else:
        fullness = 2 if len(given_name + family_name) > 1 else 1
    return "|".join(parts), fullness


def address_value(address):
    street = " ".join(part for part in (address["house_number"], (address["street"] or "").lower()) if part)
    region = None if address["postal_code"] else address["region"]
    parts = [street, address["city"], region, address["postal_code"], address["country_iso2"]]
    fullness = (
        3 * bool(street) + 2 * bool(address["city"]) + 2 * bool(address["postal_code"]) + bool(address["country_iso2"])
    )
    return ", ".join(part for part in parts if part).lower(), fullness


def candidates(record, group):
    """(value, fullness, position, eligible) of one record, each value once, from its best place."""
    if group == "name":
        found = [
            (*name_value(n), i, True) for i, n in enumerate(record["names"]) if n["given_name"] or n["family_name"]
        ]
    elif group == "address":
        found = [(*address_value(a), i, True) for i, a in enumerate(record["addresses"])]
        found = [entry for entry in found if entry[1] > 0]
    elif group in ("email", "phone"):
        found = [
            (i["value"], int(i["is_valid"]), i["position"], not i["is_blocked"] and i["value"] != "5550100")
            for i in record["identifiers"]
            if i["id_type"] == group
        ]
    else:
        value = record[group]
        found = [(value.lower() if group == "company" else value, 1, 0, True)] if value else []
    best = {}
    for entry in sorted(found, key=lambda e: (-e[1], e[2])):
        best.setdefault(entry[0], entry)
    return list(best.values())


def place_of_source(record, group):
    order = ORDER["groups"].get(group, ORDER["default"])
    for name in (record["source"], record["source"].split("_")[0]):
        if name in order:
            return order.index(name)
    return len(order)


def masked(group, value):
    if group == "email":
        local, domain = value.split("@")
        return f"{local[0]}***@{domain[0]}***" + ("." + domain.split(".")[-1] if "." in domain else "")
    if group == "phone":
        return "***" + value[-2:]
    if group == "birth_date":
        return value[:4] + "-**-**"
    if group == "name":
        return " ".join(word[0].upper() + "." for word in value.replace("|", " ").split())
    return ", ".join(part[0] + "***" for part in value.split(", "))


def survivor(members, group):
    """The lineage row of a profile's field group and the golden (record, position, value); None without a value."""
    everything = [(record, *entry) for record in members for entry in candidates(record, group) if entry[3]]
    if not everything:
        return None
    holders = defaultdict(set)
    for record, value, *_ in everything:
        holders[value].add(record["key"])
    criteria = {
        "completeness": lambda c: -c[2],
        "priority": lambda c: place_of_source(c[0], group),
        "recency": lambda c: -(changed(c[0]) or datetime.fromisoformat("1900-01-01")).timestamp(),
        "frequency": lambda c: -len(holders[c[1]]),
        "tie_break": lambda c: (c[0]["key"], c[3], c[1]),
    }
    ranked = sorted(everything, key=lambda c: [rule(c) for rule in criteria.values()])
    winner = ranked[0]
    others = [c for c in ranked if c[1] != winner[1]]
    decided = "only_candidate"
    if others:
        decided = next(name for name, rule in criteria.items() if rule(winner) != rule(others[0]))
    losing = [masked(group, value) for value in dict.fromkeys(c[1] for c in others)]
    records = {c[0]["key"] for c in everything}
    lineage = (*winner[0]["key"], changed(winner[0]), decided, len(holders), len(records), losing)
    return lineage, winner


# --- against the SQL ------------------------------------------------------------------------------------


def deliver(run, records):
    """Give the records keys, write them as the tables unify reads."""
    names, addresses, identifiers = [], [], []
    for number, record in enumerate(records):
        record["key"] = (record["source"], str(number))
        keys = dict(zip(("source", "source_pk"), record["key"], strict=True))
        names += [{**keys, "position": i, **name} for i, name in enumerate(record["names"])]
        addresses += [{**keys, "position": i, **address} for i, address in enumerate(record["addresses"])]
        unique = {}
        for position, entry in enumerate(record["identifiers"]):
            value = VALUES[entry["id_type"]][entry["value"]] if isinstance(entry["value"], int) else entry["value"]
            unique.setdefault((entry["id_type"], value), {**entry, "value": value, "position": position})
        record["identifiers"] = list(unique.values())
        identifiers += [
            {**keys, **{k: v for k, v in entry.items() if k != "value"}, "id_value_norm": entry["value"]}
            for entry in record["identifiers"]
        ]
    write(run, "std.name", names)
    write(run, "std.address", addresses)
    write(run, "std.identifier", identifiers)
    write(
        run,
        "std.source_record",
        [
            {
                "source": record["source"],
                "source_pk": record["key"][1],
                "system": record["source"].split("_")[0],
                "source_created_at": day(record["created"]),
                "source_updated_at": day(record["updated"]),
                **{field: record[field] for field in ("birth_date", "gender", "company")},
            }
            for record in records
        ],
    )
    write(
        run,
        "identity.profile_xref",
        [
            {"source": record["source"], "source_pk": record["key"][1], "profile_id": f"p{record['profile']}"}
            for record in records
        ],
    )


def check(folder, records):
    run = new_run(folder, survivorship=ORDER)
    deliver(run, records)
    unify(run)
    profiles = defaultdict(list)
    for record in records:
        profiles[f"p{record['profile']}"].append(record)
    expected = {
        (profile, group): found
        for profile, members in profiles.items()
        for group in GROUPS
        if (found := survivor(members, group))
    }
    with run.open("gold.field_lineage", "gold.profile_core") as db:
        lineage = {
            (row[0], row[1]): (*row[2:-1], json.loads(row[-1])) for row in db.rows("select * from gold.field_lineage")
        }
        core = db.query("select * from gold.profile_core").to_pylist()
    assert lineage == {key: found[0] for key, found in expected.items()}
    assert [row["profile_id"] for row in core] == sorted(profiles)
    for row in core:
        assert golden(row) == golden_by_oracle(expected, row["profile_id"])


def golden(row):
    """The golden columns of a profile, the birth date as text."""
    columns = (
        "given_name", "middle_name", "family_name", "suffix", "email", "phone", "line2", "city", "region",
        "postal_code", "country_iso2", "birth_date", "gender", "company",
    )  # fmt: skip
    values = {column: row["address_line2" if column == "line2" else column] for column in columns}
    return {**values, "birth_date": row["birth_date"] and str(row["birth_date"])}


def golden_by_oracle(expected, profile):
    won = {group: expected[profile, group][1] for group in GROUPS if (profile, group) in expected}
    parts = {"name": ("names", ("given_name", "middle_name", "family_name", "suffix")),
             "address": ("addresses", ("line2", "city", "region", "postal_code", "country_iso2"))}  # fmt: skip
    row = {}
    for group, (place, columns) in parts.items():
        whole = won[group][0][place][won[group][3]] if group in won else {}
        row |= {column: whole.get(column) for column in columns}
    row |= {group: won[group][1] if group in won else None for group in ("email", "phone", "birth_date", "gender")}
    row["company"] = won["company"][0]["company"] if "company" in won else None
    return row


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(records=RECORDS)
def test_the_sql_chooses_what_the_oracle_chooses(tmp_path_factory, records):
    check(tmp_path_factory.mktemp("survivorship"), records)


@pytest.mark.deep
@pytest.mark.timeout(1800)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=RECORDS)
def test_the_sql_chooses_what_the_oracle_chooses_at_length(tmp_path_factory, records):
    check(tmp_path_factory.mktemp("survivorship"), records)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(records=RECORDS)
def test_one_and_two_threads_write_the_same_bytes(tmp_path_factory, records):
    files = []
    for threads in (1, 2):
        run = new_run(tmp_path_factory.mktemp("threads"), threads=threads)
        deliver(run, records)
        unify(run)
        files.append([run.workspace.path(name).read_bytes() for name in WRITES])
    assert files[0] == files[1]
