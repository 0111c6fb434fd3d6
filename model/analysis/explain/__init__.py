"""Why this mix: binding limits, infeasibility, bottlenecks, attribution of a change, what a lever moves."""
