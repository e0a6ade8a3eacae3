"""A ruling that is kept is the one that the whole column would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.sources.base import Source
from identity.standard.dates import date_evidence, vote_date_order
from identity.standardising.rulings import Rulings, Undecided, from_plain, plain

DATES = st.lists(
    st.sampled_from(
        ["2024-05-06", "05/06/2024", "13/06/2024", "06/13/2024", "05.06.2024", "14.06.2024", "May 2024", "x"]
    )
    | st.builds("{:02d}/{:02d}/2023".format, st.integers(1, 28), st.integers(1, 28)),
    max_size=12,
)
REGIONS = st.sampled_from([None, "US", "DE"])


@given(before=DATES, gone=st.integers(0, 12), new=DATES, region=REGIONS)
def test_a_patch_goes_on_only_where_the_whole_column_rules_the_same(
    before: list[str], gone: int, new: list[str], region: str | None
) -> None:
    source = Source("crm", "crm", region=region)
    first = Rulings()
    then = first.order("changed", list(before), source)
    votes, _ = from_plain(plain(first))
    patch = Rulings(standing=votes, replaced=min(gone, len(before)))
    try:
        now = patch.order("changed", list(new), source)
    except Undecided:
        return
    whole = [*before[patch.replaced :], *new]
    assert now == then == vote_date_order(whole, region=region)
    kept = patch.votes["changed"]
    actual = date_evidence(whole)
    assert all(low <= count <= high for low, count, high in zip(kept.least, actual, kept.most, strict=True))


def test_texts_all_written_alike_are_read_the_same_whatever_comes() -> None:
    source = Source("crm", "crm", region="US")
    first = Rulings()
    first.alike("changed", 100, source)
    votes, _ = from_plain(plain(first))
    assert Rulings(standing=votes).order("changed", ["13/05/2024"], source) == "dmy"
    Rulings(standing=votes, replaced=200).alike("changed", 3, source)
    with pytest.raises(Undecided):  # all of them may be gone
        Rulings(standing=votes, replaced=200).order("changed", ["May 2024"], source)
