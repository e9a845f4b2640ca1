"""Under what terms a model stands: claims, texts, the gate, and what a card's words restrict."""
