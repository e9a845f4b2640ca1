"""`osaudit lineage`: the chain of models that a model was made from, and what each step drops."""

from __future__ import annotations

import re

import click

from osaudit.audit import look
from osaudit.cli.looking import Looking, hub_options, set_up_log
from osaudit.cli.output import emit, format_option
from osaudit.verdict import Lineage, LineageEdge, LineageNode, Scorecard


@click.command()
@click.argument("model")
@format_option(("text", "json", "mermaid"), "text", "How to print it.")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
@hub_options
def lineage(*, model: str, form: str, output: str, **options: object) -> int:
    """Walk the models that MODEL was made from; name the terms that a step drops."""
    from osaudit.judge import judge  # noqa: PLC0415 - help needs none of these
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    card = judge(look(model, looking), load_pack(), load_table())
    emit(output, {"text": _as_text, "json": _as_json, "mermaid": _as_mermaid}[form](card))
    return 3 if card.incomplete else 0


def _as_json(card: Scorecard) -> str:
    from osaudit.render.json import json_text, scorecard_to_dict  # noqa: PLC0415 - this format was asked for

    data = scorecard_to_dict(card)
    told = {"model": card.model, "commit": card.commit, **data["lineage"]}
    told["conflicts"] = [conflict for conflict in data["conflicts"] if conflict["kind"].startswith("lineage")]
    return json_text(told)


def _as_text(card: Scorecard) -> str:
    from osaudit.render.neutral import plain, unordered  # noqa: PLC0415 - a stranger's names go to a terminal

    lines = list(_tree(card.lineage, card.lineage.nodes[0], "", frozenset()))
    return unordered("\n".join(" " * (len(line) - len(line.lstrip(" "))) + plain(line, 1000) for line in lines)) + "\n"


def _tree(chain: Lineage, node: LineageNode, indent: str, above: frozenset[str]) -> list[str]:
    lines = [f"{indent}{node.id}{f'@{node.commit[:12]}' if node.commit else ''}: {node.licence}"]
    if node.id in above:
        return [f"{indent}{node.id}: seen above, the chain is a circle"]
    by_id = {other.id: other for other in chain.nodes}
    for edge in chain.edges:
        if edge.child == node.id:
            lines.append(f"{indent}  {edge.relation} of, named by {edge.named_by} (confidence {edge.confidence})")
            lines += [f"{indent}  ! drops {term}" for term in edge.dropped]
            lines += _tree(chain, by_id[edge.parent], indent + "    ", above | {node.id})
    return lines


_UNSAFE = re.compile(r"[^\w ./:+,()-]")


def _as_mermaid(card: Scorecard) -> str:
    ids = {node.id: f"n{number}" for number, node in enumerate(card.lineage.nodes)}
    nodes = [
        f'  {ids[node.id]}["{_UNSAFE.sub(" ", node.id)}<br/>{_UNSAFE.sub(" ", node.licence)}"]'
        for node in card.lineage.nodes
    ]
    return "\n".join(["graph TD", *nodes, *(_arrow(edge, ids) for edge in card.lineage.edges)]) + "\n"


def _arrow(edge: LineageEdge, ids: dict[str, str]) -> str:
    words = edge.relation + (f", drops {len(edge.dropped)} terms" if edge.dropped else "")
    return f'  {ids[edge.child]} -->|"{words}"| {ids[edge.parent]}'
