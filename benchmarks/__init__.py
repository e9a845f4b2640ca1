"""Developers' commands: figures of what the program costs, and the record of the demo."""
