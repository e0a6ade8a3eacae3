"""The engine seam: ten verbs over named tables, and its DuckDB adapter."""
