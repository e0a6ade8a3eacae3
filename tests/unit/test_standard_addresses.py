"""Addresses: parts, lines and whole texts give the same parts and keys."""

from typing import Any

import pytest

from identity.standard.address_columns import address_columns
from identity.standard.addresses import parse_address
from identity.standard.places import parse_country, parse_postal_code, parse_region
from identity.standard.streets import house_number_key, read_line, read_unit, street_key


def filled(**columns: str | None) -> dict[str, Any]:
    """The filled parts of an address, without keys."""
    address = parse_address(**columns)
    assert address is not None
    parts = ("house_number", "street", "unit", "po_box", "city", "region", "postal_code", "country_iso2")
    return {part: text for part in parts if (text := getattr(address, part))}


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [
        ("n mosley rd", "North Mosley Road", "US"),
        ("W. 32nd St", "west 32 street", "US"),
        ("Park Ave S", "park avenue south", "US"),
        ("5th Ave", "Fifth Avenue", "US"),
        ("St. Johns Ave", "Saint Johns Avenue", "US"),
        ("cr 214", "County Road 214", "US"),
        ("E 5th St N E", "East 5th Street Northeast", "US"),
        ("Main Xing", "Main Crossing", "US"),
        ("Haupt Str.", "Hauptstraße", "DE"),
        ("Hauptstr.", "HAUPTSTRASSE", "DE"),
        ("Bahnhof-Straße", "Bahnhofstr", "AT"),
        ("Av. Foch", "avenue Foch", "FR"),
        ("bd St-Michel", "Boulevard St Michel", "FR"),
        ("C/ Mayor", "calle mayor", "ES"),
        ("Avda. América", "Avenida America", "ES"),
        ("V.le Europa", "viale europa", "IT"),
        ("Kerkstr.", "Kerkstraat", "NL"),
        ("ul. Długa", "Ulica Dluga", "PL"),
        ("Main St", "Main Street", "CA"),
        ("rue Sherbrooke", "Rue Sherbrooke", "CA"),
    ],
)
def test_two_spellings_of_a_street_share_a_key(one: str, other: str, country: str) -> None:
    assert street_key(one, country) == street_key(other, country)


def test_a_letter_that_names_the_street_is_no_direction() -> None:
    assert street_key("N St", "US") == "n street"
    assert street_key("Avenue C", "US") == "avenue c"


@pytest.mark.parametrize(
    ("line", "country", "expected"),
    [
        ("123 Main Street Apt 4B", "US", ("123", "Main Street", "4b", None)),
        ("12 Mill St #5", "US", ("12", "Mill St", "5", None)),
        ("Flat 3, 12 High St", "GB", ("12", "High St", "3", None)),
        ("221B Baker Street", "GB", ("221B", "Baker Street", None, None)),
        ("144-28 Jewel Ave", "US", ("144-28", "Jewel Ave", None, None)),
        ("6371 E Foothill Dr", "US", ("6371", "E Foothill Dr", None, None)),
        ("25th Ave SE", "US", (None, "25th Ave SE", None, None)),
        ("32 Street", "US", (None, "32 Street", None, None)),
        ("county road 214", "US", (None, "county road 214", None, None)),
        ("PO Box 123", "US", (None, None, None, "123")),
        ("Postfach 10 02 03", "DE", (None, None, None, "100203")),
        ("Hardenbergstraße 87", "DE", ("87", "Hardenbergstraße", None, None)),
        ("Hardenbergstraße 87a", None, ("87A", "Hardenbergstraße", None, None)),
        ("Calle Mayor 5, 2", "ES", ("5", "Calle Mayor", "2", None)),
        ("Kerkstraat 12-b", "NL", ("12-B", "Kerkstraat", None, None)),
        ("12 rue de la Paix", "FR", ("12", "rue de la Paix", None, None)),
        ("Straße des 17. Juni 135", "DE", ("135", "Straße des 17. Juni", None, None)),
    ],
)  # fmt: skip
def test_a_line_gives_house_number_street_flat_and_box(
    line: str, country: str | None, expected: tuple[str | None, ...]
) -> None:
    assert tuple(read_line(line, country)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 Mill St  Leeds  LS1 1AA  GB", {"house_number": "12", "street": "Mill St", "city": "Leeds", "postal_code": "LS1 1AA", "country_iso2": "GB"}),
        ("12 Mill St\nLeeds LS1 1AA", {"house_number": "12", "street": "Mill St", "city": "Leeds", "postal_code": "LS1 1AA", "country_iso2": "GB"}),
        ("3212 W. 32nd St Palm Harbor, FL 60527", {"house_number": "3212", "street": "W. 32nd St", "city": "Palm Harbor", "region": "FL", "postal_code": "60527", "country_iso2": "US"}),
        ("638 Downey St, Salem, OR", {"house_number": "638", "street": "Downey St", "city": "Salem", "region": "OR", "country_iso2": "US"}),
        ("80 Delaware Ave SE Washington DC 40040", {"house_number": "80", "street": "Delaware Ave SE", "city": "Washington", "region": "DC", "postal_code": "40040", "country_iso2": "US"}),
        ("Hauptstr. 5, 10115 Berlin, Deutschland", {"house_number": "5", "street": "Hauptstr.", "city": "Berlin", "postal_code": "10115", "country_iso2": "DE"}),
        ("Fieldstrasse 10, FL-2198 Triesen, Lichtenstein", {"house_number": "10", "street": "Fieldstrasse", "city": "Triesen", "postal_code": "2198", "country_iso2": "LI"}),
        ("133 New Bridge Road, Chinatown Point, Singapore 059413", {"house_number": "133", "street": "New Bridge Road", "city": "Singapore", "postal_code": "059413", "country_iso2": "SG"}),
        ("1 Infinite Loop, Cupertino, CA 95014, USA", {"house_number": "1", "street": "Infinite Loop", "city": "Cupertino", "region": "CA", "postal_code": "95014", "country_iso2": "US"}),
        ("PO Box 12, Leeds, LS1 1AA", {"po_box": "12", "city": "Leeds", "postal_code": "LS1 1AA", "country_iso2": "GB"}),
    ],
)  # fmt: skip
def test_a_whole_address_in_one_text_is_taken_apart(address: str, expected: dict[str, str]) -> None:
    assert filled(address=address, default_region="US") == expected


