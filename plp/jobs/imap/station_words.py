"""Answers that refer a message that is not about security to the local police station, in four languages."""

OR = {"fr": "ou", "nl": "of", "de": "oder", "en": "or"}

LETTER_SUBJECTS = {
    "fr": "Votre message",
    "nl": "Uw bericht",
    "de": "Ihre Nachricht",
    "en": "Your message",
}

WROTE = {
    "fr": "{name} a écrit :",
    "nl": "{name} schreef:",
    "de": "{name} schrieb:",
    "en": "{name} wrote:",
}

LETTERS = {
    "fr": "Bonjour,\n\nMerci pour votre message. Il ne relève pas du partenariat local de prévention (PLP), qui ne "
    "concerne que la sécurité du quartier.\n\nAdressez-vous, s'il vous plaît, à : {service}, {contact}. C'est votre "
    "premier contact avec la police.\n\nPour un fait urgent, téléphonez tout de suite au {urgent}.",
    "nl": "Goedendag,\n\nDank u voor uw bericht. Het hoort niet bij het buurtinformatienetwerk (BIN), dat alleen over "
    "de veiligheid van de buurt gaat.\n\nNeem a.u.b. contact op met: {service}, {contact}. Dat is uw eerste contact "
    "met de politie.\n\nVoor iets dringends belt u meteen {urgent}.",
    "de": "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Sie gehört nicht zur lokalen Präventionspartnerschaft (PLP), "
    "in der es nur um die Sicherheit des Viertels geht.\n\nBitte wenden Sie sich an: {service}, {contact}. Das ist "
    "Ihr erster Kontakt mit der Polizei.\n\nIn einem dringenden Fall rufen Sie sofort {urgent} an.",
    "en": "Hello,\n\nThank you for your message. It is not a matter for the local prevention partnership (PLP), which "
    "is about the security of the neighbourhood only.\n\nPlease turn to: {service}, {contact}. It is your first "
    "contact with the police.\n\nFor anything urgent, telephone {urgent} at once.",
}

# From the fullest to the shortest: the first that is one part goes out.
TEXTS = {
    "fr": (
        "Votre message ne relève pas du PLP. Adressez-vous à la police de proximité: {contact}. Urgent: {urgent}.",
        "Ceci ne relève pas du PLP. Police de proximité: {contact}. Urgent: {emergency}.",
    ),
    "nl": (
        "Uw bericht hoort niet bij het BIN. Neem contact op met de wijkpolitie: {contact}. Dringend: {urgent}.",
        "Dit hoort niet bij het BIN. Wijkpolitie: {contact}. Dringend: {emergency}.",
    ),
    "de": (
        "Ihre Nachricht gehört nicht zum PLP. Bitte wenden Sie sich an die Polizei im Viertel: {contact}. "
        "Dringend: {urgent}.",
        "Dies gehört nicht zum PLP. Polizei im Viertel: {contact}. Dringend: {emergency}.",
    ),
    "en": (
        "Your message is not a matter for the PLP. Please turn to your local police: {contact}. Urgent: {urgent}.",
        "This is no matter for the PLP. Local police: {contact}. Urgent: {emergency}.",
    ),
}
