"""How data sets are named in prose: well-known names, hosts that data is fetched from, and names by their form."""

from __future__ import annotations

import re
from urllib.parse import unquote

from osaudit.compiled import regex
from osaudit.reading.page.markdown import Link
from osaudit.reading.page.wordlists import LOADERS, NO_DATA_NAMES

_HUB_DATASET = regex(
    r"(?i)^https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/(?P<id>[\w.-]+(?:/[\w.-]+)?)/?(?P<rest>[^\s]*)$"
)
_NO_ID = regex(
    r"(?i)(?:viewer|resolve|blob|tree|raw|discussions)$|documentation-images|/(?:resolve|blob|raw)/.*\.(?:png|jpe?g|"
    r"gif|svg|webp|mp4)"
)
_DATA_HOST = regex(
    r"(?i)zenodo\.org|kaggle\.com/|commoncrawl\.org|openslr\.org|statmt\.org|opus\.nlpl\.eu|figshare|"
    r"dumps\.wikimedia|archive\.org|"
    r"tensorflow\.org/datasets|commonvoice\.mozilla|universaldependencies\.org|image-net\.org|cocodataset\.org|"
    r"visualgenome\.org|laion\.ai|"
    r"pile\.eleuther|inria\.fr/oscar|the-eye\.eu|oscar-(?:corpus|project)|wortschatz\.uni-leipzig|SQuAD-explorer|msmarco|"
    r"gluebenchmark|OpenWebText|"
    r"storage\.googleapis|s3\.amazonaws|drive\.google|dropbox\.com|data\.(?:world|gov|europa)|mendeley\.com/datasets|"
    r"osf\.io|"
    r"/(?:corpus|corpora|datasets?|data)(?:[/#?.]|$)|\.(?:zip|tar|tgz|gz|bz2|7z|jsonl|csv|parquet|tsv|txt)(?:[?#]|$)"
)
_DATA_WORD = regex(r"(?i)data ?sets?\b|corpus\b|corpora\b|treebank|dumps?\b|训练集|数据|语料|データ|데이터")
_CODE_HOST = regex(r"(?i)github\.com|gitlab\.com|gitee\.com|bitbucket\.org")
# places that tell of something and hold no data: papers, models, articles, accounts
_NO_PLACE = regex(
    r"(?i)^https?://(?:[\w-]+\.)*(?:arxiv\.org|aclanthology\.org|aclweb\.org|openreview\.net|doi\.org|acm\.org|"
    r"ieee\.org|springer\.com|sciencedirect\.com|semanticscholar\.org|medium\.com|twitter\.com|x\.com|"
    r"linkedin\.com|youtube\.com|colab\.research\.google\.com|wandb\.ai|(?:huggingface\.co|hf\.co)(?!/datasets/))"
    r"(?:[/:?#]|$)|wikipedia\.org/wiki/(?!Special:)|\.(?:pdf|png|jpe?g|gif|svg)(?:[?#]|$)|/blogs?/"
)
_NO_DATA_WORDS = regex(
    r"(?i)\b(?:codes?|scripts?|repo(?:sitory)?|notebooks?|papers?|blog|models?|cards?|licen[cs]es?|toolkit|library|"
    r"framework|tokeni[sz]er|article|report|issue|leaderboard|website|homepage|"
    r"console|studio|platform|cloud|colab|[gt]pus?|spaces?|autotrain|sagemaker)\b|代码|论文"
)

