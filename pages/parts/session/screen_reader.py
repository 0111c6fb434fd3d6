"""The headline for those who hear the page: one place in the browser that says it whenever the sentence changes."""

from __future__ import annotations

import json
import threading
from typing import Any

import streamlit as st

PLACE = "aloud"
"""The id of what speaks in the browser, and the key of where its script stands on the page."""
SCRIPT = """<style>div:has(>.st-key-aloud){display:none}</style><script>(now => {
  let place = document.getElementById("aloud");
  if (!place) {
    place = document.createElement("div");
    place.id = "aloud";
    place.setAttribute("role", "status");
    place.setAttribute("aria-live", "polite");
    place.style.cssText = "position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
    place.dataset.last = now;
    document.body.append(place);
  }
  if (place.dataset.last === now) return;
  place.dataset.last = now;
  clearTimeout(place.soon);
  place.soon = setTimeout(() => { place.textContent = now; }, 400);
})(NOW)</script>"""
"""Lies on the body, out of what is drawn anew, because only what stays is listened to. The first sentence of a visit is not said: the
page that has just been opened is read anyway. While a lever is on its way only the last of many sentences is said."""

_run = threading.local()
"""Where the script of this run stands, and whether what it says must not be said over. Every run has a thread for itself."""


def script(sentence: str) -> str:
    """The script that says a sentence, whatever is in it: as a text of its language without a sign that would end it or be markup."""
    text = json.dumps(sentence)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return SCRIPT.replace("NOW", text)


def listen() -> None:
    """Begin a page: nothing is said yet in this run."""
    _run.place, _run.problem = st.container(key=PLACE).empty(), False


def say(sentence: str, problem: bool = False) -> None:
    """Say the headline, after it is on screen; a later one of the same run takes its place. A problem, such as that there is no mix,
    is said instead of the headline, which is then that of an earlier mix."""
    place: Any = getattr(_run, "place", None)
    if place is None or (_run.problem and not problem):
        return
    _run.problem = problem
    place.html(script(sentence), unsafe_allow_javascript=True)
