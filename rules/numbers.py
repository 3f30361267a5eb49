"""Mobile numbers: typed text read into E.164, or refused with the reason (docs/reference/modem-facts.md, "Numbers").

A person is recognised by their number, address and name in what others typed.

`phonenumbers` does the parsing; the rules here are the ones it does not know. The daemon's guard uses the same
function, so a number that is not a mobile cannot be dialled from any door.
"""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import lru_cache
from typing import Literal

import phonenumbers

from rules.collation import folded
from rules.refusals import Refusal

_SEPARATORS = re.compile(r"[\s./()\-\u00a0\u202f\u2011]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_LIEGE_LANDLINE = re.compile(r"\+324[23]\d{6}")
_DIGIT_SHORT = re.compile(r"\+324[5-9]\d{6}")
_DIGITS_OVER = re.compile(r"\+324[5-9]\d{8,}")
_GSM_R = re.compile(r"\+32461\d+")
_MOBILE = re.compile(r"\+32(4\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
# As it is stored, or as it is typed without a mistake: nothing is to be parsed.
_TYPED = re.compile(r"(?:\+32|0032|0)([1-9]\d{7,8})", re.ASCII)
# Whose range a mobile's number is of, by what follows +32: its operator, unless it was taken along to another.
RANGES = {"47": "Proximus", "48": "BASE", "49": "Orange"}
_PREMIUM = re.compile(r"\+32(70|90\d)\d+")
# Of a valid number: whether an SMS of ours may go there, and why not.
Kind = Literal["mobile", "fixed", "foreign"]
_BETWEEN_DIGITS = r"[\s./()-]*"
_WRITTEN = re.compile(r"\+?[\d\s./()\-\u00a0\u202f\u2011]+")
# What one calls for help in Belgium, alone or as « 101 ou 112 ».
_EMERGENCY = re.compile(r"(?:100|101|112)(?:(?: ?[/,] ?| (?:ou|et|of|en|oder|und|or|and) )(?:100|101|112))*")


def parse_mobile(text: str) -> str:
    """The Belgian mobile number in `text` as E.164 (`+32470123456`). Raises Refusal with the reason."""
    number, kind = _plain(text)
    if kind == "mobile":
        return number
    digits = _bare(text)
    if not digits:
        raise Refusal("le numéro est vide")
    if not re.fullmatch(r"\+?\d+", digits):
        raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text.strip()[:30])
    if len(digits.lstrip("+")) <= 5:
        raise Refusal("{digits} est un numéro court ou d'urgence : envoi exclu", digits=digits)
    parsed = _parsed(digits)
    if parsed is None:
        raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text.strip()[:30])
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    _refuse_what_is_no_mobile(e164, parsed)
    return e164


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", _TRUNK_ZERO.sub("", text))


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    """The number in `text`, Belgian where it names no country; None for what is none."""
    with suppress(phonenumbers.NumberParseException):
        return phonenumbers.parse(text, "BE")
    return None


def _plain(text: str) -> tuple[str, Kind | None]:
    """The Belgian number in `text` as E.164, and its kind, None unless it is typed without a mistake."""
    typed = _TYPED.fullmatch(_bare(text))
    return (f"+32{typed[1]}", _kind(typed[1][:4], len(typed[1]))) if typed else ("", None)


@lru_cache(1000)
def _kind(first: str, length: int) -> Kind | None:
    """The kind of every Belgian number of so many digits that begins so: the first four decide it."""
    number = phonenumbers.PhoneNumber(32, int(first.ljust(length, "0")))
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        return "fixed"
    try:
        _refuse_what_is_no_mobile(f"+32{number.national_number}", number)
    except Refusal:
        return None
    return "mobile"


def telephone(text: str) -> tuple[str, Kind]:
    """The number as E.164, and its kind. Raises Refusal for others: cut short, of a paying service, of the railways."""
    plain, kind = _plain(text)
    if kind:
        return plain, kind
    try:
        return parse_mobile(text), "mobile"
    except Refusal as refusal:
        other = refusal
    number = _parsed(_TRUNK_ZERO.sub("", text))
    if number is None or not phonenumbers.is_valid_number(number):
        raise other
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _DIGIT_SHORT.fullmatch(e164):
        raise other
    if number.country_code != 32:
        return e164, "foreign"
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE:
        raise other
    return e164, "fixed"


def parse_phone(text: str) -> str:
    """Any valid number in `text`, Belgian where it names no country, as E.164. Raises Refusal with the reason."""
    plain, kind = _plain(text)
    if kind:
        return plain
    number = _parsed(_TRUNK_ZERO.sub("", text))
    if number is None or not phonenumbers.is_valid_number(number):
        raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text.strip()[:30])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written_telephone(text: str) -> str:
    """The number as somebody wrote it to be read and called; the plan of numbers may not know it. Raises Refusal."""
    number = _parsed(text) if _WRITTEN.fullmatch(text) else None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refusal("« {text} » n'est pas un numéro de téléphone", text=text[:30])
    return text


