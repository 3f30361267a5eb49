"""Reasons for the state of a mail: codes with their French sentences; the server's own words follow."""

import re

# The end of a sentence that begins with the mail, its server, or its reader's server.
MAIL_REASONS: dict[str, str] = {
    "bad_address": "ce n'est pas une adresse e-mail : corrigez-la chez la personne",
    "unknown": "le serveur dit que cette adresse n'existe pas",
    "full": "la boîte de cette personne est pleine",
    "too_big": "le serveur trouve ce mail trop grand",
    "busy": "le serveur refuse pour le moment",
    "rejected": "le serveur refuse ce mail",
    "accents": "une adresse avec des lettres accentuées devant le @ ne peut pas servir : corrigez-la chez la personne",
    "sender": "le serveur refuse l'adresse de la zone ([mail] from)",
    "unreachable": "le serveur de courrier ne répond pas",
    "silent": "le serveur de courrier ne répond plus",
    "lost": "la connexion a été coupée avant la fin du mail",
    "doubt": "la connexion a été coupée pendant le texte du mail : peut-être déjà reçu",
    "doubt_often": "la connexion a été coupée chaque fois pendant le texte du mail : peut-être déjà reçu, demandez-le",
    "tls": "la connexion au serveur ne peut pas être chiffrée",
    "login": "le serveur refuse le nom d'utilisateur ou le mot de passe ([mail] user, password_file)",
    "no_tls": "le serveur n'offre pas de connexion chiffrée ([mail] smtp, tls)",
    "no_login": "le serveur ne demande pas de mot de passe à ce port ([mail] smtp, user)",
    "greeting": "le serveur de courrier refuse de nous parler",
    "config": "la configuration du courrier ne peut pas servir",
    "restart": "la machine s'est arrêtée pendant l'envoi",
    "restart_doubt": "la machine s'est arrêtée pendant l'envoi du texte : peut-être déjà reçu",
    "defect": "le programme n'a pas pu écrire ce mail",
    "bounced": "le mail est revenu",
    "delayed": "le serveur du destinataire n'a pas encore pu le remettre",
    "accepted": "le serveur l'a pris",
    "stopped": "arrêté par une personne",
    "erased": "la personne a été effacée",
    "withdrawn": "cette personne n'a plus d'adresse, ou ne doit plus recevoir ce mail",
}

_ADDRESS = re.compile(r"(?<![^\s<>@\"'(),;:])[^\s<>@\"'(),;:]++@([\w.-]+)")


def without_name(reply: str, address: str) -> str:
    """A server's words without the part before the @ of `address`, which some say alone (`550 anne: unknown`)."""
    name = address.rpartition("@")[0]
    return re.sub(rf"(?<![\w+-]){re.escape(name)}(?![\w+-])", "•••", reply, flags=re.IGNORECASE) if name else reply


def without_addresses(reply: str, limit: int = 200) -> str:
    """A server's words as they may be kept: in one line, readers' names masked (`•••@example.org`)."""
    line = " ".join("".join(c if c.isprintable() else " " for c in reply).split())
    return _ADDRESS.sub(r"•••@\1", line)[:limit]


def mail_sentence(reason: str, reply: str) -> str:
    """`le serveur refuse pour le moment : 451 4.7.1 try later`; empty when there is nothing to say."""
    words = MAIL_REASONS.get(reason, reason)
    return f"{words} : {reply}" if words and reply else words or reply
