"""The invented population: families with addresses, e-mails, phones, moves, marriages and nicknames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from identity.sample.households import Families, make_families
from identity.sample.names import family_names, given_names, nicknames
from identity.sample.places import COUNTRIES, Addresses, draw_addresses, draw_phones, words
from identity.sample.rates import Rates
from identity.sample.text import (
    Ints,
    Mask,
    Text,
    Times,
    chance,
    choose,
    code,
    digits,
    glue,
    keep,
    pick,
    scatter,
    stream,
    texts,
)

_DOMAINS = {
    "US": "gmail.com:52 yahoo.com:17 hotmail.com:7 outlook.com:6 icloud.com:8 aol.com:5 comcast.net:3 att.net:2",
    "GB": "gmail.com:45 hotmail.co.uk:14 yahoo.co.uk:10 outlook.com:9 btinternet.com:8 icloud.com:8 sky.com:6",
    "DE": "gmx.de:25 web.de:22 gmail.com:32 t-online.de:9 outlook.de:5 yahoo.de:4 freenet.de:3",
    "FR": "gmail.com:40 orange.fr:20 hotmail.fr:12 free.fr:11 wanadoo.fr:6 laposte.net:6 yahoo.fr:5",
    "NL": "gmail.com:48 hotmail.com:18 ziggo.nl:12 kpnmail.nl:7 outlook.com:8 live.nl:7",
    "ES": "gmail.com:58 hotmail.com:20 yahoo.es:8 outlook.es:8 telefonica.net:6",
    "CA": "gmail.com:50 hotmail.com:14 yahoo.ca:10 rogers.com:8 bell.net:6 icloud.com:7 shaw.ca:5",
    "AU": "gmail.com:52 hotmail.com:14 bigpond.com:12 outlook.com:8 optusnet.com.au:6 icloud.com:8",
}


@dataclass(frozen=True)
class People:
    """One row per person; `home` and `previous` are rows of `addresses` (-1 = none), phones are E.164 digits."""

    families: Families
    addresses: Addresses
    home: npt.NDArray[np.int32]
    previous: npt.NDArray[np.int32]
    moved_at: Times
    renamed_at: Times
    email: Text
    second_email: Text
    work_email: Text
    company: npt.NDArray[np.int32]
    companies: Text
    mobile: npt.NDArray[np.int64]
    landline: npt.NDArray[np.int64]
    nickname: npt.NDArray[np.int32]
    shares_email: Mask
    shares_phone: Mask
    appetite: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.home)


def make_people(people: int, seed: int, as_of: np.datetime64, rates: Rates) -> People:
    """Draw the population; each fact has its own stream of random numbers."""
    families = make_families(stream(seed, "families"), people, rates, as_of)
    rng = stream(seed, "moves")
    households = int(families.household[-1]) + 1
    country = np.zeros(households, dtype=np.int8)
    country[families.household] = families.country
    moved = np.flatnonzero(chance(rng, households, rates.moved))
    # Rows 0..households-1 of the addresses are today's, the rest those left behind.
    addresses = draw_addresses(stream(seed, "addresses"), np.concatenate([country, country[moved]]))
    before = np.full(households, -1, dtype=np.int32)
    before[moved] = households + np.arange(len(moved))
    moved_at = np.full(households, np.datetime64("NaT", "s"))
    moved_at[moved] = _ago(rng, as_of, len(moved), 60, 900)
    renamed_at = np.full(people, np.datetime64("NaT", "s"))
    renamed = np.flatnonzero(families.family_before >= 0)
    renamed_at[renamed] = _ago(rng, as_of, len(renamed), 60, 900)
    email, second, shares_email = _emails(stream(seed, "emails"), families, rates)
    company, companies = _companies(stream(seed, "companies"), people)
    mobile, landline, shares_phone = _phones(stream(seed, "phones"), families, addresses, rates)
    return People(
        families,
        addresses,
        families.household,
        before[families.household],
        moved_at[families.household],
        renamed_at,
        email,
        second,
        _work_emails(families, company, companies),
        company,
        companies,
        mobile,
        landline,
        _nicknames(stream(seed, "nicknames"), families, rates.nickname),
        shares_email,
        shares_phone,
        stream(seed, "appetite").pareto(1.6, people) + 0.3,
    )


def _ago(rng: np.random.Generator, as_of: np.datetime64, size: int, least: int, most: int) -> Times:
    """Times between `least` and `most` days before `as_of`."""
    seconds = rng.integers(least * 86_400, most * 86_400, size)
    return np.asarray(as_of.astype("datetime64[s]") - seconds.astype("timedelta64[s]"))


def _emails(rng: np.random.Generator, families: Families, rates: Rates) -> tuple[Text, Text, Mask]:
    """Main address ("" for the few without), second address ("" for most) and who shares the main one."""
    people = len(families.household)
    email = _addresses_of(rng, families)
    email = keep(~chance(rng, people, 0.025), email)
    several = families.size >= 2
    several[:-1] &= (families.suffix[:-1] == 0) & (families.suffix[1:] == 0)  # namesakes keep their own
    heads = np.flatnonzero((families.head == np.arange(people)) & several)
    count = round(people * rates.share_email / 2)
    first = np.sort(rng.choice(heads, size=min(count, len(heads)), replace=False))
    own = np.array(email.to_pylist(), dtype=object)
    own[first[own[first] == ""]] = np.array(
        _addresses_of(rng, families).take(first[own[first] == ""]).to_pylist(), dtype=object
    )
    own[first + 1] = own[first]
    shares = np.zeros(people, dtype=bool)
    shares[first] = shares[first + 1] = True
    second = glue(_addresses_of(rng, families).cast("string"))
    has_second = chance(rng, people, 0.25) & (own != "")
    second = _unlike(keep(has_second, second), texts(own))
    return texts(own), second, shares


def _unlike(second: Text, taken: Text) -> Text:
    """Empty where the second address is somebody's first one."""
    clash = _mailbox(second.to_pylist()).isin(pd.Index(_mailbox(taken.to_pylist())))
    return keep(~clash.to_numpy(), second)


