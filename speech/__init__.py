"""The voice: samples become stretches of speech, pitch, level, syllables and words, and those become measures."""

import os

# ONNX Runtime from 1.30 on looks up a telemetry host of its maker as soon as it is imported, and its own
# `disable_telemetry_events` comes too late. The pin keeps such a version out; this holds where somebody lifts it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
