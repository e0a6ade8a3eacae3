"""Standardised values: names, e-mails, phones, addresses, dates, consent words, money.

Pure functions, in two levels per kind: `parse_*` reads one text into a frozen dataclass (None where it says
nothing), `*_columns` reads distinct texts into an Arrow table. Nothing here raises on any text, opens a file of
the user, looks at the clock, or logs a value.
"""
