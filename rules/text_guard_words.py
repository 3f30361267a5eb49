"""The text guard's patterns in the four languages, as data. Precision before catch: a guard that cries at every text is
ticked away unread.
"""

import re
from typing import Final

_FLAGS: Final = re.IGNORECASE


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns), _FLAGS)


# Belgium (2010: 1-ABC-123; before: ABC-123, 123-ABC), France, the Netherlands, Germany, Luxembourg, as they are
# written. Without a hyphen only what is nothing else.
PLATES: Final = re.compile(
    r"(?<![\w-])(?:"
    r"[1-9][-. ]?[A-Za-z]{3}[-. ]?\d{3}"
    r"|[A-Z]{3}-\d{3}|\d{3}-[A-Z]{3}"
    r"|[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}|[A-Z]{2}\d{3}[A-Z]{2}"
    r"|[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}"
    r"|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}"
    r"|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}"
    r"|[A-Z]{2}-\d{4}"
    r")(?![\w-])"
)
# Three letters between figures that are an abbreviation, a make or a word of everyday: « 1 SMS 160 », « 2 par 100 ».
NOT_A_PLATE: Final = re.compile(
    r"[^A-Za-z](?:SMS|BMW|PLP|GSM|TEC|par|per|sur|van|pro|max|min|les|des|aux|met|bis|und|and)[^A-Za-z]", _FLAGS
)

EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
LINK: Final = re.compile(
    r"https?://\S+|\bwww\.\S+|\b[a-z0-9][a-z0-9-]{0,62}\.(?:be|com|org|net|eu|info|ly|me|io|lu)(?:/\S*)?(?![\w@])",
    _FLAGS,
)

# « M. Dupont », « Mme Durand », « dhr. Peeters », « Herr Schmidt »: a title and a capital.
PERSON: Final = re.compile(
    r"(?<!\w)(?:M\.|MM\.|Mr\.?|Mme\.?|Mmes|Mlle\.?|Monsieur|Madame|Mademoiselle|[Dd]hr\.?|[Mm]evr\.?|[Mm]evrouw|[Mm]eneer"
    r"|[Dd]e heer|Herrn?|Mrs\.?|Ms\.?|Mister)\s+(?!Le\b|La\b|Les\b|De\b|Monsieur|Madame)[A-ZÀ-Þ][^\W\d_]+"
)
# German nouns have capitals: « eine Frau Mitte 40 » names nobody.
FRAU: Final = re.compile(r"(?<!\w)Frau\s+[A-ZÄÖÜ][^\W\d_]+")
NOT_A_NAME: Final = re.compile(r"Frau\s+(?:Mitte|Ende|Anfang|Richtung|Doktor|Kind|Person|Mann|Auto|Ihr|Ihre)\b")
BEFORE_A_WOMAN: Final = re.compile(
    r"(?:eine|einer|die|der|diese|dieser|junge|jungen|alte|alten|ältere|älteren|zweite|und)\s+$", _FLAGS
)

