"""Numbering plans: how a country writes, delimits and recognises its telephone numbers.

The rules are those of the `phonenumbers` library and are read from its metadata; what is here is the library's
algorithm for numbers made of digits alone, with each country's patterns compiled once. A test compares the two on
thousands of shapes of every country.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

# The most frequent kinds first: whether a number is valid does not depend on the order.
_KINDS = (
    "fixed_line", "mobile", "toll_free", "voip", "shared_cost", "premium_rate", "personal_number", "pager", "uan",
    "voicemail",
)  # fmt: skip
_MIN_NSN, _MAX_NSN = 2, 17


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbering plan of one region: compiled patterns and possible lengths of national numbers."""

    country_code: int
    lengths: frozenset[int]
    local_lengths: frozenset[int]
    shortest: int
    longest: int
    general: re.Pattern[str]
    any_kind: re.Pattern[str]
    toll_free: re.Pattern[str]
    leading: re.Pattern[str] | None
    trunk: re.Pattern[str] | None
    trunk_transforms: bool
    international: re.Pattern[str] | None


class Number(NamedTuple):
    """A number in the country's plan: `possible` by its length, `valid` by its digits."""

    country_code: int
    national: str
    possible: bool
    local_only: bool
    valid: bool
    toll_free: bool


def _pattern_of(desc: Any) -> str | None:
    """One description of the metadata as a pattern that also demands its possible lengths."""
    if desc is None or not desc.national_number_pattern:
        return None
    lengths = "|".join(rf"\d{{{length}}}" for length in desc.possible_length if length > 0)
    return rf"(?=(?:{lengths})\Z)(?:{desc.national_number_pattern})" if lengths else desc.national_number_pattern


def _optional(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


def _compile(metadata: Any) -> Plan:
    general = metadata.general_desc
    kinds = dict.fromkeys(pattern for kind in _KINDS if (pattern := _pattern_of(getattr(metadata, kind))))
    never = r"(?!)"
    return Plan(
        country_code=metadata.country_code,
        lengths=frozenset(general.possible_length),
        local_lengths=frozenset(general.possible_length_local_only),
        shortest=general.possible_length[0],
        longest=general.possible_length[-1],
        general=re.compile(general.national_number_pattern or never),
        any_kind=re.compile("|".join(f"(?:{kind})" for kind in kinds) or never),
        toll_free=re.compile(_pattern_of(metadata.toll_free) or never),
        leading=_optional(metadata.leading_digits),
        trunk=_optional(metadata.national_prefix_for_parsing),
        trunk_transforms=bool(metadata.national_prefix_transform_rule),
        international=_optional(metadata.international_prefix),
    )


@cache
def plan_of_region(region: str) -> Plan | None:
    """Return the plan of an ISO 3166 region, None for a region without telephones."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    return None if metadata is None else _compile(metadata)


@cache
def plans_of_code(country_code: int) -> tuple[Plan, ...]:
    """Return the plans of all regions behind a calling code, the main one first; none for non-geographic codes."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE.get(country_code, ())
    return tuple(plan for plan in map(plan_of_region, regions) if plan is not None)


@cache
def _leads_of_code(country_code: int) -> re.Pattern[str]:
    """Return one pattern for the leading digits of all the code's regions that are told apart by them."""
    leads = [plan.leading.pattern for plan in plans_of_code(country_code) if plan.leading is not None]
    return re.compile("|".join(f"(?:{lead})" for lead in leads) or r"(?!)")


@cache
def split_country_code(digits: str) -> int | None:
    """Return the calling code at the start of the digits after a plus (pass the first three)."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    if digits[:1] == "0":
        return None
    for length in (1, 2, 3):
        if len(digits) >= length and int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE:
            return int(digits[:length])
    return None


def _without_trunk(number: str, plan: Plan) -> str | None:
    """Take off the national (trunk) prefix as the library would; None where its rule rewrites digits."""
    match = plan.trunk.match(number) if plan.trunk is not None else None
    if match is None:
        return number
    if plan.trunk_transforms and match[match.re.groups] is not None:
        return None
    rest = number[match.end() :]
    if plan.general.fullmatch(number) and not plan.general.fullmatch(rest):
        return number
    size = len(rest)
    return number if size < plan.shortest or (size not in plan.lengths and size <= plan.longest) else rest


def _judge(country_code: int, national: str, plan: Plan) -> Number:
    size = len(national)
    valid, toll_free = False, False
    led: bool | None = None  # looked up once, and only where the main region does not settle it
    for candidate in plans_of_code(country_code):
        if candidate.leading is not None:
            led = _leads_of_code(country_code).match(national) is not None if led is None else led
            if not (led and candidate.leading.match(national)):
                continue
        valid = bool(candidate.general.fullmatch(national) and candidate.any_kind.fullmatch(national))
        toll_free = valid and candidate.toll_free.fullmatch(national) is not None
        if valid or candidate.leading is not None:
            break
    return Number(country_code, national, size in plan.lengths, size in plan.local_lengths, valid, toll_free)


def starts_like_trunk(country_code: int, national: str) -> bool:
    """Tell whether a national number starts with what is dialled before national numbers."""
    plans = plans_of_code(country_code) if country_code != 1 else ()  # ten digits, never eleven
    return bool(plans) and plans[0].trunk is not None and plans[0].trunk.match(national) is not None


def read_international(digits: str) -> Number | None:
    """Read the digits after a plus sign; None where only the library can say (or nobody)."""
    country_code = split_country_code(digits[:3])
    plans = plans_of_code(country_code) if country_code is not None else ()
    if country_code is None or not plans:
        return None
    plan = plans[0]
    rest = _without_trunk(digits[len(str(country_code)) :], plan)
    if rest is None or not _MIN_NSN < len(rest) <= _MAX_NSN or not rest.strip("0"):
        return None
    return _judge(country_code, rest, plan)


def read_national(digits: str, region: str) -> Number | None:
    """Read digits written inside `region`; None where only the library can say.

    A number that starts like a call abroad, or like the country's own calling code, needs the library's judgement,
    except in North America, where a leading 1 before ten digits is both the trunk prefix and the calling code.
    """
    plan = plan_of_region(region)
    if plan is None or (plan.international is not None and plan.international.match(digits)):
        return None
    if digits.startswith(str(plan.country_code)) and plan.country_code != 1:
        return None
    if plan.country_code == 1 and digits[0] == "1" and (len(digits) != 11 or digits[1] in "01"):
        return None
    rest = _without_trunk(digits, plan)
    if rest is None or not _MIN_NSN < len(rest) <= _MAX_NSN or not rest.strip("0"):
        return None
    main = plans_of_code(plan.country_code)
    return _judge(plan.country_code, rest, main[0] if main else plan)
