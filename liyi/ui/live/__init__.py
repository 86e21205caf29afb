"""A live rehearsal: its folder, its socket, the rolling window that is judged, and the hints that come of it."""
