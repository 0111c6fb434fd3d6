"""A pack of everything behind an answer, and its check."""
