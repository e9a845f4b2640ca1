"""How data sets are named in prose: well-known names, hosts that data is fetched from, and names by their form."""

from __future__ import annotations

import re
from urllib.parse import unquote

from osaudit.reading.markdown import Link
from osaudit.reading.wordlists import NO_DATA_NAMES

_HUB_DATASET = re.compile(
    r"(?i)^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/(?P<id>[\w.-]+(?:/[\w.-]+)?)/?(?P<rest>[^\s]*)$"
)
_NO_ID = re.compile(
    r"(?i)(?:viewer|resolve|blob|tree|raw|discussions)$|documentation-images|/(?:resolve|blob|raw)/.*\.(?:png|jpe?g|"
    r"gif|svg|webp|mp4)"
)
_DATA_HOST = re.compile(
    r"(?i)zenodo\.org|kaggle\.com/|commoncrawl\.org|openslr\.org|statmt\.org|opus\.nlpl\.eu|figshare|"
    r"dumps\.wikimedia|archive\.org|"
    r"tensorflow\.org/datasets|commonvoice\.mozilla|universaldependencies\.org|image-net\.org|cocodataset\.org|"
    r"visualgenome\.org|laion\.ai|"
    r"pile\.eleuther|the-eye\.eu|oscar-(?:corpus|project)|wortschatz\.uni-leipzig|SQuAD-explorer|msmarco|"
    r"gluebenchmark|OpenWebText|"
    r"storage\.googleapis|s3\.amazonaws|drive\.google|dropbox\.com|data\.(?:world|gov|europa)|mendeley\.com/datasets|"
    r"osf\.io|"
    r"/(?:corpus|corpora|datasets?|data)(?:[/#?.]|$)|\.(?:zip|tar|tgz|gz|bz2|7z|jsonl|csv|parquet|tsv|txt)(?:[?#]|$)"
)
_DATA_WORD = re.compile(r"(?i)data ?sets?\b|corpus\b|corpora\b|treebank|dumps?\b|训练集|数据|语料")
_CODE_HOST = re.compile(r"(?i)github\.com|gitlab\.com|gitee\.com|bitbucket\.org")

