"""The sourcing model: evidence to case to linear program to mix. No part of it knows the screen."""

__version__ = "0.1.0"
"""Version of the model: it enters every digest, so a change that moves results moves this number."""
