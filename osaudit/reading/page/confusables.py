"""Letters of other scripts that look like one of A to Z, by Unicode's confusables (UTS #39, version 15).

Made from the confusables of Unicode's security data, by way of the package confusable-homoglyphs 3.3.1: the letters of
scripts in which Latin words are disguised. What looks like `l` and is a capital letter is written as `I`.
"""

from __future__ import annotations

import unicodedata

_ALIKE = {
    "A": "ΑАᎪꓮ",
    "a": "ɑαа",
    "B": "ΒВᏴꓐꞴ",
    "b": "ƄЬᏏ",
    "C": "ϹСᏟⲤꓚ𐐕",
    "c": "ϲсᴄⲥꮯ𐐽",
    "D": "Ꭰꓓ",
    "d": "ԁᏧꓒ",
    "E": "ΕЕᎬꓰ",
    "e": "еҽꬲ",
    "F": "ϜꓝꞘ",
    "f": "քẝꞙꬵ",
    "G": "ԌᏀᏳꓖ",
    "g": "ƍɡցᶃ",
    "H": "ΗНᎻⲎꓧ",
    "h": "һհᏂ",
    "I": "ƖǀΙІӀⲒꓲ",
    "i": "ıɩɪͺιіӏᎥιꙇꭵ",
    "J": "ͿЈᎫꓙꞲ",
    "j": "ϳј",
    "K": "ΚКᏦⲔꓗ",
    "L": "ᏞⳐꓡ𐐛",
    "M": "ΜϺМᎷⲘꓟ",
    "N": "ΝⲚꓠ",
    "n": "ոռ",
    "O": "ΟОՕⲞꓳ𐐄",
    "o": "οσоօᴏᴑⲟꬽ𐐬",
    "P": "ΡРᏢⲢꓑ",
    "p": "ρϱрⲣ",
    "q": "ԛգզ",
    "R": "ƦᎡᏒꓣ",
    "r": "гᴦⲅꭇꭈꮁ",
    "S": "ЅՏᏕᏚꓢ𐐠",
    "s": "ƽѕꜱꮪ𐑈",
    "T": "ΤТᎢⲦꓔ",
    "U": "Սꓴ",
    "u": "ʋυսᴜꞟꭎꭒ",
    "V": "ѴᏙꓦ",
    "v": "νѵᴠꮩ",
    "W": "ԜᎳᏔꓪ",
    "w": "ɯѡԝաᴡꮃ",
    "X": "ΧХⲬꓫꞳ",
    "x": "х",
    "Y": "ΥϒУҮᎩᎽⲨꓬ",
    "y": "ɣʏγуүᶌỿꭚ",
    "Z": "ΖᏃꓜ",
    "z": "ᴢꮓ",
}
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "


def _small_capitals() -> dict[int, str]:
    """The letters that are written as small capitals, in the blocks that hold them."""
    named = (
        (code, unicodedata.name(chr(code), ""))
        for block in (range(0x250, 0x2B0), range(0x1D00, 0x1DC0), range(0xA720, 0xA800))
        for code in block
    )
    letters = ((code, name.removeprefix(_SMALL_CAPITAL)) for code, name in named if name.startswith(_SMALL_CAPITAL))
    return {code: letter.lower() for code, letter in letters if len(letter) == 1}


LATIN_FORMS = _small_capitals()
"""Letters that are Latin and stand for one of A to Z in another dress."""

LOOKALIKES = {ord(other): letter for letter, others in _ALIKE.items() for other in others}
"""Letters of any script that look like one of A to Z."""
