"""Commands for a warehouse on Postgres: its roles, and loading it anew."""

from identity.commands.base import Config, Warehouse, command, out, settings_of
from identity.errors import ConfigurationError


@command("Tables")
def roles(config: Config = None, warehouse: Warehouse = None) -> None:
    """Create the roles of a warehouse on Postgres and grant them their columns; by a login that may create roles."""
    from identity.serving import roles as serving

    names = serving.create(settings_of(config, warehouse=warehouse))
    out.print(f"roles {', '.join(names)} stand; make people members of them: grant {names[1]} to NAME", soft_wrap=True)


@command("Tables")
def serve(config: Config = None, warehouse: Warehouse = None) -> None:
    """Load the live generation into Postgres once more: a new server, or one restored from a backup."""
    from identity.runs import lifecycle
    from identity.serving import serve as serving

    settings = settings_of(config, warehouse=warehouse)
    lifecycle.settle(settings)
    if not settings.warehouse.exists():
        raise ConfigurationError(f"{settings.state}: no generation there yet; `identity run` publishes one")
    rows = serving.serve(settings, settings.warehouse, again=True)
    out.print(f"{settings.warehouse_name}: {rows:,} rows loaded and switched live", soft_wrap=True)
