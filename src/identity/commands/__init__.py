"""The commands of `identity`, a module for each audience."""
