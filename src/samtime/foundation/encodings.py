"""Which letters did the writer mean? Texts of spreadsheets in Norway, Romania, Hungary and around.

UTF-8 and UTF-16 are told with certainty. The old one-byte encodings agree on the places of most
letters, so the one whose letters make the most of one language wins.
"""

UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
OLD = ("cp1252", "cp1250", "iso8859-2", "iso8859-1")
LANGUAGES = (
    "æøåéèêòóôäöüëáíÆØÅÉÈÊÒÓÔÄÖÜËÁ",
    "ăâîșțşţĂÂÎȘȚŞŢ",
    "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "åäöéüÅÄÖÉÜ",
    "áéíóúýðþæöÁÉÍÓÚÝÐÞÆÖ",
    "čćđšžČĆĐŠŽáéíóúýěřťďňůľĺŕÁÉÍÓÚÝĚŘŤĎŇŮĽ",
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "àâçéèêëîïôùûüÿœÀÂÇÉÈÊËÎÏÔÙÛÜŒäöüßÄÖÜ",
)
HARMLESS = frozenset("«»„“”‚‘’–—…•·°€£§%‰×±²³½¼¾µ\u00a0")
RARE = 1


def decode(content: bytes) -> str:
    """The text without its byte order mark; never fails, the caller judges what came out."""
    for mark, name in UTF16.items():
        if content.startswith(mark):
            return content[2:].decode(name, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    texts = [content.decode(name, errors="replace") for name in OLD]
    return max(texts, key=_likeness)


def _likeness(text: str) -> int:
    counted: dict[str, int] = {}
    for letter in text:
        if letter > "\x7f" and letter not in HARMLESS:
            counted[letter] = counted.get(letter, 0) + 1
    return max(
        (_score(counted, language, RARE if n > 2 else 0) for n, language in enumerate(LANGUAGES)),
        default=0,
    )


def _score(counted: dict[str, int], language: str, handicap: int) -> int:
    """Letters of the language count for, others against, signs and controls strongly against."""
    score = -handicap
    for letter, times in counted.items():
        if letter in language:
            score += 2 * times
        elif letter.isalpha():
            score -= 2 * times
        else:
            score -= 6 * times
    return score
