"""Stage: the headline and one chart as large as the screen, and the prepared story step by step."""

import streamlit as st

from pages.parts import bridge, screen, stage, words
from pages.parts.bridge import moves
from pages.parts.bridge import stage as telling
from pages.parts.labels import COLUMNS, NOTHING

answer, evidence = bridge.answer(), bridge.evidence()
mix, steps = answer.mix, telling.steps()

st.html(stage.STAGE_STYLE)
sentence = words.headline(mix, answer.today, evidence, int(mix.choice.target_year))
screen.headline(sentence, marks="###")
told = st.container()
with st.expander(stage.MORE, icon=":material/table:"):  # first, because a reload learns the step from this widget
    telling.step_choice(stage.STEP_LABEL, len(steps))
    table = st.container()
at = telling.at()
moves.note_move()  # where the levers stand at this step
with told:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            stage.BACK, on_click=telling.go, args=(at - 1,), disabled=at <= 1, key="stage_back", shortcut="PageUp",
            icon=":material/arrow_back:",
        )  # fmt: skip
        st.button(
            stage.ON, on_click=telling.go, args=(at + 1,), disabled=at >= len(steps), key="stage_on", shortcut="PageDown",
            icon=":material/arrow_forward:",
        )  # fmt: skip
        chart = telling.chart_choice(stage.CHART_LABEL, steps)
        st.button(
            stage.NOTE, on_click=telling.turn_note, key="stage_turn", shortcut="N", icon=":material/sticky_note_2:",
            disabled=not 1 <= at <= len(steps),
        )  # fmt: skip
    if 1 <= at <= len(steps):
        step = steps[at - 1]
        preset = evidence.presets[step.preset]
        st.markdown(words.plain_markdown(f"**{at} of {len(steps)}: {preset.name}.** {step.ask}"))
        if telling.note_is_open():
            st.info(words.plain_markdown(f"{preset.story} {step.note}"), icon=":material/sticky_note_2:")
    else:
        st.markdown(stage.BEGIN if steps else stage.NO_STORY)
    rows, spec = stage.drawn(chart, mix, evidence)
    alt = stage.alt(chart, mix, rows)
    if rows.empty:
        st.info(NOTHING[chart])
    else:
        spec = stage.filling(telling.sized(spec))
        with st.container(key="stage_chart", height="stretch"):
            st.vega_lite_chart(rows, spec, key=f"stage_{chart}", height="stretch", alt=alt)
with table:
    shown = rows[[name for name in rows if name in COLUMNS]].round(1)
    st.dataframe(shown, hide_index=True, key="stage_table", column_config=COLUMNS, alt=alt)
    st.caption(stage.KEYS)
st.html(stage.CLICKER, unsafe_allow_javascript=True)
