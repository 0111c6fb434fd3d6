"""The pages Evidence, Own numbers and Method."""
