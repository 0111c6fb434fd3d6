"""The stage: one chart as large as the screen allows, larger letters in charts, and the texts of a prepared story; no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model.evidence.store import Evidence
from model.results.mix import Mix
from pages.parts.charts import mix as charts
from pages.parts.charts.mix import Chart, Spec
from pages.parts.text import common as words
from pages.parts.text import mix as mix_text

CHARTS: Mapping[str, tuple[str, str]] = {
    "magnets": ("Magnets", mix_text.MAGNETS_TITLE),
    "oxide": ("Oxide", mix_text.OXIDE_TITLE),
    "built": ("What is built", mix_text.BUILT_TITLE),
    "reserve": ("Reserve", mix_text.RESERVE_TITLE),
    "shortage": ("Who goes short", mix_text.SHORTAGE_TITLE),
}
"""Each chart's short name and title, by its id."""
SHOWN: Mapping[str, tuple[str, str, str]] = {
    "magnets": ("route", "delivered_t", "t"),
    "oxide": ("route", "delivered_t", "t"),
    "built": ("route", "added_t", "t a year"),
    "reserve": ("commodity", "stock_t", "t"),
}
"""What a chart's rows are told by: the column of names, the column of amounts, and their unit."""
BESIDE = "The same figures stand in the table with it."
LARGER = 1.45
"""How much larger letters in charts are on a projector."""
PROJECTOR_STYLE = (
    "<style>html{font-size:clamp(17px,1.2vw,30px);filter:brightness(.82) contrast(1.55)}"
    "@media (forced-colors:active){html{filter:none}}</style>"
)
"""Larger letters, and greys and pale colours darker on an unchanged white, for the whole page at once."""
STAGE_STYLE = """<style>
div.st-key-stage_chart{contain:size;min-height:18rem}
@media (min-width:900px){
  div.st-key-stage_whole{flex:none;height:calc(100vh - 5rem);min-height:min-content;gap:.75rem}
  div.st-key-stage_body{flex-wrap:nowrap}
  div.st-key-stage_said{width:15.5rem;max-height:100%;overflow:auto}
}
</style>"""
"""Headline, steps, note and chart fill the screen, the chart takes what is left beside the note, and nothing of them lies below."""
CLICKER = """<script>
if (!window.stageClicker) {
  window.stageClicker = true;
  const places = {pageup: "stage_back", pagedown: "stage_on", n: "stage_turn"};
  window.addEventListener("keydown", event => {
    const button = document.querySelector(`.st-key-${places[String(event.key).toLowerCase()]} button`);
    const within = event.target instanceof Element
      && event.target.closest("input:is([type=range], [type=checkbox]), .st-key-stage_view input[aria-expanded=false]");
    if (!button || !within || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    within.blur();
    if (!event.repeat) button.click();
  }, true);
}
</script>"""
"""The stage's keys also where a slider, a switch or the closed choice of the chart has the focus: there Streamlit hands no key to a
button, and PageDown would move the slider. Text fields keep their keys, and where no such button is nothing happens."""

PROJECTOR = "Projector"
PROJECTOR_HELP = "Large letters and strong contrast for a room. Kept in the address of the page."
BACK, ON, NOTE = "Previous", "Next", "Note"
CHART_LABEL, STEP_LABEL = "Chart", "Step of the story"
NO_STORY = "The data folder holds no story.yaml, so there are no steps to go through."
BEGIN = "Press Next to begin the story."
MORE = "Table, all steps and keys"
KEYS = (
    "Keys: PageDown and PageUp (also those of a presenter's clicker) for the next and the previous step, N for the facilitator's"
    " note. Tab goes from one control to the next, arrow keys move a slider, Space presses a button or a switch, F11 fills the"
    " screen in most browsers."
)


LEGEND: Spec = {
    "columns": {"expr": "width && containerSize()[0] < 350 ? 2 : containerSize()[0] < 650 ? 3 : 5"},
    "layout": {"bottom": {"anchor": "end"}},
}
"""A legend that ends at the right edge may begin under the labels of the axis, so that three columns have room beside a note."""
WORST = 8
"""How many states of the world the stage shows of those in which somebody goes short."""


def drawn(chart: str, mix: Mix, evidence: Evidence) -> Chart:
    """One of the mix's charts, in its first view; of the states in which somebody goes short only the worst, so that they can be
    read from afar."""
    if chart == "shortage":
        rows, spec = charts.shortage(mix, evidence, int(mix.choice.target_year))
        short = rows.groupby("state")["short_t"].sum()
        worst = short[short > charts.VISIBLE_T].nlargest(WORST).index
        spec["encoding"]["y"]["axis"] = {**spec["encoding"]["y"]["axis"], "labelOverlap": False}
        users = spec["encoding"]["x"]
        users["axis"] = {**users["axis"], "labelFontSize": 12}  # so that the longest fits beside a note
        spec["config"] = {**spec["config"], "legend": {**spec["config"]["legend"], "titleLimit": 400}}
        return rows[rows["state"].isin(worst)].reset_index(drop=True), spec
    make = {"magnets": charts.magnets, "oxide": charts.oxide, "built": charts.built, "reserve": charts.reserve}
    rows, spec = make[chart](mix, evidence)
    return rows, {**spec, "config": {**spec["config"], "legend": {**spec["config"]["legend"], **LEGEND}}}


def alt(chart: str, mix: Mix, rows: pd.DataFrame) -> str:
    """What the chart shows now, in words."""
    year = int(mix.choice.target_year)
    if chart == "shortage":
        worst = rows.nlargest(1, "share")[["sector", "share"]].itertuples(index=False, name=None)
        told = "".join(f" At worst {words.number(share)} % of the need of {sector}." for sector, share in worst)
        return f"{CHARTS[chart][1]}, in {year}.{told} {BESIDE}"
    name, amount, unit = SHOWN[chart]
    now = rows if chart == "built" else rows[rows["year"] == year]
    most = now.groupby(name)[amount].sum().nlargest(4)
    parts = "; ".join(f"{what} {words.number(value)} {unit}" for what, value in most.items() if value >= 0.5)
    when = "In all years together" if chart == "built" else f"In {year}"
    return f"{CHARTS[chart][1]}. {when}: {parts or 'nothing'}. {BESIDE}"


def enlarged(spec: Spec, factor: float = LARGER) -> Spec:
    """A specification with all its letters and the marks of its legend larger by a factor; the legend counts its columns as on a screen
    so much narrower."""

    def grown(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {
                key: {"expr": value["expr"].replace("containerSize()[0]", f"containerSize()[0] / {factor}")}
                if key == "columns" and isinstance(value, Mapping)
                else round(value * factor)
                if key in {"labelFontSize", "titleFontSize", "fontSize", "labelLimit", "symbolSize"}
                and isinstance(value, int | float)
                else value
                if key in {"data", "values"}
                else grown(value)
                for key, value in part.items()
            }
        return [grown(each) for each in part] if isinstance(part, list) else part

    found: Spec = grown(spec)
    return found


def filling(spec: Spec) -> Spec:
    """A specification that takes the height of its place."""
    return {name: value for name, value in spec.items() if name != "height"}
