"""What is expected of each buyer: BG/NBD and Gamma–Gamma fitted on the run's orders."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from identity.kpi import buying, spending, worth
from identity.kpi.buying import Array
from identity.runs.run import Run
from identity.runs.workspace import Session

_DIGITS = 6
"""Decimals kept of a prediction: below what the fit knows, above what differs between machines."""


def write(run: Run, db: Session) -> None:
    """Write `mart.model` and make `outlook` readable: predictions by profile, null where there is no model.

    Models are fitted on the customers of averages and asked about all; where one is missing, `mart.model` says why.
    """
    history = db.query("kpi/purchase_history")
    x, t_x, t = (_numbers(history, name) for name in ("x", "t_x", "t"))
    counted = history["in_averages"].to_numpy(zero_copy_only=False).astype(bool)
    purchases = buying.fit(buying.Histories.of(x[counted], t_x[counted], t[counted])[0])
    columns: dict[str, Any] = {"profile_id": history["profile_id"]}
    settings = run.settings.kpi
    nothing = np.full(len(x), np.nan)
    expected = worth.Outlook(nothing, nothing, nothing)
    if isinstance(purchases, buying.Buying):
        expected = worth.outlook(
            purchases, (x, t_x, t), months=settings.clv_months, monthly_discount=settings.monthly_discount
        )
    rows = [_purchase_row(purchases, int(counted.sum()))]
    value = nothing.copy()
    for currency, chosen in _currencies(history):
        mean = _numbers(history, "mean_spend")
        fitted = spending.fit(x[chosen & counted], np.nan_to_num(mean[chosen & counted]))
        rows.append(_spend_row(fitted, currency, int((chosen & counted).sum())))
        if isinstance(fitted, spending.Spending):
            value[chosen] = spending.expected_spend(fitted, x[chosen], np.nan_to_num(mean[chosen]))
    columns["p_alive"] = _kept(expected.p_alive)
    columns["predicted_orders"] = _kept(expected.purchases)
    columns["expected_value"] = _kept(value)
    columns["predicted_clv"] = _kept(value * expected.discounted)
    db.put("outlook", pa.table(columns))
    db.save_arrow("mart.model", pa.Table.from_pylist(rows))


def _numbers(data: pa.Table, name: str) -> Array:
    return np.asarray(data[name].to_numpy(zero_copy_only=False), float)


def _kept(values: Array) -> pa.Array:
    """Rounded, with null for what is not known."""
    return pa.array(np.round(values, _DIGITS), pa.float64(), mask=~np.isfinite(values))


def _currencies(history: pa.Table) -> Iterator[tuple[str, np.ndarray[Any, np.dtype[np.bool_]]]]:
    """Each currency, and which buyers have all their orders in it."""
    import pyarrow.compute as pc

    for currency in sorted(set(history["currency"].unique().to_pylist()) - {None}):
        chosen = pc.fill_null(pc.equal(history["currency"], currency), fill_value=False)
        yield currency, chosen.to_numpy(zero_copy_only=False).astype(bool)


def _purchase_row(found: buying.Buying | str, customers: int) -> dict[str, Any]:
    row: dict[str, Any] = {"model": "bg_nbd", "currency": "", "customers": customers}
    if isinstance(found, str):
        return row | {"is_fitted": False, "reason": found}
    parameters = {name: round(getattr(found, name), _DIGITS) for name in ("r", "alpha", "a", "b")}
    why = "a weak prior keeps the parameters finite: hardly anybody seems to drop out, or all buy alike"
    return row | {
        "is_fitted": True,
        "reason": why if found.is_penalised else None,
        "parameters": json.dumps(parameters),
        "log_likelihood": round(found.log_likelihood, 2),
    }


def _spend_row(found: spending.Spending | str, currency: str, customers: int) -> dict[str, Any]:
    row: dict[str, Any] = {"model": "gamma_gamma", "currency": currency, "customers": customers}
    if isinstance(found, str):
        return row | {"is_fitted": False, "reason": found}
    parameters = {name: round(getattr(found, name), _DIGITS) for name in ("p", "q", "v", "mean", "correlation")}
    why = f"spend goes with frequency (correlation {found.correlation:.2f}), which the model takes not to be so"
    return row | {
        "is_fitted": True,
        "reason": why if abs(found.correlation) > 0.3 else None,
        "parameters": json.dumps(parameters),
        "log_likelihood": round(found.log_likelihood, 2),
    }
