"""The graph of a case: who is named in it."""

import re
from typing import Any

import pytest

from identity.review.evidence import MOST_NAMED, MOST_NODES, graph


def drawn(records: int) -> tuple[str, int, tuple[str, ...]]:
    """(the drawing, records left out, the pairs' outcomes) of a chain of records in two profiles."""
    members = [{"source": "crm", "source_pk": f"{n:03d}", "profile_id": f"p{n % 2}"} for n in range(records)]
    pairs: list[dict[str, Any]] = [
        {
            "source_a": "crm", "pk_a": f"{n:03d}", "source_b": "crm", "pk_b": f"{n + step:03d}", "match_weight": 9.0 - n,
            "match_probability": 0.99 if step == 2 else 0.6, "outcome": "link" if step == 2 else "review",
        }
        for step in (1, 2)
        for n in range(records - step)
    ]  # fmt: skip
    found = graph(members, pairs, [("crm", "000"), ("crm", "001")], ["p0", "p1"])
    return str(found.drawing), found.left_out, tuple(edge.outcome for edge in found.edges)


def names(drawing: str) -> list[str]:
    return re.findall(r'<text class="n-label[^"]*"[^>]*>([^<]*)<', drawing)


def test_every_record_of_a_small_graph_is_named() -> None:
    drawing, left_out, _ = drawn(MOST_NAMED)
    assert names(drawing) == [
        *(f"crm {n:03d}" for n in range(0, MOST_NAMED, 2)),
        *(f"crm {n:03d}" for n in range(1, MOST_NAMED, 2)),
    ]
    assert drawing.count('class="e-label"') == MOST_NAMED - 1 + 2  # every doubtful pair, and the weakest link of each
    assert left_out == 0


@pytest.mark.parametrize("records", [MOST_NAMED + 1, MOST_NODES + 5])
def test_of_a_large_graph_only_the_records_asked_about_are_named(records: int) -> None:
    drawing, left_out, outcomes = drawn(records)
    assert names(drawing) == ["crm 000", "crm 001"]
    assert drawing.count("<title>") == min(records, MOST_NODES)
    assert drawing.count('class="e-label"') == 2
    assert left_out == max(records - MOST_NODES, 0)
    assert len(outcomes) == drawing.count("<line ")
