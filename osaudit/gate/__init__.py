"""The gate: what a project adopts, and whether it may."""
