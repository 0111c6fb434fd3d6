"""Which doubtful fact decides: tornado, sampled worlds, scenario discovery, value of information."""
