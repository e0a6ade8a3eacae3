"""E-mails: one box, one key; nothing that cannot exist; the fast path is the library."""

import random

import email_validator
import pytest

from identity.standard.emails import email_columns, emails_in, parse_email, split_address


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  MixedCase@Example.com  ", "mixedcase@example.com"),
        ("\u200bjane@x.org", "jane@x.org"),
        ("Jane <jane@x.org>", "jane@x.org"),
        ('"Jay Jones" <jjones@fmail.com>', "jjones@fmail.com"),
        ("Nastassia<patak@universal.com>", "patak@universal.com"),
        ("mailto:Jane@X.org?subject=hello", "jane@x.org"),
        ("a@x.org; b@x.org", "a@x.org"),
        ("user@münchen.de", "user@münchen.de"),
        ("user@xn--mnchen-3ya.de", "user@münchen.de"),
        ("a@b.test", "a@b.test"),
        ("jane@x.org.", "jane@x.org"),
    ],
)
def test_every_spelling_of_an_address_gives_one_address(typed: str, normal: str) -> None:
    email = parse_email(typed)
    assert email is not None
    assert email.normal == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        None,
        "-",
        "n/a",
        "jane",
        "a@b..c",
        "a@b",
        '"q r"@x.org',
        "@x.org",
        "a b@",
        "parker.schwabcomcast.net",
        "<test lead: dummy>",
        "a@-x.org",
    ],
)
def test_what_cannot_be_mailed_is_none(typed: str | None) -> None:
    assert parse_email(typed) is None


def test_gmail_dots_and_tags_are_one_box_and_elsewhere_tags_may_be_people() -> None:
    keys = [
        parse_email(text).match_key
        for text in ("A.B+shop@googlemail.com", "ab@gmail.com", "contact+ann@sdo.org", "contact+bob@sdo.org")
    ]  # type: ignore[union-attr]
    assert keys == ["ab@gmail.com", "ab@gmail.com", "contact+ann@sdo.org", "contact+bob@sdo.org"]


@pytest.mark.parametrize(
    ("typed", "flags"),
    [
        ("info@shop.de", (True, False, False)),
        ("noreply+x@shop.de", (True, False, False)),
        ("x@x.com", (False, True, False)),
        ("noemail@shop.de", (False, True, False)),
        ("jane@example.com", (False, False, False)),
        ("jane@mailinator.com", (False, False, True)),
        ("jane.doe@shop.de", (False, False, False)),
    ],
)
def test_shared_placeholder_and_disposable_boxes_are_flagged_and_kept(
    typed: str, flags: tuple[bool, bool, bool]
) -> None:
    email = parse_email(typed)
    assert email is not None
    assert (email.role_account, email.placeholder, email.disposable) == flags


def test_a_typing_error_in_the_domain_is_suggested_and_not_applied() -> None:
    email = parse_email("jane@gmial.com")
    assert email is not None
    assert (email.normal, email.suggestion) == ("jane@gmial.com", "jane@gmail.com")


def test_all_addresses_of_a_cell_are_found_once() -> None:
    assert emails_in("b@y.org, Ann <a@x.org>") == ("a@x.org",)
    assert emails_in("b@y.org;a@x.org B@y.org") == ("b@y.org", "a@x.org")


def test_the_fast_path_answers_exactly_as_the_library() -> None:
    rng = random.Random(20261122)
    pieces = ["jane", "doe", "x", "99", ".", "..", "-", "--", "_", "+", "+tag", "é", "ü", " ", "!", "'", "a" * 70]
    domains = ["x", "gmail", "mail-er", "-a", "b-", "a--b", "xn--mnchen-3ya", "münchen", "9", "a" * 64]
    tops = ["com", "de", "co.uk", "c", "museum", "9", "c0m", "", "com."]
    shapes = [
        "".join(rng.choices(pieces, k=rng.randint(1, 4))) + rng.choice(["@", "@", "@", "", "@@"])
        + ".".join([*rng.choices(domains, k=rng.randint(1, 2)), rng.choice(tops)])
        for _ in range(6_000)
    ]  # fmt: skip
    for shape in shapes:
        try:
            checked = email_validator.validate_email(shape, check_deliverability=False)
            expected = (checked.local_part.lower(), checked.domain)
        except email_validator.EmailNotValidError:
            expected = None
        assert split_address(shape) == expected, shape


def test_columns_hold_what_the_one_value_function_returns() -> None:
    values = ["A.B@gmail.com", None, "junk", "Jane <info@x.org>"]
    rows = email_columns(values).to_pylist()
    for text, row in zip(values, rows, strict=True):
        email = parse_email(text)
        for field, found in row.items():
            assert found == (None if email is None else getattr(email, field))
