"""Search keys of names and numbers: normal forms that forgive accents and one typing error.

Of every word the word and each of its one-letter deletions are kept, as keyed hashes; two words
meet when they share one, then the edit distance ranks.
"""

import re
import unicodedata

LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "å": "a", "ß": "ss", "ð": "d", "þ": "th", "đ": "d", "ł": "l", "ı": "i"}
)
LONGEST_WORDS = 12
WORD = re.compile(r"\w+")
IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
UNWRITTEN = {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}
TURNING = {chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def is_written(name: str) -> bool:
    """Whether a person's name could stand on paper: letters and marks, joiners too, but no line
    breaks, control signs or signs that turn the direction of what follows."""
    return not any(unicodedata.category(c) in UNWRITTEN or c in TURNING for c in name)


def words_of(name: str) -> list[str]:
    """Words of a name in their normal form: small letters, no accents, no invisible marks."""
    if name.isascii():
        return WORD.findall(name.lower())[:LONGEST_WORDS]
    name = "".join(c for c in name if unicodedata.category(c) != "Cf")
    spread = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    plain = "".join(c for c in spread if not unicodedata.combining(c)).translate(LETTERS)
    return WORD.findall(plain)[:LONGEST_WORDS]


def weight(word: str) -> int:
    """How many letters a word is worth: one ideograph says as much as a syllable of three."""
    return sum(3 if IDEOGRAPH.match(sign) else 1 for sign in word)


def word_forms(word: str) -> set[str]:
    """A word and its one-letter deletions (the word alone below four letters)."""
    forms = {word}
    if len(word) > 3:
        forms |= {word[:n] + word[n + 1 :] for n in range(min(len(word), 40))}
    return forms


def beginning(word: str) -> str:
    """The form under which words that begin like this one are found: three letters, or five."""
    return f"^{word[: 5 if len(word) >= 5 else 3]}"


def name_forms(*names: str) -> set[str]:
    """Every form of every word of a person's names, their beginnings too."""
    found: set[str] = set()
    for name in names:
        for word in words_of(name):
            found |= word_forms(word) | {f"^{word[:3]}", f"^{word[:5]}"}
    return found


def same_name(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether given and family name are equal in their normal forms."""
    return [words_of(n) for n in one] == [words_of(n) for n in other]


def phone_key(phone: str) -> str:
    """The last eight digits: the same phone with and without its country."""
    return re.sub(r"\D", "", phone)[-8:]


def identifier_form(value: str) -> str:
    """A number without blanks, dots and dashes, in capitals."""
    return re.sub(r"[\s.\-/]", "", value).upper()


def distance(one: str, other: str, most: int = 2) -> int:
    """Edit distance of two words, at most `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return min(row[-1], most + 1)


def masked(number: str) -> str:
    """All but the last two characters hidden."""
    return "•" * max(len(number) - 2, 0) + number[-2:]


def masked_phone(phone: str) -> str:
    """«•• •• 01 87»: the last four digits; nothing where there are too few to hide any."""
    digits = re.sub(r"\D", "", phone)
    return f"•• •• {digits[-4:-2]} {digits[-2:]}" if len(digits) >= 7 else ""


def masked_name(given: str, family: str, typed: str) -> str:
    """Given name in full, of the family name only the letters that were typed, or the first."""
    wanted = words_of(typed)
    return " ".join([given, *(_masked_word(word, wanted) for word in family.split())])


def _masked_word(word: str, wanted: list[str]) -> str:
    plain = "".join(words_of(word))
    known = max((len(w) for w in wanted if plain.startswith(w)), default=1)
    return word[:known] + "•" * 5


def similar_names(one: str, other: str) -> bool:
    """Whether every word of the shorter name has a word of the other within one letter, both
    having two words at least (or the same number)."""
    few, many = sorted((words_of(one), words_of(other)), key=len)
    if not few or (len(few) < 2 and len(few) != len(many)):
        return False
    left = list(many)
    for word in few:
        near = min(left, key=lambda o: distance(word, o))
        if distance(word, near) > (1 if len(word) > 3 else 0):
            return False
        left.remove(near)
    return True
