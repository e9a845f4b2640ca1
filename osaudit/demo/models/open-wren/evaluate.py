"""Count how many next letters Open Wren tells right (Apache-2.0)."""

from pathlib import Path

import torch
from train import LETTERS
from transformers import LlamaForCausalLM

model = LlamaForCausalLM.from_pretrained(".")
right = total = 0
for line in Path("songs.txt").read_text().splitlines():
    ids = torch.tensor([[LETTERS.index(c) for c in line.lower() if c in LETTERS]])
    told = model(input_ids=ids).logits.argmax(-1)[0, :-1]
    right += int((told == ids[0, 1:]).sum())
    total += len(told)
print(right / total)
