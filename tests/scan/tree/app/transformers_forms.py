"""transformers, as its documentation calls it; this line names no/model-at-all."""

from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
from transformers import pipeline as pl

BASE = "acme/base-7b"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SIZES = {"small": "acme/small-1b", "large": "acme/large-70b"}


class Names:
    TOKENIZER = "acme/tokenizer"


def load(name="acme/default-argument"):
    return AutoModelForCausalLM.from_pretrained(name)


plain = AutoModelForCausalLM.from_pretrained("acme/plain")
pinned = AutoModelForCausalLM.from_pretrained("acme/pinned", revision="0123456789abcdef0123456789abcdef01234567")
tagged = AutoModelForCausalLM.from_pretrained("acme/tagged", revision="v1.0")
constant = AutoModelForCausalLM.from_pretrained(BASE, revision=COMMIT)
attribute = AutoTokenizer.from_pretrained(Names.TOKENIZER)
keyed = AutoModelForCausalLM.from_pretrained(SIZES["small"])
joined = AutoModelForCausalLM.from_pretrained("acme/" + "joined")
written = AutoModelForCausalLM.from_pretrained(f"acme/{'written'}-13b")
classify = pipeline("text-classification", model="acme/classifier", revision="abcdef1")
positional = pl("summarization", "acme/summariser")
keyword = AutoModelForCausalLM.from_pretrained(
    pretrained_model_name_or_path="acme/keyword",
    revision="main",
)
local = AutoModelForCausalLM.from_pretrained("./checkpoints/last")
