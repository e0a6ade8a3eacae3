"""What the commands about people's data print: counts and places, never a value of a person."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from identity.landing.model import printable
from identity.privacy.erasing import Account, summed
from identity.privacy.plan import Plan
from identity.privacy.requests import Request

_MOST_LINES = 12


def print_plan(console: Console, plan: Plan, *, as_json: bool) -> None:
    """What an erasure would remove."""
    rows = {change: sum(len(getattr(file, change)) for file in plan.files) for change in ("blank", "unlink", "redact")}
    found = {
        "profiles": list(plan.profiles), "records": len(plan.records), "orders": len(plan.orders),
        "events": len(plan.events), "identifiers": len(plan.identifiers) + len(plan.values), "files": len(plan.files),
        "rows_erased": rows["blank"], "order_rows_without_person": rows["unlink"],
        "rows_of_others_redacted": rows["redact"],
    }  # fmt: skip
    if as_json:
        console.print_json(json.dumps(found))
        return
    console.print(f"would end {len(plan.profiles)} profiles: {', '.join(plan.profiles) or 'none'}")
    for name, value in list(found.items())[1:]:
        console.print(f"  {name.replace('_', ' '):<26} {value:>8,}")
    console.print("nothing was changed")


def print_erasures(console: Console, accounts: Sequence[Account], *, as_json: bool) -> None:
    """The account of each erasure."""
    if as_json:
        console.print_json(json.dumps([_account(account) for account in accounts], default=str))
        return
    if not accounts:
        console.print("no erasure is open")
    for account in accounts:
        _print_account(console, account)


def _account(account: Account) -> dict[str, Any]:
    return {
        "request_id": account.request.request_id,
        "status": account.request.status,
        "actions": [asdict(action) for action in account.actions],
        "tombstones": account.tombstones,
        "proof": asdict(account.proof) if account.proof else None,
        "delivered_files": [
            {"path": str(path), "member": member, "lines": [list(span) for span in lines]}
            for path, member, lines in account.delivered
        ],
    }


def _print_account(console: Console, account: Account) -> None:
    table = Table("place", "table", "what", "rows", box=None, pad_edge=False)
    for action in summed(account.actions):
        table.add_row(printable(action.place), action.table, action.action, f"{action.rows:,}")
    console.print(table)
    console.print(f"tombstones {account.tombstones:,}")
    if account.proof is not None:
        console.print(
            f"proof      0 traces in {account.proof.files:,} files, {account.proof.tables:,} tables, "
            f"{account.proof.bytes / 1e6:,.1f} MB"
        )
    if account.delivered:
        console.print("delivered files that still hold the person (yours to deal with; the next run skips these rows):")
    for path, member, lines in account.delivered:
        console.print(
            f"  {printable('/'.join(part for part in (str(path), member) if part))}: {_spans(lines)}", soft_wrap=True
        )
    console.print(f"request    {account.request.request_id} {account.request.status}")


def _spans(lines: Sequence[tuple[int, int]]) -> str:
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in lines[:_MOST_LINES] if first]
    if not shown:
        return f"{len(lines)} rows"
    more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
    return f"lines {', '.join(shown)}{more}"


def print_requests(console: Console, listed: Sequence[Request], *, as_json: bool) -> None:
    """The requests, oldest first."""
    if as_json:
        console.print_json(json.dumps([asdict(request) for request in listed], default=str))
        return
    table = Table("request", "type", "strategy", "status", "by", "requested", "due", "done", box=None, pad_edge=False)
    for request in listed:
        done = f"{request.done_at:%Y-%m-%d}" if request.done_at else ""
        table.add_row(
            request.request_id, request.type, request.strategy, request.status, printable(request.requested_by),
            f"{request.requested_at:%Y-%m-%d}", f"{request.due_at:%Y-%m-%d}", done,
        )  # fmt: skip
    console.print(table)


def print_written(console: Console, path: Path, request: Request, counts: dict[str, int]) -> None:
    """Where the answer to a request of access stands, and how much is in it."""
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    console.print(f"{told or 'nothing is held'}\nwritten to {printable(str(path))}, request {request.request_id}")
