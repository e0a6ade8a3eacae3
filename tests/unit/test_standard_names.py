"""Names: every column layout gives the same parts; what is no person is said to be none."""

from typing import Any

import pytest
from nameparser import HumanName

from identity.standard import names
from identity.standard.name_words import display_case, is_company, name_key
from identity.standard.names import PersonName, name_columns, parse_name
from identity.standard.nicknames import nickname_group, phonetic_key, same_person_names
from identity.standard.scripts import transcribed


def parts(**columns: str) -> dict[str, Any]:
    """The filled parts of a name, without keys and flags."""
    name = parse_name(**columns)
    assert name is not None
    return {
        part: text
        for part in ("title", "given", "middle", "family", "generation", "suffix")
        if (text := getattr(name, part))
    }


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Dr. jane q. public-smith iii", {"title": "Dr", "given": "jane", "middle": "q.", "family": "public-smith", "generation": "III"}),
        ("SMITH, JOHN A", {"given": "John", "middle": "A", "family": "Smith"}),
        ("Smith, Jr., John", {"given": "John", "family": "Smith", "generation": "Jr"}),
        ("John Smith, Jr.", {"given": "John", "family": "Smith", "generation": "Jr"}),
        ("Robert Smith II", {"given": "Robert", "family": "Smith", "generation": "II"}),
        ("Prof. Dr. Hans Müller, PhD", {"title": "Prof Dr", "given": "Hans", "family": "Müller", "suffix": "PhD"}),
        ("Ludwig van Beethoven", {"given": "Ludwig", "family": "van Beethoven"}),
        ("Maria de la Cruz", {"given": "Maria", "family": "de la Cruz"}),
        ("Sr. Juan Pérez García", {"title": "Sr.", "given": "Juan", "middle": "Pérez", "family": "García"}),
        ("hon. willie bruce", {"title": "Hon", "given": "Willie", "family": "Bruce"}),
        ("archibald corbett, 1st baron rowallan", {"given": "Archibald", "family": "Corbett", "suffix": "1st baron rowallan"}),
        ("alan, earl of richmond", {"given": "Alan", "suffix": "earl of richmond"}),
        ('Robert "Bob" Smith', {"given": "Robert", "family": "Smith"}),
        ("J.P. Morgan", {"given": "J.P.", "family": "Morgan"}),
        ("h.nicholson", {"given": "H.", "family": "Nicholson"}),
        ("Jack Ma", {"given": "Jack", "family": "Ma"}),
        ("Mrs. Smith", {"title": "Mrs", "family": "Smith"}),
        ("ВАСИЛЬЕВ, Александр Павлович", {"given": "Александр", "middle": "Павлович", "family": "Васильев"}),
        ("山田 太郎", {"given": "太郎", "family": "山田"}),
        ("王伟", {"given": "王伟"}),
        ("فيصل صديقي", {"given": "فيصل", "family": "صديقي"}),
        ("Elizabeth (Liz) Tull", {"given": "Elizabeth", "family": "Tull"}),
    ],
)  # fmt: skip
def test_a_whole_name_is_sorted_into_its_parts(full: str, expected: dict[str, str]) -> None:
    if full.startswith("Dr. jane"):
        expected = {**expected, "given": "Jane", "middle": "Q.", "family": "Public-Smith"}
    assert parts(full=full) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"given": "sean", "family": "o'brien"}, {"given": "Sean", "family": "O'Brien"}),
        ({"given": "JOHN", "family": "MCDONALD"}, {"given": "John", "family": "McDonald"}),
        ({"given": "Ann", "family": "Boyle*"}, {"given": "Ann", "family": "Boyle"}),
        ({"given": "John Smith"}, {"given": "John", "family": "Smith"}),
        ({"family": "John Smith"}, {"given": "John", "family": "Smith"}),
        ({"given": "Mary Ann"}, {"given": "Mary Ann"}),
        ({"family": "Garcia Lopez"}, {"family": "Garcia Lopez"}),
        ({"given": "Robert E", "family": "Smith Sr"}, {"given": "Robert", "middle": "E", "family": "Smith", "generation": "Sr"}),
        ({"given": "Smith,", "family": "John"}, {"given": "John", "family": "Smith"}),
        ({"given": "John Smith", "family": "John Smith"}, {"given": "John", "family": "Smith"}),
        ({"given": "John Smith", "family": "Smith"}, {"given": "John", "family": "Smith"}),
        ({"given": "hon.", "family": "bruce"}, {"title": "Hon", "family": "Bruce"}),
        ({"given": "sir", "family": "herkomer", "full": "sir hubert von herkomer"}, {"title": "Sir", "given": "Hubert", "family": "von Herkomer"}),
        ({"given": "Earl", "family": "Warren"}, {"given": "Earl", "family": "Warren"}),
        ({"given": "Cash", "family": "Emerson"}, {"given": "Cash", "family": "Emerson"}),
        ({"given": "x@y.com", "family": "Smith"}, {"family": "Smith"}),
        ({"given": "Sylvia", "family": "No Last Name"}, {"given": "Sylvia"}),
        ({"given": "John", "family": "Smith", "title": "MR", "suffix": "jr. PhD"}, {"title": "Mr", "given": "John", "family": "Smith", "generation": "Jr", "suffix": "PhD"}),
        ({"given": "John", "family": "Smith", "full": "Somebody Else"}, {"given": "John", "family": "Smith"}),
    ],
)  # fmt: skip
def test_names_in_the_wrong_columns_are_put_right(columns: dict[str, str], expected: dict[str, str]) -> None:
    assert parts(**columns) == expected


