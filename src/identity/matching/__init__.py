"""The fast core: blocking, comparison, model, scoring, clustering; pure functions on arrays."""
