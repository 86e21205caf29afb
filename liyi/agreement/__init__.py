"""People's ratings held against the scores."""
