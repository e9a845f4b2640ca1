"""The gate: whether what a project adopts meets its policy."""
