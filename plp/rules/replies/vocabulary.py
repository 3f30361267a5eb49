"""The words that texts are read by, in four languages, as `reading.plain` leaves them: lower case, without accents.

What a word would be only by a guess is not here, and an officer reads it. Left out on purpose, so that nobody adds it
by the way:
    fin, end      also « fin d'alerte ? »; the end of what is not said
    arrete(z)     shouted at a thief as well as at us; « arreter » names the wish and is taken
    cancel, quit  of other countries' gateways; here somebody cancels an appointment
    depart, ein   a departure; an article
    top, spot     one letter from STOP, and words of their own
    mes, arm      a knife in Dutch and « my » in French; a weapon in English and an arm in Dutch
    merci, danke  polite, and says neither that it was read nor what is wanted
"""

from typing import Final

# Each alone, or repeated, or with words of COURTESY and SUBJECT around it: the person leaves.
STOP: Final = frozenset(
    {
        # everywhere; the second line is what thumbs make of it
        "stop", "stopp", "stops", "stopper", "stoppen", "stopsms", "smsstop", "stopall",
        "stpo", "sotp", "tsop", "sstop", "stoop", "stopo", "st0p", "stpp", "sttop",
        # French
        "arret", "arrets", "aret", "arrett", "arreter", "areter", "desinscription", "desinscrire", "desabonner",
        "desabonnement", "desincription", "desinscrir", "desabonement",
        # Dutch
        "uit", "afmelden", "afmelding", "uitschrijven", "uitschrijving", "afmeldn", "afmeden", "afmelde",
        # German
        "abmelden", "abmeldung", "abmeldn", "abmeldem", "abbestellen", "austragen",
        # English
        "unsubscribe", "unsub", "optout", "unsuscribe", "unsubcribe", "unsubscribed", "unsubscibe",
    }
)  # fmt: skip

# Whole texts (COURTESY aside) that leave no doubt.
STOP_PHRASES: Final = frozenset(
    {
        "opt out", "de stop", "me desinscrire", "me desabonner", "desinscrivez moi", "desabonnez moi",
        "je ne veux plus recevoir de sms", "je ne veux plus recevoir vos sms", "je ne veux plus de sms",
        "je veux me desinscrire", "je souhaite me desinscrire", "je veux me desabonner", "ne plus recevoir de sms",
        "plus de sms", "ne m envoyez plus de sms", "n envoyez plus de sms", "retirez moi de la liste",
        "retirez moi de votre liste", "veuillez me desinscrire",
        "geen sms meer", "geen sms en meer", "geen berichten meer", "ik wil geen sms meer", "schrijf mij uit",
        "ik wil me uitschrijven", "ik wil me afmelden", "ik wil geen berichten meer",
        "keine sms mehr", "ich will keine sms mehr", "ich mochte keine sms mehr", "bitte abmelden", "mich abmelden",
        "ich mochte mich abmelden",
        "no more sms", "no more texts", "no more messages", "stop texting me", "unsubscribe me", "remove me",
        "take me off the list", "stop sending me texts",
    }
)  # fmt: skip

START: Final = frozenset(
    {
        "start", "starten", "strat", "satrt", "starrt", "startt", "unstop", "restart", "herstart",
        "aan", "aanmelden", "inschrijven", "anmelden", "anmeldung", "subscribe", "resubscribe",
        "inscription", "reinscription", "reinscrire", "reinscrivez",
    }
)  # fmt: skip

START_PHRASES: Final = frozenset(
    {
        "opt in", "me reinscrire", "reinscrivez moi", "je veux me reinscrire", "ik wil me aanmelden",
        "ich mochte mich anmelden", "subscribe me",
    }
)  # fmt: skip

OK: Final = frozenset(
    {
        "ok", "oke", "okay", "okey", "oki", "okok", "ok1", "k", "0k", "okk", "okee", "oky",
        "oui", "ouii", "ouais", "ouai", "dac", "daccord", "compris", "recu", "bienrecu", "vu", "lu",
        "ja", "jaa", "jawel", "jep", "begrepen", "ontvangen", "gelezen", "akkoord",
        "jawohl", "verstanden", "erhalten", "gelesen", "einverstanden", "angekommen",
        "yes", "yep", "yeah", "yup", "understood", "received", "roger",
    }
)  # fmt: skip

OK_PHRASES: Final = frozenset(
    {
        "o k", "d accord", "bien recu", "message recu", "sms recu", "c est compris", "bien compris", "bien note",
        "c est note", "ok bien recu", "oui bien recu", "tout va bien", "ok pour moi", "ok recu",
        "ok d accord", "oui d accord",
        "goed ontvangen", "ok ontvangen", "ok begrepen", "bericht ontvangen", "in orde", "ok in orde",
        "gut erhalten", "ok verstanden", "ok erhalten", "alles klar", "ok alles klar", "nachricht erhalten",
        "got it", "ok got it", "message received", "well received", "all right",
    }
)  # fmt: skip

