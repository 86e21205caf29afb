"""What is kept: recordings, assessments, people and roles, consent and retention; every query through a `Viewer`."""
