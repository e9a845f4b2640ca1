DEFAULT = "h/reexport"
REV = "abcdef0123"
