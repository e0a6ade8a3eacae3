"""The report: figures read by `sql/report/*.sql`, drawn as one HTML page without network or script."""
