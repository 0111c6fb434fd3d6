"""Errors that people read: every one is a sentence that names the field."""

from __future__ import annotations


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the field."""


class EvidenceError(InputError):
    """A data folder that cannot be used; the message names file, entry and reason."""


class SolverFailed(RuntimeError):
    """A solve that ended neither optimal nor infeasible; the message is one sentence."""


class Infeasible(RuntimeError):
    """No values meet all rows."""
