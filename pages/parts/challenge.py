"""Frames of the Trade-offs and Disruptions pages: a chart with its table and download, lines as they are traced, a point to adopt,
what happens in a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from model.evidence import COMMODITIES, Evidence, InputError
from model.frontier import POINTS, Curve, Point, frontier
from model.levers import Choice
from model.live import Answer
from pages.parts import bridge, disruptions, flows, tradeoffs, words
from pages.parts.charts import Chart

Place = st.delta_generator.DeltaGenerator


def head(place: Place, sentence: str) -> None:
    """The finding, as the headline of the page; smaller on a phone."""
    on_phone = "Mobi" in (st.context.headers.get("User-Agent") or "")
    place.markdown(f"{'####' if on_phone else '##'} {words.plain_markdown(sentence)}")


def table(key: str, alt: str, shown: pd.DataFrame, height: Literal["auto", "content"] = "auto") -> None:
    """A table with its download as CSV: the file holds the data shown."""
    numbers = [str(name) for name in shown.select_dtypes("number").columns]
    columns = {name: st.column_config.NumberColumn(format="localized") for name in numbers}
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
    if not bridge.already("traced", question):
        early = tradeoffs.rows([first], marks)
        drawn = tradeoffs.frontier_chart(early, [first.china_limit, *limits], clickable=False)
        place.vega_lite_chart(*drawn, alt=tradeoffs.TITLE)
    found = bridge.worked_out(
        "curves", question, "Tracing other limits on China:",
        lambda engine, progress, stop: tuple(frontier(engine, choice, limits, POINTS, progress, stop)),
    )  # fmt: skip
    if found is not None:
        bridge.done("traced", question)
    return [first, *(found or ())]


def chosen_point(
    place: Place, table_: pd.DataFrame, curves: Sequence[Curve], drawn_limits: Sequence[float], here: Point
) -> tuple[Curve, Point, list[float]] | None:
    """The chart of the lines, clickable, and under it two controls that do the same; the line and the point chosen, and the ends of
    the axis of shortfall, %."""
    lines = {curve.china_limit: curve for curve in curves if curve.points}
    if not lines:
        return None
    left, right, last = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    bridge.keep_among("tradeoff_line", lines, next(iter(lines)))
    limit = left.selectbox(
        "Line", list(lines), format_func=lambda x: words.sentence_case(tradeoffs.limit_name(x)), key="tradeoff_line"
    )
    spots = {tradeoffs.name_of(point): point for point in lines[limit].points}
    key = f"tradeoff_point_{limit:g}"
    bridge.keep_among(key, spots, tradeoffs.name_of(tradeoffs.nearest(lines[limit], here.tail)))
    chosen = right.select_slider(
        "Unserved in bad years", list(spots), key=key, format_func=lambda name: tradeoffs.spot(spots[name])
    )
    near = last.toggle("Only this line, enlarged", key="tradeoff_near", persist_state="session")
    part = tradeoffs.shown(table_, tradeoffs.limit_name(limit) if near else "")
    drawn = tradeoffs.frontier_chart(part, drawn_limits, chosen)
    with place.container():
        told("frontier", tradeoffs.TITLE, drawn, tradeoffs.told(part), _clickable)
    return lines[limit], spots[chosen], tradeoffs.domain(part)


def _clickable(drawn: Chart) -> None:
    st.vega_lite_chart(*drawn, key="frontier", alt=tradeoffs.TITLE, on_select=_clicked, selection_mode="pick")


def _clicked() -> None:
    """Callback of the chart: put the two controls where the click was."""
    name = bridge.clicked("frontier", "pick", "point")
    limit, _, at = name.partition("-")
    if at:
        bridge.put({"tradeoff_line": float(limit), f"tradeoff_point_{limit}": name})


def offer(point: Point, here: Point, choice: Choice) -> None:
    """What a point is like beside the mix of the levers, and the button that adopts its limits."""
    wanted = tradeoffs.adopted(point, choice)
    st.button(
        tradeoffs.adopt_label(point, choice), on_click=bridge.adopt, args=(wanted,), key="adopt_point", type="primary",
        disabled=wanted == choice,
    )  # fmt: skip
    with st.expander("This point beside the levers as they stand", icon=":material/compare_arrows:"):
        table(
            "point",
            "The point chosen beside the mix that the levers give",
            tradeoffs.compared(point, here),
            height="content",
        )


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


# -- disruptions ------------------------------------------------------------------------------------------------


def asked_shock(evidence: Evidence, answer: Answer) -> disruptions.Shock | None:
    """What is to happen, as the widgets have it; None when that cannot be, which is then said in a sentence."""
    kind = st.segmented_control(
        "What happens",
        disruptions.KINDS,
        default=disruptions.KINDS[0],
        required=True,
        key="shock_kind",
        persist_state="session",
    )
    try:
        if kind == disruptions.KINDS[0]:
            shock = _state(evidence, answer)
        elif kind == disruptions.KINDS[1]:
            shock = _events(evidence)
        elif kind == disruptions.KINDS[2]:
            shock = _by_hand(evidence)
        else:
            shock = _history(evidence)
    except InputError as error:
        st.error(words.plain_markdown(str(error)), icon=":material/block:")
        return None
    if shock.plain:
        st.caption(words.plain_markdown(shock.plain))
    return shock


def _state(evidence: Evidence, answer: Answer) -> disruptions.Shock:
    labels = {k: v for k, v in flows.states(answer.mix).items() if k not in {flows.EXPECTED, flows.UNDISTURBED}}
    names = list(labels)
    start = names.index("full_embargo") if "full_embargo" in labels else 0
    state = st.selectbox(
        "State of the world", names, start, format_func=labels.__getitem__, key="shock_state", persist_state="session"
    )
    chance = float(answer.mix.case.probability[answer.mix.case.states.index(state)])
    return disruptions.from_events(evidence, state.split("+"), chance)


def _events(evidence: Evidence) -> disruptions.Shock:
    names = {event.id: event.name for event in evidence.events.values() if event.probability is not None}
    picked = st.multiselect(
        "Events that happen in the same year", list(names), list(names)[:1], format_func=names.__getitem__, key="shock_events",
        persist_state="session", placeholder="Choose events",
    )  # fmt: skip
    return disruptions.from_events(evidence, picked)


def _history(evidence: Evidence) -> disruptions.Shock:
    names = {event.id: event.name for event in evidence.events.values() if event.probability is None}
    picked = st.selectbox(
        "Replay", list(names), format_func=names.__getitem__, key="shock_history", persist_state="session"
    )
    return disruptions.from_events(evidence, [picked] if picked else [])


def _by_hand(evidence: Evidence) -> disruptions.Shock:
    sources = disruptions.sources(evidence)
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
    return disruptions.by_hand(evidence, who, what, float(cut), float(months), float(times))


def struck(answer: Answer, shock: disruptions.Shock) -> pd.DataFrame | None:
    """What a shock does to the three plans; None when that could not be worked out."""
    state = shock.state
    does = tuple(array.tobytes() for array in (state.cut, state.cut_new, state.multiplier, state.multiplier_new))
    return bridge.worked_out(
        "shock", (answer.mix.choice, does, state.length), "Working out what the plans do then",
        lambda engine, progress, stop: disruptions.struck(engine, answer, shock),
    )  # fmt: skip


def losses(answer: Answer, by: str) -> pd.DataFrame | None:
    """What the loss of each source does to the mix; None when that could not be worked out."""
    return bridge.worked_out(
        "losses", (answer.mix.choice, by), "Taking one source away at a time",
        lambda engine, progress, stop: disruptions.lost(engine, answer.mix, by),
    )  # fmt: skip
