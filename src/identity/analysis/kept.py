"""Runs whose tables are still kept: the newest published one, or one by its id."""

from identity.errors import ConfigurationError
from identity.runs import lifecycle
from identity.runs.run import Run
from identity.settings import Settings


def run_of(settings: Settings, run_id: str | None = None) -> Run:
    """The run named, else the newest published one whose folder is kept.

    Raises ConfigurationError where there is none.
    """
    ledger = lifecycle.runs(settings) if settings.state.exists() else []
    if run_id is not None:
        run = lifecycle.find(settings, run_id)
        if not run.workspace.files("match.cluster_member"):
            raise ConfigurationError(f"run {run_id}: its tables are no longer kept; run again, or name a newer one")
        return run
    for row in ledger:
        run = lifecycle.find(settings, row["run_id"])
        if row["status"] == "published" and run.workspace.files("match.model"):
            return run
    raise ConfigurationError(f"{settings.state}: no published run is kept there; `identity run` makes one")
