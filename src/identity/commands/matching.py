"""Commands about matching: why two records are one person."""

import json
from typing import Annotated

import typer

from identity.commands.base import AsJson, Config, Warehouse, command, out, settings_of


@command("Matching")
def explain(
    first: Annotated[str, typer.Argument(help="A record as source:key, or a profile id.")],
    second: Annotated[str | None, typer.Argument(help="The other record, as source:key.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Annotated[bool, typer.Option(help="Show values of people.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show why two records are (not) the same person, or what a profile consists of."""
    from identity import console, explaining

    settings = settings_of(config, warehouse=warehouse)
    story = (
        explaining.explain_profile(settings, first, unmasked=unmasked)
        if second is None
        else explaining.explain_records(settings, first, second, unmasked=unmasked)
    )
    if as_json:
        out.print_json(json.dumps(story, default=str))
    else:
        console.print_story(out, story)
