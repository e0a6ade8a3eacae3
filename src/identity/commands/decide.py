"""Commands of data stewards: `identity decide KIND …`, one for each kind of decision."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.commands.base import Config, Warehouse, app, command, err, out, settings_of

if TYPE_CHECKING:
    from identity.deciding import Proposed, Recorded, Word
    from identity.desk import Desk
    from identity.stewardship.decisions import Kind

PANEL = "Stewardship"
decide = typer.Typer(no_args_is_help=True, help="Decide a case; it applies with the next run and can be undone.")
app.add_typer(decide, name="decide", rich_help_panel=PANEL)

By = Annotated[str, typer.Option("--by", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]
Due = Annotated[datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="Day to look at it again.")]
Assignee = Annotated[str | None, typer.Option("--assignee", help="Who is to look at it again.")]
Replaces = Annotated[str | None, typer.Option("--replaces", help="Decision that this one takes the place of, as D12.")]
First = Annotated[str, typer.Argument(metavar="A", help="A record as source:key, or a profile id.")]
Second = Annotated[str, typer.Argument(metavar="B", help="The other record, or profile id.")]
Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="A record as source:key, or a profile id.")]
FieldGroup = Annotated[
    str, typer.Argument(metavar="FIELD", help="name, email, phone, address, birth_date, gender or company.")
]
Value = Annotated[str | None, typer.Option("--value", help="Which value, where the record has several.")]


def _named(name: str, about: str, function: Callable[..., None]) -> None:
    function.__doc__ = about
    command(PANEL, name, to=decide)(function)


def _kind(name: str) -> "Kind":
    from identity.stewardship.decisions import Kind

    return Kind(name.replace("-", "_"))


@contextlib.contextmanager
def _desk(config: Path | None, warehouse: str | None) -> Iterator["Desk"]:
    from identity.desk import desk

    with desk(settings_of(config, warehouse=warehouse)) as at:
        yield at


@decide.callback()
def _decide() -> None:
    """Decide a case; it applies with the next run and can be undone."""


def _about_two(name: str, about: str) -> None:
    """Register a decision about two records (or all of two profiles)."""

    def decide_two(
        first: First,
        second: Second,
        by: By,
        reason: Reason,
        due: Due = None,
        assignee: Assignee = None,
        replaces: Replaces = None,
        config: Config = None,
        warehouse: Warehouse = None,
    ) -> None:
        from identity import deciding

        with _desk(config, warehouse) as at:
            said = worded(at, by, reason, due, assignee, replaces)
            _say(deciding.pair(at, _kind(name), first, second, said), at.settings.review.second_person_records)

    _named(name, about, decide_two)


_about_two("same", "Two records (or all of two profiles) are one person, whatever the model says.")
_about_two("not-same", "Two records (or all of two profiles) are two people, also by way of others.")
_about_two("unsure", "Nobody can tell: the case leaves the queue until it is due or a record changes.")


@command(PANEL, "split", to=decide)
def split(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile id, or a record of it.")],
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help="Records that leave, as source:key.")],
    by: By,
    reason: Reason,
    each: Annotated[bool, typer.Option("--each", help="Each leaves for itself, not together.")] = False,
    due: Due = None,
    assignee: Assignee = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Records leave a profile, together; the others stay."""
    from identity import deciding

    with _desk(config, warehouse) as at:
        confirm(deciding.split(at, profile, records, worded(at, by, reason, due, assignee), each=each))


Proposal = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposed join, as P3.")]


