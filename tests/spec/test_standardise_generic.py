"""The generic source: records and events described in the configuration, versions, votes and withdrawal."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.exports import deliver, next_run, standardised
from tests.support.tables import read

from identity.settings_groups import SourceSettings
from identity.stages.land import land
from identity.stages.standardise import standardise

D = Decimal

PEOPLE = SourceSettings(
    name="registry",
    files="people*.csv",
    record_id="id",
    updated_at="changed",
    fields={
        "given_name": "first", "family_name": "last", "birth_date": "born", "email": ("mail", "mail2"), "phone": "tel",
        "street": "street", "city": "town", "national_id": "ssn", "id.passport": "pass",
    },
    attributes={"job": "job"},
    consent={"email": "newsletter"},
)  # fmt: skip
HEAD = "id,first,last,born,mail,mail2,tel,street,town,ssn,pass,job,newsletter,changed,extra"


def people(*rows: str) -> str:
    return "\n".join([HEAD, *rows])


def test_a_record_of_every_kind_of_field(tmp_path: Path) -> None:
    row = "7,Ann,Lee,31/12/1990,ANN@lee-mail.org,a.lee@work-mail.org,(212) 555-0143,5 Elm St,Boise,622-80-8686,x 12,Nurse,yes,,?"
    run = standardised(tmp_path, texts={"people.csv": people(row)}, sources=(PEOPLE,))
    assert read(
        run, "std.source_record", "source source_pk given_name family_name birth_date house_number street city"
    ) == [("registry", "7", "Ann", "Lee", date(1990, 12, 31), "5", "Elm St", "Boise")]
    assert read(run, "std.identifier", "id_type id_value_norm position") == [
        ("email", "a.lee@work-mail.org", 1),
        ("email", "ann@lee-mail.org", 0),
        ("national_id", "622808686", 0),
        ("passport", "X12", 0),
        ("phone", "+12125550143", 0),
    ]
    assert read(run, "std.attribute", "name value") == [("job", "nurse")]
    assert read(run, "std.consent_event", "channel status evidence") == [("email", "granted", "newsletter")]
    assert dict(read(run, "raw.column", "column_name mapped_to"))["extra"] is None


@pytest.mark.parametrize(
    ("rows", "winner", "fates"),
    [
        (  # the later change wins, whatever the row order
            ["1,New,A,,,,,,,,,,,2024-02-01,", "1,Old,A,,,,,,,,,,,2024-01-01,"],
            "New",
            [("record", None), ("superseded", "older_version")],
        ),
        (  # without a time of change the later row wins
            ["1,Old,A,,,,,,,,,,,,", "1,New,A,,,,,,,,,,,,"],
            "New",
            [("superseded", "older_version"), ("record", None)],
        ),
        (  # of equal rows the first stands for both
            ["1,One,A,,,,,,,,,,,,", "1,One,A,,,,,,,,,,,,"],
            "One",
            [("record", None), ("duplicate", "equal_version")],
        ),
        (  # a row without a key is rejected
            [",Lost,A,,,,,,,,,,,,", "1,One,A,,,,,,,,,,,,"],
            "One",
            [("rejected", "no_key"), ("record", None)],
        ),
    ],
    ids=["updated", "row", "equal", "no key"],
)
def test_which_version_of_a_record_wins(tmp_path: Path, rows: list[str], winner: str, fates: list[tuple]) -> None:
    run = standardised(tmp_path, texts={"people.csv": people(*rows)}, sources=(PEOPLE,))
    assert read(run, "std.source_record", "given_name") == [(winner,)]
    assert read(run, "std.row_disposition", "disposition rule") == fates


def test_a_later_delivery_wins_and_an_equal_one_changes_nothing(tmp_path: Path) -> None:
    first = standardised(
        tmp_path, texts={"people1.csv": people("1,Ann,A,,,,,,,,,,,,", "2,Bob,B,,,,,,,,,,,,")}, sources=(PEOPLE,)
    )
    deliver(tmp_path / "inbox", {"people0.csv": people("2,Bert,B,,,,,,,,,,,,", "1,Ann,A,,,,,,,,,,,,")})
    second = next_run(first)
    land(second)
    standardise(second)
    assert read(second, "std.source_record", "source_pk given_name delivered_run") == [
        ("1", "Ann", 1),
        ("2", "Bert", 2),
    ]


def test_of_a_full_delivery_absent_records_are_withdrawn(tmp_path: Path) -> None:
    full = PEOPLE.model_copy(update={"delivery": "full"})
    first = standardised(
        tmp_path, texts={"people1.csv": people("1,Ann,A,,,,,,,,,,,,", "2,Bob,B,,,,,,,,,,,,")}, sources=(full,)
    )
    deliver(tmp_path / "inbox", {"people2.csv": people("1,Ann,A,,,,,,,,,,,,")})
    second = next_run(first)
    land(second)
    standardise(second)
    assert read(second, "std.source_record", "source_pk") == [("1",)]
    fates = read(second, "std.row_disposition", "source_pk disposition rule")
    assert sorted(fates) == [
        ("1", "duplicate", "equal_version"),
        ("1", "record", None),
        ("2", "deleted", "withdrawn"),
    ]


def test_day_and_month_are_voted_over_all_files_of_a_source(tmp_path: Path) -> None:
    texts = {
        "people1.csv": people("1,Ann,A,03/04/1990,,,,,,,,,,,"),
        "people2.csv": people("2,Bob,B,25/04/1990,,,,,,,,,,,"),
    }
    run = standardised(tmp_path, texts=texts, sources=(PEOPLE,))
    assert read(run, "std.source_record", "birth_date") == [(date(1990, 4, 3),), (date(1990, 4, 25),)]


def test_epochs_and_new_years_days_far_beyond_their_share_are_no_birth_dates(tmp_path: Path) -> None:
    real = [f"r{n},Ann,A,19{50 + n % 40}-{n % 11 + 2:02d}-{n % 27 + 1:02d},,,,,,,,,,," for n in range(300)]
    epoch = [f"e{n},Ann,A,1900-01-01,,,,,,,,,,," for n in range(30)]
    new_year = [f"n{n},Ann,A,19{60 + n}-01-01,,,,,,,,,,," for n in range(20)]
    run = standardised(tmp_path, texts={"people.csv": people(*real, *epoch, *new_year)}, sources=(PEOPLE,))
    born = {
        row[0]: row[1:]
        for row in read(run, "std.source_record", "source_pk birth_year birth_month birth_date quality_flags")
    }
    assert born["e3"] == (None, None, None, ["birth_date_placeholder", "name_single"][:1])
    assert born["n3"] == (1963, None, None, ["birth_date_year_only"])
    assert born["r3"][2] == date(1953, 5, 4)


def test_one_real_new_years_day_is_kept(tmp_path: Path) -> None:
    run = standardised(tmp_path, texts={"people.csv": people("1,Ann,A,1970-01-01,,,,,,,,,,,")}, sources=(PEOPLE,))
    assert read(run, "std.source_record", "birth_date") == [(date(1970, 1, 1),)]


def test_a_name_column_makes_one_source_per_value(tmp_path: Path) -> None:
    entry = SourceSettings(name_column="src", files="all.csv", record_id="id", fields={"email": "mail"})
    text = "id,src,mail\n1,crm,a@b-mail.org\n1,shop,a@b-mail.org\n2,,c@b-mail.org"
    run = standardised(tmp_path, texts={"all.csv": text}, sources=(entry,))
    assert read(run, "std.source_record", "source source_pk system") == [
        ("all", "2", "all"),
        ("crm", "1", "crm"),
        ("shop", "1", "shop"),
    ]


EVENTS = (
    SourceSettings(
        name="till", kind="order", files="orders.csv", record_id="no", person_source="registry", person_id="who",
        currency="EUR", time_zone="Europe/Berlin", fields={"order_at": "at", "total_charged": "total", "tax": "vat"},
    ),
    SourceSettings(
        name="till_line", kind="order_item", files="lines.csv", record_id="line", person_source="till",
        fields={"order_id": "no", "product": "what", "quantity": "n", "unit_price": "each"},
    ),
    SourceSettings(
        name="visits", kind="touchpoint", files="visits.csv", record_id="v",
        fields={"occurred_at": "at", "channel": "via", "touch_type": "what", "email": "mail"},
    ),
    SourceSettings(
        name="desk", kind="ticket", files="desk.csv", record_id="t", person_source="registry", person_id="who",
        fields={"created_at": "at", "status": "state", "satisfaction": "rating"},
    ),
    SourceSettings(name="nps", kind="survey", files="nps.csv", record_id="a", fields={"score": "s", "answered_at": "at", "email": "mail"}),
)  # fmt: skip


def test_events_of_every_kind(tmp_path: Path) -> None:
    texts = {
        "orders.csv": 'no,who,at,total,vat\n1,7,05.03.2026 12:00,"119,00","19,00"',
        "lines.csv": "line,no,what,n,each\na,1,Chair,2,50.00",
        "visits.csv": "v,at,via,what,mail\n9,2026-03-01T10:00:00+01:00,Web,page_view,ANN@lee-mail.org",
        "desk.csv": "t,who,at,state,rating\n4,7,2026-03-02,Open,good",
        "nps.csv": "a,s,at,mail\n5,9,2026-03-03,ann@lee-mail.org",
    }
    run = standardised(tmp_path, texts=texts, sources=EVENTS)
    columns = "source order_id person_source person_pk order_at time_zone currency gross tax net_revenue total_charged"
    assert read(run, "std.order", columns) == [
        (
            "till", "1", "registry", "7", datetime(2026, 3, 5, 11), "Europe/Berlin", "EUR",
            D("100.0000"), D("19.0000"), D("100.0000"), D("119.0000"),
        )
    ]  # fmt: skip
    assert read(run, "std.order_item", "source order_id product quantity gross") == [
        ("till", "1", "Chair", D("2.0000"), D("100.0000"))
    ]
    assert read(run, "std.touchpoint", "source source_pk person_email occurred_at channel touch_type") == [
        ("visits", "9", "ann@lee-mail.org", datetime(2026, 3, 1, 9), "web", "page_view")
    ]
    assert read(run, "std.ticket", "source ticket_id person_pk status satisfaction") == [
        ("desk", "4", "7", "open", "good")
    ]
    assert read(run, "std.survey_response", "source response_id kind score person_email") == [
        ("nps", "5", "nps", D("9.0000"), "ann@lee-mail.org")
    ]
    assert {row[0] for row in read(run, "std.row_disposition", "disposition")} == {"event"}


def test_an_order_that_names_its_buyer_is_a_record_too(tmp_path: Path) -> None:
    entry = SourceSettings(
        name="web",
        kind="order",
        files="o.csv",
        record_id="no",
        fields={"email": "mail", "gross": "sum", "order_at": "at"},
    )
    text = "no,mail,sum,at\n1,ann@lee-mail.org,10,2026-01-01\n2,,5,2026-01-02"
    run = standardised(tmp_path, texts={"o.csv": text}, sources=(entry,))
    assert read(run, "std.order", "order_id person_source person_pk gross") == [
        ("1", "web", "1", D("10.0000")),
        ("2", None, None, D("5.0000")),
    ]
    assert read(run, "std.source_record", "source_pk email_norm") == [("1", "ann@lee-mail.org")]
