"""The command line: verbs, their arguments, progress and health."""
