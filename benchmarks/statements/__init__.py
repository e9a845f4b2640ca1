"""How well cards are read: what they say of training data and code, against labels made by hand."""
