"""The voice: samples become stretches of speech, pitch, level, syllables and words, and those become measures."""

import os

# ONNX Runtime (1.32) looks up and calls a telemetry host of its maker from the moment it is imported, and its own
# `disable_telemetry_events` comes too late; the three networks of this room that run on it must not.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
