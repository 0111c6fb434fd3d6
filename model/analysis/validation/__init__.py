"""Is it right: published cases, the calibration year, a second solver, and the case for a rebuild from outside."""
