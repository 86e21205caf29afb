"""The web app's frame: language, navigation by role, and nothing else."""

from __future__ import annotations

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.ui import faults, look, pages, people
from liyi.ui.addresses import MISSING
from liyi.ui.bar import draw_bar
from liyi.ui.framing import is_demo, who_is_signed_in
from liyi.ui.staffing import changes, codes_view
from liyi.ui.wording import _, keep_address

st.set_page_config(page_title=_("Liyi"), page_icon=str(look.seal()), layout="wide", initial_sidebar_state="collapsed")
fault = None
try:
    roles = people.roles()
    who = who_is_signed_in()
except LiyiError as error:  # told below the bar
    roles, who, fault = frozenset[str](), None, error
mine = pages.pages_of(roles)
listed = {page.address: pages.shown(page) for page in mine}
# Streamlit gives the default page the address "/" and no other: the first one stands at both.
start = pages.shown(mine[0], default=True)
page = st.navigation([*listed.values(), start], position="hidden")
st.set_page_config(page_title=f"{page.title} – {_('Liyi')}")
here = next((address for address, each in listed.items() if each is page), mine[0].address)
if page is start:
    listed[mine[0].address] = start  # its link then is that of the page that is shown
if here != changes.ADDRESS:
    codes_view.forget()
draw_bar(listed[mine[0].address], list(listed.items()), here, who=who, is_demo=is_demo())
keep_address()
if MISSING in st.query_params:
    st.info(_("There is no page at this address. The pages that there are stand above."))
with faults.told():
    if fault is not None:
        raise fault
    people.records()
    page.run()