def has_telephone(text: str) -> bool:
    """True where a number to call stands somewhere in the text."""
    return any(phonenumbers.PhoneNumberMatcher(text, "BE", leniency=phonenumbers.Leniency.POSSIBLE))


def _refuse_what_is_no_mobile(e164: str, number: phonenumbers.PhoneNumber) -> None:
    if _PREMIUM.fullmatch(e164):
        raise Refusal("les numéros 070 et 090x sont exclus")
    if _LIEGE_LANDLINE.fullmatch(e164):
        raise Refusal("c'est un téléphone fixe de la région liégeoise, il faut un GSM")
    if _DIGIT_SHORT.fullmatch(e164):
        raise Refusal("il manque un chiffre")
    if _DIGITS_OVER.fullmatch(e164):
        raise Refusal("il y a un chiffre de trop")
    if _GSM_R.fullmatch(e164):
        raise Refusal("0461 est réservé aux chemins de fer (GSM-R)")
    if number.country_code != 32:
        raise Refusal("seuls les GSM belges (+32) sont acceptés")
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise Refusal("c'est un téléphone fixe, il faut un GSM")
    if kind != phonenumbers.PhoneNumberType.MOBILE:  # as is any number that is not valid
        raise Refusal("ce n'est pas un numéro de GSM belge valable")


def masked(msisdn: str) -> str:
    """The number as logs may show it: `+324•••••56`."""
    return f"{msisdn[:4]}•••••{msisdn[-2:]}" if len(msisdn) > 6 else "•••"


def half_masked(identity: str | None) -> str:
    """An IMEI, IMSI or ICCID with its middle hidden: enough to tell two sticks apart, not enough to clone one."""
    if not identity:
        return "–"
    return f"{identity[:2]}•••••{identity[-4:]}" if len(identity) > 8 else "••••"


def range_of(msisdn: str) -> str:
    """The operator to whom the range of this mobile (E.164) was given; empty for another one."""
    return RANGES.get(msisdn.removeprefix("+32")[:2], "")


def numbers_of(operator: str) -> str:
    """A pattern, for LIKE, of the numbers in this operator's range; of all of them for an empty name."""
    return next((f"+32{digits}%" for digits, name in RANGES.items() if name == operator), "+%")


def may_dial(msisdn: str) -> bool:
    """True for a Belgian mobile in exactly the stored form; short codes, 101, 070, landlines and GSM-R never. It is the
    daemon's last look, whatever the console ordered, and that of an automatic answer.
    """
    try:
        return parse_mobile(msisdn) == msisdn
    except Refusal:
        return False


def shown(msisdn: str) -> str:
    """The number as people write it: `0470 12 34 56`."""
    if mobile := _MOBILE.fullmatch(msisdn):  # most of them, and a list of a hundred took milliseconds
        return "0" + " ".join(mobile.groups())
    number = _parsed(msisdn)
    if number is None:
        return msisdn
    form = phonenumbers.PhoneNumberFormat
    style = form.NATIONAL if number.country_code == 32 else form.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def mentioning(numbers: Collection[str], email: str | None, first_name: str, last_name: str) -> Callable[[str], bool]:
    """A test of texts: one of these numbers (E.164), the address, or first beside last name, each as a whole."""
    spelled = (_BETWEEN_DIGITS.join(re.findall(r"\d", form)) for known in numbers for form in (known, shown(known)))
    patterns = [rf"(?<!\d)(?:00)?{digits}(?!\d)" for digits in spelled if digits]
    if email:
        patterns.append(rf"(?<![\w.+-]){re.escape(folded(email))}(?![\w-]|\.\w)")
    # A name that is hardly one, a letter or signs, would be in many texts.
    if min(len(re.findall(r"[^\W\d_]", name)) for name in (first_name, last_name)) > 1:
        first, last = (r"\W+".join(re.findall(r"\w+", folded(name))) for name in (first_name, last_name))
        patterns.append(rf"(?<!\w)(?:{first}\W+{last}|{last}\W+{first})(?!\w)")
    whole = re.compile("|".join(patterns)) if patterns else None
    return lambda text: whole is not None and whole.search(folded(text)) is not None


def _code(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{4}", text):
        raise Refusal("« {text} » n'est pas un code de zone : quatre chiffres, par exemple 5278", text=text[:30])
    return text


def _emergency(text: str) -> str:
    if not text:
        raise Refusal("Indiquez le numéro d'urgence : il figure sur chaque page et dans chaque réponse automatique.")
    if _EMERGENCY.fullmatch(text):
        return text
    try:
        return written_telephone(text)
    except Refusal:
        raise Refusal("« {text} » n'est pas un numéro d'urgence : écrivez 101 ou 112", text=text[:30]) from None


def _phone(text: str) -> str:
    return written_telephone(text) if text else text


# How each fact about the zone is read at every door (config.ini, `plp setup`, the page of settings), by field; each
# rule returns the text as it was written, or raises Refusal.
ZONE_RULES: dict[str, Callable[[str], str]] = {"name": str, "code": _code, "emergency": _emergency, "phone": _phone}
