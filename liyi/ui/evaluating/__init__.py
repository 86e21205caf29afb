"""The parts of the page Evaluate: what is brought in, its run, and the table that is defended."""