# What a text says of itself, in whole phrases: « un test de l'eau » or « rue des Tests » says nothing of the kind.
_EXERCISE = r"(?:exercices?|oefening(?:en)?|(?:probe)?übung(?:en)?|uebung(?:en)?|drills?|exercises?)"
# An exercise or a test of something or somebody: « exercice des pompiers », « een test van het water ».
_OF = r"(?!\s+(?:de|du|des|d['’]|van|von|der|of)(?![\w-]))(?![\w-])"
# First in the text or in a sentence: « EXERCICE. », « Test : rue Haute », « … appelez le 101. Oefening ».
DRILL_HEADING: Final = re.compile(rf"(?:^|[.!?:;(\[\n])\s*({_EXERCISE}{_OF}|tests?(?=\s*(?:[.!:;,)\]–—]|$)))", _FLAGS)
DRILL: Final = _any(
    rf"(?:ceci|cela|message|sms|alerte|alarme)\s+(?:n['’]est\s+qu['’]|est\s+)(?:un\s+)?(?:simple\s+)?(?:{_EXERCISE}|tests?){_OF}",
    rf"(?:c['’]est|il\s+s['’]agit\s+d['’])\s*(?:seulement\s+)?un\s+(?:simple\s+)?(?:{_EXERCISE}|test){_OF}",
    rf"(?:dit|dat|het)\s+is\s+(?:maar\s+|slechts\s+|alleen\s+)?een\s+(?:{_EXERCISE}|test){_OF}",
    rf"(?:das|dies|es)\s+(?:ist|handelt\s+sich\s+um)\s+(?:nur\s+)?(?:eine?n?)\s+(?:{_EXERCISE}|test|probe){_OF}",
    rf"(?:this|it)\s+is\s+(?:only\s+|just\s+)?an?\s+(?:{_EXERCISE}|test){_OF}",
    r"(?:alerte|alarme|message|sms|envoi|appel)\s+(?:de\s+|d['’])?(?:exercice|test)",
    r"exercices?\s+(?:d['’](?:alerte|alarme|évacuation)|en\s+cours)",
    r"tests?\s+(?:du|de\s+l['’]|de\s+la|de|d['’])\s*(?:système|alerte|alarme|sms|envoi|sirènes?)",
    r"(?:proef|probe|test|oefen|übungs)-?(?:alarm|alert|bericht|nachricht|sms|meldung)|probeübung(?:en)?",
    r"(?:test|drill|exercise)\s+(?:alert|message|only)",
)
# « Ceci n'est pas un exercice », and what soldiers do on a road.
NOT_A_DRILL: Final = re.compile(
    r"(?:n'est pas|n’est pas|pas|aucun|geen|keine?|not|no)\s+"
    r"(?:un\s+|une\s+|d'|een\s+|eine\s+|a\s+|an\s+)?(?:simple\s+)?"
    r"(?:exercice|test|oefening|übung|uebung|drill|exercise)\b"
    r"|exercices?\s+(?:militaires?|de\s+l'armée)|leger\w{0,20}oefening\w*|militaire\s+oefening\w*|militärübung\w*"
    r"|military\s+exercises?",
    _FLAGS,
)
LIVE: Final = re.compile(
    r"(?:n'est pas|n’est pas)\s+un\s+exercice|geen\s+oefening|keine\s+(?:übung|uebung)|not\s+a\s+(?:drill|test)"
    r"|\b(?:alerte|danger|menace)\s+réelle?\b|\becht\s+alarm\b|\bernstfall\b|\breal\s+(?:alert|emergency)\b",
    _FLAGS,
)

PLACE: Final = _any(
    r"rues?", r"avenue", r"av\.", r"chaussée", r"boulevard", r"bd", r"place", r"quartiers?", r"chemin", r"allée",
    r"route",
    r"ruelle", r"sentier", r"impasse", r"square", r"clos", r"quai", r"pont", r"gare", r"école", r"église", r"cimetière",
    r"parc", r"bois", r"forêt", r"foret", r"centre", r"village", r"commune", r"hameau", r"cité", r"zoning",
    r"autoroute",
    r"parking", r"magasin", r"stade", r"piscine", r"château", r"secteur", r"zone", r"(?-i:[ENA]\d{1,3})",
    r"\w*straat", r"\w*laan", r"\w*weg", r"\w*plein", r"\w*wijk", r"\w*dreef", r"\w*kaai", r"\w*brug", r"station",
    r"school", r"kerk", r"park", r"bos", r"centrum", r"dorp", r"gemeente", r"buurt",
    r"\w*straße", r"\w*strasse", r"\w*platz", r"\w*gasse", r"\w*allee", r"\w*viertel", r"bahnhof", r"schule", r"kirche",
    r"wald", r"zentrum", r"dorf", r"gemeinde", r"brücke",
    r"street", r"road", r"lane", r"bridge", r"church", r"forest", r"town", r"neighbourhood", r"area",
)  # fmt: skip
# A preposition and a capital: « à Neupré », « in Eupen ».
NEAR: Final = re.compile(
    r"\b(?:à|au|aux|vers|en|dans|près d[eu]|de|te|in|naar|nabij|bij|op|nach|bei|im|am|at|near)\s+[A-ZÀ-Þ][^\W\d_]{2,}"
)

TIME: Final = re.compile(
    r"\b\d{1,2}\s?(?:h|u|:|\.)\s?(?:\d{2})?(?!\d)|\b\d{1,2}\s?(?:heures?|uur|uhr|am|pm)\b|\b(?:midi|minuit|noon|midnight)\b"
    r"|\b(?:maintenant|en cours|actuellement|à l'instant|a l'instant|ce matin|ce soir|ce midi|cet après-midi|cette nuit"
    r"|aujourd'hui|demain|hier|depuis|il y a|vient d|viennent d|jusqu|dès|imm[ée]diatement|tout de suite"
    r"|nu|momenteel|bezig|aan de gang|zojuist|net|vandaag|morgen|vanavond|vanmorgen|vannacht|vanmiddag|sinds|tot"
    r"|onmiddellijk"
    r"|jetzt|zurzeit|gerade|läuft|heute|soeben|seit|bis|sofort|heute nacht"
    r"|now|ongoing|just|today|tonight|tomorrow|since|until|immediately|minutes? ago)\b",
    _FLAGS,
)