# What stands around a wish and changes nothing of it.
COURTESY: Final = frozenset(
    {
        "svp", "stp", "sil", "merci", "mercie", "bonjour", "bonsoir", "bjr", "salut", "cordialement", "beaucoup",
        "aub", "alstublieft", "alsjeblieft", "bedankt", "dank", "dag", "hallo", "goedendag", "groeten", "mvg", "u",
        "bitte", "danke", "guten", "tag", "gruss", "mfg",
        "please", "pls", "plz", "thanks", "thank", "you", "thx", "hello", "hi", "regards",
    }
)  # fmt: skip
COURTESY_PHRASES: Final = (
    "s il vous plait", "s il te plait", "dank u wel", "dank u", "thank you", "guten tag", "vielen dank", "merci bien",
)  # fmt: skip

# What is stopped or started: « STOP SMS », « stop aux alertes », « arrêt des messages ».
SUBJECT: Final = frozenset(
    {
        "sms", "smsen", "texto", "textos", "message", "messages", "alerte", "alertes", "plp", "bin", "police", "pub",
        "a", "au", "aux", "de", "des", "du", "le", "les", "la", "vos", "ces", "l",
        "met", "het", "berichten", "bericht", "meldingen", "politie", "alarm", "alarmen",
        "mit", "der", "die", "nachrichten", "nachricht", "polizei", "the", "texts", "alerts", "to",
    }
)  # fmt: skip

# They ring on the officer's screen, whatever stands around them: a text that says « no fire » rings too.
ALARM: Final[dict[str, tuple[str, ...]]] = {
    "fr": (
        "feu", "feux", "incendie", "insendie", "incendi", "flamme", "flammes", "explosion", "fusillade",
        "agression", "agressions", "agresion", "aggression", "agressee", "agresse", "agresseur", "agresseurs",
        "arme", "armes", "armee", "pistolet", "fusil", "couteau", "coups de feu", "coup de feu", "machette",
        "au secours", "au secour", "o secours", "secours", "a l aide", "aidez moi", "aidez nous", "sos",
        "braquage", "cambriolage", "cambriolages", "cambriollage", "cambrioleur", "cambrioleurs", "voleur", "voleurs",
        "vol en cours", "on me vole", "home jacking", "homejacking", "car jacking", "carjacking", "sac arrache",
        "blesse", "blesses", "blessee", "sang", "otage", "viol", "violee", "enleve", "enlevement", "kidnapping",
        "menace", "menaces", "attaque", "attaques", "accident", "urgent", "urgence", "police vite", "tire dessus",
        "arret cardiaque", "crise cardiaque", "noyade", "gaz", "bombe",
    ),
    "nl": (
        "brand", "vuur", "vlammen", "ontploffing", "overval", "overvallen", "overvaller", "overvallers",
        "wapen", "wapens", "pistool", "geweer", "schoten", "schietpartij", "steekpartij", "bijl",
        "hulp nodig", "help mij", "help ons", "hulp", "noodgeval", "nood", "dringend", "spoed",
        "inbraak", "inbreker", "inbrekers", "ingebroken", "dief", "dieven", "diefstal", "beroving",
        "gewond", "gewonde", "gewonden", "bloed", "gijzeling", "verkrachting", "ontvoering", "ontvoerd",
        "aanval", "aangevallen", "bedreigd", "bedreiging", "ongeval", "ongeluk", "gaslek", "bom", "gevaar",
    ),
    "de": (
        "feuer", "brennt", "flammen", "explodiert", "uberfall", "ueberfall", "uberfallen", "raub", "rauber",
        "waffe", "waffen", "messer", "pistole", "gewehr", "schusse", "schuesse", "schiesserei",
        "hilfe", "hilfee", "hilffe", "notfall", "notruf", "dringend",
        "einbruch", "einbrecher", "eingebrochen", "dieb", "diebe", "diebstahl",
        "verletzt", "verletzte", "blut", "geisel", "vergewaltigung", "entfuhrung", "entfuehrung",
        "angriff", "angegriffen", "bedroht", "bedrohung", "unfall", "gasleck", "bombe", "gefahr",
    ),
    "en": (
        "fire", "flames", "burning", "help", "helpp", "emergency", "urgent", "gun", "guns", "gunshot", "gunshots",
        "shooting", "shots", "knife", "weapon", "weapons", "robbery", "robber", "robbers", "burglar", "burglars",
        "burglary", "break in", "thief", "thieves", "attack", "attacked", "assault", "stabbed", "stabbing",
        "injured", "bleeding", "hostage", "rape", "kidnapped", "danger", "bomb",
    ),
}  # fmt: skip
