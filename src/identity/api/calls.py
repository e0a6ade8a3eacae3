"""The functions of the notebook: standardise, dedupe, link, compare; models to and from files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Unpack, cast

import pandas as pd

from identity.analysis.evaluation import Evaluation
from identity.analysis.pages import evaluation_study
from identity.api.frames import Columns, describe
from identity.api.people import People, Reading
from identity.api.result import Result
from identity.errors import ConfigurationError
from identity.matching.model import Model, read_model
from identity.reporting.render import render_study
from identity.stages import link as linking
from identity.stages import resolve


class Options(Columns, total=False):
    """Columns of the frame, and how to match.

    `model` is a model or its file, used as it stands; `candidates` a MultiIndex of pairs of record ids (as
    recordlinkage's indexers make them) to compare instead of those of the blocking rules. `as_of` is the time of the
    run in UTC (default: now), `threads` those of the engine.
    """

    model: Model | Path | str | None
    candidates: pd.MultiIndex | None
    link_threshold: float
    review_threshold: float
    threads: int
    as_of: datetime


_THRESHOLDS: tuple[Literal["link_threshold", "review_threshold"], ...] = ("link_threshold", "review_threshold")


def standardise(frame: Any, **options: Unpack[Options]) -> People:
    """Read the values of a frame: names, contact points, dates and addresses in one form.

    Raises ConfigurationError for columns the frame lacks and for record ids that are missing or stand twice.
    """
    return People((describe(frame, _columns(options)),), _reading(options))


def dedupe(frame: Any, **options: Unpack[Options]) -> Result:
    """Find the records of one frame (or of standardised `People`) that are one person."""
    people = frame if isinstance(frame, People) else standardise(frame, **options)
    return _match(people, options)


def link(left: Any, right: Any, **options: Unpack[Options]) -> Result:
    """Find the people of two frames that share their columns' meaning; sources are `left` and `right`.

    Records of one frame that are one person come to one cluster, too; `links()` has the pairs between the frames.
    """
    if options.get("source"):
        raise ConfigurationError("source: the two frames are the sources `left` and `right`")
    columns = _columns(options)
    frames = (describe(left, columns, "left"), describe(right, columns, "right"))
    return _match(People(frames, _reading(options)), options)


def compare(frame: Any, pairs: pd.MultiIndex, **options: Unpack[Options]) -> pd.DataFrame:
    """Comparison vectors of given pairs of record ids, as recordlinkage's classifiers take them (`Result.compare`)."""
    with dedupe(frame, **cast(Options, {**options, "candidates": pairs})) as result:
        return result.compare(pairs)


def save_model(model: Model, path: Path | str) -> None:
    """Write a model as readable JSON with its schema version."""
    Path(path).write_text(model.to_json() + "\n", encoding="utf-8")


def save_page(evaluation: Evaluation, path: Path | str) -> None:
    """Write an evaluation as one HTML page with its charts; records are named by their ids, without values."""
    Path(path).write_text(render_study(evaluation_study(evaluation, "of a notebook", {})), encoding="utf-8")


def load_model(path: Path | str) -> Model:
    """Read what `save_model` or `identity model --save` wrote; ConfigurationError for anything else."""
    return read_model(Path(path))


def _match(people: People, options: Options) -> Result:
    given = options.get("model")
    model = load_model(given) if isinstance(given, str | Path) else given
    linking.link(people.run, given=model, only=_pairs_of(people, options.get("candidates")))
    return Result(people, resolve.resolve(people.run))


def _pairs_of(people: People, candidates: pd.MultiIndex | None) -> Sequence[tuple[linking.Key, linking.Key]] | None:
    if candidates is None:
        return None
    return [(people.key(one), people.key(other)) for one, other in candidates]


def _columns(options: Options) -> Columns:
    return cast(Columns, {name: value for name, value in options.items() if name in Columns.__annotations__})


def _reading(options: Options) -> Reading:
    matching: dict[str, Any] = {name: options[name] for name in _THRESHOLDS if name in options}
    return {"threads": options.get("threads"), "as_of": options.get("as_of"), "matching": matching}
