"""The first words of a bulletin, by category and language: the officer fills in the dots, or writes something else."""

# After the first paragraph of a feedback, for each correction that went out.
CORRECTED: dict[str, str] = {
    "fr": "Le {when}, nous avons corrigé cette alerte : « {text} »",
    "nl": "Op {when} hebben we dit alarm rechtgezet: « {text} »",
    "de": "Am {when} haben wir diesen Alarm berichtigt: « {text} »",
    "en": "On {when} we corrected this alert: « {text} »",
}

# (title, text); `…` is what has to be written. {when} and {text} are of the alert that a feedback speaks of.
STARTS: dict[str, dict[str, tuple[str, str]]] = {
    "fr": {
        "feedback": (
            "Retour sur l'alerte du {when}",
            "Le {when}, nous vous avons alertés : « {text} »\n\n**Ce qui s'est passé depuis**\n\n…\n\n"
            "**Ce qui a aidé**\n\n…\n\nMerci de votre vigilance.",
        ),
        "tactical": (
            "Mode opératoire : …",
            "Depuis …, des auteurs procèdent ainsi : …\n\n- où : …\n- quand : …\n- comment : …\n\n"
            "**Que faire ?**\n\n1. …\n2. Un fait en cours ou quelqu'un de suspect : appelez le 101 tout de suite.",
        ),
        "strategic": (
            "Les faits de … en chiffres",
            "Période : …\n\n- vols dans habitation : …\n- vols dans ou de véhicules : …\n- autres : …\n\n"
            "**Ce que l'on remarque**\n\n…\n\n**Ce que nous faisons, ce que vous pouvez faire**\n\n…",
        ),
        "operational": (
            "Signalement : …",
            "Nous cherchons, à la suite de … :\n\n- personne (taille, vêtements, signes particuliers) : …\n"
            "- véhicule (marque, couleur, direction prise) : …\n\n"
            "Ne vous approchez pas. Si vous voyez cette personne ou ce véhicule, appelez le 101 tout de suite.",
        ),
        "prevention": (
            "Conseil : …",
            "En cette saison, …\n\n**Trois gestes simples**\n\n1. …\n2. …\n3. …\n\n"
            "Le service Prévention passe chez vous gratuitement : voyez les numéros utiles.",
        ),
    },
    "nl": {
        "feedback": (
            "Terugkoppeling over het alarm van {when}",
            "Op {when} hebben we u gewaarschuwd: « {text} »\n\n**Wat er sindsdien gebeurd is**\n\n…\n\n"
            "**Wat geholpen heeft**\n\n…\n\nDank u voor uw waakzaamheid.",
        ),
        "tactical": (
            "Werkwijze: …",
            "Sinds … gaan daders zo te werk: …\n\n- waar: …\n- wanneer: …\n- hoe: …\n\n"
            "**Wat doen?**\n\n1. …\n2. Een feit dat bezig is of iemand die verdacht is: bel meteen 101.",
        ),
        "strategic": (
            "De feiten van … in cijfers",
            "Periode: …\n\n- diefstallen in woningen: …\n- diefstallen in of van voertuigen: …\n- andere: …\n\n"
            "**Wat opvalt**\n\n…\n\n**Wat wij doen, wat u kunt doen**\n\n…",
        ),
        "operational": (
            "Opsporingsbericht: …",
            "Naar aanleiding van … zoeken wij:\n\n- persoon (lengte, kleding, bijzondere kenmerken): …\n"
            "- voertuig (merk, kleur, richting): …\n\n"
            "Kom niet dichterbij. Ziet u deze persoon of dit voertuig, bel dan meteen 101.",
        ),
        "prevention": (
            "Raad: …",
            "In dit seizoen …\n\n**Drie eenvoudige stappen**\n\n1. …\n2. …\n3. …\n\n"
            "De dienst Preventie komt gratis langs: zie de nuttige nummers.",
        ),
    },
    "de": {
        "feedback": (
            "Rückmeldung zum Alarm vom {when}",
            "Am {when} haben wir Sie gewarnt: « {text} »\n\n**Was seither geschah**\n\n…\n\n"
            "**Was geholfen hat**\n\n…\n\nDanke für Ihre Wachsamkeit.",
        ),
        "tactical": (
            "Vorgehensweise: …",
            "Seit … gehen Täter so vor: …\n\n- wo: …\n- wann: …\n- wie: …\n\n"
            "**Was tun?**\n\n1. …\n2. Eine Tat, die gerade geschieht, oder jemand Verdächtiges: rufen Sie sofort 101 "
            "an.",
        ),
        "strategic": (
            "Die Taten von … in Zahlen",
            "Zeitraum: …\n\n- Einbrüche in Wohnungen: …\n- Diebstähle aus oder von Fahrzeugen: …\n- andere: …\n\n"
            "**Was auffällt**\n\n…\n\n**Was wir tun, was Sie tun können**\n\n…",
        ),
        "operational": (
            "Beschreibung: …",
            "Wir suchen im Zusammenhang mit …:\n\n- Person (Größe, Kleidung, besondere Merkmale): …\n"
            "- Fahrzeug (Marke, Farbe, Richtung): …\n\n"
            "Gehen Sie nicht näher. Wenn Sie diese Person oder dieses Fahrzeug sehen, rufen Sie sofort 101 an.",
        ),
        "prevention": (
            "Rat: …",
            "In dieser Jahreszeit …\n\n**Drei einfache Schritte**\n\n1. …\n2. …\n3. …\n\n"
            "Der Präventionsdienst kommt kostenlos zu Ihnen: siehe die nützlichen Nummern.",
        ),
    },
    "en": {
        "feedback": (
            "Feedback on the alert of {when}",
            "On {when} we alerted you: « {text} »\n\n**What has happened since**\n\n…\n\n"
            "**What helped**\n\n…\n\nThank you for keeping watch.",
        ),
        "tactical": (
            "How they work: …",
            "Since …, offenders have been doing this: …\n\n- where: …\n- when: …\n- how: …\n\n"
            "**What to do**\n\n1. …\n2. Something happening now or somebody suspicious: call 101 at once.",
        ),
        "strategic": (
            "The offences of … in figures",
            "Period: …\n\n- burglaries: …\n- thefts from or of vehicles: …\n- others: …\n\n"
            "**What we notice**\n\n…\n\n**What we do, what you can do**\n\n…",
        ),
        "operational": (
            "Description: …",
            "Following …, we are looking for:\n\n- person (height, clothes, distinguishing marks): …\n"
            "- vehicle (make, colour, direction taken): …\n\n"
            "Keep away. If you see this person or vehicle, call 101 at once.",
        ),
        "prevention": (
            "Advice: …",
            "At this time of year, …\n\n**Three simple steps**\n\n1. …\n2. …\n3. …\n\n"
            "The prevention service visits you free of charge: see the useful numbers.",
        ),
    },
}