def test_lines_that_repeat_the_city_do_not_spoil_the_street() -> None:
    repeated = filled(
        line1="1602 Brenville Pl, San Francisco, CA 94105",
        city="San Francisco",
        region="CA",
        postal_code="94105",
        country="US",
    )
    assert repeated == filled(
        line1="1602 Brenville Pl", city="San Francisco", region="California", postal_code="94105", country="USA"
    )
    building = filled(
        line1="Chrysler Building, 405 Lexington Avenue", city="New York", region="NY", default_region="US"
    )
    assert (building["house_number"], building["street"]) == ("405", "Lexington Avenue")


def test_parts_and_lines_give_the_same_keys() -> None:
    parts = parse_address(
        house_number="0012",
        street="n oak ave",
        unit="apt no 5",
        city="St. Louis",
        region="Missouri",
        postal_code="'63101-1234",
        country="United States",
    )
    lines = parse_address(
        line1="12 North Oak Avenue",
        line2="#5",
        city="SAINT LOUIS",
        region="mo",
        postal_code="63101",
        default_region="US",
    )
    assert parts is not None
    assert lines is not None
    for field in ("house_number", "street_key", "unit", "city_key", "region", "postal_key", "country_iso2"):
        assert getattr(parts, field) == getattr(lines, field)
    assert parts.postal_plus_four == "1234"


@pytest.mark.parametrize(
    ("typed", "country", "key", "restored"),
    [
        ("60527", "US", "60527", False), ("60527-1234", "US", "60527", False), ("927230000", "US", "92723", False), ("2139", "US", "02139", True),
        ("60527.0", "US", "60527", False), ("6O527", "US", "60527", False), ("D-10115", "DE", "10115", False), ("1067", "DE", "01067", True),
        ("ls1 1aa", "GB", "LS11AA", False), ("SS8 OEX", "GB", "SS80EX", False), ("m1s1t4", None, "M1S1T4", False), ("800", "AU", "0800", True),
        ("1234AB", "NL", "1234AB", False), ("'2026", "AU", "2026", False), ("00-950", "PL", "00950", False),
    ],
)  # fmt: skip
def test_postal_codes_have_one_key_and_damage_is_marked(
    typed: str, country: str | None, key: str, restored: bool
) -> None:
    postal = parse_postal_code(typed, country)
    assert postal is not None
    assert (postal.key, postal.restored) == (key, restored)


@pytest.mark.parametrize("typed", ["-", "00000", "0o000", "99999", "N/A", "", None, "test"])
def test_placeholders_are_no_postal_code(typed: str | None) -> None:
    assert parse_postal_code(typed, "US") is None


def test_countries_are_known_by_code_and_by_many_names() -> None:
    assert [
        parse_country(text)
        for text in ("GB", "deu", "Deutschland", "U.S.A.", "The Netherlands", "España", "NA", "n/a", "Atlantis")
    ] == ["GB", "DE", "DE", "US", "NL", "ES", "NA", None, None]


def test_regions_become_codes_inside_their_country() -> None:
    assert [
        parse_region(*pair)
        for pair in (
            ("Missouri", "US"),
            ("calif.", "US"),
            ("US-CA", "US"),
            ("Québec", "CA"),
            ("New South Wales", "AU"),
            ("Atlantis", "US"),
            ("CA", None),
        )
    ] == ["MO", "CA", "CA", "QC", "NSW", "atlantis", "ca"]


def test_flats_lose_their_designator_and_floors_keep_it() -> None:
    assert [
        read_unit(text)
        for text in ("apt 614", "apt no 304", "Apartment # 103", "flat b", "614", "floor no 10", "unit 5-a")
    ] == ["614", "304", "103", "b", "614", "floor 10", "5a"]
    assert [house_number_key(text) for text in ("27 b", "0012", "144 - 28", "n/a", "000")] == [
        "27B",
        "12",
        "144-28",
        None,
        None,
    ]


def test_an_address_of_placeholders_is_none() -> None:
    assert parse_address(line1="-", city="N/A", postal_code="00000", default_region="US") is None
    assert parse_address(default_region="US") is None


def test_columns_hold_what_the_one_value_function_returns() -> None:
    columns = {
        "street": ["n mosley rd", None],
        "house_number": ["3471", None],
        "city": ["Coloma", "-"],
        "postal_code": ["49038", None],
    }
    rows = address_columns(columns, "us").to_pylist()
    first = parse_address(
        street="n mosley rd", house_number="3471", city="Coloma", postal_code="49038", default_region="US"
    )
    assert first is not None
    assert rows[0] == {field: getattr(first, field) for field in rows[0]}
    assert set(rows[1].values()) == {None}
    with pytest.raises(ValueError, match="unknown address columns"):
        address_columns({"zip": ["1"]})