@command(PANEL, "confirm", to=decide)
def confirm_proposal(
    proposal: Proposal,
    by: Annotated[str, typer.Option("--by", help="The second person.")],
    reason: Annotated[str, typer.Option("--reason", help="What to add to the reason of the first.")] = "",
    due: Due = None,
    assignee: Assignee = None,
    replaces: Replaces = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """A second person agrees to a join of many records: it becomes a decision under both names."""
    from identity import deciding

    with _desk(config, warehouse) as at:
        word = worded(at, by, reason, due, assignee, replaces)
        recorded = deciding.second(at, deciding.proposed(at, proposal), word, confirmed=True)
        if recorded:
            confirm(recorded)


@command(PANEL, "decline", to=decide)
def decline_proposal(
    proposal: Proposal,
    by: Annotated[str, typer.Option("--by", help="Who declines; who proposed it withdraws it.")],
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """A proposed join of many records is not to be: nothing is decided."""
    from identity import deciding

    with _desk(config, warehouse) as at:
        deciding.second(at, deciding.proposed(at, proposal), worded(at, by, ""), confirmed=False)
        out.print(f"{proposal} is declined; nothing was decided.", soft_wrap=True)


def _about_a_golden_value(name: str, kind: str, about: str) -> None:
    """Register a decision about which of its values is a person's golden one."""

    def decide_value(
        subject: Subject,
        field: FieldGroup,
        by: By,
        reason: Reason,
        value: Value = None,
        config: Config = None,
        warehouse: Warehouse = None,
    ) -> None:
        from identity import deciding

        with _desk(config, warehouse) as at:
            confirm(deciding.pick(at, _kind(kind), subject, field, value, worded(at, by, reason)))

    _named(name, about, decide_value)


_about_a_golden_value(
    "pin", "pin_value", "The golden value comes from this record, whatever the survivorship rules say."
)
_about_a_golden_value(
    "exclude", "exclude_value", "A value never becomes the golden one of this person; it stays on its record."
)


@command(PANEL, "correct", to=decide)
def correct(
    subject: Subject,
    field: FieldGroup,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The right value, written in full.")],
    by: By,
    reason: Reason,
    due: Due = None,
    assignee: Assignee = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Type a golden value that stands on no record, for example told by the customer on the phone."""
    from identity import deciding

    with _desk(config, warehouse) as at:
        confirm(deciding.correct(at, subject, field, value, worded(at, by, reason, due, assignee)))


IdType = Annotated[str, typer.Argument(metavar="TYPE", help="email, phone, address or another identifier type.")]
Identifier = Annotated[str, typer.Argument(metavar="VALUE", help="The value.")]


def _about_an_identifier(name: str, kind: str, about: str) -> None:
    """Register a decision about a value of an identifier, whoever holds it."""

    def decide_identifier(
        id_type: IdType, value: Identifier, by: By, reason: Reason, config: Config = None, warehouse: Warehouse = None
    ) -> None:
        from identity import deciding

        with _desk(config, warehouse) as at:
            recorded, holders = deciding.block(at, _kind(kind), id_type, value, worded(at, by, reason))
            if holders:
                out.print(f"held by {holders['n_records']:,} records of {holders['n_profiles']:,} profiles today")
            confirm(recorded)

    _named(name, about, decide_identifier)


_about_an_identifier(
    "block", "block_value", "An identifier value identifies nobody: it joins nothing and is never golden."
)
_about_an_identifier(
    "unblock",
    "unblock_value",
    "An identifier value identifies somebody, however many share it: it is never blocked by itself.",
)


def worded(
    at: "Desk",
    by: str,
    reason: str,
    due: datetime | None = None,
    assignee: str | None = None,
    replaces: str | None = None,
) -> "Word":
    """The options of a decision as one value."""
    from identity.deciding import Word

    return Word(by, reason, due.date() if due else None, assignee, at.number(replaces) if replaces else None)


def _say(told: "Recorded | Proposed", limit: int) -> None:
    """Say what was recorded, or that it takes a second person."""
    from identity.deciding import Recorded

    if isinstance(told, Recorded):
        confirm(told)
        return
    out.print(
        f"{told.name} proposed: joining {told.size:,} records takes a second person (from {limit:,} records, [review] "
        f"second_person_records). `identity decide confirm {told.name} --by NAME` by somebody else decides it, "
        f"`identity decide decline {told.name} --by NAME` ends it.",
        soft_wrap=True,
    )


def confirm(recorded: "Recorded") -> None:
    """Say what was recorded, what it replaced or contradicts, and when it applies."""
    decision = recorded.decision
    ended = f", undoes D{decision.said.undoes}" if decision.said.undoes else ""
    replaced = f", takes the place of D{recorded.replaced}" if recorded.replaced else ""
    out.print(
        f"{decision.name} recorded ({decision.said.kind.value.replace('_', ' ')}{ended}{replaced}).", soft_wrap=True
    )
    if recorded.running:
        out.print(
            f"Run {recorded.running} keeps the decisions it read at its start: this one applies with the next run."
        )
    else:
        out.print(f"It applies with the next run; `identity undo {decision.name}` takes it back.")
    for entry in recorded.contradictions:
        others = ", ".join(f"D{number}" for number in entry.decisions if number != decision.number)
        err.print(
            f"{decision.name} contradicts {others}: none of them is followed, what is published stays, until one is "
            "undone or replaced. It stands in `identity queue`.",
            style="yellow",
            soft_wrap=True,
        )
