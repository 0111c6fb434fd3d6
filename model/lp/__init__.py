"""A linear program written down once with PuLP and kept in HiGHS's memory; knows nothing of magnets."""
