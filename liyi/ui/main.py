"""The web app's frame: language, navigation, and nothing else."""

from __future__ import annotations

import streamlit as st

from liyi.ui import faults, pages, people
from liyi.ui.addresses import MISSING
from liyi.ui.wording import LANGUAGES, _, keep_lang, lang

st.set_page_config(page_title="Liyi 礼仪", layout="wide", initial_sidebar_state="collapsed")
# Streamlit leaves six rem above the page for a toolbar that is not shown here; its captions, and white on the accent of
# the dark theme, are too pale to read.
st.html("""<style>.stMainBlockContainer {padding-top: 2.5rem; max-width: 76rem}
[data-testid=stCaptionContainer] {color: light-dark(#5C6968, #A5B4B1); opacity: 1}
[data-testid=stBaseButton-primary]:enabled p {color: light-dark(#FFFFFF, #0C1211)}</style>""")
mine = pages.pages_of(people.ROLES)
listed = [pages.shown(page) for page in mine]
# Streamlit gives the default page the address "/" and no other: the first one stands at both.
start = pages.shown(mine[0], default=True)
page = st.navigation([*listed, start], position="hidden")
st.set_page_config(page_title=f"{page.title} – 礼仪 Liyi")
if page is start:
    listed[0] = start  # the bar then marks its link as that of the page that is shown
bar = st.container(horizontal=True, vertical_alignment="center")
for each in listed:
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
if MISSING in st.query_params:
    st.info(_("There is no page at this address. The pages that there are stand above."))
with faults.told():
    people.records()
    page.run()
