"""Constants of a neighbour, environment with a default, and wrappers."""

import argparse
import os
from dataclasses import dataclass

from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers import AutoModel

from . import names
from .names import EMBEDDER, REVISION


@dataclass
class Settings:
    reranker: str = "acme/reranker"


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="acme/argparse-default")
    return parser.parse_args()


def wrapped(model_id, revision=None):
    return AutoModel.from_pretrained(model_id, revision=revision)


settings = Settings()
embedder = SentenceTransformer(EMBEDDER, revision=REVISION)
reranker = CrossEncoder(settings.reranker)
short = SentenceTransformer("all-MiniLM-L6-v2")
through = AutoModel.from_pretrained(names.MODELS["judge"])
surroundings = AutoModel.from_pretrained(os.environ.get("JUDGE", "acme/env-default"))
asked = AutoModel.from_pretrained(os.environ["NOT_IN_THE_TREE"])
args = parse()
parsed = AutoModel.from_pretrained(args.model)
called = wrapped("acme/wrapped", revision="0123456789abcdef0123456789abcdef01234567")
