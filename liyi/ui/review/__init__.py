"""The review of one recording: the report's player with an inspector beside it, in one frame of its own."""
