"""Words in the head and foot of every mail, in the four languages of the zone."""

# French first: a language that is not here is written to in French.
FRAME: dict[str, dict[str, str]] = {
    "fr": {
        "or": "ou",
        "urgent": "Urgence",
        "urgent_hint": "Un fait en cours ou qui vient d'arriver, quelqu'un de suspect : téléphonez tout de suite. "
        "Jamais par e-mail ni par SMS.",
        "directory": "Numéros utiles",
        "sent_by": "Ce message vient de {zone}.",
        "plp": "Partenariat local de prévention",
    },
    "nl": {
        "or": "of",
        "urgent": "Dringend",
        "urgent_hint": "Een feit dat bezig is of net gebeurd is, iemand die verdacht is: bel meteen. "
        "Nooit per e-mail of sms.",
        "directory": "Nuttige nummers",
        "sent_by": "Dit bericht komt van {zone}.",
        "plp": "Buurtinformatienetwerk",
    },
    "de": {
        "or": "oder",
        "urgent": "Notfall",
        "urgent_hint": "Eine Tat, die gerade geschieht oder eben geschehen ist, jemand Verdächtiges: rufen Sie sofort "
        "an. Nie per E-Mail oder SMS.",
        "directory": "Nützliche Nummern",
        "sent_by": "Diese Nachricht kommt von {zone}.",
        "plp": "Lokale Präventionspartnerschaft",
    },
    "en": {
        "or": "or",
        "urgent": "Emergency",
        "urgent_hint": "Something happening now or just over, somebody suspicious: telephone at once. "
        "Never by e-mail or text message.",
        "directory": "Useful numbers",
        "sent_by": "This message comes from {zone}.",
        "plp": "Local prevention partnership",
    },
}
