"""What else is nearly as good: frontier, ranges, and clearly different mixes (modelling to generate alternatives)."""
