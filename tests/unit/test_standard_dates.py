"""Dates and moments: every spelling, votes over a column, and arrays equal to single values."""

import random
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from identity.standard.dates import DateOrder, date_columns, parse_date, vote_date_order
from identity.standard.timestamps import alike_column, parse_timestamp, timestamp_column, zone_of

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "order", "text"),
    [
        ("1990-07-22", "ymd", "1990-07-22"),
        ("08/11/1990", "mdy", "1990-08-11"),
        ("08/11/1990", "dmy", "1990-11-08"),
        ("22.07.1970", "dmy", "1970-07-22"),
        ("7/22/70", "mdy", "1970-07-22"),
        ("25-Jun-08", "mdy", "2008-06-25"),
        ("19900722", "ymd", "1990-07-22"),
        ("07221990", "mdy", "1990-07-22"),
        ("--12-25", "ymd", "--12-25"),
        ("07/04", "mdy", "--07-04"),
        ("07/04", "dmy", "--04-07"),
        ("02/29", "mdy", "--02-29"),
        ("07/1990", "mdy", "1990-07"),
        ("July 4 1990", "mdy", "1990-07-04"),
        ("4. Juli 1990", "dmy", "1990-07-04"),
        ("4 août 1990", "dmy", "1990-08-04"),
        ("1st March 1970", "dmy", "1970-03-01"),
        ("Jun 2008", "mdy", "2008-06"),
        ("1990", "mdy", "1990"),
        ("'1990-05-02", "ymd", "1990-05-02"),
        ("1970-02-01 00:00:00", "ymd", "1970-02-01"),
        ("2/7/1970 0:00", "mdy", "1970-02-07"),
        ("12/31/26", "mdy", "1926-12-31"),
        ("1639-01-00", "ymd", "1639-01"),
        ("٢٠٠١-٠٢-٠٣", "ymd", "2001-02-03"),
    ],
)
def test_every_spelling_of_a_date_is_read(typed: str, order: str, text: str) -> None:
    found = parse_date(typed, order, today=TODAY)
    assert found is not None
    assert (found.text, found.impossible, found.repaired) == (text, False, False)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        None,
        "n/a",
        "0000-00-00",
        "44000",
        "1700000000",
        "-0850-01-0",
        "0999-01-01",
        "2030-01-01",
        "21/19/19563",
        "hello",
        "2101-01-01",
        "31",
    ],
)
def test_what_is_no_date_of_a_person_is_none(typed: str | None) -> None:
    assert parse_date(typed, "mdy", today=TODAY) is None


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1848-15-15", "1848"),
        ("1990-02-30", "1990-02"),
        ("1967-10221", "1967"),
        ("1956-61-29", "1956"),
        ("24/28/1958", "1958"),
    ],
)
def test_an_impossible_date_keeps_what_can_be_true(typed: str, text: str) -> None:
    found = parse_date(typed, "ymd", today=TODAY)
    assert found is not None
    assert (found.text, found.impossible) == (text, True)


@pytest.mark.parametrize(
    ("typed", "order", "text"),
    [
        ("20/8/1991", "mdy", "1991-08-20"),
        ("1990-25-06", "ymd", "1990-06-25"),
        ("O7/04/1989", "mdy", "1989-07-04"),
        ("19791603", "ymd", "1979-03-16"),
    ],
)
def test_a_date_that_can_be_meant_in_one_way_only_is_repaired_and_marked(typed: str, order: str, text: str) -> None:
    found = parse_date(typed, order, today=TODAY)
    assert found is not None
    assert (found.text, found.repaired) == (text, True)


def test_epoch_days_are_suspect_and_the_caller_decides() -> None:
    suspects = {text: parse_date(text).suspect for text in ("1900-01-01", "1970-01-01", "1970-01-02")}  # type: ignore[union-attr]
    assert suspects == {"1900-01-01": True, "1970-01-01": True, "1970-01-02": False}


def test_the_order_is_voted_over_the_whole_column_and_not_by_row_order() -> None:
    column = ["01/02/2020", "03/04/2020", "05/18/2022", "07/08/2021", None, "junk"]
    assert vote_date_order(column) is DateOrder.MDY
    assert vote_date_order(column[::-1] * 3) is DateOrder.MDY
    assert vote_date_order(["01/02/2020", "18/05/2022"]) is DateOrder.DMY
    assert vote_date_order(["2020-01-02"]) is DateOrder.YMD
    assert vote_date_order(["01.02.2020", "03.04.2020"]) is DateOrder.DMY
    assert vote_date_order(["01/02/2020"], region="GB") is DateOrder.DMY
    assert vote_date_order(["01/02/2020"], region="US") is DateOrder.MDY
    assert vote_date_order(["05/18/2022"], hint="dmy") is DateOrder.DMY


def test_two_digit_years_in_front_need_evidence() -> None:
    assert [found.text for text in ("70-07-22", "99/1/2") if (found := parse_date(text, "ymd", today=TODAY))] == [
        "1970-07-22",
        "1999-01-02",
    ]


def test_date_columns_hold_what_the_one_value_function_returns() -> None:
    values = ["05/18/1990", "1/2/91", None, "x", "1848-15-15", "--12-25"]
    rows = date_columns(values, today=TODAY).to_pylist()
    for text, row in zip(values, rows, strict=True):
        found = parse_date(text, "mdy", today=TODAY)
        assert row["text"] == (None if found is None else found.text)
    assert [row["date"] for row in rows] == [date(1990, 5, 18), date(1991, 1, 2), None, None, None, None]
    assert date_columns([]).num_rows == 0


