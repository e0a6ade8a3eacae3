"""What several suites share: small runs in a folder, tables from tuples, published tables compared."""
