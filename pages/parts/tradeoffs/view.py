"""Frames of the Trade-offs page: lines as they are traced, a point to look at and adopt, and all mixes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from model.analysis.near_optimal.frontier import POINTS, Curve, Point, frontier
from model.formulation.levers import Choice
from pages.parts import session
from pages.parts.charts.mix import Chart
from pages.parts.components.result import Place, table, told
from pages.parts.session.widgets import dragged
from pages.parts.text import common as words
from pages.parts.tradeoffs import frontier_chart, parallel_coordinates
from pages.parts.tradeoffs import text as tradeoffs_text


def first_curve(choice: Choice, place: str = "") -> Curve | None:
    """The line at the limit on China of the levers; None when nothing of it was traced. `place`: see `worked_out`."""
    return session.worked_out(
        "curve", (tradeoffs_text.world(choice), choice.china_limit), "Tracing the line of these levers:",
        lambda engine, progress, stop, before=None: next(
            frontier(engine, choice, (choice.china_limit,), POINTS, progress, stop, (before,) if before else ())
        ),
        "points", place,
    )  # fmt: skip


def all_curves(
    place: Place, first: Curve, limits: Sequence[float], choice: Choice, marks: Mapping[str, Point]
) -> list[Curve]:
    """The first line and those at other limits on China, as far as they are traced. The first is drawn while the others are traced."""
    question = (tradeoffs_text.world(choice), tuple(limits))
    if not session.already("traced", question):
        early = frontier_chart.rows([first], marks)
        drawn = frontier_chart.frontier_chart(early, [first.china_limit, *limits], clickable=False)
        place.vega_lite_chart(*drawn, alt=tradeoffs_text.TITLE)
    found = session.worked_out(
        "curves", question, "Tracing other limits on China:",
        lambda engine, progress, stop, before=(): tuple(
            frontier(engine, choice, limits, POINTS, progress, stop, before)
        ),
        "points",
    )  # fmt: skip
    if found is not None:
        session.done("traced", question)
    return [first, *(found or ())]


def chosen_point(
    place: Place, rows: pd.DataFrame, curves: Sequence[Curve], drawn_limits: Sequence[float], here: Point
) -> tuple[Curve, Point, list[float]] | None:
    """The chart of the lines, clickable, and under it two controls that do the same; the line and the point chosen, and the ends of
    the axis of shortfall, %."""
    lines = {curve.china_limit: curve for curve in curves if curve.points}
    if not lines:
        return None
    left, right, last = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    session.keep_among("tradeoff_line", lines, next(iter(lines)))
    limit = left.selectbox(
        "Line",
        list(lines),
        format_func=lambda x: words.sentence_case(tradeoffs_text.limit_name(x)),
        key="tradeoff_line",
    )
    spots = {tradeoffs_text.name_of(point): point for point in lines[limit].points}
    key = f"tradeoff_point_{limit:g}"
    session.keep_among(key, spots, tradeoffs_text.name_of(tradeoffs_text.nearest(lines[limit], here.tail)))
    chosen = right.select_slider(
        "Unserved in bad years", list(spots), key=key, format_func=lambda name: tradeoffs_text.spot(spots[name])
    )
    near = last.toggle("Only this line, enlarged", key="tradeoff_near", persist_state="session")
    part = frontier_chart.shown(rows, tradeoffs_text.limit_name(limit) if near else "")
    drawn = frontier_chart.frontier_chart(part, drawn_limits, chosen)
    with place.container():
        told("frontier", tradeoffs_text.lines_finding(curves), drawn, frontier_chart.told(part), _clickable)
    return lines[limit], spots[chosen], frontier_chart.domain(part)


def _clickable(drawn: Chart, alt: str) -> None:
    st.vega_lite_chart(*drawn, key="frontier", alt=alt, on_select=_clicked, selection_mode="pick")


def _clicked() -> None:
    """Callback of the chart: put the two controls where the click was."""
    name = session.clicked("frontier", "pick", "point")
    limit, _, at = name.partition("-")
    if at:
        session.put({"tradeoff_line": float(limit), f"tradeoff_point_{limit}": name})


def offer(point: Point, here: Point, choice: Choice) -> None:
    """What a point is like beside the mix of the levers, and the button that adopts its limits."""
    adopt(point, choice, "adopt_point")
    with st.expander("This point beside the levers as they stand", icon=":material/compare_arrows:"):
        table(
            "point", "The point chosen beside the mix that the levers give", tradeoffs_text.compared(point, here), height="content"
        )  # fmt: skip


def adopt(point: Point, choice: Choice, key: str) -> None:
    """The button that adopts the limits of a point; dead where the levers stand so already."""
    wanted = tradeoffs_text.adopted(point, choice)
    st.button(
        tradeoffs_text.adopt_label(point, choice), on_click=session.adopt, args=(wanted,), key=key, type="primary",
        disabled=wanted == choice,
    )  # fmt: skip


# -- side by side ---------------------------------------------------------------------------------------------------


def side_by_side(rows: pd.DataFrame, drawn: Sequence[float], curves: Sequence[Curve], choice: Choice) -> None:
    """All mixes as lines over uprights, a range for each measure to drag or to set, what is left, and one of those to adopt."""
    chart_place = st.container()
    wanted = _ranges(rows)
    kept = parallel_coordinates.within(rows, wanted)
    sentence, left = parallel_coordinates.kept_sentence(rows, kept), parallel_coordinates.left(rows, kept)
    with chart_place:
        st.markdown(words.plain_markdown(sentence))
        session.keep_among("kept_mix", {None, *left}, None)
        picked = st.selectbox(
            parallel_coordinates.PICK_LABEL, list(left), None, format_func=left.__getitem__, key="kept_mix", placeholder=parallel_coordinates.PICK_HINT,
            disabled=not left,
        )  # fmt: skip
        if picked:
            point = next(p for curve in curves for p in curve.points if tradeoffs_text.name_of(p) == picked)
            adopt(point, choice, "adopt_kept")
        chart = parallel_coordinates.chart(rows, kept, drawn, wanted, picked or "")
        told("mixes", sentence, chart, frontier_chart.told(rows[kept]), partial(_draggable, rows))


def _ranges(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """A slider for each measure; what they stand at."""
    whole = {measure.id: parallel_coordinates.reach(rows, measure) for measure in parallel_coordinates.MEASURES}
    wanted = {}
    with (
        st.expander("The same by numbers: keep only mixes with ...", icon=":material/filter_list:"),
        st.grid("auto", min_column_width=240),
    ):
        for measure in parallel_coordinates.MEASURES:
            low, high = whole[measure.id]
            wanted[measure.id] = st.slider(
                measure.title, low, high, (low, high), 10.0**-measure.digits, format=f"%.{measure.digits}f",
                key=_key(rows, measure.id),
            )  # fmt: skip
    st.button(
        "All mixes again", on_click=session.put, args=({_key(rows, name): ends for name, ends in whole.items()},), key="all_mixes",
        icon=":material/restart_alt:", disabled=wanted == whole,
    )  # fmt: skip
    return wanted


def _key(rows: pd.DataFrame, name: str) -> str:
    """The slider of a measure, one for each reach that it can have."""
    low, high = parallel_coordinates.reach(rows, next(m for m in parallel_coordinates.MEASURES if m.id == name))
    return f"keep_{name}_{low:g}_{high:g}"


def _draggable(rows: pd.DataFrame, drawn: Chart, alt: str) -> None:
    st.vega_lite_chart(
        *drawn, key="mixes", alt=alt, on_select=partial(_dragged, rows), selection_mode=["brush", "pick"]
    )


def _dragged(rows: pd.DataFrame) -> None:
    """Callback of the chart: put the sliders of the uprights under a dragged box to the part that it covers, and choose a clicked line."""
    name, box = session.clicked("mixes", "pick", "mix"), dragged("mixes", "brush")
    if "rank" in box and "place" in box:
        ranges = parallel_coordinates.narrowed(rows, box["rank"], box["place"])
        session.put({_key(rows, measure): ends for measure, ends in ranges.items()})
    elif name:
        session.put({"kept_mix": name})
