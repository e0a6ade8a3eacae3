"""Identity resolution and profile unification, from unmodified exports to a published warehouse."""

__version__ = "0.1.0"
