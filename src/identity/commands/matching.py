"""Commands about matching: why two records are one person, how good it is, the model, learning from labels."""

import json
from pathlib import Path
from typing import Annotated

import typer

from identity.commands.base import AsJson, Config, Warehouse, command, out, settings_of
from identity.errors import ConfigurationError

RunId = Annotated[str | None, typer.Option("--run", help="Run to look at; default: the newest published.")]
Unmasked = Annotated[bool, typer.Option(help="Show values of people.")]


@command("Matching")
def explain(
    first: Annotated[str, typer.Argument(help="A record as source:key, or a profile id.")],
    second: Annotated[str | None, typer.Argument(help="The other record, as source:key.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Unmasked = False,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write the waterfall of two records as a page.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the waterfall of two records as a picture.")] = None,
) -> None:
    """Show why two records are (not) the same person, or what a profile consists of."""
    from identity import console, explaining
    from identity.analysis import pages
    from identity.runs.workspace import write_atomically

    if second is None and (html or svg):
        raise ConfigurationError("--html and --svg draw the waterfall of two records; name both")
    settings = settings_of(config, warehouse=warehouse)
    story = (
        explaining.explain_profile(settings, first, unmasked=unmasked)
        if second is None
        else explaining.explain_records(settings, first, second, unmasked=unmasked)
    )
    if html:
        write_atomically(html, pages.pair_page(story))
    if svg:
        write_atomically(svg, pages.pair_picture(story))
    if as_json:
        out.print_json(json.dumps(story, default=str))
    else:
        console.print_story(out, story)


@command("Matching")
def evaluate(
    labels: Annotated[
        Path | None,
        typer.Argument(help="CSV or Parquet: source, source_pk, entity_id; or pairs with a decision. None: estimates."),
    ] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    run: RunId = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a page with charts.")] = None,
    unmasked: Unmasked = False,
    as_json: AsJson = False,
) -> None:
    """Hold a run against labels: precision, recall, clusters, thresholds, calibration, the worst errors."""
    from identity.analysis import studies, tell

    settings = settings_of(config, warehouse=warehouse)
    if labels is None:
        told = studies.estimated(settings, run)
        if as_json:
            out.print_json(json.dumps(told))
        else:
            tell.estimates(out, told)
        return
    study = studies.evaluated(settings, labels, run, unmasked=unmasked)
    if output:
        studies.write_evaluation(study, output)
    if as_json:
        out.print_json(json.dumps(study.as_dict()))
    else:
        tell.evaluation(out, study)


@command("Matching")
def train(
    labels: Annotated[Path, typer.Option("--labels", help="CSV or Parquet of entities, or of pairs with a decision.")],
    config: Config = None,
    warehouse: Warehouse = None,
    run: RunId = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File for the model, if it is kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Learn the model from labels; keep it only where it beats the unsupervised one on labels it has not seen."""
    from identity.analysis import studies, tell

    training = studies.trained(settings_of(config, warehouse=warehouse), labels, run)
    written = studies.write_kept(training, output)
    if as_json:
        out.print_json(json.dumps({**training.as_dict(), "written": str(written) if written else None}))
    else:
        tell.training(out, training, written)


@command("Matching")
def model(
    config: Config = None,
    warehouse: Warehouse = None,
    run: RunId = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with the weights as a chart.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the model as JSON, for `[matching] model`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the matching model: weights by level, what could not be learned, how it moved since the last run."""
    from identity.analysis import studies, tell

    told = studies.model_of(settings_of(config, warehouse=warehouse), run)
    if save:
        studies.write_model(told, save)
    if html:
        studies.write_model_page(told, html)
    if as_json:
        out.print_json(json.dumps(told.as_dict()))
    else:
        tell.model(out, told)
