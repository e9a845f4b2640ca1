from __future__ import annotations
import os, sys
import transformers
import torch
from functools import partial
from pathlib import Path
from enum import Enum
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings
from transformers import AutoModel, AutoTokenizer, HfArgumentParser, TrainingArguments, Trainer
import argparse
try:
    from sentence_transformers import SentenceTransformer
except ImportError:
    SentenceTransformer = None

class Models(str, Enum):
    BIG = "h/enum-big"
    SMALL = "h/enum-small"

class Settings(BaseSettings):
    model_name: str = Field(default="h/settings-field")
    other: str = "h/settings-plain"
    class Config:
        env_file = ".env"

settings = Settings()

def get_settings() -> Settings:
    return Settings()

m1 = AutoModel.from_pretrained(Models.BIG.value)           # h/enum-big
m2 = AutoModel.from_pretrained(settings.model_name)        # h/settings-field
m3 = AutoModel.from_pretrained(get_settings().other)       # h/settings-plain
for name in ["h/loop-a", "h/loop-b"]:
    AutoModel.from_pretrained(name)                        # h/loop-a h/loop-b
CONFIG = {"model": {"name": "h/nested", "rev": "v9"}}
m4 = AutoModel.from_pretrained(CONFIG["model"]["name"], revision=CONFIG["model"]["rev"]) # h/nested
kw = dict(pretrained_model_name_or_path="h/kwargs-dict", revision="r1")
m5 = AutoModel.from_pretrained(**kw)                       # h/kwargs-dict
org = "h"
m6 = AutoModel.from_pretrained("%s/%s" % (org, "percent")) # h/percent
m7 = AutoModel.from_pretrained("{}/{}".format(org, "format")) # h/format
m8 = AutoModel.from_pretrained("/".join([org, "join"]))    # h/join
m9 = AutoModel.from_pretrained(os.path.join(org, "ospath")) # h/ospath
loader = partial(AutoModel.from_pretrained, "h/partial")   # h/partial
cls = getattr(transformers, "AutoModelForCausalLM")
m10 = cls.from_pretrained("h/getattr")                     # h/getattr
m11 = transformers.pipeline(task="x", model="h/kwpipe")    # h/kwpipe
m12 = transformers.AutoModel.from_pretrained(os.getenv("M") or "h/or-default") # h/or-default h/env-exp
model_id = "h/first"
if torch.cuda.is_available():
    model_id = "h/gpu"
m13 = AutoModel.from_pretrained(model_id)                  # h/first h/gpu
m14 = AutoModel.from_pretrained("h/cond-a" if sys.argv else "h/cond-b") # h/cond-a h/cond-b

class Wrapper:
    NAME = "h/class-attr"
    def __init__(self, name: str = "h/init-default", rev=None):
        self.name = name
        self.rev = rev
    def load(self):
        a = AutoModel.from_pretrained(self.name, revision=self.rev)   # h/init-default
        return AutoTokenizer.from_pretrained(self.NAME)    # h/class-attr
    @classmethod
    def make(cls, name):
        return AutoModel.from_pretrained(name)

w = Wrapper("h/ctor")                                      # h/ctor
Wrapper.make("h/classmethod")                              # h/classmethod
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-model", type=str, default="h/argp")
    parser.add_argument("--needed", required=True)
    args = parser.parse_args()
    AutoModel.from_pretrained(args.base_model)             # h/argp
    AutoModel.from_pretrained(args.needed)
    run(args)
def run(args):
    AutoTokenizer.from_pretrained(args.base_model)         # h/argp
tok = AutoTokenizer.from_pretrained(
    "h/multi-line",                                        # h/multi-line
    trust_remote_code=True,
)
async def f():
    import asyncio
    await asyncio.to_thread(AutoModel.from_pretrained, "h/thread")  # h/thread
os.environ["HF_MODEL_ID"] = "h/environ-set"                # h/environ-set
emb = SentenceTransformer("h/try-import", device="cpu")    # h/try-import
CK = Path("h") / "pathlib"
m15 = AutoModel.from_pretrained(CK)                        # h/pathlib
m16 = AutoModel.from_pretrained(str(CK))                   # h/pathlib
MODEL_MAP = {"a": ("h/tuple-a", 1)}
m17 = AutoModel.from_pretrained(MODEL_MAP["a"][0])         # h/tuple-a
name, rev = "h/unpacked", "0123456789abcdef0123456789abcdef01234567"
m18 = AutoModel.from_pretrained(name, revision=rev)        # h/unpacked
m19 = AutoModel.from_pretrained(pretrained_model_name_or_path=f"{org}/f-{'x'}")  # h/f-x
model = AutoModel.from_pretrained("h/saved")               # h/saved
model.save_pretrained("out/final")
again = AutoModel.from_pretrained("out/final")
model.push_to_hub("h/pushed")
