"""Compare: any two mixes side by side, what differs between them, and what made the difference."""

import streamlit as st

from pages.parts import bridge, compared, comparing, screen, words
from pages.parts.bridge import pinned

bridge.adopted_notice()
evidence = bridge.evidence()
head = st.empty()
st.caption(compared.INTRO)
sides = comparing.pick()
mixes = [pinned.mix_of(side) for side in sides]
names = [words.as_typed(side.name) for side in sides]
for side, mix, name in zip(sides, mixes, names, strict=True):
    if mix is None:
        st.warning(compared.NO_MIX.format(name), icon=":material/block:")
    comparing.moved_notice(side, mix)
comparing.adopt(sides)
if mixes[0] is not None and mixes[1] is not None:
    both = (mixes[0], mixes[1])
    head.markdown(f"{screen.heading()} {compared.finding(names[0], names[1], *both)}")
    bridge.say(compared.finding(sides[0].name, sides[1].name, *both))
    comparing.side_by_side(sides, both, evidence)
    with st.container(border=True):
        comparing.split(sides)
    comparing.numbers(sides, both, evidence)
else:
    screen.headline(compared.NO_FINDING, head)
