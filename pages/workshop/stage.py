"""Stage: the headline and one chart as large as the screen, and the prepared story step by step."""

import streamlit as st

from pages.parts import session
from pages.parts.charts import stage as stage_chart
from pages.parts.components import screen
from pages.parts.session import presentation as telling
from pages.parts.session import undo
from pages.parts.text import common as words
from pages.parts.text.mix import COLUMNS, NOTHING

answer, evidence = session.answer(), session.evidence()
mix, steps = answer.mix, telling.steps()

st.html(stage_chart.STAGE_STYLE)
sentence = words.headline(mix, answer.today, evidence, int(mix.choice.target_year))
whole = st.container(key="stage_whole")
with whole:
    screen.headline(sentence, marks="###")
with st.expander(stage_chart.MORE, icon=":material/table:"):  # first, because a reload learns the step from this widget
    telling.step_choice(stage_chart.STEP_LABEL, len(steps))
    table = st.container()
at = telling.at()
undo.note_move()  # where the levers stand at this step
with whole:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            stage_chart.BACK, on_click=telling.go, args=(at - 1,), disabled=at <= 1, key="stage_back", shortcut="PageUp",
            icon=":material/arrow_back:",
        )  # fmt: skip
        st.button(
            stage_chart.ON, on_click=telling.go, args=(at + 1,), disabled=at >= len(steps), key="stage_on", shortcut="PageDown",
            icon=":material/arrow_forward:",
        )  # fmt: skip
        chart = telling.chart_choice(stage_chart.CHART_LABEL, steps)
        st.button(
            stage_chart.NOTE, on_click=telling.turn_note, key="stage_turn", shortcut="N", icon=":material/sticky_note_2:",
            disabled=not 1 <= at <= len(steps),
        )  # fmt: skip
    step = steps[at - 1] if 1 <= at <= len(steps) else None
    if step:
        st.markdown(words.plain_markdown(f"**{at} of {len(steps)}: {evidence.presets[step.preset].name}.** {step.ask}"))
    else:
        st.markdown(stage_chart.BEGIN if steps else stage_chart.NO_STORY)
    rows, spec = stage_chart.drawn(chart, mix, evidence)
    alt = stage_chart.alt(chart, mix, rows)
    with st.container(key="stage_body", horizontal=True, height="stretch"):
        with st.container(key="stage_chart", height="stretch"):
            if rows.empty:
                st.info(NOTHING[chart])
            else:
                spec = stage_chart.filling(telling.sized(spec))
                st.vega_lite_chart(rows, spec, key=f"stage_{chart}", height="stretch", alt=alt)
        if step and telling.note_is_open():
            with st.container(key="stage_said", width="content"):
                st.info(words.plain_markdown(f"{evidence.presets[step.preset].story} {step.note}"))
with table:
    shown = rows[[name for name in rows if name in COLUMNS]].round(1)
    st.dataframe(shown, hide_index=True, key="stage_table", column_config=COLUMNS, alt=alt)
    st.caption(stage_chart.KEYS)
st.html(stage_chart.CLICKER, unsafe_allow_javascript=True)
