"""Frames of the Trade-offs and Disruptions pages: a chart with its table and download, lines as they are traced, a point to adopt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from model.frontier import POINTS, Curve, Point, frontier
from model.levers import Choice
from pages.parts import bridge, tradeoffs, words
from pages.parts.charts import Chart

Place = st.delta_generator.DeltaGenerator


def head(place: Place, sentence: str) -> None:
    """The finding, as the headline of the page; smaller on a phone."""
    on_phone = "Mobi" in (st.context.headers.get("User-Agent") or "")
    place.markdown(f"{'####' if on_phone else '##'} {words.plain_markdown(sentence)}")


def table(
    key: str, alt: str, shown: pd.DataFrame, widths: dict[str, int] | None = None, height: int | str = "auto"
) -> None:
    """A table with its download as CSV: the file holds the data shown."""
    columns = {
        name: st.column_config.NumberColumn(format="localized", width=(widths or {}).get(name))
        if pd.api.types.is_numeric_dtype(shown[name])
        else st.column_config.Column(width=(widths or {}).get(name))
        for name in shown
    }
    st.dataframe(shown, hide_index=True, key=f"{key}_table", alt=alt, column_config=columns, height=height)
    st.download_button(
        "Download (CSV)", lambda: shown.to_csv(index=False).encode(), f"{key}.csv", "text/csv", on_click="ignore",
        key=f"{key}_csv", icon=":material/download:",
    )  # fmt: skip


def told(key: str, alt: str, drawn: Chart, shown: pd.DataFrame, draw: Callable[[Chart], None] | None = None) -> None:
    """A chart with its table in a second tab. `draw`: draws the chart where it is more than a picture."""
    seen, read = st.tabs(["Chart", "Table"], key=f"{key}_view", on_change="rerun")
    with seen:
        if draw is not None:
            draw(drawn)
        else:
            st.vega_lite_chart(*drawn, key=key, alt=alt)
    if read.open:
        with read:
            table(key, alt, shown)


def first_curve(choice: Choice) -> Curve | None:
    """The line at the limit on China of the levers; None when stopped."""
    return bridge.worked_out(
        "curve", (tradeoffs.world(choice), choice.china_limit), "Tracing the line of these levers:",
        lambda engine, progress, stop: next(frontier(engine, choice, (choice.china_limit,), POINTS, progress, stop)),
    )  # fmt: skip


def all_curves(
    place: Place, first: Curve, limits: Sequence[float], choice: Choice, marks: Mapping[str, Point]
) -> list[Curve]:
    """The first line and those at other limits on China; only the first when stopped. It is drawn while the others are traced."""
    question = (tradeoffs.world(choice), tuple(limits))
    if st.session_state.get("_traced") != question:
        early = tradeoffs.rows([first], marks)
        drawn = tradeoffs.frontier_chart(early, [first.china_limit], clickable=False)
        place.vega_lite_chart(*drawn, alt=tradeoffs.TITLE)
    found = bridge.worked_out(
        "curves", question, "Tracing other limits on China:",
        lambda engine, progress, stop: tuple(frontier(engine, choice, limits, POINTS, progress, stop)),
    )  # fmt: skip
    if found is not None:
        st.session_state["_traced"] = question
    return [first, *(found or ())]


def chosen_point(
    place: Place, table_: pd.DataFrame, curves: Sequence[Curve], here: Point
) -> tuple[Curve, Point] | None:
    """The chart of the lines, clickable, and under it two controls that do the same; the line and the point chosen."""
    lines = {curve.china_limit: curve for curve in curves if curve.points}
    if not lines:
        return None
    left, right = st.columns([1, 1], gap="medium")
    if st.session_state.get("tradeoff_line") not in lines:
        st.session_state["tradeoff_line"] = next(iter(lines))
    limit = left.selectbox(
        "Line", list(lines), format_func=lambda x: words.sentence_case(tradeoffs.limit_name(x)), key="tradeoff_line"
    )
    spots = {tradeoffs.name_of(point): point for point in lines[limit].points}
    key = f"tradeoff_point_{limit:g}"
    if st.session_state.get(key) not in spots:
        st.session_state[key] = tradeoffs.name_of(tradeoffs.nearest(lines[limit], here.tail))
    chosen = right.select_slider(
        "Unserved in bad years", list(spots), key=key, format_func=lambda name: tradeoffs.spot(spots[name])
    )
    drawn = tradeoffs.frontier_chart(table_, [curve.china_limit for curve in curves], chosen)
    with place.container():
        told("frontier", tradeoffs.TITLE, drawn, tradeoffs.told(table_), _clickable)
    return lines[limit], spots[chosen]


def _clickable(drawn: Chart) -> None:
    st.vega_lite_chart(*drawn, key="frontier", alt=tradeoffs.TITLE, on_select=_clicked, selection_mode="pick")


def _clicked() -> None:
    """Callback of the chart: put the two controls where the click was."""
    picked = st.session_state["frontier"].selection.get("pick") or [{}]
    name = str(picked[0].get("point", ""))
    limit, _, at = name.partition("-")
    if at:
        st.session_state["tradeoff_line"] = float(limit)
        st.session_state[f"tradeoff_point_{limit}"] = name


def offer(point: Point, here: Point, choice: Choice) -> None:
    """What a point is like beside the mix of the levers, and the button that adopts its limits."""
    wanted = tradeoffs.adopted(point, choice)
    st.button(
        tradeoffs.adopt_label(point, choice), on_click=bridge.adopt, args=(wanted,), key="adopt_point", type="primary",
        disabled=wanted == choice,
    )  # fmt: skip
    with st.expander("This point beside the levers as they stand", icon=":material/compare_arrows:"):
        table("point", "The point chosen beside the mix that the levers give", tradeoffs.compared(point, here))


def side_by_side(rows: pd.DataFrame, drawn: Sequence[float]) -> None:
    """All mixes as lines over uprights, with a range for each measure, and what is left as a table."""
    chart_place = st.container()
    wanted = {}
    with (
        st.expander("Keep only mixes with ...", icon=":material/filter_list:", expanded=True),
        st.grid("auto", min_column_width=240),
    ):
        for measure in tradeoffs.MEASURES:
            low, high = tradeoffs.reach(rows, measure)
            wanted[measure.id] = st.slider(
                measure.title, low, high, (low, high), 10.0**-measure.digits, format=f"%.{measure.digits}f",
                key=f"keep_{measure.id}_{low:g}_{high:g}",
            )  # fmt: skip
    kept = tradeoffs.within(rows, wanted)
    sentence = tradeoffs.kept_sentence(rows, kept)
    with chart_place:
        st.markdown(words.plain_markdown(sentence))
        told("mixes", sentence, tradeoffs.parallel_chart(rows, kept, drawn), tradeoffs.told(rows[kept]))
