"""Microseconds per distinct value of the standard functions, beside the libraries where there is one.

Run: `python benchmarks/standard_values.py [values]` (default 200,000 per kind; one thread, no files).
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import email_validator
import phonenumbers
from nameparser import HumanName

from identity.standard.address_columns import address_columns
from identity.standard.consent import consent_column
from identity.standard.dates import date_columns
from identity.standard.emails import email_columns
from identity.standard.gender import gender_column
from identity.standard.money import money_columns
from identity.standard.names import name_columns
from identity.standard.phones import phone_columns
from identity.standard.timestamps import timestamp_column

SEED = 20261122
GIVEN = ["James", "mary", "ROBERT", "José", "Anne-Marie", "Olga", "Bob", "Li", "Catherine", "J."]
FAMILY = ["Smith", "GARCIA", "o'brien", "van der Berg", "Müller", "Nguyen", "Public-Smith", "Jones", "McDonald", "Lee"]
STREETS = [
    "n mosley rd",
    "Main Street",
    "W 32nd St",
    "Oak Ave",
    "county road 214",
    "St. Johns Blvd",
    "Park Ave S",
    "Elm Ct",
]
CITIES = [("Coloma", "MI"), ("St. Louis", "Missouri"), ("Salem", "OR"), ("Las Vegas", "NV"), ("Austin", "Texas")]


def values_of(count: int) -> dict[str, Any]:
    """Distinct raw texts of every kind, about one in ten of them unusual."""
    rng = random.Random(SEED)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9))) for _ in range(count)]
    digits = [f"{rng.randint(200, 989)}{rng.randint(200, 989)}{rng.randint(0, 9999):04d}" for _ in range(count)]
    phone_forms = ["({0}) {1}-{2}", "+1{0}{1}{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "+1 {0} {1} {2}", "({0}) {1}-{2} x12"]
    email_forms = [
        "{0}.{1}@gmail.com",
        "{0}{1}@yahoo.com",
        "{1}.{0}@Example.com",
        "{0}+{1}@x.org",
        "Jane <{0}{1}@x.de>",
    ]
    stamps = [1_500_000_000 + rng.randrange(250_000_000) for _ in range(count)]
    return {
        "email": [rng.choice(email_forms).format(word, index) for index, word in enumerate(words)],
        "phone": [rng.choice(phone_forms).format(each[:3], each[3:6], each[6:]) for each in digits],
        "name": {
            "given": [rng.choice(GIVEN) if index % 5 else word.title() for index, word in enumerate(words)],
            "family": [
                rng.choice(FAMILY) if index % 3 == 0 else word[::-1].title() for index, word in enumerate(words)
            ],
        },
        "full name": {"full": [f"{rng.choice(GIVEN)} {word.title()}" for word in words]},
        "address": {
            "line1": [f"{rng.randint(1, 9999)} {word} {rng.choice(STREETS)}" for word in words],
            "city": [rng.choice(CITIES)[0] for _ in words],
            "region": [rng.choice(CITIES)[1] for _ in words],
            "postal_code": [f"{rng.randint(501, 99950):05d}" for _ in words],
        },
        "date": [time.strftime(rng.choice(["%Y-%m-%d", "%m/%d/%Y"]), time.gmtime(stamp)) for stamp in stamps],
        "timestamp": [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(stamp)) for stamp in stamps],
        "timestamp with offset": [time.strftime("%Y-%m-%d %H:%M:%S -0500", time.gmtime(stamp)) for stamp in stamps],
        "money": [f"${rng.randint(1, 9999):,}.{rng.randint(0, 99):02d}" for _ in words],
        "gender": [rng.choice(["m", "F", "female", "x", ""]) for _ in words],
        "consent": [rng.choice(["yes", "SUBSCRIBED", "0", "NEVER_SUBSCRIBED"]) for _ in words],
    }


def seconds(function: Callable[[], Any]) -> float:
    """Processor time of the best of three calls."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def size_of(values: Any) -> int:
    """Rows of a column or of parallel columns."""
    return len(next(iter(values.values()))) if isinstance(values, dict) else len(values)


def by_libraries(values: dict[str, Any]) -> dict[str, float]:
    """Microseconds per value of the libraries alone, on a sample."""
    emails: Sequence[str] = [text for text in values["email"][:4_000] if "<" not in text][:2_000]
    phones: Sequence[str] = values["phone"][:2_000]

    def read_phones() -> None:
        for text in phones:
            number = phonenumbers.parse(text, "US")
            phonenumbers.is_valid_number(number)
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return {
        "email": seconds(lambda: [email_validator.validate_email(text, check_deliverability=False) for text in emails])
        / len(emails),
        "phone": seconds(read_phones) / len(phones),
        "full name": seconds(lambda: [HumanName(text) for text in values["full name"]["full"][:500]]) / 500,
    }


def main(count: int) -> None:
    """Print one line per kind."""
    values = values_of(count)
    columns: dict[str, Callable[[Any], Any]] = {
        "email": email_columns,
        "phone": lambda texts: phone_columns(texts, "US"),
        "name": name_columns,
        "full name": name_columns,
        "address": lambda parts: address_columns(parts, "US"),
        "date": date_columns,
        "timestamp": lambda texts: timestamp_column(texts, "America/New_York"),
        "timestamp with offset": timestamp_column,
        "money": money_columns,
        "gender": gender_column,
        "consent": consent_column,
    }
    libraries = by_libraries(values)
    print(f"{'kind':24}{'µs a value':>12}{'library':>12}")
    for kind, function in columns.items():
        texts = values[kind]
        each = seconds(lambda function=function, texts=texts: function(texts)) / size_of(texts) * 1e6
        library = f"{libraries[kind] * 1e6:12.1f}" if kind in libraries else ""
        print(f"{kind:24}{each:12.2f}{library}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
