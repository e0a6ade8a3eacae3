"""Reading delivered files without losing a line: archives, encodings, dialects, row accounting, limits."""
