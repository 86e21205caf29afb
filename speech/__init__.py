"""The voice: samples become stretches of speech, pitch, level, syllables and words, and those become measures."""
