"""The web app's frame: language, navigation, and nothing else."""

from __future__ import annotations

import streamlit as st

from liyi.ui import faults, people
from liyi.ui.wording import LANGUAGES, _, keep_lang, lang

st.set_page_config(page_title="Liyi 礼仪", layout="wide", initial_sidebar_state="collapsed")
# Streamlit leaves six rem above the page for a toolbar that is not shown here; its captions, and white on the accent of
# the dark theme, are too pale to read.
st.html("""<style>.stMainBlockContainer {padding-top: 2.5rem; max-width: 76rem}
[data-testid=stCaptionContainer] {color: light-dark(#5C6968, #A5B4B1); opacity: 1}
[data-testid=stBaseButton-primary]:enabled p {color: light-dark(#FFFFFF, #0C1211)}</style>""")
pages = [
    st.Page("screens/practise.py", title=_("Practise"), url_path="practise"),
    st.Page("screens/assess.py", title=_("Assess a recording"), url_path="assess"),
    st.Page("screens/recordings.py", title=_("Recordings"), url_path="recordings"),
]
# Streamlit gives the default page the address "/" and no other: practising stands at both.
start = st.Page("screens/practise.py", title=_("Practise"), url_path="start", default=True)
page = st.navigation([*pages, start], position="hidden")
if page is start:
    pages[0] = start  # the bar then marks its link as that of the page that is shown
bar = st.container(horizontal=True, vertical_alignment="center")
for each in pages:
    bar.page_link(each)
bar.space("stretch")
bar.segmented_control(
    _("Language"),
    list(LANGUAGES),
    format_func=lambda code: LANGUAGES[code],
    default=lang(),
    key="lang",
    required=True,
    label_visibility="collapsed",
)
keep_lang()
with faults.told():
    people.records()
    page.run()