@pytest.mark.parametrize(
    "full",
    [
        "Guest 123",
        "guest",
        "Walk-in Customer",
        "Test User",
        "Permanently deleted user",
        "Lady Of The House",
        "Anonymous",
    ],
)
def test_a_placeholder_is_no_person(full: str) -> None:
    name = parse_name(full=full)
    assert name is not None
    assert name.not_a_person
    assert (name.given_key, name.family_key) == (None, None)


@pytest.mark.parametrize(
    "full", ["Acme GmbH", "Smith & Sons", "Miller Plumbing", "Universal Exports, Inc.", "Müller & Co. KG", "Siemens AG"]
)
def test_a_company_is_no_person(full: str) -> None:
    name = parse_name(full=full)
    assert name is not None
    assert (name.not_a_person, name.company) == (True, full)


@pytest.mark.parametrize(
    "full", ["Charlotte Church", "John Banks", "Anna Koch", "Li Na", "Jean As", "Co Nguyen", "Christopher Guest"]
)
def test_a_person_with_an_uncommon_name_stays_a_person(full: str) -> None:
    name = parse_name(full=full)
    assert name is not None
    assert not name.not_a_person


def test_a_company_in_the_family_name_column_leaves_the_given_name() -> None:
    name = parse_name(given="John", family="Acme GmbH")
    assert name is not None
    assert (name.given, name.family, name.company, name.not_a_person) == ("John", None, "Acme GmbH", False)


@pytest.mark.parametrize("text", ["test", "n/a", "-", ".", "<test lead: dummy data for full_name>", None])
def test_words_of_absence_are_no_name(text: str | None) -> None:
    assert parse_name(full=text) is None
    assert parse_name(given=text, family=text) is None


def test_keys_join_what_people_write_apart() -> None:
    assert {name_key(text, family=True) for text in ("O'Brien", "o brien", "OBRIEN", "O’Brien")} == {"obrien"}
    assert {name_key(text, family=True) for text in ("Mc Donald", "McDonald", "MCDONALD")} == {"mcdonald"}
    assert {name_key(text) for text in ("López-García", "lopez garcia", "LOPEZ  GARCIA")} == {"lopez garcia"}
    assert {name_key(text) for text in ("Weiß", "WEISS", "weiss")} == {"weiss"}
    assert {name_key(text) for text in ("Søren", "soren")} == {"soren"}
    assert name_key("Nico|as") == "nicolas"


def test_case_is_repaired_for_reading_only() -> None:
    shown = {
        text: display_case(text)
        for text in (
            "JOHN SMITH",
            "van der berg",
            "DE LA CRUZ",
            "mcdonald",
            "MacDonald",
            "JP",
            "jean-luc",
            "o'neill",
            "LeBron",
        )
    }
    assert shown == {
        "JOHN SMITH": "John Smith", "van der berg": "van der Berg", "DE LA CRUZ": "de la Cruz", "mcdonald": "McDonald",
        "MacDonald": "MacDonald", "JP": "JP", "jean-luc": "Jean-Luc", "o'neill": "O'Neill", "LeBron": "LeBron",
    }  # fmt: skip


def test_flags_say_what_was_odd() -> None:
    name = parse_name(full="SMITH, J")
    assert name is not None
    assert name.flags == ("swapped", "initial_only", "capitals")
    assert name.initial_only


