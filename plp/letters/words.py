"""The words that leave under the zone's name, in its four languages: the files of `wording/`, by language and key."""

import tomllib
from importlib.resources import files

_FOLDER = files(__package__).joinpath("wording")


def _words(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


FRAME, ACCOUNT, WELCOME, BULLETIN = _words("frame"), _words("account"), _words("welcome"), _words("bulletin")
REPLY, SMS, STARTS, ALERT = _words("reply"), _words("sms"), _words("starts"), _words("alert")
DUTY, MEMBERS = _words("duty"), _words("members")
REGISTRATION = _words("registration")


def registration_words(language: str, zone: str, phone: str, emergency: str) -> dict[str, str]:
    """The words of the registration form in one of the zone's languages, French for others, with the zone's own."""
    own = {"zone": zone, "phone": phone or emergency, "emergency": emergency}
    return {name: text.format(**own) for name, text in REGISTRATION.get(language, REGISTRATION["fr"]).items()}
