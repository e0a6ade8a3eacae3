"""Signs that too much or too little was joined."""

from identity.reporting.figures.reader import Column, Reader, counts, grid, part, plural, shared, when
from identity.reporting.page import Section
from identity.reporting.words import share

_OVER_MERGE_SHARE = 0.01
_UNDER_MERGE_SHARE = 0.02
_NAME_SIGNS = 2


def over_merge(reader: Reader) -> Section:
    """Signs that profiles hold more than one person."""
    answer, links = reader.ask("over_merge"), reader.ask("weakest_links")
    profiles = links.total("profiles")
    signs = grid(
        "Profiles of several records that carry a sign",
        answer.rows,
        Column("sign", "text", "sign"),
        *counts("profiles"),
        *reader.before("over_merge", "sign", "profiles"),
        *shared("share", "share", "vetoed"),
    )
    bands = grid(
        "Profiles by their weakest link",
        links.rows,
        Column("probability of the weakest link", "text", "band"),
        *counts("profiles"),
        *reader.before("weakest_links", "band", "profiles"),
        *counts("records"),
        Column("", "bar", lambda row: part(row["profiles"], profiles)),
    )
    signals = [
        signal
        for row in answer.rows[:_NAME_SIGNS]
        for signal in when(
            (row["share"] or 0) > _OVER_MERGE_SHARE,
            "warn",
            f"{plural(row['profiles'], 'profile')} ({share(row['share'])}) with {row['sign']}: two people in one?",
            "over-merge",
        )
    ]
    return Section(
        id="over-merge",
        title="Joined too much?",
        shows="Signs that one profile may hold two people, and how strong the weakest link of each profile is.",
        alarming="more than 1 % of the profiles with several given names or surnames, or a rise against the last run. "
        "A second birth date is often a typing error.",
        body=(signs, bands),
        queries=(answer.query, links.query),
        signals=tuple(signals),
        reached=reader.reached("identity.profile_xref", "match.cluster"),
    )


def under_merge(reader: Reader) -> Section:
    """Signs that one person has several profiles."""
    answer, apart = reader.ask("under_merge"), reader.ask("left_apart")
    combinations = grid(
        "Combinations that two profiles should hardly share",
        answer.rows,
        Column("the same", "text", "combination"),
        *counts("values=combinations", "in_one=in one profile", "in_several"),
        *reader.before("under_merge", "combination", "in_several"),
        *shared("share", "share", "review"),
    )
    reasons = grid(
        "Left apart, and why",
        apart.rows,
        Column("reason", "text", "reason"),
        *counts("n=number"),
        *reader.before("left_apart", "reason", "n"),
    )
    signals = [
        signal
        for row in answer.rows
        for signal in when(
            (row["share"] or 0) > _UNDER_MERGE_SHARE,
            "warn",
            f"{share(row['share'])} of the combinations of {row['combination']} stand in several profiles: "
            "one person may have two.",
            "under-merge",
        )
    ]
    return Section(
        id="under-merge",
        title="Joined too little?",
        shows="Signs that one person still has several profiles, and what kept records apart.",
        alarming="more than 2 % of any combination in several profiles. Families explain some of “name and address”.",
        body=(combinations, reasons),
        queries=(answer.query, apart.query),
        signals=tuple(signals),
        reached=reader.reached("identity.profile_xref", "match.candidate_pair"),
    )
