"""How a model was made: its data, code, settings, costs and libraries."""