@pytest.mark.parametrize(
    ("typed", "zone", "utc"),
    [
        ("2025-12-06 10:37:33 -0500", None, "2025-12-06T15:37:33"),
        ("2023-02-07 00:00:00", "Eastern Time (US & Canada)", "2023-02-07T05:00:00"),
        ("2023-02-07 00:00:00", None, "2023-02-07T00:00:00"),
        ("2016-04-15T05:19:46 -10:00", None, "2016-04-15T15:19:46"),
        ("10/05/2026 2:30:00 PM", "America/New_York", "2026-10-05T18:30:00"),
        ("3/15/2024 2:30 PM", None, "2024-03-15T14:30:00"),
        ("12:05 AM", None, None),
        ("3/15/2024 12:05 AM", None, "2024-03-15T00:05:00"),
        ("1700000000", None, "2023-11-14T22:13:20"),
        ("1700000000123", None, "2023-11-14T22:13:20.123000"),
        ("1700000000123456", None, "2023-11-14T22:13:20.123456"),
        ("2024-03-12 09:14", "Europe/Berlin", "2024-03-12T08:14:00"),
        ("2009-07-20T22:55:29Z", "Europe/Berlin", "2009-07-20T22:55:29"),
        ("2026-07-16T00:12:13+03:00", None, "2026-07-15T21:12:13"),
        ("2025-03-05 14:36:36.916000", None, "2025-03-05T14:36:36.916000"),
        ("2025-03-05 14:36:36 UTC", "Europe/Berlin", "2025-03-05T14:36:36"),
        ("2025-03-05", "-0500", "2025-03-05T05:00:00"),
        ("2023-02-30 00:00:00", None, None),
        ("2023-02-07 25:00:00", None, None),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_every_spelling_of_a_moment_is_one_utc_instant(typed: str | None, zone: str | None, utc: str | None) -> None:
    expected = None if utc is None else datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert parse_timestamp(typed, zone) == expected
    assert timestamp_column([typed], zone).to_pylist() == [expected]


def test_changes_of_the_clock_are_resolved_in_one_fixed_way() -> None:
    assert parse_timestamp("2024-03-10 02:30:00", "America/New_York") == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)
    assert parse_timestamp("2024-11-03 01:30:00", "America/New_York") == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)


def test_zones_are_known_by_rails_windows_iana_names_and_offsets() -> None:
    assert str(zone_of("Pacific Time (US & Canada)")) == "America/Los_Angeles"
    assert str(zone_of("W. Europe Standard Time")) == "Europe/Berlin"
    assert str(zone_of("Asia/Tokyo")) == "Asia/Tokyo"
    assert zone_of("+05:30") is not None
    assert zone_of("../etc/passwd") is None
    assert zone_of("Nowhere") is None


def test_the_array_path_answers_exactly_as_the_one_value_function() -> None:
    rng = random.Random(20261122)
    tails = ["", "Z", " -0500", "+05:30", ".5", ".123456Z", ".12 +0200", " UTC", " EST", "-25:00"]
    values: list[str | None] = []
    for _ in range(4_000):
        day = f"{rng.randint(1960, 2101)}-{rng.randint(0, 13):02d}-{rng.randint(0, 32):02d}"
        clock = f"{rng.randint(0, 24):02d}:{rng.randint(0, 60):02d}"
        seconds = f":{rng.randint(0, 60):02d}"
        values.append(
            rng.choice([day, f"{day} {clock}", f"{day}T{clock}{seconds}", f"{day} {clock}{seconds}"])
            + rng.choice(tails)
        )
    values += ["2024-03-10 02:30:00", "2024-03-10 01:59:59", "2024-11-03 01:30:00", "2024-11-03 02:00:00", None, "x"]
    for zone in (None, "America/New_York", "Australia/Lord_Howe", "Eastern Time (US & Canada)"):
        assert timestamp_column(values, zone).to_pylist() == [parse_timestamp(text, zone) for text in values]
    zones = [rng.choice([None, "Europe/Berlin", "-0330"]) for _ in values]
    assert timestamp_column(values, zones).to_pylist() == [
        parse_timestamp(*pair) for pair in zip(values, zones, strict=True)
    ]


def test_a_column_written_alike_is_read_exactly_as_its_values() -> None:
    rng = random.Random(20261123)
    forms = [
        "{d}",
        "{d} {m}",
        "{d}T{m}:{s:02d}",
        "{d} {m}:{s:02d}Z",
        "{d} {m}:{s:02d} -0{o}00",
        "{d}T{m}:{s:02d}+0{o}:30",
    ]
    forms += ["{d} {m}:{s:02d}.{o}", "{d} {m}:{s:02d}.{o}5Z", "{d} {m}:{s:02d}Q", "{d}x{m}", "{d} {m}é"]
    read = 0
    for form in forms:
        for latest in (28, 28, 32):  # in the last round days that do not exist
            values = [
                form.format(
                    d=f"{rng.randint(1970, 2099)}-{rng.randint(1, 12):02d}-{rng.randint(1, latest):02d}",
                    m=f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}", s=rng.randint(0, 59), o=rng.randint(0, 9),
                )
                for _ in range(300)
            ]  # fmt: skip
            for zone in (None, "America/New_York", "Australia/Lord_Howe"):
                for texts in (pa.array(values), pa.array(["", *values, "x"]).slice(1, len(values))):
                    found = alike_column(texts, zone)
                    read += found is not None
                    if found is not None:
                        assert found.to_pylist() == [parse_timestamp(text, zone) for text in values]
    assert read > 50
    mixed = (
        ["2024-01-02", "2024-01-02 03:04"],
        ["2024-01-02T03:04:05Z", "2024-01-02T03:04:0Z5"],
        ["2024-01-02", None],
        [],
    )
    assert [alike_column(pa.array(texts, pa.string()), None) for texts in mixed] == [None] * 4
