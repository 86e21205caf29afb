"""Recordings: opened without trust, time-stamped frames and sound at 16 kHz."""
