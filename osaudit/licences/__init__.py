"""Licences: the clause table, the names they go by, and the identification of a text. Pure but for the data files."""