def _mailbox(addresses: list[str] | npt.NDArray[np.object_]) -> pd.Series:
    """What two people cannot both own: Gmail delivers `bo.yang` and `boyang` to one mailbox."""
    address = pd.Series(addresses, dtype=object)
    gmail = address.str.endswith("@gmail.com").to_numpy()
    address[gmail] = address[gmail].str.removesuffix("@gmail.com").str.replace(".", "", regex=False) + "@gmail.com"
    return address


def _addresses_of(rng: np.random.Generator, families: Families) -> Text:
    """An e-mail address for everybody, built from the name the way people do, all different."""
    people = len(families.household)
    given = pick(given_names().folded, families.given)
    family = pick(family_names().folded, families.family)
    year = digits((families.born.astype("datetime64[Y]").astype(np.int64) + 1970) % 100, 2)
    initial = pick(texts("abcdefghijklmnopqrstuvwxyz"), _first_letter(given))
    number = digits(rng.integers(1, 999, people))
    forms = [
        glue(given, ".", family),
        glue(given, family),
        glue(initial, family),
        glue(given, "_", family),
        glue(given, year),
        glue(family, ".", given),
        glue(given, family, year),
        glue(initial, ".", family, number),
        glue(given, number),
    ]
    shape = rng.choice(len(forms), size=people, p=[0.24, 0.14, 0.1, 0.05, 0.08, 0.06, 0.15, 0.08, 0.1])
    indices = [np.flatnonzero(shape == i) for i in range(len(forms))]
    local = scatter(people, [(i, form.take(i)) for i, form in zip(indices, forms, strict=True)])
    domain = _domains(rng, families.country)
    address = np.array(glue(local, "@", domain).to_pylist(), dtype=object)
    for _ in range(30):
        again = np.flatnonzero(_mailbox(address).duplicated().to_numpy())
        if not len(again):
            break
        extra = digits(rng.integers(1, 9_999, len(again)))
        address[again] = glue(local.take(again), extra, "@", domain.take(again)).to_pylist()
    return texts(address)


def _first_letter(names: Text) -> npt.NDArray[np.int64]:
    return np.array([ord(name[0]) - 97 if name else 0 for name in names.to_pylist()], dtype=np.int64)


def _domains(rng: np.random.Generator, country: Ints) -> Text:
    pieces = []
    for name, spec in _DOMAINS.items():
        here = np.flatnonzero(country == COUNTRIES.index(name))
        pairs = [item.split(":") for item in spec.split()]
        pieces.append((here, choose(rng, len(here), [d for d, _ in pairs], [float(w) for _, w in pairs])))
    return scatter(len(country), pieces)


def _companies(rng: np.random.Generator, people: int) -> tuple[npt.NDArray[np.int32], Text]:
    """Each person's employer and the employers' names (a few large, many small)."""
    count = max(40, people // 30)
    company = (count * rng.random(people) ** 1.7).astype(np.int32)
    return company, words(rng, count)


def _work_emails(families: Families, company: Ints, companies: Text) -> Text:
    """`given.family@company-domain`; colleagues of the same name get their number."""
    stem = pc.replace_substring_regex(pc.utf8_lower(companies), "[^a-z0-9]", "")
    domain = pick(glue(stem, code(np.arange(len(companies)), "abcdefghijklmnop", 2), ".com"), company)
    local = glue(pick(given_names().folded, families.given), ".", pick(family_names().folded, families.family))
    rank = pd.Series(glue(local, "@", domain).to_pylist()).pipe(lambda s: s.groupby(s, sort=False).cumcount())
    number = rank.to_numpy()
    return glue(local, keep(number > 0, digits(number + 1)), "@", domain)


def _phones(
    rng: np.random.Generator, families: Families, addresses: Addresses, rates: Rates
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Mask]:
    """Mobile and landline of each person (0 = none) and who shares the landline."""
    people = len(families.household)
    households = int(families.household[-1]) + 1
    place = addresses.place[families.household]
    mobile = draw_phones(rng, families.country, place, mobile=True)
    country = addresses.country[:households]
    line = draw_phones(rng, country, addresses.place[:households], mobile=False)
    sizes = np.bincount(families.household)
    several = np.flatnonzero(sizes >= 2)
    order = rng.permutation(several)
    sharing = order[np.cumsum(sizes[order]) <= round(people * rates.share_phone)]
    has_line = (sizes == 1) & chance(rng, households, 0.22)
    has_line[sharing] = True
    landline = np.where(has_line[families.household], line[families.household], 0)
    shares = (sizes >= 2)[families.household] & has_line[families.household]
    # The few without a mobile are reached on a landline of their own.
    without = chance(rng, people, 0.05) & (landline > 0) & ~shares
    return np.where(without, 0, mobile), landline, shares


def _nicknames(rng: np.random.Generator, families: Families, share: float) -> npt.NDArray[np.int32]:
    """Index of the nickname somebody goes by, -1 for the others."""
    _, start, count = nicknames()
    out = np.full(len(families.given), -1, dtype=np.int32)
    able = np.flatnonzero(count[families.given] > 0)
    users = np.sort(rng.choice(able, size=min(len(able), round(len(out) * share)), replace=False))
    option = (rng.random(len(users)) ** 2 * count[families.given[users]]).astype(np.int32)
    out[users] = start[families.given[users]] + option
    return out
