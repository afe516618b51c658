"""Pictures of one's own: a head fitted to them, and whether it beats what it started from."""