# A time of day with its hour and minutes in groups: « 21h40 », « 21:40 », « 21u », never « 24h/24 ».
CLOCK: Final = re.compile(r"(?<![\d,.])([01]?\d|2[0-3])\s?(?:[hu]\s?([0-5]\d)?|:([0-5]\d))(?![\w/])", _FLAGS)

_PEOPLE = (
    r"(?:hommes?|femmes?|individus?|personnes?|jeunes?|suspect(?:e|s|es)?|auteurs?|type|types|garçons?|filles?|voleurs?"
    r"|groupe|bande|mann(?:en)?|vrouw(?:en)?|persoon|personen|dader|daders|verdachten?|jongeren?|groep|bende"
    r"|männer|frau(?:en)?|täter|verdächtiger?|gruppe|m[ae]n|wom[ae]n|males?|females?|persons?|people|suspects?|gang)"
)
_COUNTED = r"(?:une?|des|les|deux|trois|quatre|cinq|\d+|een|twee|drie|vier|ein|eine|zwei|drei|a|an|two|three|four)"
_ORIGIN = (
    r"(?:africain|asiatique|arabe|marocain|algérien|tunisien|turc|turque|congolais|roumain|bulgare|albanais|polonais|kosovar"
    r"|tchétchène|syrien|afghan|géorgien|slave|balkanique|juif|juive|musulman|chinois"
    r"|afrikaan|afrikaans|aziatisch|marokkaans|turks|roemeens|bulgaars|pools|albanees|congolees|oost-europees|joods"
    r"|afrikanisch|asiatisch|arabisch|türkisch|marokkanisch|rumänisch|bulgarisch|polnisch|osteuropäisch|jüdisch"
    r"|african|asian|arab|moroccan|turkish|romanian|bulgarian|polish|albanian|jewish|muslim)"
    r"(?:e|s|es|er|en|ne|nes)?"
)
_NATIVES = (
    r"(?:marokkanen?|turken?|roemenen?|bulgaren?|polen|albanezen|afrikanen?|arabieren?|joden|rumänen?|türken?|araber"
    r"|afrikaner|moroccans?|romanians?|turks|arabs?)"
)
# How somebody looks or where from, said of a person: never of a car, a plate, a shop or a coat.
ETHNIC: Final = _any(
    rf"{_PEOPLE}\s+(?:[^\W\d_]+\s+){{0,2}}{_ORIGIN}",
    rf"{_ORIGIN}\s+(?:uitziende?\s+|aussehende?r?\s+|looking\s+)?{_PEOPLE}",
    rf"{_COUNTED}\s+{_ORIGIN}",
    rf"{_COUNTED}\s+{_NATIVES}",
    rf"{_PEOPLE}\s+(?:de\s+couleur|noire?s?|blancs?|blanches?|basanée?s?|métisses?)",
    r"(?:zwarte|blanke|getinte|donkere)\s+(?:man(?:nen)?|vrouw(?:en)?|dader|jongen)",
    r"(?:schwarzer?|dunkler?|weißer?)\s+(?:mann|männer|frau|täter)",
    r"(?:black|white|brown)\s+(?:m[ae]n|wom[ae]n|males?|females?|youths?)",
    r"maghr[ée]bin(?:e|s|es)?", r"nord[- ]africain(?:e|s|es)?", r"basanée?s?", r"tsiganes?", r"gitan(?:e|s|es)?",
    r"romanichels?", r"manouches?", r"gens\s+du\s+voyage", r"pays\s+de\s+l['’]est", r"de\s+race\s+\w+",
    r"de\s+type\s+(?:europ|afri|nord|maghr|asia|arab|m[ée]diterran|slave|est|latin|caucas)\w*",
    r"d['’]origine\s+(?!incon|crim|acci|[ée]lec|ind[ée]t|natur)\w+",
    r"peau\s+(?:noire|foncée|mate|claire|blanche)", r"teint\s+(?:mat|basané|foncé)",
    r"accent\s+(?:slave|arabe|étranger|de\s+l['’]est)",
    r"zigeuners?", r"allochtonen?", r"noord-afrikaans\w*", r"(?:donkere|zwarte|getinte)\s+huid(?:skleur)?",
    r"van\s+\w+\s+(?:afkomst|origine)", r"oost-europe(?:es|se|anen)", r"\w+\s+uiterlijk",
    r"südländisch\w*", r"dunkelhäutig\w*", r"nordafrikanisch\w*", r"osteuropäer",
    r"(?!unbekannt)\w{5,}er\s+herkunft", r"migrationshintergrund",
    r"gyps(?:y|ies)", r"middle[- ]eastern", r"dark[- ]skinned", r"north\s+african",
    r"of\s+(?!unknown)\w+\s+(?:origin|descent)",
)  # fmt: skip
