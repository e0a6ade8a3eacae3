"""Stewards' decisions: their log, what they mean for records, what they leave to a person."""
