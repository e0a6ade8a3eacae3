"""Commands of data stewards: undo a decision, look at decisions and at the queue."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.commands.base import AsJson, Config, Warehouse, command, out, settings_of
from identity.commands.decide import PANEL, By, Reason, confirm, worded
from identity.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from identity.desk import Desk

Unmasked = Annotated[bool, typer.Option(help="Show values of people.")]


@command(PANEL)
def undo(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The decision, as D12.")],
    by: By,
    reason: Reason,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Undo a decision by a counter decision; the next run gives back what it changed, ids included."""
    from identity import deciding
    from identity.desk import desk

    with desk(settings_of(config, warehouse=warehouse)) as at:
        confirm(deciding.undo(at, decision, worded(at, by, reason)))


@command(PANEL)
def decisions(
    verify: Annotated[bool, typer.Option("--verify", help="Check that nobody changed the log.")] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write all decisions as CSV, with values.")] = None,
    import_: Annotated[Path | None, typer.Option("--import", help="Add the decisions of a CSV file.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Unmasked = False,
    as_json: AsJson = False,
) -> None:
    """List what was decided, by whom and what became of it."""
    from identity import exchanging, reviewing
    from identity.desk import desk
    from identity.privacy import requests

    if sum((verify, export is not None, import_ is not None)) > 1:
        raise ConfigurationError("give one of --verify, --export and --import")
    with desk(settings_of(config, warehouse=warehouse)) as at:
        if verify:
            _verify(at, as_json=as_json)
        elif export is not None:
            requests.remember_export(at.store, str(export.resolve()), "decisions", "decisions", 0)
            out.print(f"{exchanging.export_decisions(at, export):,} decisions written to {export}", soft_wrap=True)
        elif import_ is not None:
            added, known = exchanging.import_decisions(at, import_)
            out.print(f"{added:,} decisions added, {known:,} known before. They apply with the next run.")
        else:
            rows = reviewing.masked_decisions(reviewing.described(at), unmasked=unmasked)
            _show(rows, _DECISION_COLUMNS, as_json=as_json, nothing=f"no decision yet in {at.settings.state}")


@command(PANEL)
def queue(
    kind: Annotated[
        str | None, typer.Option(help="Only cases of this kind, e.g. pair, contested, contradiction.")
    ] = None,
    assignee: Annotated[str | None, typer.Option(help="Only cases assigned to this person.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many cases.")] = 20,
    everything: Annotated[
        bool, typer.Option("--all", help="Also cases that a decision settles with the next run.")
    ] = False,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Unmasked = False,
    as_json: AsJson = False,
) -> None:
    """List the cases that wait for a decision, the most important first."""
    from identity import reviewing
    from identity.desk import desk

    with desk(settings_of(config, warehouse=warehouse)) as at:
        if not at.is_published:
            raise ConfigurationError(f"{at.settings.warehouse}: no warehouse there yet; `identity run` publishes one")
        items = [
            item
            for item in reviewing.queue(at)
            if (kind is None or item["kind"] == kind)
            and (assignee is None or item.get("assignee") == assignee)
            and (everything or item["state"] == "open")
        ]
        rows = reviewing.masked_items(items[:limit], unmasked=unmasked)
        _show(rows, _QUEUE_COLUMNS, as_json=as_json, nothing="no open case")
        if not as_json:
            _show_proposals(at)
        if not as_json and len(items) > limit:
            out.print(f"{len(items):,} cases in all; --limit shows more, --json gives them to a script")


def _show_proposals(at: "Desk") -> None:
    """The joins that wait for a second person."""
    from identity.stewardship import proposals

    for proposal in proposals.proposals(at.store):
        if proposal.kind == "same":
            out.print(
                f"{proposal.name}: {proposal.proposed_by} proposes to join {proposal.size:,} records, and it takes a "
                f"second person: `identity decide confirm {proposal.name} --by NAME`, or decline",
                soft_wrap=True,
            )


_DECISION_COLUMNS = ("decision", "kind", "state", "effect", "decided_by", "at", "records", "field", "value", "reason")
_QUEUE_COLUMNS = (
    "item_id",
    "kind",
    "why",
    "priority",
    "match_probability",
    "records",
    "decisions",
    "id_value",
    "state",
)


def _verify(at: "Desk", *, as_json: bool) -> None:
    from identity import reviewing

    found = reviewing.verify(at)
    if as_json:
        told = {"decisions": found.decisions, "erased": found.erased, "head": found.head, "problems": found.problems}
        out.print_json(json.dumps(told))
    elif not found.problems:
        erased = f", {found.erased:,} with erased text" if found.erased else ""
        out.print(f"the log is whole: {found.decisions:,} decisions{erased}, last hash {found.head[:16]}")
    else:
        out.print("the log was changed:", *found.problems, sep="\n", soft_wrap=True)
    if found.problems:
        raise typer.Exit(ExitCode.FAILED)


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], *, as_json: bool, nothing: str) -> None:
    from identity import console

    if as_json:
        out.print_json(json.dumps(rows, default=str))
    elif not rows:
        out.print(nothing, soft_wrap=True)
    else:
        console.print_rows(out, rows, columns)
