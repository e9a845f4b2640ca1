import os
from sentence_transformers import SentenceTransformer
SentenceTransformer(os.environ["EMBEDDING_MODEL"])  # h/envlinked
