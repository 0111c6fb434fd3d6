"""What disruptions do to a plan that stands."""
