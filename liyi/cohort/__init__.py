"""Tables and the page over many assessments."""
