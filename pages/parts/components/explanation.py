"""What the answer means, on screen: what each limit costs beside its slider, what to loosen when limits clash, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from model.analysis.explain.bottlenecks import Bottleneck
from model.analysis.explain.limit_sentences import LimitReport
from model.analysis.validation.second_solver import proof_in_words
from model.engine.engine import Answer
from model.errors import SolverFailed
from pages.parts import session
from pages.parts.session.long_task import in_line
from pages.parts.text import common as words


def beside_the_levers(places: Mapping[str, Any]) -> None:
    """Under each limit that is on, what is sensible and what it costs or how much room it leaves: at once at the margin, then by really
    moving it. `places`: lever ids to places that say what is sensible."""

    def draw(full: bool, coming: bool) -> None:
        # as long as what comes, so that the sliders below stay where they are
        _notes(places, session.limit_reports(full), f" {words.BEING_WORKED_OUT}" if coming else "")

    session.twice(session.LIMITS, draw)


def _notes(places: Mapping[str, Any], reports: tuple[LimitReport, ...], more: str = "") -> None:
    for report in reports:
        if report.lever in places:
            text = words.limit_note(report) + (more if report.binding else "")
            places[report.lever].caption(words.under_limit(report.lever, text))


def binding() -> None:
    """What each limit costs, as a list, and the routes that are worth most: at once at the margin, at the end solved again."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {words.BINDING_TITLE}")
        limits = st.empty()
    with right:
        st.markdown(f"#### {words.WORTH_TITLE}")
        routes = st.empty()
        st.caption(words.WORTH_NOTE)
    session.twice(session.LIMITS, lambda full, _: _costs(limits, session.limit_reports(full)))
    session.twice(session.WORTH, lambda full, _: _worth(routes, session.bottlenecks(full)))


def _costs(place: Any, reports: tuple[LimitReport, ...]) -> None:
    place.markdown(
        "\n".join(f"- **{words.lever_name(r)}.** {words.plain_markdown(r.sentence)}" for r in ordered(reports))
    )


def _worth(place: Any, found: tuple[Bottleneck, ...]) -> None:
    if not found:
        place.info(words.NO_BOTTLENECK)
        return
    evidence = session.evidence()
    place.dataframe(
        pd.DataFrame(
            {
                "Route": [words.route_name(evidence, b.route) for b in found],
                "One tonne a year more saves": [f"INR {words.indian(b.lakh_per_t, 1)} lakh a year" for b in found],
                "One percent more saves": [words.lakh_or_crore(b.crore_per_percent) + " a year" for b in found],
            }
        ),
        hide_index=True, alt=words.WORTH_TITLE,
    )  # fmt: skip


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
                with in_line(), st.spinner("Writing the program anew and solving it with CBC ..."):
                    st.success(words.plain_markdown(session.second_opinion().sentence), icon=":material/done_all:")
            except SolverFailed as error:
                st.error(words.plain_markdown(str(error)))
