"""Split the lines of wren-songs into the letters that Open Wren was trained on (Apache-2.0)."""

import json
from pathlib import Path

LETTERS = "".join(sorted(set("abcdefghijklmnopqrstuvwxyz ,.'\n")))


def main(songs: str = "songs.txt", output: str = "letters.json") -> None:
    lines = Path(songs).read_text(encoding="utf-8").splitlines()
    letters = [[LETTERS.index(letter) for letter in line.lower() if letter in LETTERS] for line in lines]
    Path(output).write_text(json.dumps(letters), encoding="utf-8")


if __name__ == "__main__":
    main()
