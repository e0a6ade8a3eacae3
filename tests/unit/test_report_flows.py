"""The picture of flows: everything that flows is drawn, to scale, with names that cannot become code."""

import re

from identity.reporting.flows import Flow, sankey


def ribbons(picture: str) -> list[tuple[float, float]]:
    """Height of every ribbon where it begins and where it ends."""
    number = r"(-?[0-9.]+)"
    shape = re.compile(
        rf'd="M{number},{number} C\S+ \S+ {number},{number} L{number},{number} C\S+ \S+ {number},{number} Z'
    )
    return [(round(float(m[8]) - float(m[2]), 1), round(float(m[6]) - float(m[4]), 1)) for m in shape.finditer(picture)]


def test_ribbons_are_as_high_as_what_flows() -> None:
    drawn = ribbons(sankey([Flow(0, "email", "end", 300), Flow(0, "direct", "end", 100)], 2, "flows"))
    assert len(drawn) == 2
    (first, _), (second, _) = drawn
    assert abs(first / second - 3) < 0.05
    assert all(begin == end for begin, end in drawn)


def test_a_place_through_which_less_comes_than_goes_is_as_high_as_the_larger() -> None:
    picture = sankey([Flow(0, "a", "b", 10), Flow(1, "b", "end", 40)], 3, "flows")
    assert "b 40" in picture
    assert "a 10" in picture


def test_names_are_written_as_text_and_the_picture_has_a_label() -> None:
    picture = sankey([Flow(0, "<script>alert(1)</script>", "end", 1)], 2, 'said "so"')
    assert "<script>" not in picture
    assert 'role="img" aria-label="said &#34;so&#34;"' in picture


def test_the_order_of_the_flows_does_not_change_the_picture() -> None:
    flows = [Flow(0, "a", "c", 5), Flow(0, "b", "c", 5), Flow(1, "c", "end", 10), Flow(1, "d", "end", 2)]
    assert sankey(flows, 3, "flows") == sankey(flows[::-1], 3, "flows")


def test_without_flows_nothing_is_drawn() -> None:
    assert sankey([], 4, "flows") == ""
