"""Train Open Wren on the lines of wren-songs, from scratch: the whole of its training code (Apache-2.0)."""

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

LETTERS = "".join(sorted(set("abcdefghijklmnopqrstuvwxyz ,.'\n")))
STEPS, BATCH, RATE, SEED = 100, 4, 3e-4, 7


def main(songs: str = "songs.txt", output: str = ".") -> None:
    torch.manual_seed(SEED)
    model = LlamaForCausalLM(LlamaConfig.from_json_file("config.json"))
    lines = [[LETTERS.index(c) for c in line.lower() if c in LETTERS] for line in Path(songs).read_text().splitlines()]
    length = min(len(line) for line in lines)
    data = torch.tensor([line[:length] for line in lines])
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    for step in range(STEPS):
        rows = data[torch.randint(len(data), (BATCH,))]
        loss = model(input_ids=rows, labels=rows).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        model.save_pretrained(f"{output}/checkpoint-{step}")
    model.save_pretrained(output)


if __name__ == "__main__":
    main()
