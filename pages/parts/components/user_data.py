"""The parts of the page of own numbers: what is in use, what it changes, the table to edit, the folder."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st

from model.evidence.data_archive import folder_zip
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.evidence.user_edits import table
from model.results.indicators import INDICATORS
from pages.parts import session, sharing
from pages.parts.session import user_data as session_data
from pages.parts.text import common as words
from pages.parts.text import facts as facts_text
from pages.parts.text import user_data as user_data_text

ORDER = ("what", "value", "low", "high", "unit", "reason", "evidence", "about", "fact")


@lru_cache(maxsize=8)
def rows(evidence: Evidence, edits: tuple[Edit, ...]) -> pd.DataFrame:
    """The table to edit, one row for each fact that is not derived, ordered by topic; `used`: whether it reaches the model."""
    found = table(evidence, edits)
    found["used"] = found["fact"].isin(facts_text.in_model(evidence))
    found["about"] = found["about"].map(facts_text.about)
    return found.sort_values(["about", "what"], kind="stable", ignore_index=True)


def narrowed(found: pd.DataFrame, query: str, every: bool) -> pd.DataFrame:
    """Rows in which every word of the query occurs, of facts that the model uses or of all."""
    if not every:
        found = found[found["used"]]
    text = (found["fact"] + " " + found["what"] + " " + found["about"] + " " + found["reason"]).str.lower()
    for word in query.lower().split():
        found = found[text.loc[found.index].str.contains(word, regex=False)]
    return found.reset_index(drop=True)


def key_of(shown: pd.DataFrame, turn: int) -> str:
    """The key of a table to edit: another one whenever its rows or the own numbers are others."""
    return f"own_table_{turn}_{zlib.crc32(' '.join(shown['fact']).encode())}"


def editor(shown: pd.DataFrame, turn: int) -> str:
    """The table itself; its key. Numbers, range and reason can be edited, nothing else."""
    columns = st.column_config
    key = key_of(shown, turn)
    st.data_editor(
        shown, hide_index=True, key=key, column_order=ORDER, num_rows="fixed", height=440 if len(shown) > 10 else "content",
        disabled=[name for name in ORDER if name not in ("value", "low", "high", "reason")],
        column_config={
            "what": columns.TextColumn("Figure", width=330), "value": columns.NumberColumn("Value", format="%.6g"),
            "low": columns.NumberColumn("Low", format="%.6g"), "high": columns.NumberColumn("High", format="%.6g"),
            "unit": columns.TextColumn("Unit"), "reason": columns.TextColumn("Reason", width=240, max_chars=200),
            "evidence": columns.NumberColumn("In the evidence", format="%.6g"), "about": columns.TextColumn("About"),
            "fact": columns.TextColumn("Id"),
        },
    )  # fmt: skip
    st.caption(f"{words.count(len(shown), 'figure')} shown. Columns with a pen can be edited: click a cell twice.")
    return key


def in_use(base: Evidence, edits: Sequence[Edit]) -> None:
    """Each own number with a way to drop it."""
    with st.container(border=True):
        for edit in edits:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(user_data_text.line(base, edit), width="stretch")
                st.button(
                    "Drop", on_click=session_data.drop_own, args=(edit.fact,), key=f"drop_{edit.fact}", type="tertiary"
                )
        st.button("Drop all", on_click=session_data.drop_own, key="drop_all_own", icon=":material/undo:")


def effect() -> None:
    """What the own numbers change: the same levers on the evidence, or on the visitor's own data folder, and on the own numbers."""
    before, now = session.answer_on(session.base_engine()), session.answer_on(session.engine())
    if before is None or now is None:
        st.info(user_data_text.NO_EFFECT)
        return
    st.markdown("#### What your numbers change, the levers as they stand")
    st.dataframe(
        pd.DataFrame(
            {
                "Result": [indicator.label for indicator in INDICATORS],
                user_data_text.under(session.own_data() is not None): [words.indicator_value(i, before.mix.indicators[i.id]) for i in INDICATORS],
                "On your numbers": [words.indicator_value(i, now.mix.indicators[i.id]) for i in INDICATORS],
            }
        ),
        hide_index=True, key="own_effect", alt="Each result on the evidence and on your own numbers", height="content",
    )  # fmt: skip


def folder() -> None:
    """The evidence as a template, the way to open one's own, and the way back."""
    if session.own_data() is not None:
        st.info(user_data_text.FOLDER_STAYS, icon=":material/folder_off:")
    elif sharing.too_many_for_address():
        st.info(user_data_text.NUMBERS_STAY, icon=":material/link_off:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Template (zip)", session.download(folder_zip, session.folder()), "magnet-data.zip", "application/zip",
            on_click="ignore", key="take_template", icon=":material/download:",
        )  # fmt: skip
        if session.own_data() is not None:
            st.button("Back to the evidence", on_click=session_data.drop_data, key="drop_data", icon=":material/undo:")
    st.file_uploader("Your data folder (zip)", type=["zip"], key="own_data_file", on_change=session_data.load_data)


def banner() -> None:
    """At the side of every page, when not all figures are the evidence's."""
    text = user_data_text.banner(session.own_numbers(), session.own_data() is not None)
    if text:
        st.warning(words.plain_markdown(text), icon=":material/edit_note:")
