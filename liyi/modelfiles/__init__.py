"""Which model files Liyi uses, from where, with which checksum, and how they come onto this machine."""
