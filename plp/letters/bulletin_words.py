"""Words of a bulletin's mail around the officer's own text, in the four languages."""

CATEGORY_WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "feedback": "Retour après une alerte",
        "tactical": "Mode opératoire",
        "strategic": "Analyse de la criminalité",
        "operational": "Signalement",
        "prevention": "Prévention",
    },
    "nl": {
        "feedback": "Terugkoppeling na een alarm",
        "tactical": "Werkwijze van daders",
        "strategic": "Criminaliteitsanalyse",
        "operational": "Opsporingsbericht",
        "prevention": "Preventie",
    },
    "de": {
        "feedback": "Rückmeldung nach einem Alarm",
        "tactical": "Vorgehensweise von Tätern",
        "strategic": "Kriminalitätsanalyse",
        "operational": "Beschreibung von Personen oder Fahrzeugen",
        "prevention": "Vorbeugung",
    },
    "en": {
        "feedback": "Feedback after an alert",
        "tactical": "How offenders work",
        "strategic": "Analysis of crime",
        "operational": "Description of persons or vehicles",
        "prevention": "Prevention",
    },
}

# {place} is the neighbourhood, {name} the reader; subjects keep the category first, so that a full inbox is sorted.
WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "reminder": "Rappel",
        "hello": "Bonjour {name},",
        "hello_nobody": "Bonjour,",
        "why": "Ce bulletin est pour le quartier {place}. Merci de le transmettre à ses membres, puis de nous dire "
        "que c'est fait.",
        "why_deputy": "Le bulletin ci-dessous n'a pas encore été relayé dans le quartier {place}, dont vous êtes le "
        "suppléant. Merci de le transmettre à ses membres, puis de nous dire que c'est fait.",
        "why_nudge": "Nous ne savons pas encore si ce bulletin a été relayé dans le quartier {place}. Si c'est fait, "
        "dites-le nous d'une pression ; sinon, merci de le transmettre à ses membres.",
        "step_forward": "Transmettez au groupe ce qui est dans le cadre.",
        "write_group": "Écrire au groupe",
        "step_tell": "Dites-nous que c'est fait.",
        "relayed": "J'ai relayé",
        "or_mail": "ou envoyez-nous ce mail tout prêt",
        "by_mail": "Un mail tout prêt s'ouvre : envoyez-le sans rien y changer.",
        "enclosed": "Joignez aussi : {names}.",
        "begin": "À TRANSMETTRE AU GROUPE",
        "end": "FIN",
        "from": "Communiqué par {zone}",
        "answer": "relayé",
        "mail_to": "Par mail à {address}, avec pour objet :",
        "mail_body": "Le bulletin est relayé. (Envoyez ce mail sans changer son objet.)",
    },
    "nl": {
        "reminder": "Herinnering",
        "hello": "Dag {name},",
        "hello_nobody": "Dag,",
        "why": "Dit bericht is voor de wijk {place}. Stuur het alstublieft door naar de leden en laat ons dan weten "
        "dat het gebeurd is.",
        "why_deputy": "Het bericht hieronder is nog niet doorgestuurd in de wijk {place}, waar u plaatsvervanger bent. "
        "Stuur het alstublieft door naar de leden en laat ons dan weten dat het gebeurd is.",
        "why_nudge": "We weten nog niet of dit bericht doorgestuurd is in de wijk {place}. Is het gebeurd, zeg het "
        "ons dan met één druk; zo niet, stuur het alstublieft door naar de leden.",
        "step_forward": "Stuur naar de groep wat in het kader staat.",
        "write_group": "Naar de groep schrijven",
        "step_tell": "Laat ons weten dat het gebeurd is.",
        "relayed": "Ik heb het doorgestuurd",
        "or_mail": "of stuur ons deze klaargemaakte mail",
        "by_mail": "Er opent een klaargemaakte mail: verstuur hem zonder iets te veranderen.",
        "enclosed": "Voeg ook toe: {names}.",
        "begin": "DOOR TE STUREN NAAR DE GROEP",
        "end": "EINDE",
        "from": "Meegedeeld door {zone}",
        "answer": "doorgestuurd",
        "mail_to": "Per mail naar {address}, met als onderwerp:",
        "mail_body": "Het bericht is doorgestuurd. (Verstuur deze mail zonder het onderwerp te veranderen.)",
    },
    "de": {
        "reminder": "Erinnerung",
        "hello": "Guten Tag {name},",
        "hello_nobody": "Guten Tag,",
        "why": "Diese Mitteilung ist für das Viertel {place}. Bitte leiten Sie sie an die Mitglieder weiter und sagen "
        "Sie uns dann, dass es geschehen ist.",
        "why_deputy": "Die Mitteilung unten wurde im Viertel {place}, wo Sie Stellvertreter sind, noch nicht "
        "weitergeleitet. Bitte leiten Sie sie an die Mitglieder weiter und sagen Sie uns dann, dass es geschehen ist.",
        "why_nudge": "Wir wissen noch nicht, ob diese Mitteilung im Viertel {place} weitergeleitet wurde. Wenn ja, "
        "sagen Sie es uns mit einem Druck; wenn nicht, leiten Sie sie bitte an die Mitglieder weiter.",
        "step_forward": "Leiten Sie der Gruppe weiter, was im Rahmen steht.",
        "write_group": "Der Gruppe schreiben",
        "step_tell": "Sagen Sie uns, dass es geschehen ist.",
        "relayed": "Ich habe sie weitergeleitet",
        "or_mail": "oder senden Sie uns diese fertige Mail",
        "by_mail": "Eine fertige Mail öffnet sich: senden Sie sie unverändert ab.",
        "enclosed": "Fügen Sie auch bei: {names}.",
        "begin": "AN DIE GRUPPE WEITERZULEITEN",
        "end": "ENDE",
        "from": "Mitgeteilt von {zone}",
        "answer": "weitergeleitet",
        "mail_to": "Per Mail an {address}, mit dem Betreff:",
        "mail_body": "Die Mitteilung ist weitergeleitet. (Senden Sie diese Mail, ohne den Betreff zu ändern.)",
    },
    "en": {
        "reminder": "Reminder",
        "hello": "Hello {name},",
        "hello_nobody": "Hello,",
        "why": "This bulletin is for the neighbourhood {place}. Please pass it on to its members, then tell us that it "
        "is done.",
        "why_deputy": "The bulletin below has not been passed on yet in the neighbourhood {place}, where you are the "
        "deputy. Please pass it on to its members, then tell us that it is done.",
        "why_nudge": "We do not know yet whether this bulletin was passed on in the neighbourhood {place}. If it was, "
        "tell us with one press; if not, please pass it on to its members.",
        "step_forward": "Pass on to the group what stands in the frame.",
        "write_group": "Write to the group",
        "step_tell": "Tell us that it is done.",
        "relayed": "I passed it on",
        "or_mail": "or send us this ready-made mail",
        "by_mail": "A ready-made mail opens: send it without changing anything.",
        "enclosed": "Enclose as well: {names}.",
        "begin": "TO PASS ON TO THE GROUP",
        "end": "END",
        "from": "From {zone}",
        "answer": "passed on",
        "mail_to": "By mail to {address}, with the subject:",
        "mail_body": "The bulletin was passed on. (Send this mail without changing its subject.)",
    },
}
