"""Export formats: how each is recognised and what its columns mean, one file per system."""
