"""Long work beside a page: queues, turns, what is drawn later, the log."""

from pages.parts.tasks.admission import in_turn, others_first
from pages.parts.tasks.deferred import charts_first, do_later, later, nothing_later

__all__ = ["charts_first", "do_later", "in_turn", "later", "nothing_later", "others_first"]
