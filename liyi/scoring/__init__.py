"""The job: perform, score, judge again, and the child process that decodes."""