def test_nicknames_share_a_group_and_ambiguous_ones_belong_to_several() -> None:
    groups = [nickname_group(name) for name in ("robert", "bob", "rob", "bobby")]
    assert frozenset.intersection(*groups)
    assert all(len(nickname_group(name)) > 1 for name in ("alex", "sam", "chris"))
    assert same_person_names("bill", "william")
    assert same_person_names("pepe", "jose")
    assert not same_person_names("john", "james")
    assert nickname_group("xyzzy") == frozenset()


def test_names_that_sound_alike_share_a_phonetic_key() -> None:
    assert phonetic_key("smith") == phonetic_key("smyth")
    assert phonetic_key("王伟") == "王伟"
    assert phonetic_key("") == ""
    assert phonetic_key("васильев") == phonetic_key("vasiliev")


def test_letters_of_other_alphabets_are_transcribed_where_they_stand_for_letters() -> None:
    assert transcribed("щербаков") == "shcherbakov"
    assert transcribed("παπαδοπουλος") == "papadopoylos"
    assert transcribed("smith") == "smith"
    assert transcribed("王伟") is None
    assert transcribed("فيصل") is None


def test_the_fast_path_answers_exactly_as_the_general_reading() -> None:
    given = [
        "John",
        "MARY",
        "jane",
        "Al",
        "Guest",
        "Dr",
        "earl",
        "Bo",
        "van",
        "Kunde",
        "mcKenzie",
        "TJ",
        "LeBron",
        "null",
    ]
    family = [
        "Smith",
        "MCDONALD",
        "jones",
        "Li",
        "Guest",
        "Junior",
        "Ma",
        "De",
        "church",
        "Limited",
        "McDonald",
        "III",
        "xx",
    ]
    checked = 0
    for first in [*given, "Keine", "Gmbh", "Not", "Hotel"]:
        for last in [*family, "Angabe", "KG", "Group", "Cash", "given", "Inc", "Co", "V"]:
            one = names._fast_full(f"{first} {last}")
            if one is not None:
                checked += 1
                assert one == names._settled(names._general((None, None, None, f"{first} {last}", None, None)))
            for middle in (None, "A", "lee", "JR"):
                for fast in (names._fast(first, middle, last), names._plain(first, middle, last)):
                    if fast is not None:
                        checked += 1
                        assert fast == names._general((first, middle, last, None, None, None))
    assert checked > 200


def test_common_shapes_agree_with_nameparser() -> None:
    """Titles, middle names, suffixes and commas as the library reads them (its casing and particles differ)."""
    shapes = [
        "{t} {g} {m} {f}",
        "{g} {f}",
        "{g} {m} {f}",
        "{f}, {g}",
        "{f}, {g} {m}",
        "{g} {m} {f} {s}",
        "{g} {f}, {s}",
        "{t} {g} {f} {s}",
    ]
    people = [
        ("Jane", "Quinn", "Doe"),
        ("John", "A.", "Smith"),
        ("Ana", "Maria", "Lopez"),
        ("Peter", "J", "O'Neil"),
        ("Mary", "Ann", "Baker-Hill"),
    ]
    for given, middle, family in people:
        for title in ("Dr.", "Mrs.", "Rev."):
            for suffix in ("Jr.", "III", "PhD"):
                for shape in shapes:
                    text = shape.format(t=title, g=given, m=middle, f=family, s=suffix)
                    theirs, ours = HumanName(text), parse_name(full=text)
                    assert ours is not None
                    assert (ours.given, ours.middle or "", ours.family) == (theirs.first, theirs.middle, theirs.last), (
                        text
                    )


def test_columns_hold_what_the_one_value_function_returns() -> None:
    columns = {
        "given": ["Bob", None, "J.", "Guest"],
        "family": ["Smith", "Doe", None, "12"],
        "full": [None, "Jane Doe", None, None],
    }
    rows = name_columns(columns).to_pylist()
    for index, row in enumerate(rows):
        name = parse_name(**{part: texts[index] for part, texts in columns.items()})
        assert isinstance(name, PersonName)
        for part in ("given", "family", "given_key", "family_key", "not_a_person"):
            assert row[part] == getattr(name, part)
    with pytest.raises(ValueError, match="unknown name columns"):
        name_columns({"first": ["x"]})


def test_words_for_companies_need_a_name_before_them() -> None:
    assert not is_company("Hospital")
    assert is_company("City Hospital")
