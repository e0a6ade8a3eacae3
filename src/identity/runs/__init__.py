"""A run on disk and in the ledger: workspace, manifest, ledger, lock."""
