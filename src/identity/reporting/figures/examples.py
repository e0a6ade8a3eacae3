"""Examples: pairs of each band of scores side by side, with the waterfall of their weights."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import log2
from typing import Any, Literal

from rapidfuzz.distance import JaroWinkler

from identity.reporting import masking
from identity.reporting.charts import waterfall
from identity.reporting.figures.reader import Reader, Row
from identity.reporting.page import Band, Comparison, Example, Section, Step, Tone
from identity.reporting.words import probability, signed

Agreement = Literal["same", "similar", "differs", "missing"]
Shown = Callable[..., str | None]

_SIMILAR = 0.88
_BANDS: Mapping[int, tuple[str, str, Tone]] = {
    1: ("Linked by a rule", "A named rule joined them; the score is shown where there is one.", "link"),
    2: ("Linked, well above the threshold", "The evidence leaves little doubt.", "link"),
    3: ("Linked, close to the threshold", "The first place to look for people joined by mistake.", "link"),
    4: (
        "Linked below the threshold",
        "The pair alone would not do; the other records of the profile speak for it.",
        "link",
    ),
    5: ("For review, upper half", "Probably one person, not sure enough to link.", "review"),
    6: ("For review, lower half", "May or may not be one person.", "review"),
    7: (
        "Kept apart",
        "The score alone would join or ask; other records, a constraint or a person speak against it.",
        "vetoed",
    ),
}
_OUTCOMES = {"link": "linked", "review": "for review", "no": "left apart", "vetoed": "kept apart"}


def examples(reader: Reader) -> Section:
    """At least five pairs per band where the band has them."""
    sides, counts, vector, model = (reader.ask(name) for name in ("examples", "band_counts", "vector", "model"))
    by_pair: dict[tuple[int, int], dict[str, Row]] = {}
    for row in sides.rows:
        by_pair.setdefault((row["band"], row["rank"]), {})[row["side"]] = row
    bands = []
    for count_row in counts.rows:
        title, words, tone = _BANDS[count_row["band"]]
        pairs = [pair for (band, _), pair in sorted(by_pair.items()) if band == count_row["band"]]
        drawn = tuple(_example(reader, pair["a"], pair["b"], tone) for pair in pairs)
        bands.append(Band(title, words, count_row["pairs"], drawn))
    return Section(
        id="examples",
        title="Examples",
        shows="Pairs of records from each band of scores, side by side, and how each field moved the score. "
        f"{'Values stand here in full' if reader.is_unmasked else 'Values are masked'}: the word beside them says "
        "whether they agree.",
        alarming="a linked pair that is plainly two people, or a pair for review that is plainly one.",
        body=tuple(bands),
        queries=(sides.query, counts.query, vector.query, model.query),
        reached=reader.reached("match.candidate_pair"),
        empty="No pair of records was scored.",
    )


def _example(reader: Reader, a: Row, b: Row, tone: Tone) -> Example:
    levels, prior = reader.ask("vector").rows, reader.ask("model").one.get("prior_match_probability")
    steps = tuple(steps_of(a, levels, prior))
    score = f"probability {probability(a['match_probability'])}"
    if a["match_weight"] is not None:
        score += f", {signed(a['match_weight'])} bits"
    outcome = _OUTCOMES.get(a["outcome"], str(a["outcome"]))
    return Example(
        title=f"{a['source']} and {b['source']}",
        outcome=f"{outcome} · {score}",
        tone=tone,
        left=_place(a),
        right=_place(b),
        fields=tuple(_compare(a, b, reader.masked)),
        steps=steps,
        note=_note(a, b),
    )


def _place(row: Row) -> tuple[str, str, str]:
    changed = row["source_updated_at"]
    return row["source"], row["source_pk"], f"changed {changed:%Y-%m-%d}" if changed else ""


def _note(a: Row, b: Row) -> str:
    parts = []
    if a["rule_id"]:
        parts.append(f"Rule: {a['rule_id']}.")
    if a["vetoed_by"]:
        parts.append(f"Kept apart by: {a['vetoed_by']}.")
    if a["blocking_rule"]:
        parts.append(f"Found by: {a['blocking_rule']}.")
    if a["profile_id"] and b["profile_id"]:
        parts.append(
            "Both are in one profile." if a["profile_id"] == b["profile_id"] else "They are in different profiles."
        )
    return " ".join(parts)


def _compare(a: Row, b: Row, shown: Shown) -> list[Comparison]:
    """The fields that at least one of the two has."""
    left, right = _shown(a, shown), _shown(b, shown)
    return [
        Comparison(field, left[field][1] or "–", right[field][1] or "–", agreement(left[field][0], right[field][0]))
        for field in left
        if left[field][0] or right[field][0]
    ]


def _shown(row: Row, shown: Shown) -> dict[str, tuple[tuple[str, ...], str | None]]:
    """Per field the values to compare and the text to show, masked where the report is."""
    emails, phones, ids = (tuple(row[name] or ()) for name in ("emails", "phones", "ids"))
    birth = _birth(row["birth_date"], row["birth_year"])
    full = row["full_name"] if not row["given_name"] and not row["family_name"] else None
    street = " ".join(str(row[name]) for name in ("house_number", "street") if row[name]) or row["address_line1"]
    return {
        "name": (_one(full), shown(masking.mask_words, full)),
        "given name": (_one(row["given_name"]), shown(masking.mask_words, row["given_name"])),
        "middle name": (_one(row["middle_name"]), shown(masking.mask_words, row["middle_name"])),
        "surname": (_one(row["family_name"]), shown(masking.mask_words, row["family_name"])),
        "suffix": (_one(row["suffix"]), shown(masking.mask_hidden, row["suffix"])),
        "birth date": (birth, shown(masking.mask_birth_date, row["birth_date"], row["birth_year"])),
        "gender": (_one(row["gender"]), shown(masking.mask_hidden, row["gender"])),
        "company": (_one(row["company"]), shown(masking.mask_words, row["company"])),
        "e-mail": (emails, _several(shown(masking.mask_email, value) for value in emails)),
        "phone": (phones, _several(shown(masking.mask_phone, value) for value in phones)),
        "other ids": (ids, _several(shown(_masked_id, value) for value in ids)),
        "street": (_one(street), shown(masking.mask_hidden, street)),
        "unit": (_one(row["unit"]), shown(masking.mask_hidden, row["unit"])),
        "city": (_one(row["city"]), shown(masking.mask_words, row["city"])),
        "postal code": (_one(row["postal_code"]), shown(masking.mask_postal_code, row["postal_code"])),
        "country": (_one(row["country_iso2"]), row["country_iso2"]),
    }


def _masked_id(value: str) -> str | None:
    kind, _, rest = value.partition(" ")
    return f"{kind} {masking.mask_id(rest)}"


def _several(values: Any) -> str | None:
    listed = list(values)
    shown = ", ".join(str(value) for value in listed[:3])
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return f"{shown}{more}" or None


def _one(value: str | None) -> tuple[str, ...]:
    return (value.strip(),) if value and value.strip() else ()


def _birth(value: date | None, year: int | None) -> tuple[str, ...]:
    if value is not None:
        return (value.isoformat(),)
    return (str(year),) if year is not None else ()


def agreement(left: Sequence[str], right: Sequence[str]) -> Agreement:
    """How two lists of values agree: a value in common, a similar one (Jaro–Winkler ≥ .88), none, or one is missing."""
    a, b = sorted({v.casefold() for v in left}), sorted({v.casefold() for v in right})
    if not a or not b:
        return "missing"
    if set(a) & set(b):
        return "same"
    return "similar" if any(JaroWinkler.similarity(x, y) >= _SIMILAR for x in a for y in b) else "differs"


def steps_of(pair: Row, levels: Sequence[Row], prior: float | None) -> list[Step]:
    """The waterfall of a pair: prior, each field's weight, remainder, total.

    The remainder is the rarity of the shared values and the odds of one household.

    A field's level is `(comparison_vector >> shift) & ((1 << bits) - 1)`; its weight is log2(m/u).
    """
    if pair["comparison_vector"] is None or pair["match_weight"] is None or not levels:
        return []
    parts: list[tuple[str, str, float]] = []
    if prior is not None and 0 < prior < 1:
        parts.append(("before any evidence", "two records at random", log2(prior / (1 - prior))))
    for row in levels:
        seen = (int(pair["comparison_vector"]) >> row["shift"]) & ((1 << row["bits"]) - 1)
        if seen == row["level"]:
            parts.append(
                (
                    str(row["field"]).replace("_", " "),
                    str(row["label"] or "").replace("_", " "),
                    float(row["weight"] or 0.0),
                )
            )
    total = float(pair["match_weight"])
    rest = total - sum(weight for _, _, weight in parts)
    if abs(rest) >= 0.05:
        parts.append(("rarity and household", "a rare value weighs more, a household’s less", rest))
    return drawn(parts, total)


def drawn(parts: Sequence[tuple[str, str, float]], total: float) -> list[Step]:
    """Steps (label, what was seen, bits) with their bars, and the total."""
    edges, at = [0.0], 0.0
    for _, _, weight in parts:
        at += weight
        edges.append(at)
    low, high = min(*edges, total, 0.0), max(*edges, total, 0.0)
    steps, at = [], 0.0
    for label, seen, weight in parts:
        steps.append(Step(label, seen, weight, waterfall(at, at + weight, low, high)))
        at += weight
    return [*steps, Step("total", "match weight", total, waterfall(0.0, total, low, high))]
