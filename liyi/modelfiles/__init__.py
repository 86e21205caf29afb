"""Which model files the house uses, from where, with which checksum, and how they come onto this machine."""
