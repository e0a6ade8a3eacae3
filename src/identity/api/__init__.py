"""Matching in a notebook: a frame in; pairs, clusters and the model out. `docs/notebook.md` has examples.

    from identity import api

    result = api.dedupe(frame, fields={"given_name": "first", "family_name": "last", "email": "mail"}, record_id="id")
    result.clusters

The stages of the pipeline run over the frame in a temporary folder, so that the same records come to the same
clusters here and in `identity run`. The folder goes when the result does; `close()` or `with` does it at once.
"""

from identity.api.calls import compare, dedupe, link, load_model, save_model, save_page, standardise
from identity.api.peer import splink
from identity.api.people import People
from identity.api.result import Result

__all__ = [
    "People", "Result", "compare", "dedupe", "link", "load_model", "save_model", "save_page", "splink", "standardise",
]  # fmt: skip
