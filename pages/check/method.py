"""Method: the formulation, the states of the world, the proof, published cases, the calibration year and the limits."""

import streamlit as st

from pages.parts import session
from pages.parts.components import screen
from pages.parts.evidence import method
from pages.parts.text import common as words

answer, evidence, engine = session.answer(), session.evidence(), session.engine()

screen.headline(method.TITLE, marks="##")
st.markdown(method.opening(engine, answer.mix))

st.markdown("### The program, rule by rule")
st.dataframe(
    method.formulation(session.rows_by_family()), hide_index=True, key="formulation", row_height=64,
    column_config={"Formula": st.column_config.TextColumn(width="large"), "In plain words": st.column_config.TextColumn(width="large")},
    alt="Every family of constraints with its formula and a plain sentence",
)  # fmt: skip
with st.expander("Symbols"):
    st.markdown(method.symbols())

st.markdown("### What can happen in a year")
st.dataframe(method.events(evidence), hide_index=True, key="events", alt="Events with probability, length and cuts")
st.markdown(
    "Events of one group exclude each other, groups are independent, and the cuts of events that happen together multiply. "
    f"That makes {len(engine.states.all)} states; these {len(engine.states)} are kept, with every event's own probability:"
)
st.dataframe(
    method.states(answer.mix),
    hide_index=True,
    key="states",
    alt="Kept states of the world with probabilities",
)

st.markdown("### Cases with published answers, worked out by the same building blocks")
st.dataframe(
    method.published(evidence), hide_index=True, key="published", alt="Published cases: published and obtained values"
)

left, right = st.columns(2, gap="large")
with left:
    st.markdown("### The year 2025 again: model against observed")
    st.dataframe(method.calibration(session.calibration()), hide_index=True, key="calibration", alt="Calibration year")
with right:
    st.markdown("### What this method cannot do")
    st.markdown("\n".join(f"- {line}" for line in method.HONEST))
st.markdown("### What it is worth to know the future, and to plan for the worst")
with st.spinner("Planning each year with foresight, and for the average year ..."):
    st.markdown(session.worth_sentence())
st.caption(method.WORTH_NOTE)
st.caption(words.METHOD_SOURCES)
