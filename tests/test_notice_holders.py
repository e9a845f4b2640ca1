"""Copyright lines of a NOTICE file: those of others' code say nothing on the model, the publisher's own may."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of, fetched

from osaudit.checks.case import build_case
from osaudit.checks.licence import unclear_words
from osaudit.evidence import Seen
from osaudit.licences.table import load_table

CARD = "---\nlicense: apache-2.0\n---\n# Sparrow\n"


@pytest.mark.parametrize(
    ("notice", "asks"),
    [
        ("Parts of this code: Copyright (c) 2022 Heron Ltd. All rights reserved.", False),
        ("Copyright 2022 Heron Ltd.\nAll rights reserved.", False),
        ("Copyright 2025 Acme GmbH. All rights reserved.", True),
        ("Copyright 2025 Acme GmbH.\nAll rights reserved.", True),
        ("Copyright 2022 Heron Ltd. All rights reserved. Commercial use of the weights needs a contract.", True),
        ("Copyright 2022 Heron Ltd, not for distribution.", True),
    ],
)
def test_who_holds_the_copyright_of_others_code_is_no_term_of_the_model(notice: str, asks: bool) -> None:  # noqa: FBT001 - a parameter of the test
    texts = {"README.md": fetched(CARD), "NOTICE": fetched(f"{notice}\n")}
    evidence = evidence_of(CARD, repo="acme/sparrow", texts=texts, listed=("README.md", "NOTICE", "model.safetensors"))
    said = evidence.card.value.statements if isinstance(evidence.card, Seen) else ()
    closed = any(one.kind == "restriction" for one in said)
    assert (closed or bool(unclear_words(build_case(evidence, load_table())))) is asks
