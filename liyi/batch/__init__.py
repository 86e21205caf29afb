"""Many recordings, on one machine or many: units of work, their results, tables that can be defended."""
