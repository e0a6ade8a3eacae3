"""Identity resolution and profile unification, from unmodified exports to a published warehouse.

`identity.api` is for notebooks; `identity.dedupe`, `.link`, `.standardise` … are its functions, loaded on first use.
"""

from typing import Any

__version__ = "0.1.0"
_API = ("compare", "dedupe", "link", "load_model", "save_model", "save_page", "splink", "standardise")


def __getattr__(name: str) -> Any:
    """The functions of `identity.api`, so that `import identity` stays light."""
    if name in _API:
        import importlib

        return getattr(importlib.import_module("identity.api"), name)
    raise AttributeError(f"module 'identity' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_API])
