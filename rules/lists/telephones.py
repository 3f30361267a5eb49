"""Telephone numbers in the cells of a list, as people and spreadsheets write them, put where they belong."""

import re
import unicodedata

from rules.lists.columns import WORDS
from rules.numbers import Kind, shown, telephone
from rules.refusals import Refusal
from rules.sentences import Sentence

FIELDS = ("mobile", "landline", "second_number")
# A mobile about which nothing is to be done, as most of a list are.
_PLAIN = re.compile(r"(?:\+32|0)4[5-9]\d[\s/.-]?\d\d[\s.]?\d\d[\s.]?\d\d", re.ASCII)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# ="0470123456" keeps a spreadsheet from computing; 470123456.0 and 4,70123456E+08 are what one makes of a number.
_FORMULA = re.compile(r"=\s*\"([^\"]*)\"")
_FRACTION = re.compile(r"(\d{8,12})[.,]0+")
_POWER = re.compile(r"(\d)(?:[.,](\d*))?E\+?(\d{1,2})", re.IGNORECASE)
_WITH_LETTER_O = re.compile(r"[\doO\s/.+()-]+", re.ASCII)
# « oder », « of » between two numbers: no zero.
_OR = re.compile(r"\s[oO]\.?\s")
_ASIDE = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"[+(]{0,3}\d(?:[\d\s./()|,;&+–—-]*\d)?", re.ASCII)
_BETWEEN = re.compile(r"\D+", re.ASCII)
_FEWEST_DIGITS, _LONGEST = 3, 120
# The digits of a valid number of any country, with two zeros for its plus and a zero too many.
_FEWEST_OF_NUMBER, _MOST_OF_NUMBER = 7, 18
_LABELS, _NONE = (frozenset(WORDS["telephones"][kind]) for kind in ("labels", "none"))
# Where a number of a kind may stand, the best first.
_SLOTS: dict[Kind, tuple[str, ...]] = {
    "mobile": ("mobile", "second_number"),
    "fixed": ("landline", "second_number"),
    "foreign": ("second_number",),
}


def placed(cells: dict[str, str]) -> tuple[dict[str, str], list[Sentence]]:
    """The row's cells with its numbers where they belong, and the notes. Raises Refusal for an unreadable one."""
    written = {field: cells[field] for field in FIELDS if cells.get(field)}
    if not written or (len(written) == 1 and _PLAIN.fullmatch(written.get("mobile", ""))):
        return cells, []
    slots, notes = dict.fromkeys(FIELDS, ""), list[Sentence]()
    for field, text in written.items():
        if len(text) > _LONGEST:
            raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text.strip()[:30])
        bare, remark = _bare(text)
        for number, kind in _numbers(bare, text):
            slot = _slot(slots, field, number, kind)
            is_only_mobile = (slot, kind, slots["mobile"]) == ("second_number", "mobile", "")
            if slot not in (field, "") or is_only_mobile:
                notes.append(_moved(slot, number))
        if remark:
            notes.append(Sentence("« {text} », à côté du numéro, n'est pas repris", {"text": remark[:40]}))
    others = {field: cell for field, cell in cells.items() if field not in FIELDS}
    return others | {field: number for field, number in slots.items() if number}, notes


def _slot(slots: dict[str, str], field: str, number: str, kind: Kind) -> str:
    """The field that this number was put into; "" where it has one already, "left out" where none is free."""
    if number in slots.values():
        return ""
    if field == "mobile":
        wanted = _SLOTS[kind]
    elif (field, kind) == ("landline", "mobile"):
        wanted = "mobile", "landline", "second_number"
    else:
        wanted = field, *_SLOTS[kind]
    for slot in wanted:
        if not slots[slot]:
            slots[slot] = number
            return slot
    return "left out"


def _moved(slot: str, number: str) -> Sentence:
    templates = {
        "mobile": Sentence("{number} est lu comme un GSM"),
        "landline": Sentence("{number} est un téléphone fixe : placé dans « fixe », sans SMS"),
        "left out": Sentence("{number} n'est pas repris : une personne a un GSM, un fixe et un deuxième numéro"),
        "second_number": Sentence("{number} est placé dans « deuxième numéro », sans SMS"),
    }
    return Sentence(templates[slot].template, {"number": shown(number)})


def _bare(text: str) -> tuple[str, str]:
    """The numbers of a cell, and the meaningful words beside them."""
    bare = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().lstrip("'’`´")
    bare = _OR.sub(" / ", bare)
    if _WITH_LETTER_O.fullmatch(bare) and _BETWEEN.sub("", bare):
        bare = bare.replace("O", "0").replace("o", "0")
    for pattern in (_FORMULA, _FRACTION):
        if match := pattern.fullmatch(bare):
            bare = str(match[1])
    if match := _POWER.fullmatch(bare.replace(" ", "")):
        bare = str(match[1]) + str(match[2] or "")
        if len(bare) <= int(match[3]):
            raise Refusal(
                "Excel a arrondi ce numéro (« {text} ») et ses derniers chiffres sont perdus : retapez-le",
                text=text[:20],
            )
    remarks = [aside for aside in _ASIDE.findall(bare) if _WORD.search(aside)]
    for remark in remarks:
        bare = bare.replace(f"({remark})", " ")
    words = re.findall(r"[^\W\d_][^\s\d/;,()]*", bare)
    remarks += [word for word in words if word.casefold().strip(".:°") not in _LABELS]
    return bare, " ".join(remarks) if any(map(str.isdigit, bare)) else ""


def _numbers(bare: str, text: str) -> list[tuple[str, Kind]]:
    if bare.casefold().strip(" /.?*_–-") in _NONE:
        return []
    runs = [run for run in _NUMBER.findall(bare) if len(_BETWEEN.sub("", run)) >= _FEWEST_DIGITS]
    if not runs:
        raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text.strip()[:30])
    return [number for run in runs for number in _split(run)]


def _split(run: str) -> list[tuple[str, Kind]]:
    """The numbers that follow each other in a run of digits; the run itself if it is one number. Raises Refusal."""
    ends = [gap.start() for gap in _BETWEEN.finditer(run)]
    for end in (len(run), *ends):
        if not _FEWEST_OF_NUMBER <= len(_BETWEEN.sub("", run[:end])) <= _MOST_OF_NUMBER:
            continue
        try:
            rest = run[end:].lstrip(" \t\n/.-;,|&–—()")
            return [telephone(run[:end]), *(_split(rest) if rest else [])]
        except Refusal:
            continue
    return [telephone(run)]  # which says why it is none
