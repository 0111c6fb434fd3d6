"""Map: where each tonne comes from in one year, on the average or in one state of the world."""

import streamlit as st

from pages.parts import session, tasks
from pages.parts.charts import flows, maps
from pages.parts.components import panels, screen
from pages.parts.evidence import world_market
from pages.parts.text import common as words

CONTEXT = {"Off": ("", ""), "Reserves": (world_market.RESERVES, "Mt"), "Mine output": (world_market.OUTPUT, "t/y")}

mix, evidence = session.answer().mix, session.evidence()
states, years, widest = flows.states(mix), mix.case.years, flows.widest(mix)

head = st.container()
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    year = st.slider("Year", years[0], years[-1], 2030, key="map_year", width=340, persist_state="session")
    state = st.selectbox(
        "State of the world", list(states), format_func=lambda name: states.get(name, name), key="map_state", width=420,
        persist_state="session",
    )  # fmt: skip
shown = flows.flows(mix, evidence, year, state)
sentence = words.unbroken(flows.headline(mix, evidence, shown, year, state))
screen.headline(sentence, head)
tasks.others_first()

left, right = st.columns([13, 8], gap="medium")
with left:
    place = st.container()
    with st.container(horizontal=True, gap="medium"):
        look = st.segmented_control(
            "Look at", list(maps.VIEWS), default="Routes", required=True, key="map_look", persist_state="session"
        )
        context = st.segmented_control(
            "Rare earths by country",
            list(CONTEXT),
            default="Off",
            required=True,
            key="map_world",
            persist_state="session",
        )
    prefix, unit = CONTEXT[context]
    circles = maps.country_circles(world_market.by_country(evidence, prefix), unit) if prefix else []
    view = screen.views()[look]
    deck = maps.deck(shown, evidence, year, widest, view, screen.paint(), circles)
    place.pydeck_chart(deck, height=view.height, key=f"map_{look}", alt=sentence)
    for line in maps.legend(widest):
        st.caption(line)
with right:
    widths = {"Route": 208, "Share, %": 68, "USD/kg": 64, "Cut or not": 122}
    st.dataframe(
        flows.display(shown), hide_index=True, height="content", key="map_table", alt=sentence,
        column_config={"Arrives, t": st.column_config.NumberColumn(format="localized", width=76)}
        | {name: st.column_config.Column(width=width) for name, width in widths.items()},
    )  # fmt: skip
    st.caption(flows.READING)
    panels.fact_links("map", panels.route_facts(mix, evidence, list(evidence.commodities)))
