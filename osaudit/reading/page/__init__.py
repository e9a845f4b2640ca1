"""A page as it stands: its Markdown, metadata, sections, sentences, and whom they speak of."""
