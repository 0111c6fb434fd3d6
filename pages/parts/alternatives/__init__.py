"""The page Alternatives."""
