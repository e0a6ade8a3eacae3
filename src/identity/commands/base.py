"""What all commands share: the application, its options, and how errors end."""

import functools
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer
from rich.console import Console

from identity.errors import ExitCode, IdentityError

app = typer.Typer(
    name="identity",
    help="Find which records are the same customer and publish one golden profile for each.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Exit codes: 0 published · 1 failed · 2 wrong use · 3 stopped by a check · 4 held · 5 input refused · "
    "75 another run · 130 interrupted.",
)
# names of files, columns and sources are text: no markup, no emoji codes
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

Config = Annotated[Path | None, typer.Option("--config", "-c", help="TOML file of the run.")]
Inbox = Annotated[Path | None, typer.Option(help="Folder with exports, read unmodified.")]
Region = Annotated[str | None, typer.Option(help="Default country of phones and addresses, e.g. US.")]
Warehouse = Annotated[
    str | None,
    typer.Option("--warehouse", "-w", metavar="PLACE", help="DuckDB file or postgresql://… to publish to."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]

C = TypeVar("C", bound=Callable[..., Any])


def command(panel: str, name: str | None = None, to: typer.Typer = app) -> Callable[[C], C]:
    """Register a command, shown under `panel`, whose errors end as `guarded` says.

    `to` is the application, or the group of commands it belongs to.
    """

    def register(function: C) -> C:
        to.command(name, rich_help_panel=panel)(guarded(function))
        return function

    return register


def guarded(function: C) -> C:
    """The same function, whose errors end in a message and an exit code, never a traceback.

    Of a fault nobody foresaw the message is left out, since messages of libraries may quote values of people.
    """

    @functools.wraps(function)
    def guard(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (BrokenPipeError, typer.Exit):
            raise  # the reader of a pipe went away and the library ends quietly, or the command is done
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where every error ends
            message, code = _worded(error)
            err.print(message, style="red", soft_wrap=True)
            raise typer.Exit(code) from None

    return cast(C, guard)


def _worded(error: BaseException) -> tuple[str, ExitCode]:
    """What is told of an error, and the exit code."""
    match error:
        case IdentityError():
            return str(error), error.exit_code
        case KeyboardInterrupt():
            return "interrupted; nothing was published, the next `identity run` carries on", ExitCode.INTERRUPTED
        case OSError():
            cause = os.strerror(error.errno) if error.errno else type(error).__name__
            place = f"{error.filename}: " if error.filename else ""
            return f"{place}{cause}; correct the path, its permissions or the space left, then retry", ExitCode.FAILED
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {frame.filename}:{frame.lineno} in {frame.name}"
    return f"{place}: a fault of the program; report this line with the version and the command", ExitCode.FAILED


def settings_of(config: Path | None, **overrides: Any) -> Any:
    """The settings of a command: the named TOML file, else `identity.toml` here, with the options' overrides."""
    from identity import settings

    if config is None and Path("identity.toml").is_file() and not overrides.get("inbox"):
        config = Path("identity.toml")
    return settings.load(config, **overrides)
