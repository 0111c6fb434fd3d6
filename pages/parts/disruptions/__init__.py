"""The page Disruptions."""
