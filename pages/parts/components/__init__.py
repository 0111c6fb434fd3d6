"""What several screens share: frame, side bar, result, panels, explanation."""
