"""A model trained with Splink, used on a frame."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from identity.matching import splink_model


def splink(
    model: Path | str | Mapping[str, Any], frame: Any, *, pairs_from: float = 0.5, join_from: float = 0.95
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs and clusters that Splink 5 finds with its saved model, several times sooner.

    `model` is the JSON of `linker.misc.save_model_to_json`, or its path; `frame` (pandas or Arrow) has its columns.
    Returns the pairs from a match probability of `pairs_from` on (`<id>_l`, `<id>_r`, match_weight,
    match_probability, match_key, a level per comparison) and unique_id with cluster_id, joined from `join_from` on.
    Raises NotUnderstood for a condition that cannot be read, ConfigurationError for a frame without its columns.
    """
    loaded = splink_model.load_splink_model(model)
    pairs = splink_model.predict(loaded, frame, threshold_probability=pairs_from)
    found = splink_model.clusters(pairs, frame[loaded.unique_id], threshold=join_from)
    return pairs.to_pandas(), found.to_pandas()
