"""How numbers are written in a report. None is written `–`; a minus is a minus sign."""

from decimal import Decimal
from typing import Any


def count(value: Any) -> str:
    """A whole number with thousands separators, `–` when there is none."""
    return "–" if value is None else f"{int(value):,}"


def share(value: Any) -> str:
    """A share of one as a percentage: one decimal, two below one percent, `<0.01 %` rather than a false 0."""
    if value is None:
        return "–"
    percent = float(value) * 100
    if percent == 0:
        return "0 %"
    if abs(percent) < 0.01:
        return "<0.01 %"
    return f"{percent:.2f} %" if abs(percent) < 1 else f"{percent:.1f} %"


def limit_words(value: float) -> str:
    """A limit as a percentage without empty decimals, `5 %`."""
    return f"{value * 100:g} %"


def number(value: Any) -> str:
    """A number with at most two decimals, three significant digits below one; an amount of money with its cents."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".replace("-", "−")
    if 0 < abs(float(value)) < 1:
        return f"{float(value):.3g}"
    text = f"{float(value):,.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def signed(value: Any) -> str:
    """A number with its sign and one decimal; the minus is a minus."""
    return "–" if value is None else f"{float(value):+.1f}".replace("-", "−")


def probability(value: Any) -> str:
    """A probability without a leading zero and never rounded up to certainty."""
    if value is None:
        return "–"
    number_ = float(value)
    if number_ >= 0.9995:
        return "1" if number_ >= 1 else ">.999"
    return "<.001" if 0 < number_ < 0.0005 else f"{number_:.3f}".removeprefix("0")


def change(value: Any) -> str:
    """A relative change with its sign."""
    return "–" if value is None else f"{float(value) * 100:+.1f} %".replace("-", "−")
