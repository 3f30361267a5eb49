"""The codes about people: languages, roles of accounts and of members."""

from plp.rules.sentences import Sentence

LANGUAGES = ("fr", "nl", "de", "en")
# As a sentence names them.
LANGUAGE_NAMES = {
    "fr": Sentence("français"),
    "nl": Sentence("néerlandais"),
    "de": Sentence("allemand"),
    "en": Sentence("anglais"),
}
ROLES = ("officer", "technician", "admin", "coordinator")
MEMBER_ROLES = ("member", "coordinator")
