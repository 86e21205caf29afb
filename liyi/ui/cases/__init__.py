"""Cases: a stretch of a recording, shown to a cohort with its owner's consent; asked for, watched, discussed."""
