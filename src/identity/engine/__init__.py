"""The engine seam: twelve verbs over named tables, and its DuckDB adapter."""
