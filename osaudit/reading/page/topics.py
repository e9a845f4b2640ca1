"""What a heading speaks of, from its words in the languages that cards are written in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, TypeAlias

from osaudit.compiled import regex

Topic: TypeAlias = Literal[
    "licence",
    "training-data",
    "training-procedure",
    "training",
    "evaluation",
    "uses",
    "out-of-scope",
    "limitations",
    "citation",
    "links",
    "how-to-use",
    "other",
]

MAX_WORDS = 9
MAX_WIDE = 30

# in the order in which they decide: a heading that speaks of several has the first of them
_WORDS: dict[Topic, str] = {
    "licence": (
        "licen[cs]es?; licens?c?ing; licensed; terms and conditions; terms of use; terms of service; terms; copyright; "
        "rights and permissions; legal; usage rights; conditions d'utilisation; lizenz(?:en)?; nutzungsbedingungen; "
        "licencias?; licenças?; términos de uso; лицензи[яи]; licenza; lisens; 许可; 协议; 授权; 授權; 版权; 版權; "
        "ライセンス; 利用規約; 라이선스"
    ),
    "out-of-scope": (
        "out of scope; misuse; malicious use; prohibited; not intended; unintended; restrictions; uso indebido; "
        "hors du champ; 禁止; 超出范围; してはいけない; 想定されない"
    ),
    "evaluation": (
        "test(?:ing)? (?:data|sets?|datasets?|results?|metrics).*; evaluation (?:data|sets?|datasets?); testing; eval; "
        "evaluat(?:ions?|ing|e); results?; performance; benchmark(?:s|ing)?; metrics; scores?; accuracy; leaderboard; "
        "comparison; wer; évaluation; résultats; evaluierung; ergebnisse; evaluación; resultados; avaliação; оценка; "
        "результаты; 评测; 评估; 评价; 结果; 性能; 效果; 榜单; 評価; 結果; 성능; 평가"
    ),
    "training-data": (
        "(?:train(?:ing)?|pre-?training|fine-?tuning|finetune|instruction) (?:data|datasets?|sets?|corpus|"
        "corpora|source); data(?:sets?|"
        " sets?)?; corpus; corpora; données; jeux? de données; trainingsdaten; daten; datens[aä]tze?; "
        "datos; conjunto de datos; dados; данные; датасет; dati; 数据; 训练集; 语料; 數據; 資料集; データ; 데이터"
    ),
    "training-procedure": (
        "training (?:procedures?|process|details?|setup|regime|config(?:uration)?|recipe|code|scripts?|strategy|"
        "pipeline|infrastructure|parameters); (?:training )?hyper-?parameters?; preprocessing; recipe; "
        "(?:pre-?training|fine-?tuning) procedure; reproducib\\w+; reproduce; procédure d'entraînement; "
        "hyperparamètres; trainingsverfahren; "
        "procedimiento de entrenamiento; procedimento de treinamento; 训练过程; 训练细节; 训练方法; 训练流程; "
        "训练步骤; "
        "训练配置; 超参数; 学習手順; 学習設定; 학습 과정"
    ),
    "training": (
        "training; pre-?training; post-?training; fine-?tun(?:ing|e); finetun(?:ing|e); was trained; entraînement; "
        "pré-?entraînement; entrenamiento; treinamento; treino; обучение; addestramento; trening; "
        "训练; 微调; 精调; 訓練; 学習; 학습; 훈련"
    ),
    "limitations": (
        "limitations?; bias(?:es)?; risks?; ethic(?:s|"
        "al considerations?); safety; disclaimers?; caveats?; limites?; biais; "
        "einschränkungen; limitaciones; sesgos?; limitações; ограничения; 局限; 免责; 声明; 偏见; 风险; 安全; "
        "制限; 免責; "
        "注意事項; 限制"
    ),
    "citation": (
        "citations?; citing; cite; bibtex; references?; acknowledge?ments?; credits?; authors?; authorship; "
        "contributors?; "
        "funding; contact; références; remerciements; zitieren; zitat; quellen; referencias; citación; referências; "
        "цитирование; 引用; 参考文献; 致谢; 联系; 謝辞; 인용"
    ),
    "how-to-use": (
        "how to; usage; quick ?start; get(?:ting)? started; inference; install(?:ation)?; examples?; demo; "
        "requirements?; "
        "deploy(?:ment)?; quick tour; run(?:ning)?; loading; conversion; quanti[sz]ation; download; diffusers; gradio; "
        "prerequisites; comment utiliser; utilisation; exemples?; verwendung; anwendung; nutzung; cómo (?:usar|"
        "utilizar); "
        "uso; como usar; как использовать; использование; 使用; 快速; 安装; 推理; 示例; 部署; 使い方; 사용"
    ),
    "uses": (
        "intended us(?:es?|age|ers?); uses?; use ?cases?; applications?; utilisation prévue; verwendungszweck; usos; "
        "uso previsto; применение; 用途; 应用; 适用; 利用目的"
    ),
    "links": (
        "links?; sources?; resources?; related; repositor(?:y|"
        "ies); see also; more information; papers?; project; github; "
        "liens; ressources; ressourcen; enlaces; recursos; ссылки; 链接; 资源; リンク"
    ),
}

_NAME = regex(r"\S*(?:[-_/]\S+){2,}|\S*\d\S*")
_NUMBERING = regex(r"^(?:[\divxIVX]{1,4}(?:\.\d+)*[.)、:]?|[A-Z][.)]|[一二三四五六七八九十]+、)\s+")
_SCOPE = regex(r"(?i)\bout[-_ ]of[-_ ]scope\b")
_NOISE = regex(r"[^\w\s'/&.,:()|~+-]")
_WIDE = regex(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _pattern(words: str) -> re.Pattern[str]:
    each = words.split("; ")
    narrow = "|".join(word for word in each if not _WIDE.search(word))
    wide = "|".join(word for word in each if _WIDE.search(word))
    return regex(rf"(?<![\w'])(?:{narrow})(?![\w'])|{wide}")


_PATTERNS = {topic: _pattern(words) for topic, words in _WORDS.items()}


@lru_cache(maxsize=2_048)  # most cards have the same headings
def topic_of(heading: str) -> Topic:
    """Name the topic that decides most among those that a heading's words speak of."""
    plain = _SCOPE.sub("out of scope", unicodedata.normalize("NFKC", heading[:300]))
    plain = _NOISE.sub(" ", plain).strip()
    words = _NAME.sub(" ", _NUMBERING.sub("", plain)).replace("_", " ").lower().strip()
    if not words or len(words.split()) > MAX_WORDS or (_WIDE.search(words) and len(words) > MAX_WIDE):
        return "other"
    if "training and evaluation data" in words:
        return "training-data"
    return next((topic for topic, pattern in _PATTERNS.items() if pattern.search(words)), "other")
