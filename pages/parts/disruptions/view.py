"""What happens in a year, as the widgets of the Disruptions page have it, and what the model says that it does."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model.analysis.stress.disruption import Disruption, disrupt
from model.analysis.stress.shocks import Scene, by_hand, from_events
from model.analysis.stress.source_loss import Losses, lose_each
from model.engine.engine import Answer
from model.errors import InputError
from model.evidence.schema import COMMODITIES
from model.evidence.store import Evidence
from pages.parts import session
from pages.parts.charts import flows
from pages.parts.disruptions import text as disruption_text
from pages.parts.text import common as words

Asked = tuple[Scene, float | None]
"""What is to happen, and the probability of such a year where the evidence has one."""


def asked(evidence: Evidence, answer: Answer) -> Asked | None:
    """What is to happen; None when that cannot be, which is then said in a sentence."""
    kind = st.segmented_control(
        "What happens", disruption_text.KINDS, default=disruption_text.KINDS[0], required=True, key="shock_kind", persist_state="session"
    )  # fmt: skip
    ways = {
        disruption_text.KINDS[0]: lambda: _state(evidence, answer),
        disruption_text.KINDS[1]: lambda: _events(evidence),
        disruption_text.KINDS[2]: lambda: _by_hand(evidence),
        disruption_text.KINDS[3]: lambda: _history(evidence),
    }
    try:
        scene, chance = ways[kind]()
    except InputError as error:
        st.error(words.as_typed(f"{words.sentence_case(str(error))}."), icon=":material/block:")
        return None
    if scene.plain:
        st.caption(words.plain_markdown(scene.plain))
    return scene, chance


def _state(evidence: Evidence, answer: Answer) -> Asked:
    labels = {k: v for k, v in flows.states(answer.mix).items() if k not in {flows.EXPECTED, flows.UNDISTURBED}}
    names = list(labels)
    start = names.index("full_embargo") if "full_embargo" in labels else 0
    state = st.selectbox(
        "State of the world", names, start, format_func=labels.__getitem__, key="shock_state", persist_state="session"
    )
    chance = float(answer.mix.case.probability[answer.mix.case.states.index(state)])
    return from_events(evidence, state.split("+")), chance


def _events(evidence: Evidence) -> Asked:
    names = {event.id: event.name for event in evidence.events.values() if event.probability is not None}
    picked = st.multiselect(
        "Events that happen in the same year", list(names), list(names)[:1], format_func=names.__getitem__, key="shock_events",
        persist_state="session", placeholder="Choose events",
    )  # fmt: skip
    return from_events(evidence, picked), None


def _history(evidence: Evidence) -> Asked:
    names = {event.id: event.name for event in evidence.events.values() if event.probability is None}
    picked = st.selectbox(
        "Replay", list(names), format_func=names.__getitem__, key="shock_history", persist_state="session"
    )
    return from_events(evidence, [picked] if picked else []), None


def _by_hand(evidence: Evidence) -> Asked:
    sources = disruption_text.sources(evidence)
    goods = {c: evidence.commodities[c].short for c in COMMODITIES}
    who = st.multiselect(
        "Who is hit", list(sources), ["from China"] if "from China" in sources else [], format_func=sources.__getitem__,
        key="shock_who", persist_state="session", placeholder="Choose routes or countries",
    )  # fmt: skip
    what = st.multiselect(
        "Which products", list(goods), format_func=goods.__getitem__, key="shock_what", persist_state="session",
        placeholder="All products",
    )  # fmt: skip
    with st.grid("auto", min_column_width=150):
        cut = st.number_input(
            "Volume cut, %", value=60.0, step=5.0, format="%g", key="shock_cut", persist_state="session"
        )
        months = st.number_input(
            "Months", value=6.0, step=1.0, format="%g", key="shock_months", persist_state="session"
        )
        times = st.number_input(
            "Price, times", value=1.0, step=0.1, format="%g", key="shock_times", persist_state="session"
        )
    made = disruption_text.blow(evidence, who, what, float(cut), float(months), float(times))
    name = disruption_text.blow_name(evidence, made, who, what)
    return by_hand(evidence, [made], name), None


def struck(answer: Answer, scene: Scene, place: str = "") -> Disruption | None:
    """What a scene does to the three plans; None when that could not be worked out. `place`: see `worked_out`."""
    state = scene.state
    does = tuple(np.asarray(a).tobytes() for a in (state.cut, state.cut_new, state.multiplier, state.multiplier_new))
    return session.worked_out(
        "shock", (answer.mix.choice, scene.name, does, state.length), "Working out what the plans do then",
        lambda engine, progress, stop: disrupt(engine, answer, scene), place=place,
    )  # fmt: skip


def lost(answer: Answer) -> Losses | None:
    """What the loss of each source does to the mix; None when that could not be worked out."""
    return session.worked_out(
        "losses", answer.mix.choice, "Taking one source away at a time",
        lambda engine, progress, stop: lose_each(engine, answer.mix),
    )  # fmt: skip
