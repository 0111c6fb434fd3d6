"""Evidence: every number with its unit, range, year, source and where it is used."""

import streamlit as st

from pages.parts import session
from pages.parts.components import screen
from pages.parts.evidence import world_market
from pages.parts.text import common as words
from pages.parts.text import facts as facts_text

evidence, columns = session.evidence(), st.column_config
rows, asked = facts_text.table(evidence), st.query_params.get("fact", "")

screen.headline(facts_text.counts(evidence), marks="##")
if asked and asked not in evidence.facts:
    st.warning(words.as_typed(f"This link names a fact that does not exist: {asked[:80]}"), icon=":material/link_off:")
query = st.text_input(
    "Search", asked if asked in evidence.facts else "", max_chars=200, key="evidence_search", icon=":material/search:",
    placeholder="Words, the id of a fact, or a place: route china_magnets",
)  # fmt: skip
with st.expander("Filters", icon=":material/filter_list:"), st.grid("auto", min_column_width=240):
    wanted = {
        column: st.multiselect(label, facts_text.options(rows, column), key=f"evidence_{column}", placeholder="Any")
        for column, label in facts_text.FILTERS.items()
    }
shown = facts_text.narrowed(facts_text.search(rows, query), wanted)
order = list(shown["id"])

st.markdown(f"**{len(shown)} of {len(rows)} facts shown.** Click a row to see all about it below.")
picked = st.dataframe(
    shown, hide_index=True, height=440 if len(shown) > 10 else "content", column_order=facts_text.SHOWN, on_select="rerun",
    selection_mode="single-row", key=f"evidence_table_{hash(tuple(order))}", alt=f"{len(shown)} facts with value, range and source",
    column_config={
        "Fact": columns.TextColumn(width=260),
        "Source": columns.TextColumn(width=210),
        "Range": columns.ImageColumn(help=facts_text.BAR_READING, width=140),
        "Link": columns.LinkColumn(display_text="open", width=60),
    },
)  # fmt: skip
st.caption(facts_text.BAR_READING)
places = picked.selection.rows or [0]
with st.container(border=True):
    if order:
        st.markdown(facts_text.detail(evidence, evidence.facts[order[places[0]]]))
    else:
        st.info("No fact matches. Shorten the search or take a filter away.")

st.markdown("### The world around India")
left, right = st.columns(2, gap="medium", border=True)
with left:
    st.markdown("#### Rare-earth reserves and mine output by country")
    st.vega_lite_chart(
        *world_market.country_chart(evidence), key="world_chart", alt="Reserves and mine output by country, in percent"
    )
    st.dataframe(
        world_market.country_table(evidence), hide_index=True, key="world_table", alt="Reserves and mine output by country",
        column_config={name: columns.NumberColumn(format="localized", width=150) for name in world_market.AMOUNTS},
    )  # fmt: skip
with right:
    st.markdown("#### World demand for magnet rare earths to 2050")
    st.vega_lite_chart(
        *world_market.demand_chart(evidence),
        key="demand_chart",
        alt="World demand to 2050 in kt a year, with its range",
    )
    st.dataframe(world_market.demand_table(evidence), hide_index=True, key="demand_table", alt="World demand to 2050")
with st.expander(words.count(len(evidence.notes), "note") + " that are no numbers", icon=":material/notes:"):
    st.markdown(facts_text.notes(evidence))
