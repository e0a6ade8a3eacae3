"""Sample exports of an invented company's customers, with the truth kept apart.

`generate` writes unmodified-looking exports of five systems below `folder/inbox` and
`folder/truth/truth.parquet` beside it; `evaluate` compares a clustering with that truth.
Nothing here imports the matcher, so the sample cannot favour it.
"""

from identity.sample.evaluate import PairFigures, any_shared_contact, household_mixed, pair_figures
from identity.sample.generate import SampleSummary, generate
from identity.sample.rates import Rates

__all__ = [
    "PairFigures",
    "Rates",
    "SampleSummary",
    "any_shared_contact",
    "generate",
    "household_mixed",
    "pair_figures",
]
