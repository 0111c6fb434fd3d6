"""The page Doubt."""
