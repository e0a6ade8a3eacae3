"""Attribution by all paths together: Markov and Shapley over `mart.attribution_path`."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.kpi.attribution import Paths, markov, shapley
from identity.runs.workspace import Session

_SEPARATOR = " > "
_MODELS = {"markov": markov, "shapley": shapley}


def write(db: Session) -> None:
    """Write `mart.attribution_joint`: each currency's conversions by channel, losses taken into every currency."""
    data = db.query("kpi/joint_path")
    rows: list[dict[str, Any]] = []
    for currency in sorted(set(data.filter(pc.greater(data["conversions"], 0))["currency"].unique().to_pylist())):
        mine = data.filter(pc.or_(pc.equal(data["currency"], currency), pc.greater(data["losses"], 0)))
        won = pc.if_else(pc.equal(mine["currency"], currency), mine["conversions"], 0)
        value = pc.if_else(pc.equal(mine["currency"], currency), mine["value"], Decimal(0))
        rows += _credits(currency, _paths(mine, won), won, value)
    db.save_arrow("mart.attribution_joint", pa.Table.from_pylist(rows) if rows else _EMPTY)


_EMPTY = pa.table({"model": pa.array([], pa.string())})


def _paths(data: pa.Table, won: pa.ChunkedArray) -> Paths:
    """Paths from their texts, as arrays."""
    split = pc.split_pattern(data["path"], _SEPARATOR).combine_chunks()
    flat = split.flatten().dictionary_encode()
    names = flat.dictionary.to_pylist()
    order = np.argsort(np.array(names, dtype=object)) if names else np.array([], np.int64)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return Paths(
        tuple(names[n] for n in order),
        place[flat.indices.to_numpy(zero_copy_only=False)],
        np.cumsum(pc.list_value_length(split).to_numpy(zero_copy_only=False)).astype(np.int64),
        np.asarray(won.to_numpy(), float),
        np.asarray(data["losses"].to_numpy(), float),
    )


def _credits(currency: str, paths: Paths, won: pa.ChunkedArray, value: pa.ChunkedArray) -> list[dict[str, Any]]:
    """Rows of one currency. Rounding is settled on the channel with most, so that nothing is lost."""
    total, money = Decimal(pc.sum(won).as_py()), pc.sum(value).as_py()
    rows = []
    for name, model in _MODELS.items():
        credit = model(paths)
        amount = sum(credit.values())
        shares = {channel: earned / amount for channel, earned in credit.items()}
        conversions = _settled(shares, total, Decimal("0.000001"))
        values = _settled(shares, money, Decimal("0.0001"))
        rows += [
            {
                "model": name,
                "channel": channel,
                "currency": currency,
                "share": round(shares[channel], 9),
                "conversions": conversions[channel],
                "value": values[channel],
            }
            for channel in paths.channels
        ]
    return rows


def _settled(shares: dict[str, float], total: Decimal, unit: Decimal) -> dict[str, Decimal]:
    """A total shared out in whole units, which add up to it again."""
    rounded = {
        channel: (Decimal(f"{share:.9f}") * total).quantize(unit, ROUND_HALF_UP) for channel, share in shares.items()
    }
    largest = max(shares, key=lambda channel: (shares[channel], channel))
    rounded[largest] += total - sum(rounded.values(), Decimal(0))
    return rounded