_KNOWN = regex(
    r"(?<![\w/-])(?:"
    r"m?C4\b|CC-?100|CCNet|CC-?News|CC-?Stories|Common ?Crawl|OSCAR|(?:the )?Pile\b(?! of)|ROOTS\b|RedPajama|"
    r"SlimPajama|Dolma|RefinedWeb|FineWeb|"
    r"CulturaX|(?i:wudao)\w*|SkyPile|OpenWebText\d?|WebText|Wikipedia|Wikitext\S*|BookCorpus|Books?[123C]\b|Gutenberg|"
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
    r"LCQMC|DuReader|CMRC\S*|KsponSpeech|AI ?[Hh]ub\b"
    r")"
    r"|维基百科|維基百科|百度百科|知乎|微博|豆瓣|悟道|人民日报|人民日報|青空文庫|ウィキペディア|"
    r"위키(?:피디아|백과)|나무위키|모두의 ?말뭉치|"
    r"Википеди\w|Пикабу|Wikip[éë]di\w|Wikipedij\w"
)
_FORM = regex(
    r"(?P<name>(?<![\w@/.])(?:[A-Z][\w.+'’-]*|[a-z]+\d[\w-]*|\w+[_-]\w[\w.-]*)(?:[ /-](?:[A-Z0-9(][\w.+)'’-]*|of|for|"
    r"&)){0,5}) "
    r"(?:\([^()]{1,40}\) )?(?:(?:training|train|pre-?training|fine-?tuning|parallel|speech|text|image|summarization|"
    r"instruction|web|news|parsed) ){0,2}"
    r"(?i:data ?sets?|corpus|corpora|data|collection|treebanks?|dumps?|train(?:ing)? set|benchmark|database)\b"
)
# what texts come from, or whose they are: "tweets by Ada Example", "articles from the Evening Post"
_FROM = regex(
    r"\b(?:data(?: ?sets?)?|corp(?:us|ora)|texts?|articles|tweets|notes|records|reviews|posts|pages|comments|speeches|"
    r"lyrics|messages|conversations|transcripts|books|news|documents|images|recordings)(?: \w+)? "
    r"(?:(?:\w+ ){0,3}(?:collected|provided|published|written|released|posted|scraped|crawled|gathered) (?:by|from|on)|"
    r"from|by|(?<!images )(?<!recordings )of) (?:the )?(?P<name>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,3})"
)
_LOWER_FORM = regex(
    r"\b(?:on|with|using) (?:the )?(?P<name>[a-z][\w./-]{1,60}) (?:data ?set|corpus|train(?:ing)? set)\b"
)
_INNER = regex(r"[a-z][A-Z]")
_OTHER_SCRIPT = regex(r"[\u0400-\u052f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LATIN = regex(r"(?a:\b[A-Z][A-Za-z][A-Za-z\d-]+)")  # in another script a word in Latin capitals is a name
_KNOWN_ANY_CASE = regex(_KNOWN.pattern.replace("(?i:", "(?:"), re.IGNORECASE)
_ORDINARY = regex(
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
        return bool(_DATA_WORD.search(around) or regex(r"(?i)data(?:set)?|corp(?:us|ora)").search(unquote(link.url)))
    return bool(_DATA_HOST.search(link.url)) and not regex(r"(?i)\.(?:pdf|html?|png|jpe?g|gif)(?:[?#]|$)").search(
        link.url
    )


def may_hold_data(link: Link) -> bool:
    """Tell whether a link that names what a model was trained on leads to a place that may hold it."""
    web = link.url.startswith("http") and _NO_PLACE.search(link.url) is None
    return web and not speaks_of_no_data(link)


def speaks_of_no_data(link: Link) -> bool:
    """Tell whether a link's words are those of a tool, a paper or a page and name no data."""
    return _NO_DATA_WORDS.search(link.text) is not None


def names_source(value: str) -> bool:
    """Tell whether the value of a field on data names a source, however it is spelled: `dataset: opus`."""
    if _KNOWN_ANY_CASE.match(value.strip(" *`'\"")) or names_data(value):
        return True
    words = _LATIN.findall(value) if _OTHER_SCRIPT.search(value) else []
    return any(word.lower() not in NO_DATA_NAMES for word in words)


def names_data(text: str) -> bool:
    """Tell whether the words name a data set or a well-known source."""
    if _KNOWN.search(text):
        return True
    forms = (*_FORM.finditer(text), *_LOWER_FORM.finditer(text), *_FROM.finditer(text))
    return any(_is_name(found.group("name")) for found in forms)


def known_names(text: str) -> tuple[str, ...]:
    """List the well-known data sets and sources that the words name."""
    return tuple(dict.fromkeys(found.group().removeprefix("the ").strip(" .,;:)") for found in _KNOWN.finditer(text)))


def _is_name(words: str) -> bool:
    """Tell whether at least one of the words is a name and not an everyday word in capitals."""
    each = [word.strip("'’.") for word in regex(r"[\s/]+").split(words)]
    return any(len(word) > 1 and _is_own_name(word.lower(), inner=_INNER.search(word) is not None) for word in each)


def _is_own_name(word: str, *, inner: bool) -> bool:
    """Tell a name from an everyday word; a capital inside a word (SemEval) makes it a name whatever its ending."""
    return word not in NO_DATA_NAMES and word not in LOADERS and (inner or not _ORDINARY.search(word))
