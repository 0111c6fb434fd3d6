"""What the answer means, on screen: what each limit costs beside its slider, what to loosen when limits clash, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from model.explain import Clash, LimitReport, applied, proof_in_words
from model.live import Answer, SolverFailed
from pages.parts import bridge, words


def beside_the_levers(places: Mapping[str, Any]) -> None:
    """Under each limit that is on, what it costs or how much room it leaves. `places`: lever ids to empty places."""
    for report in bridge.limit_reports():
        if report.lever in places:
            places[report.lever].caption(words.plain_markdown(words.limit_note(report)))


def clash(problem: str, found: Clash | None) -> None:
    """Why there is no mix, and one button for each smallest loosening that makes one possible."""
    st.error(words.plain_markdown(found.sentence if found else problem), icon=":material/block:")
    if found is None:
        return
    if found.ways:
        st.markdown(words.ONE_WAY)
        with st.container(horizontal=True):
            for way in found.ways:
                st.button(
                    words.sentence_case(way.sentence), on_click=bridge.set_levers, args=(applied(found.choice, way),),
                    key=f"way_{way.lever}", type="primary",
                )  # fmt: skip
    elif found.joint:
        st.markdown(words.ONLY_TOGETHER)
        st.button(
            words.sentence_case(found.joint_sentence), on_click=bridge.set_levers,
            args=(applied(found.choice, found.joint),), key="way_joint", type="primary",
        )  # fmt: skip


def binding() -> None:
    """What each limit costs, as a list, and the routes that are worth most."""
    reports = bridge.limit_reports()
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {words.BINDING_TITLE}")
        st.markdown(
            "\n".join(f"- **{words.lever_name(r)}.** {words.plain_markdown(r.sentence)}" for r in ordered(reports))
        )
    with right:
        st.markdown(f"#### {words.WORTH_TITLE}")
        found = bridge.bottlenecks()
        if not found:
            st.info(words.NO_BOTTLENECK)
        else:
            st.dataframe(
                pd.DataFrame(
                    {
                        "Route": [words.route_name(bridge.evidence(), b.route) for b in found],
                        "One tonne a year more saves": [f"INR {words.indian(b.lakh_per_t, 1)} lakh a year" for b in found],
                        "One percent more saves": [words.inr_crore(b.crore_per_percent) + " a year" for b in found],
                    }
                ),
                hide_index=True, key="bottlenecks", alt=words.WORTH_TITLE,
            )  # fmt: skip
        st.caption(words.WORTH_NOTE)


def ordered(reports: tuple[LimitReport, ...]) -> list[LimitReport]:
    """Binding limits first."""
    return sorted(reports, key=lambda r: not r.binding)


def proof(answer: Answer) -> None:
    """One small line of proof, all of it at a click, and the check with a second solver."""
    st.caption(words.plain_markdown(words.proof_line(answer.mix)))
    with st.expander("The whole proof", icon=":material/verified:"):
        st.markdown(words.plain_markdown(proof_in_words(answer.mix)))
        if st.button("Check with a second solver", key="second", help=words.SECOND_HELP):
            try:
                with st.spinner("Writing the program anew and solving it with CBC ..."):
                    st.success(words.plain_markdown(bridge.second_opinion().sentence), icon=":material/done_all:")
            except SolverFailed as error:
                st.error(words.plain_markdown(str(error)))
