"""The sourcing model: evidence to case to linear program to mix. No part of it knows the screen."""
