"""Long work shared among processes or the workers of a cluster, with progress and stopping."""
