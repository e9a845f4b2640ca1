"""What a model was made from, as metadata, settings, files and the card's words tell."""
