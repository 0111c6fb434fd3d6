"""Choice to answer: a pool of live programs, warm starts, caches, and which limits are active."""
