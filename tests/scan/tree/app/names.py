EMBEDDER = "acme/embedder"
REVISION = "89abcdef0123456789abcdef0123456789abcdef"
MODELS = {"judge": "acme/judge"}
