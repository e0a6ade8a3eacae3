"""Which files are the latest full delivery, over some runs of what stands in the inbox."""

import pytest

from identity.landing.arrivals import with_arrivals


def history(*deliveries, is_full=True):
    """The bytes that make up the latest delivery after each run; a delivery is {path: bytes}."""
    rows, found = [], []
    for number, delivery in enumerate(deliveries, start=1):
        known = {(row["sha256"], row["path"], row["member"]) for row in rows}
        delivered = {(content, path, "") for path, content in delivery.items()}
        new = [
            {"sha256": content, "path": path, "member": "", "first_run": number}
            for content, path, _ in sorted(delivered - known)
        ]
        rows = with_arrivals([*rows, *new], rows, delivered, number, is_full=is_full)
        came: dict[str, int] = {}
        for row in rows:
            came[row["sha256"]] = max(row["last_run"], came.get(row["sha256"], 0))
        latest = max(came.values(), default=0)
        found.append("".join(sorted(content for content, run in came.items() if run == latest)))
    return found


@pytest.mark.parametrize(
    ("deliveries", "latest"),
    [
        pytest.param([{"p": "A"}, {"p": "B"}, {"p": "A"}], "A", id="the same file, changed and changed back"),
        pytest.param([{"1": "A"}, {"1": "A", "2": "B"}], "B", id="a folder of days"),
        pytest.param([{"1": "A"}, {"1": "A", "2": "B"}, {"1": "A", "2": "B", "3": "A"}], "A", id="a day like an earlier one"),
        pytest.param([{"1": "A"}, {"2": "B"}, {"2": "B"}], "B", id="nothing new"),
        pytest.param([{"1": "A"}, {"1": "A", "2": "B"}, {}, {"1": "A", "2": "B"}], "B", id="the folder was not mounted once"),
        pytest.param(
            [{"1": "A"}, {"1": "A", "2": "B"}, {}, {"1": "A", "2": "B", "3": "C"}], "C", id="not mounted, then a new day"
        ),
        pytest.param([{"a": "A", "b": "B"}, {"a": "A", "b": "C"}], "AC", id="parts, of which one changed"),
        pytest.param([{"a": "A", "b": "B"}, {"a": "A", "b": "C"}, {"a": "A", "b": "B"}], "AB", id="parts, changed back"),
        pytest.param([{"1a": "A", "1b": "B"}, {"2a": "A", "2b": "C"}], "AC", id="parts with the day in their names"),
        pytest.param([{"now": "A"}, {"now": "B", "old/1": "A"}], "B", id="the earlier export moved aside"),
        pytest.param([{"1": "A"}, {"1": "A", "2": "B"}, {"1": "A", "2": "C"}], "C", id="the last day delivered once more"),
    ],
)  # fmt: skip
def test_the_latest_full_delivery_is_what_came_last(deliveries, latest):
    assert history(*deliveries)[-1] == latest


def test_a_replay_of_a_source_not_delivered_in_full_is_no_news():
    assert history({"p": "A"}, {"p": "B"}, {"p": "A"}, {"p": "B", "q": "A"}, is_full=False) == ["A", "B", "B", "B"]


def test_a_generation_of_an_earlier_program_takes_no_file_for_new():
    before = [{"sha256": "A", "path": "p", "member": "", "first_run": 1, "last_run": None, "is_present": None}]
    (row,) = with_arrivals([dict(before[0])], before, {("A", "p", "")}, 2, is_full=True)
    assert (row["last_run"], row["is_present"]) == (1, True)
