"""Commands of whoever answers people's requests about their data: access, erase, rectify, object, restrict."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.commands.base import AsJson, Config, Inbox, Warehouse, command, err, out, settings_of
from identity.errors import ConfigurationError

if TYPE_CHECKING:
    from identity.privacy.requests import Request, Strategy
    from identity.settings import Settings

CHANNELS = ("email", "sms", "phone", "fax", "whatsapp", "mail")
Person = Annotated[str, typer.Argument(help="source:key, a profile id, email:…, phone:… or <id type>:….")]
By = Annotated[str, typer.Option(help="Who asks or decides.")]
Reason = Annotated[str, typer.Option(help="Why; names of people do not belong here.")]
Exact = Annotated[bool, typer.Option("--exact", help="Only this record or identifier, not the whole profile.")]
Profile = Annotated[str | None, typer.Option(help="Whose request it is, where several profiles share the identifier.")]


@command("Privacy")
def erase(
    person: Annotated[
        str | None, typer.Argument(help="source:key, a profile id, email:…, phone:… or <id type>:….")
    ] = None,
    by: By = "",
    reason: Reason = "",
    exact: Exact = False,
    profile: Profile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    later: Annotated[
        bool, typer.Option("--later", help="Only record the request; `--open` or the DAG does it.")
    ] = False,
    open_: Annotated[
        bool, typer.Option("--open", help="Carry out every erasure that is recorded and not done.")
    ] = False,
    inbox: Inbox = None,
    config: Config = None,
    warehouse: Warehouse = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person from everything published, kept and exported, for good."""
    from identity.commands import privacy_output as console
    from identity.privacy import desk

    settings = settings_of(config, warehouse=warehouse, inbox=inbox)
    strategy: Strategy = "exact" if exact else "connected"
    if open_:
        accounts = desk.carry_out_open(settings, lambda word: err.print(f"… {word}"))
        console.print_erasures(out, accounts, as_json=as_json)
        return
    if person is None:
        raise ConfigurationError(
            "name a person by source:key, a profile id, email:…, phone:… or <id type>:…, or --open"
        )
    if dry_run:
        console.print_plan(out, desk.preview(settings, person, strategy, profile), as_json=as_json)
        return
    if not (yes or later):
        _sure(settings, person, strategy, profile)
    try:
        request, found = desk.ask(
            settings, "erase", person, by=by, reason=reason, strategy=strategy, chosen=(profile, "")
        )
    except ConfigurationError:
        done = desk.done_before(settings, "erase", person, profile)
        if done is None:
            raise
        out.print(f"request {done.request_id} was done on {done.done_at:%Y-%m-%d %H:%M} UTC; nothing is held any more")
        return
    if later:
        out.print(f"request {request.request_id} recorded, due {request.due_at:%Y-%m-%d}")
        return
    account = desk.carry_out(settings, request, found, lambda word: err.print(f"… {word}"))
    console.print_erasures(out, [account], as_json=as_json)


def _sure(settings: "Settings", person: str, strategy: "Strategy", profile: str | None) -> None:
    from identity.commands import privacy_output as console
    from identity.privacy import desk

    if not sys.stdin.isatty():
        raise ConfigurationError("erasing cannot be undone; say --yes, or look first with --dry-run")
    console.print_plan(out, desk.preview(settings, person, strategy, profile), as_json=False)
    if not typer.confirm("Erase all of it, for good?"):
        raise ConfigurationError("nothing was erased")


@command("Privacy")
def readmit(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="Number of the erasure, as r000012.")],
    by: By,
    reason: Reason,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Let an erased person come back: what is delivered from now on is read again."""
    from identity.privacy import desk

    lifted = desk.readmit(settings_of(config, warehouse=warehouse), request, by=by, reason=reason)
    out.print(f"request {request} withdrawn, {lifted:,} tombstones lifted; what was erased stays erased")


@command("Privacy")
def access(
    person: Person,
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON file to write.")],
    by: By,
    reason: Reason = "subject access",
    exact: Exact = False,
    profile: Profile = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Write everything held on a person as one JSON file."""
    from identity.commands import privacy_output as console
    from identity.privacy import desk

    settings = settings_of(config, warehouse=warehouse)
    if not output.parent.is_dir():
        raise ConfigurationError(f"{output.parent}: no such folder; create it first")
    strategy: Strategy = "exact" if exact else "connected"
    request, counts = desk.answer(settings, person, output, by=by, reason=reason, strategy=strategy, profile=profile)
    console.print_written(out, output, request, counts)


@command("Privacy", name="object")
def object_(
    person: Person,
    by: By,
    reason: Reason,
    channel: Annotated[str, typer.Option(help="all, or one of email, sms, phone, fax, whatsapp, mail.")] = "all",
    profile: Profile = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take an objection back.")] = False,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Record an objection: from the next run on, marketing consent of the person is denied."""
    from identity.privacy import desk

    if channel not in ("all", *CHANNELS):
        raise ConfigurationError(f"--channel {channel}: choose all, {', '.join(CHANNELS)}")
    settings = settings_of(config, warehouse=warehouse)
    chosen = (profile, "" if channel == "all" else channel)
    request = desk.stand(settings, "object", person, by=by, reason=reason, chosen=chosen, withdraw=withdraw)
    _told(request)


@command("Privacy")
def restrict(
    person: Person,
    by: By,
    reason: Reason,
    profile: Profile = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Lift the restriction.")] = False,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Restrict a person: flagged from the next run on, and left out of exports at once."""
    from identity.privacy import desk

    settings = settings_of(config, warehouse=warehouse)
    request = desk.stand(settings, "restrict", person, by=by, reason=reason, chosen=(profile, ""), withdraw=withdraw)
    _told(request)


@command("Privacy")
def rectify(
    person: Person,
    values: Annotated[list[str], typer.Argument(help="FIELD=VALUE, e.g. email=ann@example.com.")],
    by: By,
    reason: Reason,
    profile: Profile = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Correct golden values of a person: from the next run on they win over what the sources say."""
    from identity import deciding
    from identity.desk import desk as stewards_desk
    from identity.privacy import desk

    settings = settings_of(config, warehouse=warehouse)
    given = dict(entry.partition("=")[::2] for entry in values)
    if not all(given.values()) or not set(given) <= set(deciding.FIELDS):
        raise ConfigurationError(f"write each value as FIELD=VALUE; fields are {', '.join(deciding.FIELDS)}")
    chosen = (profile, ",".join(sorted(given)))
    request, found = desk.ask(settings, "rectify", person, by=by, reason=reason, chosen=chosen)
    if found is None or not found.profiles:
        raise ConfigurationError("no live profile is held there that a correction could be about")
    with stewards_desk(settings) as at:
        for field, value in sorted(given.items()):
            deciding.correct(at, found.profiles[0], field, value, deciding.Word(by, f"request {request.request_id}"))
    _told(desk.close(settings, request))


def _told(request: "Request") -> None:
    out.print(f"request {request.request_id} {request.type} {request.status}; it takes effect with the next run")


@command("Privacy")
def requests(
    config: Config = None,
    warehouse: Warehouse = None,
    as_json: AsJson = False,
) -> None:
    """List the requests of people about their data, with what is due."""
    from identity.commands import privacy_output as console
    from identity.privacy import requests as kept
    from identity.runs.store import open_store

    settings = settings_of(config, warehouse=warehouse)
    listed = kept.every(open_store(settings)) if settings.state.exists() else []
    console.print_requests(out, listed, as_json=as_json)
