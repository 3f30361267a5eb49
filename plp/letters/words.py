"""The words that leave under the zone's name, in its four languages: the files of `wording/`, by language and key."""

import tomllib
from importlib.resources import files

from db.people.zone import ZoneCard

_FOLDER = files(__package__).joinpath("wording")


def _words(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


FRAME, ACCOUNT, WELCOME, BULLETIN = _words("frame"), _words("account"), _words("welcome"), _words("bulletin")
REPLY, SMS, STARTS, ALERT = _words("reply"), _words("sms"), _words("starts"), _words("alert")
DUTY, MEMBERS = _words("duty"), _words("members")
REGISTRATION = _words("registration")


def to_call(zone_card: ZoneCard, language: str) -> str:
    """The zone's two numbers: « 101 ou 04/330 40 00 »."""
    return f" {FRAME[language]['or']} ".join(filter(None, (zone_card.emergency, zone_card.phone)))


def registration_words(language: str, zone_card: ZoneCard) -> dict[str, str]:
    """The words of the registration form in one of the zone's languages, French for others, with the zone's own."""
    emergency = zone_card.emergency
    own = {"zone": zone_card.name, "phone": zone_card.phone or emergency, "emergency": emergency}
    return {name: text.format(**own) for name, text in REGISTRATION.get(language, REGISTRATION["fr"]).items()}
