"""Erase, tokens, redaction, safe exports."""
