"""Sentences with their values apart, so that the console can translate them; some are stored as a code with values.

A stored text that is no such code is a French sentence of an older version: it is shown as it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from plp.rules.refusals import Refusal, filled


@dataclass(frozen=True, slots=True)
class Sentence:
    """`str()` is the whole French sentence. A value may be a sentence itself, or several, which commas separate."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return filled(self.template, self.values)

    def __bool__(self) -> bool:
        return bool(self.template)


NOTHING = Sentence("")

# French templates by code. A code in use is never renamed; the wording may change.
TEMPLATES: dict[str, str] = {
    # why the mailbox cannot be read
    "mailbox_login": "La boîte aux lettres {host} refuse l'utilisateur ou son mot de passe : vérifiez [mail] "
    "imap_user et imap_password_file.",
    "mailbox_accents": "La boîte aux lettres {host} ne comprend pas les accents d'un mot de passe : choisissez-en un "
    "sans.",
    "mailbox_plain": "La boîte aux lettres {host}:{port} ne parle pas en chiffré : le mot de passe ne lui est pas dit. "
    "Écrivez par exemple imap = {host}:993.",
    "mailbox_certificate": "Le certificat de la boîte aux lettres {host} n'est pas valable ({why}) : le mot de passe "
    "ne lui est pas dit.",
    "mailbox_silent": "La boîte aux lettres {host}:{port} ne répond pas ({why}).",
    "mailbox_strange": "La boîte aux lettres {host}:{port} répond autre chose que ce qui est attendu ({why}).",
    "mailbox_lost": "La connexion à la boîte aux lettres s'est coupée ({why}).",
    # why an officer's answer will not leave
    "reply_gone": "Ce message n'est plus là.",
    "reply_group": "Cet e-mail ne porte que l'adresse d'un groupe : tous ses membres liraient la réponse. "
    "Répondez à la personne elle-même, par exemple par téléphone.",
    "reply_not_mobile": "On ne peut répondre qu'à un gsm belge.",
    "reply_no_station": "L'annuaire n'a pas de commissariat de proximité : un administrateur l'y ajoute.",
    "reply_no_modem": "Aucun modem n'a pu envoyer cette réponse en {hours} heures.",
    "reply_mail_off": "Aucun mail ne part d'ici : [mail] from est vide dans config.ini. Le technicien y met l'adresse "
    "de la zone.",
    "reply_refused": "Cette réponse ne peut pas être envoyée.",
}


class CodedRefusal(Refusal):
    """A refusal whose sentence may be stored: `code` is one of TEMPLATES, its values are texts and whole numbers."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(TEMPLATES[code], **values)
        self.code = code

    @property
    def stored(self) -> str:
        """The code and its values as JSON, for a text column."""
        plain = {name: value if isinstance(value, int) else str(value) for name, value in self.values.items()}
        return json.dumps({"code": self.code, **plain}, ensure_ascii=False, sort_keys=True)


def stored_sentence(stored: str) -> Sentence:
    """The sentence of a stored code; what an older version wrote as it was; NOTHING for an empty text."""
    if not stored:
        return NOTHING
    try:
        values = json.loads(stored)
        return Sentence(TEMPLATES[values.pop("code")], values)
    except (ValueError, KeyError, AttributeError, TypeError):
        return Sentence("{as_written}", {"as_written": stored})
