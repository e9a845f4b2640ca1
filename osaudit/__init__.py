"""osaudit: how open an AI model really is, with the evidence for each verdict."""

__version__ = "0.1.0"
