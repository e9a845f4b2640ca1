"""Attestations: what a named person says of a cell that a machine cannot decide, or decided otherwise."""
