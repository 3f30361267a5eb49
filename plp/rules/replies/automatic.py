"""Patterns of automatic texts: absence and delivery notices, voice boxes, reactions. Answering them makes loops.

Regular expressions over `reading.plain` of a text. SURE ones no person types: such a text waits for no officer. LIKELY
ones an officer reads. A word of alarm beside either is a call for help until somebody has looked.
"""

import re
from typing import Final


def _any(*expressions: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(expressions)})\b")


SURE: Final = _any(
    r"(?:reponse|message|sms|courriel) automatique",
    r"automatiquement (?:genere|envoye)",
    r"auto ?(?:reply|response|responder)",
    r"automati(?:c|ed) (?:reply|response|message)",
    r"automatisch (?:antwoord|bericht)",
    r"automatische (?:antwort|nachricht)",
    r"afwezigheids(?:bericht|melding)",
    r"abwesenheits(?:notiz|nachricht)",
    r"out of (?:the )?office",
    r"free ?msg",
    r"(?:mail|in)?box is not monitored",
    # our own confirmations, in the wording of today and of before: two boxes may have each other's number
    r"c est note vous (?:ne recevrez plus de sms|recevrez (?:de|a) nouveau les alertes)",
    r"genoteerd u krijgt (?:geen sms|opnieuw de alarm(?:en|berichten))",
    r"notiert sie erhalten (?:keine sms mehr|wieder die (?:meldungen|warnungen))",
    r"noted you will get (?:no more (?:sms|texts)|the alerts of)",
)

# A machine says so, and so does somebody whose telephone another person reads: nothing goes back in any case.
_NO_ANSWER = (
    r"ne (?:(?:me |nous )?(?:pas repondre|repondez (?:surtout )?pas|reponds pas)|(?:me |nous )?rappelez pas)"
    r"(?: a ce (?:message|sms|numero))?",
    r"(?:please )?(?:do not|don t) (?:reply|answer|call back)",
    r"(?:niet|gelieve niet) (?:te )?(?:antwoorden|beantwoorden)|antwoord niet|bel niet terug",
    r"nicht (?:auf diese (?:nachricht|sms) )?(?:zu )?antworten|antworten sie (?:bitte )?nicht",
)
NO_ANSWER: Final = _any(*_NO_ANSWER)

_ABSENT_FR = r"(?:absente?|en conges?|en vacances|en reunion|indisponible|a l etranger|au volant|injoignable|occupee?)"
_ABSENT_NL = (
    r"(?:afwezig|met (?:vakantie|verlof)|niet (?:bereikbaar|beschikbaar)|aan het rijden|in (?:een )?vergadering)"
)
_ABSENT_DE = r"(?:im urlaub|abwesend|nicht (?:erreichbar|im buro)|in einer besprechung|am steuer)"
_ABSENT_EN = r"(?:away|driving|on (?:holiday|vacation|leave)|in a meeting|not available|unavailable|abroad)"

LIKELY: Final = _any(
    *_NO_ANSWER,
    # absent
    rf"(?:je suis|nous sommes|actuellement) (?:actuellement |momentanement |pour le moment )?{_ABSENT_FR}",
    r"je conduis|je ne (?:peux|puis) pas (?:repondre|parler|decrocher)|je vous (?:rappelle|recontacte)",
    r"ne suis pas (?:disponible|joignable)|de retour le|absente? jusqu|en (?:cas|mon) d? ?absence",
    rf"ik ben (?:momenteel |even |tijdelijk )?{_ABSENT_NL}",
    r"kan (?:nu |momenteel )?niet (?:opnemen|praten|antwoorden)|ik bel (?:u|je) (?:later )?terug|terug (?:op|vanaf)",
    rf"(?:ich bin|derzeit|zurzeit|momentan) (?:derzeit |zurzeit |momentan |gerade )?{_ABSENT_DE}",
    r"kann (?:gerade|jetzt|derzeit) nicht (?:sprechen|antworten|rangehen)|rufe (?:sie|dich) (?:spater )?zuruck",
    rf"i (?:m|am) (?:currently |now )?{_ABSENT_EN}",
    r"can t (?:talk|answer|take)|cannot (?:talk|answer)|call you (?:back )?later|(?:call|get) back to you",
    # taken in, delivered, not delivered
    r"accuse de reception|ontvangstbevestiging|empfangsbestatigung|(?:delivery|read) (?:report|receipt|status)",
    r"(?:message|sms) (?:non )?(?:distribue|delivre|remis)|votre (?:message|sms|demande) (?:a ete|n a pas|a bien)",
    r"message (?:was |could )?(?:not )?(?:be )?delivered|undeliver(?:able|ed)|delivery failed",
    r"niet (?:worden )?(?:afgeleverd|bezorgd)|werd (?:niet )?afgeleverd|(?:nicht )?zugestellt",
    r"nous avons bien recu votre|wij hebben uw (?:bericht|aanvraag)|wir haben ihre (?:nachricht|anfrage)",
    r"we have received your|your (?:message|request) (?:has|was|could)|ticket \w*\d\w*",
    r"numero (?:que vous|n est (?:plus|pas) attribue|n accepte pas)|no ?reply",
    # voice boxes and calls
    r"nouveaux? messages? voca(?:l|ux)|boite vocale|messagerie vocale|voice ?mail|spraakbericht|sprachnachricht",
    r"appels? (?:manques?|en absence)|missed calls?|gemiste oproep(?:en)?|verpasster? anrufe?",
    r"a (?:essaye|tente) de vous",
    # operators, shops, banks
    r"votre (?:credit|solde|forfait|colis)|uw (?:tegoed|saldo|belkrediet|pakje)|ihr (?:guthaben|tarif|paket)",
    r"your (?:credit|balance|plan|parcel)|code (?:de )?(?:verification|confirmation|securite)",
    r"verification code|verificatiecode|bestatigungscode",
)

# What a telephone writes around our own text when somebody taps on it (see `reading.without`).
LIKES: Final = frozenset(
    {
        "a aime", "j aime", "ok to", "ok a", "ok aan", "ok an", "ok zu", "a reagi avec ok a", "a reagi ok a",
        "liked", "loved", "a adore", "vindt leuk", "vond leuk", "gefallt", "gefallt mir", "reacted ok to",
    }
)  # fmt: skip
REACTIONS: Final = frozenset(
    {
        "a ri de", "a ri a", "a mis en evidence", "a souligne", "n a pas aime", "a reagi a", "a pose une question sur",
        "laughed at", "emphasized", "emphasised", "disliked", "questioned", "reacted to", "removed a like from",
        "a supprime j aime de", "benadrukte", "reageerde op", "hervorgehoben", "lacht uber", "hat reagiert auf",
    }
)  # fmt: skip
