"""Two attempts of one person side by side, for whoever judges both."""
