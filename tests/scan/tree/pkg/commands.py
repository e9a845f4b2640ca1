import subprocess

import click
import typer
from transformers import AutoModel


@click.command()
@click.option("--model", default="acme/click-default")
def convert(model):
    AutoModel.from_pretrained(model)


def serve(name: str = typer.Option("acme/typer-default")):
    subprocess.run(["vllm", "serve", "acme/subprocess"], check=True)
    AutoModel.from_pretrained(name)
