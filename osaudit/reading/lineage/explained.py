"""Whether words explain a mention of a family as something beside this model, and not what it was made from.

An explanation binds the mention: it stands in the mention's own clause, next to it, or governs the list that the
mention stands in. A word elsewhere in the sentence explains nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from osaudit.compiled import regex

REACH = 130
"""Characters before a mention in which an explanation may begin."""

MAKING = regex(
    r"(?i)\b(?:fine-?\s?-?tun\w*|finetun\w*|trained|training|retrain\w*|pre-?trained|built|building|based|"
    r"basis|deriv\w+|"
    r"initiali[sz]\w*|warm-?start\w*|start(?:s|ed|ing)? (?:from|with|off)|extension|extend\w*|upgrade\w*|"
    r"continu\w+|"
    r"adapt(?:ed|ation|s)|distil\w*|prun\w+|quanti[sz]\w+|convert\w*|conversion|weights (?:of|from|come)|on top of|"
    r"take on|editions?|versions?|variants?|remix\w*|merge\w*|merging|mix(?:ed)?|blend\w*|loras?|qlora|"
    r"adapters?|deltas?|"
    r"checkpoint of|copy of|clone|fork(?:ed)?|port(?:ed)? (?:of|from)|uncensored|abliterat\w+|backbone|foundation|"
    r"parent|uses? the weights|basier\w*|feinabstimm\w*|feinjust\w*|ajust\w+|entren\w+|entraîn\w+|affin\w+|"
    r"treinad\w+|"
    r"addestrat\w+)\b|дообуч|обучен|на основе|на базе|微调|基于|训练|量化|蒸馏|合并|ベース|学習|파인튜닝|기반|미세"
)
_BREAK = regex(
    r"[;!?。；！？]|\.\s|[(（—]|, (?:and |but |so )?(?:is|was|are|were|it|this|we|our|which|while|the model)\b|"
    r"(?i:\b(?:but|whereas|although|though|because|since|which|however|supports?|and (?:is|was|we|it|this))\b)"
)
_COMPARED = (
    r"(?:unlike|than|to|with|over|out-?perform\w*|surpass\w*|exceed\w*|beats?|rivals?) (?:\w+ ){0,3}"
    r"(?:models?|ones|those|systems|llms) (?:that (?:are|"
    r"were) )?(?:built|made|based|trained|derived|fine-?tuned|distilled) (?:with|on|from|upon|off)|"
    r"compar(?:ed|able|ison|ing|es?|ably) (?:\w+ )?(?:to|with|against|between|of)|comparisons?|versus|vs\.?|"
    r"(?:\w+er|"
    r"more|less|better|worse) \w* ?than|than|out-?perform\w*|surpass\w*|exceed\w*|beats?|beating|rival\w*|unlike|"
    r"on par with|(?:similar|close|equal|comparable|competitive|superior|inferior) (?:\w+ )?(?:to|with)|"
    r"as (?:good|strong|"
    r"fast|small|large|capable) as|match(?:es|ing)?|approach(?:es|ing)|behind|ahead of|benchmark\w*|baselines?|"
    r"against|between|in contrast (?:to|with)|counterparts?|leaderboards?|competitors?|like|peers?"
)
_DATA = (
    r"(?:generated|written|created|produced|translated|annotated|label+ed|filtered|scored|rated|graded|judged|"
    r"ranked|"
    r"cleaned|rewritten|rephrased|paraphrased|synthesi[sz]ed|curated|augmented|verified|classified|evaluated|"
    r"captioned|"
    r"tested|assessed|extracted|reviewed|summari[sz]ed) (?:\w+ ){0,2}?(?:by|with|from|using|via|through|on|"
    r"against)|"
    r"(?:outputs?|responses?|answers?|completions?|generations?|samples|data|traces?|conversations?|prompts?|"
    r"captions?|"
    r"instructions?|examples|logits|rationales?|explanations?|scores?|results?|labels) (?:of|from|by|for|with|"
    r"using)|"
    r"judges?|evaluators?|annotators?|reward models?|graders?|llm-as-a-judge|queried|asked|prompted|prompting|"
    r"generate[sd]? (?:\w+ ){0,3}(?:with|using|by)"
)
_TOOLS = (
    r"(?:harness|suite|servers?|apps?|clients?|engines?|scripts?|notebooks?|runtimes?|toolkits?|backends?|library) "
    r"(?:also |can (?:also )?)?(?:runs?|loads?|serves?|handles?|accepts?)|"
    r"compatible with|supports?|(?:prompts?|prompting|chat|instruct\w*|conversation) (?:format|template|style|"
    r"syntax)s? (?:is|are|was|uses?|follows?|:)|works? (?:well )?with|working with|usable with|used with|"
    r"use with|integrat\w+ (?:with|into)|"
    r"prompts? (?:generator|writer|maker|template|format|style)?\s?(?:for|of)|templates? (?:of|for|from|like)|"
    r"formats? (?:of|for|from|"
    r"like)|designed for (?:use with)?|plugins? for|embeddings? for|upscal\w+ for|vae for|controlnets? for|"
    r"prompts? for|"
    r"(?:draft|speculative \w+|assistant|drafter) (?:model )?for|extract\w+ from|safeguards?|guards?|moderat\w+"
)
_DESIGN = (
    r"(?:architectures?|design|structure|layout|tokeni[sz]ers?|vocabular\w+|vocab|code(?:base)?|scripts?|"
    r"recipes?|config\w*|"
    r"hyper-?parameters?|papers?|report|tutorial|notebook|blog|methodology|methods?|approach|implementation|"
    r"licen[cs]es?|"
    r"same (?!weights|models?|checkpoints?|parameters)\w+) (?:\w+ ){0,2}?(?:of|from|as|for|to|in|by|like|"
    r"following|behind|than|similar to)|"
    r"model[_ ]type(?: =)?|architecture (?:is|was) (?:\w+ )?(?:based|built|modelled|modeled|identical|"
    r"inspired) (?:on|by|to|from)|"
    r"(?:architecture|design|tokeni[sz]er|code) (?:is|was|are|builds?) (?:that of|based on|on|taken from|from)|"
    r"inspired (?:by|from)|homage to|replacements? (?:for|of)|alternatives? to|re-?produc\w+|replicat\w+|"
    r"re-?implement\w+|instead of|rather than|in place of|substitute for"
)
_OTHERS = (
    r"such as|e\.g\.,?|for example,?|for instance,?|including|like|other (?:\w+ ){0,3}models?,?|"
    r"another (?:\w+ )?model|"
    r"(?:our|my|the) (?:other|second|sister|sibling) \w+(?: \w+)?,?|see also|recommend\w*(?: to use| using)?|"
    r"thanks?(?: to| you)?|thank(?:s|ed|ing)?|credits? to|acknowledg\w*|grateful|cite[sd]?|"
    r"introduced (?:in|by|with)|proposed (?:in|by|with)|as in|known from|described in|sota|state-of-the-art|"
    r"popular|"
    r"open-source models?|open models?|models? from|available (?:in|for|on)|apply to|"
    r"can (?:also )?be (?:applied|used)|"
    r"(?:apps?|applications?|products?|demos?|spaces?|chatbots?) (?:that (?:are|were) )?(?:built|made|"
    r"powered) (?:with|by|on)|"
    r"could (?:also )?be|you (?:can|may|could|might)|if you|want to|how to|to fine-?tune|for fine-?tuning|"
    r"train your own"
)
_ELSEWHERE = (
    r"verglichen mit|im vergleich (?:zu|mit)|besser als|schneller als|anders als|ähnlich wie|par rapport à|"
    r"comparé\w* "
    r"(?:à|avec)|contrairement à|meilleure?s? que|inspiré\w* (?:de|par)|en comparación con|comparado (?:con|a|"
    r"com)|a "
    r"diferencia de|mejor que|melhor (?:do )?que|ao contrário d\w|diferente d\w|rispetto a|a differenza di|"
    r"migliore di|"
    r"по сравнению с|в отличие от|лучше,? чем|превосходит|vergeleken met|beter dan|în comparație cu|"
    r"karşılaştırıldığında"
)
_BESIDE = regex(rf"(?i)(?<![\w-])(?:{_COMPARED}|{_DATA}|{_TOOLS}|{_DESIGN}|{_OTHERS}|{_ELSEWHERE})(?!\w)")
_WORKED_ON = regex(
    r"(?i)\b(?:extend|expand|enlarg|grow|grew|grown|resiz|replac|chang|swap|adapt|modif|prun|trim|"
    r"shrink|shrank|shrunk|reduc|"
    r"widen|augment|add(?=s\b|ed\b|ing\b))\w* (?:[\w-]+ ){0,3}$"
)
"""Whoever works on a part of a model, as on its vocabulary, has made his own from it."""
_BESIDE_CJK = regex(r"优于|超过|类似|相比|对比|对标|媲美|兼容|支持|例如|不同于|より|比べ|生成")
_DENIED = regex(
    r"(?i)(?:\b(?:not?|never|neither|nor|without|non|nicht|kein\w*|pas|jamais|nunca|não|не|нет)\b(?! (?:only|"
    r"just|merely|"
    r"simply|nur|seulement|solo|somente|только))|n['’]t\b|不是|并非|没有|not-)[^,;:.!?()。，]{0,80}$"
)
_FOLLOWS = regex(
    r"(?i)^[`*\"')\]]{0,3}(?:['’]s?)?[\s-](?:(?!(?:for|on|to|with|in|and|by|from|using|of|as|is|was|but|"
    r"that)\b)[\w.-]+"
    r"[\s-]){0,2}?(?:data\b|data ?sets?|corpus|corpora|instructions?\b(?!-)|prompts?\b|style\b|styled\b|"
    r"like\b|compatible|"
    r"formats?|templates?|tokeni[sz]ers?|vocab\w*|architectures?|papers?|code\b|codebase|repo\w*|projects?|"
    r"scripts?|"
    r"trainers?|outputs?|recipes?|licen[cs]es?|pipelines?|web-?ui|ui\b|framework|family\b(?! of)|series paper|"
    r"generated|"
    r"samples|dialogues|conversations|responses|answers|pairs|images\b|api\b|team\b|community\b|authors?|scores?\b|"
    r"results?\b|baselines?|judges?\b|evaluat\w+|reward|class\b|config\w*|implementation|blog|benchmark\w*|"
    r"leaderboard|"
    r"users?\b|chat template|server|inference|engine|ecosystem|tools?\b|library|backend|node)"
)
_ACTS = regex(
    r"(?i)^[`*\"')\]]{0,3}(?: [\w.-]+){0,3}? (?:(?:which|that) )?(?:(?:is|was|were|are|"
    r"has been) )?(?:\w+ly )?(?:scores?|"
    r"(?:licen[sc]ed|released|provided|distributed|available|subject|governed) |achiev\w+|reach\w+|generated|"
    r"generates|judged|annotated|labelled|labeled|rated|graded|performs?|gets?|evaluated|"
    r"compared|outperform\w*|translated|produced|rewrote|as (?:the |a |an |our )?(?:[\w-]+ )?(?:judge|"
    r"evaluator|baseline|"
    r"annotator|teacher|grader|reference|reward|generator|assistant)|used (?:to|for) (?:generat\w+|annotat\w+|"
    r"judg\w+|filter\w*|"
    r"label\w*|evaluat\w+|scor\w+|creat\w+|translat\w+|synthesi\w+|rewrit\w+|produc\w+|classif\w+|verif\w+|"
    r"augment\w*)|"
    r"to (?:generate|annotate|judge|filter|label|evaluate|score|create|translate|synthesi[sz]e|rewrite|"
    r"produce|classify|"
    r"verify|augment)|have shown|has shown|showed|suffers?|requires?|needs?|takes|consumes?|runs|"
    r"cannot|struggles?|remain\w*|tends?)\b|"
    r"^\s?(?:相比|类似|的(?:架构|结构|分词|数据|格式)|より|に比べ|と比較|の(?:形式|アーキテクチャ|トークナイザ)|보다|生成)"
)
_TERMS = regex(r"(?i)^[`*\"')\]]{0,3} (?:terms|licen[cs]e|use polic)")
_OUTPUTS = regex(r"(?i)\boutputs?\b[^.;]{0,60}\b(?:generated|produced|created|from|of)\b")
_SUBJECT = regex(
    r"(?i)^[`*\"')\]]{0,3} (?:is|was) an? (?:[\w-]+ ){0,2}?(?:fine-?tuned|quanti[sz]ed|distilled|chat|instruct\w*) "
)
_ANOTHER = regex(
    r"(?i)\b(?:see also|(?:our|my|the) (?:other|second|sister|sibling|larger|smaller|bigger|previous|"
    r"earlier) (?:\w+ )?"
    r"(?:model|version|checkpoint|variant)s?)\b[^.;!?]{0,80}$"
)
_SIBLINGS = regex(
    r"(?i)\b(?:open-?sourc\w*|releas\w+|provid\w+|offer\w*)\b(?:[^.;!?]|\.(?=\d)){0,90}\b(?:several|six|dense|"
    r"smaller|distilled|other|"
    r"additional|multiple)\b[^;!?]{0,70}?\b(?:models|checkpoints|versions|variants)\b(?:[^.;!?]|\.(?=\d)){0,60}$"
)
_LABELLED = regex(
    r"(?i)^\W*(?:\w+ ){0,3}?(?:baselines?|compared?|comparisons?|judges?|evaluators?|annotators?|"
    r"prompt(?: format| template)?|"
    r"(?:chat |instruct\w* )?templates?|format|tokeni[sz]ers?|architectures?|style|licen[cs]es?|references?|"
    r"see also|related|"
    r"data(?:set)?s?|benchmarks?|paper|code|teachers?|similar|inspirations?|credits?|thanks|inference|"
    r"software|frameworks?|"
    r"model type|type|tools?|compatib\w+|llm|generated (?:by|with))(?: \w+)?\W{0,4}[:：|]"
)


@lru_cache(maxsize=2_048)  # cards share many sentences
def is_explained(before: str, after: str) -> bool:
    """Tell whether the words right before or after a mention explain it."""
    near = before[-REACH:]
    if _TERMS.match(after) and _OUTPUTS.search(before):
        return True  # its terms bind outputs that were trained on, a risk of the data
    if not before.strip() and _SUBJECT.match(after):
        return True
    if _FOLLOWS.match(after[:90]) or _ACTS.match(after[:120]) or _DENIED.search(near) or _ANOTHER.search(near):
        return True
    if _SIBLINGS.search(before[-2 * REACH :]):
        return True
    if _LABELLED.match(before[:90]) and not MAKING.search(before):
        return True
    return _bound(_BESIDE, near) or _bound(_BESIDE_CJK, near[-24:])


def _bound(beside: re.Pattern[str], near: str) -> bool:
    """Tell whether such words stand before the mention with nothing between but the list that it stands in."""
    for found in beside.finditer(near):
        if _WORKED_ON.search(near, 0, found.start()):
            continue
        between = near[found.end() :]
        if not _BREAK.search(between) and not MAKING.search(between):
            return True
    return False
