"""The Model Openness Framework 1.0: its components and classes, what counts as open, and inventories."""
