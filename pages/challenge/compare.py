"""Compare: any two mixes side by side, what differs between them, and what made the difference."""

import streamlit as st

from pages.parts import session
from pages.parts.compare import text as compare_text
from pages.parts.compare import view as compare_view
from pages.parts.components import screen
from pages.parts.sharing import pins
from pages.parts.text import common as words

session.adopted_notice()
evidence = session.evidence()
head = st.empty()
st.caption(compare_text.INTRO)
sides = compare_view.pick()
mixes = [pins.mix_of(side) for side in sides]
names = [words.as_typed(side.name) for side in sides]
for side, mix, name in zip(sides, mixes, names, strict=True):
    if mix is None:
        st.warning(compare_text.NO_MIX.format(name), icon=":material/block:")
    compare_view.moved_notice(side, mix)
compare_view.adopt(sides)
if mixes[0] is not None and mixes[1] is not None:
    both = (mixes[0], mixes[1])
    head.markdown(f"{screen.heading()} {compare_text.finding(names[0], names[1], *both)}")
    session.say(compare_text.finding(sides[0].name, sides[1].name, *both))
    compare_view.side_by_side(sides, both, evidence)
    with st.container(border=True):
        compare_view.split(sides)
    compare_view.numbers(sides, both, evidence)
else:
    screen.headline(compare_text.NO_FINDING, head)
