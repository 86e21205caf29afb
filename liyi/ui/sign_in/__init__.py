"""Signing in to a server that a team shares: what lets a request in, the pages of it, the unit's own provider."""