_KNOWN = re.compile(
    r"(?<![\w/-])(?:"
    r"m?C4\b|CC-?100|CCNet|CC-?News|CC-?Stories|Common ?Crawl|OSCAR|(?:the )?Pile\b(?! of)|ROOTS\b|RedPajama|"
    r"SlimPajama|Dolma|RefinedWeb|FineWeb|"
    r"CulturaX|WuDao\w*|SkyPile|OpenWebText\d?|WebText|Wikipedia|Wikitext\S*|BookCorpus|Books?[123C]\b|Gutenberg|"
    r"PG-?19|PubMed|PMC\b|arXiv\b(?! ?:)|"
    r"S2ORC|Semantic Scholar|StackExchange|Stack ?Overflow(?! Dev)|The Stack|StarCoder ?data|GitHub (?:code|"
    r"repositories)|CodeSearchNet|CodeParrot|"
    r"Reddit\b|Twitter\b|(?i:laion)[-_ ]?(?:\d\w*|aesthetics|coco|en\b|400m|high)\S*|ImageNet\S*|JFT\S*|MS-?COCO|"
    r"COCO\b|CC3M|CC12M|Conceptual Captions|Visual Genome|YFCC\S*|SBU\b|WIT\b|DataComp|COYO\S*|"
    r"OpenImages|CIFAR-?\d+|MNIST|CelebA\S*|FFHQ|LSUN|ADE20K|Danbooru\S*|"
    r"SQuAD\S*|GLUE\b|SuperGLUE|M(?:ulti)?NLI\b|SNLI\b|XNLI|ANLI|STS-?[Bb]\S*|QQP|MRPC|SST-?2|CoLA\b|MS ?-?MARCO|"
    r"Natural ?Questions|TriviaQA|HotpotQA|"
    r"BoolQ|CoNLL\S*|OntoNotes\S*|WikiANN|PAN-X|WNUT\S*|IMDB|Yelp|AG ?News|Amazon [Rr]eviews|DBpedia|"
    r"CNN ?/ ?Daily ?Mail|XSum|SAMSum|Multi-?News|"
    r"Universal Dependencies|UD_\w+|WMT ?'?\d*|OPUS\S*|Europarl|ParaCrawl|CCMatrix|CCAligned|Tatoeba|OpenSubtitles|"
    r"TED talks?|JW300|NLLB (?:data|corpus)|"
    r"Libri-?[Ss]peech|Libri-?[Ll]ight|LibriTTS|LJ ?Speech|VCTK|Common ?Voice|VoxPopuli|VoxCeleb\d?|VoxLingua\S*|"
    r"MLS\b|Multilingual LibriSpeech|"
    r"GigaSpeech|WenetSpeech|AISHELL\S*|TED-?LIUM\S*|SwitchBoard|Fisher|TIMIT|AudioSet|FLEURS|MuST-C|CoVoST\S*|"
    r"BABEL\b|WSJ0\S*|LibriMix|IEMOCAP|"
    r"Alpaca(?:[- ]?\w+)?(?= (?:data|instruction))|Dolly[- ]15k|ShareGPT\S*|OpenAssistant\S*|OASST\S*|UltraChat\S*|"
    r"UltraFeedback\S*|FLAN(?: [Cc]ollection| v2|v2)?|"
    r"x?P3\b|HH-RLHF|OpenOrca|SlimOrca|WizardLM[_ ]evol\S*|MetaMath\S*|GSM8K|OpenHermes\S*|Tulu\S* (?:mix\w*|"
    r"data\w*)|GPT4All (?:data|J)\S*|"
    r"MIMIC\S*|UniRef\d*|UniProt|BFD\b|ZINC\d*|ChEMBL|PubChem|KLUE|CLUE\w*|JRC-?A\w+|EUR-?Lex|MultiLegalPile|LCSTS|"
    r"LCQMC|DuReader|CMRC\S*"
    r")"
)
_FORM = re.compile(
    r"(?P<name>(?<![\w@/.])(?:[A-Z][\w.+'’-]*|[a-z]+\d[\w-]*|\w+[_-]\w[\w.-]*)(?:[ /-](?:[A-Z0-9(][\w.+)'’-]*|of|for|"
    r"&)){0,5}) "
    r"(?:\([^()]{1,40}\) )?(?:(?:training|train|pre-?training|fine-?tuning|parallel|speech|text|image|summarization|"
    r"instruction|web|news|parsed) ){0,2}"
    r"(?:data ?sets?|corpus|corpora|data|collection|treebanks?|dumps?|train(?:ing)? set|benchmark|database)\b"
)
_LOWER_FORM = re.compile(
    r"\b(?:on|with|using) (?:the )?(?P<name>[a-z][\w./-]{1,60}) (?:data ?set|corpus|train(?:ing)? set)\b"
)
_ORDINARY = re.compile(
    r"-(?:language|based|specific|domain|quality|related|scale|labell?ed|annotated|generated|created|identified|"
    r"aligned|pairs?|only|"
    r"like|level|source|text|"
    r"training|trained|tuning|tuned|following|free|rich|style|speaking|type|turn|paired|parallel|sized?)$|"
    r"^\d[\d.,]*[kmbt]?$|^[a-z]{3,}(?:al|ed|ing|ive|ous|ic|ary|able|ible|ant|ent|less|ful|ish|line|wide|ized|ised)$"
)


def hub_dataset(url: str) -> str | None:
    """Read the id of the Hub data set that a link points to; pictures kept in one are no data."""
    found = _HUB_DATASET.match(url.strip())
    if found is None or _NO_ID.search(found.group("id")) or _NO_ID.search(f"/{found.group('rest')}"):
        return None
    name = found.group("id").strip(".")
    owner, _, rest = name.partition("/")
    return owner if rest in {"viewer", "tree", "blob", "resolve", "discussions"} else name


def is_data_link(link: Link, text: str) -> bool:
    """Tell whether a link leads to data that can be fetched."""
    if hub_dataset(link.url):
        return True
    around = f"{link.text} {text[link.at + len(link.text) : link.at + len(link.text) + 40]}"
    if _CODE_HOST.search(link.url):
        return bool(_DATA_WORD.search(around) or re.search(r"(?i)data(?:set)?|corp(?:us|ora)", unquote(link.url)))
    return bool(_DATA_HOST.search(link.url)) and not re.search(r"(?i)\.(?:pdf|html?|png|jpe?g|gif)(?:[?#]|$)", link.url)


def names_data(text: str) -> bool:
    """Tell whether the words name a data set or a well-known source."""
    if _KNOWN.search(text):
        return True
    forms = (*_FORM.finditer(text), *_LOWER_FORM.finditer(text))
    return any(_is_name(found.group("name")) for found in forms)


def known_names(text: str) -> tuple[str, ...]:
    """List the well-known data sets and sources that the words name."""
    return tuple(dict.fromkeys(found.group().removeprefix("the ").strip(" .,;:)") for found in _KNOWN.finditer(text)))


def _is_name(words: str) -> bool:
    """Tell whether at least one of the words is a name and not an everyday word in capitals."""
    each = (word.strip("'’.").lower() for word in re.split(r"[\s/]+", words))
    return any(len(word) > 1 and word not in NO_DATA_NAMES and not _ORDINARY.search(word) for word in each)
