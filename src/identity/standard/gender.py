"""Gender as systems write it, to a closed set. Words of the export languages, common knowledge."""

from functools import lru_cache
from typing import Literal

import pyarrow as pa

from identity.standard.columns import Texts
from identity.standard.text import clean, fold

Gender = Literal["female", "male", "other"]

_WORDS: dict[Gender, str] = {
    "female": "f female fem woman women girl lady w weiblich frau feminin feminine femme mujer femenino hembra donna "
    "femmina femminile mulher feminino vrouw vrouwelijk kvinna kvinde kobieta k zenska zhenskiy mrs ms miss she her "
    "she her hers 2",
    "male": "m male man men boy gentleman mann mannlich masculin masculine homme hombre masculino varon uomo maschio "
    "maschile homem masculino man mannelijk mand mezczyzna muzskoy mr he him he him his 1",
    "other": "o other x d divers diverse nonbinary enby nb genderqueer genderfluid agender transgender intersex "
    "third they them autre otro altro outro anders annat neutral",
}
_PHRASES: dict[str, Gender] = {
    "she her": "female", "she her hers": "female", "he him": "male", "he him his": "male", "they them": "other",
    "they them theirs": "other", "non binary": "other", "gender non conforming": "other", "third gender": "other",
    "prefer to self describe": "other",
}  # fmt: skip
_GENDERS: dict[str, Gender] = {word: gender for gender, words in _WORDS.items() for word in words.split()} | _PHRASES


@lru_cache(maxsize=10_000)
def parse_gender(text: str | None) -> Gender | None:
    """Return `female`, `male` or `other` (ISO 5218: 1 male, 2 female), None for anything else."""
    cleaned = clean(text)
    return None if cleaned is None else _GENDERS.get(fold(cleaned))


def gender_column(values: Texts) -> pa.Array:
    """Standardise distinct gender words: a string array of the same length."""
    return pa.array([parse_gender(text) for text in values], type=pa.string())
