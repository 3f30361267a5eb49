"""Texts whose sender decides: (text, who, what must happen), in the words of `inbound_texts`."""

# Whoever must never be texted: short codes, names, landlines, numbers that cost, other countries, our own SIMs.
SENDERS = [
    ("STOP", "8850", "nothing"),
    ("Votre solde : 3 EUR", "8850", "quiet"),
    ("Bonjour", "1919", "quiet"),
    ("Promo", "Proximus", "quiet"),
    ("Qui êtes-vous ?", "InfoSMS", "quiet"),
    ("Bonjour", "101", "quiet"),
    ("Bonjour", "", "quiet"),
    ("Bonjour", "123456", "quiet"),
    ("Bonjour", "0470000001", "quiet"),
    ("Bonjour", "+3243304000", "quiet"),
    ("Bonjour", "+3270123456", "quiet"),
    ("Bonjour", "+3290212345", "quiet"),
    ("Bonjour", "+32461123456", "quiet"),
    ("Bonjour", "+33612345678", "quiet"),
    ("Hallo", "+4915123456789", "quiet"),
    ("Au secours", "8850", "silent_ring"),
    ("Help fire", "+447911123456", "silent_ring"),
    ("plp-alerte, essai du modem a, 3F09AC", "own", "nothing"),
    ("STOP", "own", "nothing"),
    ("Au feu", "own", "nothing"),
]

OTHERS = [
    ("STOP", "out", "told"),
    ("Stop svp", "out", "told"),
    ("STOP", "form", "told"),
    ("STOP", "stranger", "nothing"),
    ("START", "form", "answered"),
    ("START", "stranger", "answered"),
    ("START", "fr", "started"),
    ("ok", "stranger", "nothing"),
    ("Bonjour, comment devenir membre ?", "stranger", "answered"),
    ("Guten Tag", "stranger", "answered"),
    ("Merci", "out", "answered"),
]
