"""A variable that one file of a tree sets and another reads: followed where all files give it one value."""

from __future__ import annotations

from pathlib import Path

import pytest

from osaudit.gate.scan import Adopted, scan

COMMIT = "0123456789abcdef0123456789abcdef01234567"
K8S = "kind: Deployment\nspec:\n  containers:\n    - name: a\n      env:\n        - name: {0}\n          value: {1}\n"
SETTERS = {
    "Dockerfile": "FROM python:3.12\nENV {0}={1}\n",
    "old.Dockerfile": "FROM python:3.12\nENV {0} {1}\n",
    "arg.Dockerfile": "FROM python:3.12\nARG {0}={1}\nRUN python app.py\n",
    "compose.yaml": "services:\n  a:\n    image: x\n    environment:\n      {0}: {1}\n",
    "docker-compose.yml": "services:\n  a:\n    image: x\n    environment:\n      - {0}={1}\n",
    "k8s/deployment.yaml": K8S,
    "k8s/map.yaml": "kind: ConfigMap\ndata:\n  {0}: {1}\n",
    ".env": "# words\n{0}={1}\n",
    ".env.production": 'export {0}="{1}"\n',
    "start.sh": "#!/bin/sh\nexport {0}={1}\nexec python app.py\n",
    ".github/workflows/ci.yaml": "jobs:\n  a:\n    env:\n      {0}: {1}\n    steps: []\n",
    "main.py": 'import os\nfrom transformers import AutoModel\nos.environ["{0}"] = "{1}"\n',
}
PYTHON = "import os\nfrom transformers import AutoModel\nAutoModel.from_pretrained({})\n"
READERS = {
    "os.environ": ("app.py", PYTHON.format('os.environ["{0}"]')),
    "os.environ.get": ("app.py", PYTHON.format('os.environ.get("{0}")')),
    "os.getenv": ("app.py", PYTHON.format('os.getenv("{0}")')),
    "a default": ("app.py", PYTHON.format('os.getenv("{0}", "acme/default")')),
    "what stands behind or": ("app.py", PYTHON.format('os.getenv("{0}") or "acme/default"')),
    "the shell": ("run.sh", '#!/bin/sh\nset -e\nvllm serve "${0}"\n'),
    "the shell's default": ("run.sh", "#!/bin/sh\nset -e\nvllm serve ${{{0}:-acme/default}}\n"),
    "a shell in a shell": ("run.sh", "#!/bin/sh\nset -e\nsh -c 'vllm serve ${0}'\n"),
    "a container's command": ("pod.yaml", 'image: vllm/vllm-openai\n# words\nargs: ["--model", "$({0})"]\n'),
}


def tree(root: Path, files: dict[str, str]) -> Adopted:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return scan(root)


@pytest.mark.parametrize("variable", ["MODEL_ID", "OUR_RERANKER"])
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("setter", SETTERS)
def test_what_a_file_sets_is_followed_to_where_it_is_read(
    setter: str, reader: str, variable: str, tmp_path: Path
) -> None:
    path, code = READERS[reader]
    files = {setter: SETTERS[setter].format(variable, "acme/one"), path: code.format(variable)}
    seen = tree(tmp_path, files)
    [there] = [one for one in seen.found if one.spot.path == path and one.model == "acme/one"]
    assert there.spot.line == 3
    assert there.written is not None
    assert (there.written.path, there.assumed) == (setter, f"{variable} as {setter}:{there.written.line} sets it")
    assert "acme/one" in files[setter].split("\n")[there.written.line - 1]
    others = {(one.spot.path, one.model) for one in seen.found} - {(path, "acme/one"), (setter, "acme/one")}
    assert others == ({(path, "acme/default")} if "default" in code else set())
    assert seen.unresolved == ()


@pytest.mark.parametrize("reader", [one for one in READERS if "default" not in READERS[one][1]])
def test_two_values_are_told_and_none_is_chosen(reader: str, tmp_path: Path) -> None:
    path, code = READERS[reader]
    seen = tree(
        tmp_path,
        {".env": "OUR_MODEL=acme/one\n", "compose.yaml": SETTERS["compose.yaml"].format("OUR_MODEL", "acme/two")}
        | {path: code.format("OUR_MODEL")},
    )
    [open_] = seen.unresolved
    assert (open_.spot.path, open_.spot.line, open_.variable) == (path, 3, "OUR_MODEL")
    assert open_.why == (
        "the environment variable OUR_MODEL, which is set to 'acme/one' (.env:1) or 'acme/two' (compose.yaml:5)"
    )
    assert {(one.spot.path, one.model) for one in seen.found} == {(".env", "acme/one"), ("compose.yaml", "acme/two")}


def test_the_same_value_in_two_files_is_one(tmp_path: Path) -> None:
    files = {name: SETTERS[name].format("OUR_MODEL", "acme/one") for name in (".env", "Dockerfile", "compose.yaml")}
    seen = tree(tmp_path, files | {"app.py": PYTHON.format('os.environ["OUR_MODEL"]')})
    assert seen.unresolved == ()
    assert ("app.py", 3) in {(one.spot.path, one.spot.line) for one in seen.found}


def test_a_value_that_only_hands_another_on_sets_nothing(tmp_path: Path) -> None:
    files = {
        ".env": "OUR_MODEL=acme/one\n",
        "compose.yaml": SETTERS["compose.yaml"].format("OUR_MODEL", "${OUR_MODEL}"),
    }
    seen = tree(tmp_path, files | {"app.py": PYTHON.format('os.environ["OUR_MODEL"]')})
    assert {one.model for one in seen.found if one.spot.path == "app.py"} == {"acme/one"}


def test_a_revision_is_followed_as_well(tmp_path: Path) -> None:
    code = PYTHON.format('os.environ["OUR_MODEL"], revision=os.environ["OUR_REVISION"]')
    seen = tree(tmp_path, {".env": f"OUR_MODEL=acme/one\nOUR_REVISION={COMMIT}\n", "app.py": code})
    [there] = [one for one in seen.found if one.spot.path == "app.py"]
    assert (there.model, there.revision, there.pinned) == ("acme/one", COMMIT, True)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/models/ours", "which is set to '/models/ours' (.env:1)"),
        ("s3://bucket/ours", "which is set to 's3://bucket/ours' (.env:1)"),
        ("a sentence, not a name", "which is set to other words (.env:1)"),
    ],
)
def test_what_is_no_model_of_the_hub_stays_open(value: str, told: str, tmp_path: Path) -> None:
    seen = tree(tmp_path, {".env": f"OUR_MODEL={value}\n", "app.py": PYTHON.format('os.environ["OUR_MODEL"]')})
    [open_] = seen.unresolved
    assert told in open_.why
    assert seen.found == ()


def test_a_variable_that_no_loader_reads_adopts_nothing(tmp_path: Path) -> None:
    code = 'import os\nfrom transformers import AutoModel\nAutoModel.from_pretrained("acme/one")\nos.environ["OTHER"]\n'
    seen = tree(tmp_path, {".env": "OTHER=acme/two\n", "app.py": code})
    assert {one.model for one in seen.found} == {"acme/one"}
