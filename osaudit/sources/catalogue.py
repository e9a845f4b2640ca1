"""The Hub's list of models: a thousand records a request, by what a user asks for, or the heads of given models."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from osaudit.errors import OsauditError
from osaudit.evidence import ModelRef
from osaudit.sources import client, refusal
from osaudit.sources.record import next_page, parse_json
from osaudit.sources.refs import is_commit, is_hub_id
from osaudit.sources.request import FIRST_ERROR, WHOLE, Answer, Manners, Question, Wrong, get

PAGE = 1000
"""Records a request: the Hub gives no more."""

PAGE_BYTES = 256 * 1024 * 1024
"""The most that is read of one page; a thousand file lists are some ten megabytes."""

HEADS = ("sha", "lastModified")
RECORDS = (
    "cardData", "createdAt", "disabled", "downloads", "gated", "lastModified", "library_name", "likes", "pipeline_tag",
    "safetensors", "sha", "siblings", "tags",
)  # fmt: skip
_LIMIT = re.compile(r"(?<![^&])limit=\d+")
_SORTS = {"last_modified": "lastModified", "created_at": "createdAt", "trending_score": "trendingScore"}
_LIST = ModelRef("the list of models")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which models a list holds: the Hub's own filters; `sort` is from the highest down."""

    author: str = ""
    search: str = ""
    tags: tuple[str, ...] = ()
    library: str = ""
    task: str = ""
    sort: str = ""
    limit: int | None = None

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """As the API has them (`huggingface_hub.HfApi.list_models`)."""
        pairs = [("author", self.author), ("search", self.search), ("pipeline_tag", self.task)]
        pairs += [("filter", tag) for tag in (*self.tags, self.library)]
        if self.sort:
            pairs += [("sort", _SORTS.get(self.sort, self.sort)), ("direction", "-1")]
        return tuple((key, value) for key, value in pairs if value)


def list_models(
    manners: Manners, filters: Filters, expand: Sequence[str] = HEADS, *, pages: int | None = None
) -> Iterator[list[Mapping[str, Any]]]:
    """List models, a page of records a request; OsauditError where the Hub does not give the list.

    `pages` bounds the requests; the list may then go on.
    """
    client.load_client()
    headers = client.request_headers()
    left = filters.limit
    size = PAGE if left is None else min(PAGE, left)
    following: str | None = urlencode([*filters.query, ("limit", str(size)), *(("expand", name) for name in expand)])
    asked = 0
    while following and (pages is None or asked < pages) and (left is None or left > 0):
        answer, following = _page(manners, following, headers)
        asked += 1
        records = [one for one in _records(answer) if _is_record(one)]
        yield records if left is None else records[:left]
        left = None if left is None else left - len(records)
        following = next_page(answer.headers) if answer.body.strip() != b"[]" else None


def _page(manners: Manners, query: str, headers: Mapping[str, str]) -> tuple[Answer, str]:
    """Ask for a page; for a smaller one where it is too large to read."""
    while True:
        answer = _asked(manners, f"{client.endpoint()}/api/models?{query}", headers)
        size = int((_LIMIT.search(query) or ["limit=1"])[0].partition("=")[2])
        if not answer.truncated or size <= 1:
            return answer, query
        query = _LIMIT.sub(f"limit={max(1, size // 4)}", query, count=1)


def _asked(manners: Manners, url: str, headers: Mapping[str, str]) -> Answer:
    wanted = Question(url, headers, PAGE_BYTES, PAGE_BYTES, is_file=False, wrong=_wrong)
    answer = get(manners, _LIST, wanted)
    if isinstance(answer, Wrong):
        raise OsauditError(f"{client.endpoint()} sends no list of models ({answer.why}): check HF_ENDPOINT")
    if answer.status >= FIRST_ERROR:
        with_token = client.has_token(headers)
        why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token)
        if why == "bad token":
            raise refusal.error_for(why, _LIST, answer.status, answer.headers, with_token=with_token)
        raise OsauditError(f"the Hub refuses the list of models ({answer.status}): check the filters and HF_TOKEN")
    return answer


def _wrong(answer: Answer) -> str | None:
    return None if answer.status == WHOLE else f"it answers {answer.status} in place of a list"


def _records(answer: Answer) -> list[Any]:
    try:
        found = parse_json(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise OsauditError(f"{client.endpoint()} sends no list of models: check HF_ENDPOINT, and any proxy between")
    return found


def _is_record(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str) and is_hub_id(one["id"])


def head_of(record: Mapping[str, Any]) -> str | None:
    """The commit that a record names; None where it names none."""
    sha = record.get("sha")
    return sha.lower() if isinstance(sha, str) and is_commit(sha.lower()) else None


def find_records(
    manners: Manners, names: Collection[str], expand: Sequence[str] = HEADS
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Find the records of given models in the Hub's lists; those that are in none are not told of.

    The whole list is read from the newest on for as many requests as a thousand models a request make, twice over; what
    is not among these is looked for among its owner's models, where that is one request for two models or more.
    """
    wanted = set(names)
    pages = 2 * -(-len(wanted) // PAGE)
    yield from _found(wanted, list_models(manners, Filters(sort="lastModified"), expand, pages=pages))
    owners: dict[str, int] = {}
    for name in wanted:
        if "/" in name:
            owners[name.partition("/")[0]] = owners.get(name.partition("/")[0], 0) + 1
    for owner, count in owners.items():
        if count > 1:
            most = -(-count // PAGE) + 1
            yield from _found(wanted, list_models(manners, Filters(author=owner), expand, pages=most))


def _found(wanted: set[str], pages: Iterator[list[Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Take what is wanted out of pages, until all of it is found."""
    while wanted:
        page = next(pages, None)
        if page is None:
            return
        for record in page:
            if record["id"] in wanted:
                wanted.discard(record["id"])
                yield record["id"], record


def one_record(manners: Manners, name: str, expand: Sequence[str] = RECORDS) -> Mapping[str, Any]:
    """Ask for the record of one model; OsauditError where it cannot be had."""
    client.load_client()
    headers, ref = client.request_headers(), ModelRef(name)
    query = urlencode([("expand", one) for one in expand])
    url = f"{client.endpoint()}/api/models/{quote(name)}?{query}"
    answer = get(manners, ref, Question(url, headers, PAGE_BYTES, PAGE_BYTES, is_file=False, wrong=_wrong))
    if isinstance(answer, Wrong):
        raise OsauditError(f"{name}: {client.endpoint()} sends no record of it ({answer.why}): check HF_ENDPOINT")
    if answer.status >= FIRST_ERROR:
        with_token = client.has_token(headers)
        why = refusal.meaning(answer.status, answer.headers, answer.body, with_token=with_token)
        raise refusal.error_for(why, ref, answer.status, answer.headers, with_token=with_token)
    try:
        found = parse_json(answer.body)
    except ValueError:
        found = None
    if not _is_record(found):
        raise OsauditError(f"{name}: {client.endpoint()} sends no record of it: check HF_ENDPOINT")
    record: Mapping[str, Any] = found
    return record
