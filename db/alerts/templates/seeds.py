"""The ready-made alerts and words that a fresh database starts with: facts and what to do, no person's looks."""

import json
from dataclasses import asdict
from datetime import datetime

from db.alerts.templates.values import Choice, Field, TemplateDraft
from db.models.templates import AlertTemplate, AlertTemplateText, AlertWording
from plp.rules.people import LANGUAGES

# What a police zone is called in each language, before its place; then the words before its urgent number.
_POLICE = {"fr": "Police", "nl": "Politie", "de": "Polizei", "en": "Police"}
_URGENT = {"fr": "Urgence", "nl": "Dringend", "de": "Notruf", "en": "Emergency"}
_LOCAL = ("Police locale ", "Police ", "Zone de police ", "Politiezone ", "Lokale Politie ", "Polizeizone ")

_LONGEST_PREFIX = 40


def _choices(*rows: str) -> tuple[Choice, ...]:
    return tuple(Choice(tuple(zip(LANGUAGES, row.split(" | "), strict=True))) for row in rows)


_WHERE = Field("lieu", "Où ? (rue, quartier)")
_WHEN = Field("heure", "À quelle heure ?", "time")

SEEDS: tuple[TemplateDraft, ...] = (
    TemplateDraft(
        "Cambriolage en cours",
        "lock-open",
        "alert",
        (_WHERE, _WHEN, Field("fuite", "En fuite vers… (lieu)", optional=True)),
        {
            "fr": "Cambriolage {lieu}, {heure}.[ Fuite vers {fuite}.] Restez chez vous, fermez tout.",
            "nl": "Inbraak {lieu}, {heure}.[ Vlucht naar {fuite}.] Blijf binnen, sluit alles.",
            "de": "Einbruch {lieu}, {heure}.[ Flucht nach {fuite}.] Bleiben Sie im Haus.",
            "en": "Burglary {lieu}, {heure}.[ Fled to {fuite}.] Stay in, lock all doors.",
        },
    ),
    TemplateDraft(
        "Véhicule suspect",
        "car",
        "alert",
        (
            Field(
                "genre",
                "Quel véhicule ?",
                "choice",
                choices=_choices(
                    "Voiture suspecte | Verdachte auto | Verdächtiges Auto | Suspicious car",
                    "Camionnette suspecte | Verdachte bestelwagen | Verdächtiger Lieferwagen | Suspicious van",
                    "Moto suspecte | Verdachte motor | Verdächtiges Motorrad | Suspicious motorbike",
                ),
            ),
            Field("marque", "Marque et modèle", optional=True),
            _WHERE,
            _WHEN,
        ),
        {
            "fr": "{genre}[ {marque}] {lieu}, {heure}. N'approchez pas, appelez si vous la voyez.",
            "nl": "{genre}[ {marque}] {lieu}, {heure}. Blijf weg, bel als u hem ziet.",
            "de": "{genre}[ {marque}] {lieu}, {heure}. Abstand halten, bei Sichtung anrufen.",
            "en": "{genre}[ {marque}] {lieu}, {heure}. Keep away, call if you see it.",
        },
    ),
    TemplateDraft(
        "Personne disparue",
        "user-search",
        "alert",
        (
            Field(
                "qui",
                "Qui cherche-t-on ?",
                "choice",
                choices=_choices(
                    "un enfant | een kind | ein Kind | a child",
                    "un senior | een bejaarde | ein älterer Mensch | an elderly person",
                    "une personne | een persoon | eine Person | a person",
                ),
            ),
            Field("age", "Âge (chiffre)", optional=True),
            _WHERE,
            _WHEN,
        ),
        {
            "fr": "Disparition {lieu}, {heure}: {qui}[ ({age} ans)]. Regardez autour de vous.",
            "nl": "Vermist {lieu}, {heure}: {qui}[ ({age} jaar)]. Kijk rond uw huis.",
            "de": "Vermisst {lieu}, {heure}: {qui}[ ({age} J.)]. Bitte sehen Sie sich um.",
            "en": "Missing {lieu}, {heure}: {qui}[ (age {age})]. Please look around you.",
        },
    ),
    TemplateDraft(
        "Faux policiers, démarchage",
        "id",
        "alert",
        (
            Field(
                "qui",
                "Qui sonne aux portes ?",
                "choice",
                choices=_choices(
                    "De faux policiers | Valse politieagenten | Falsche Polizisten | False police officers",
                    "De faux agents des eaux | Valse waterlopers | Falsche Wasserwerker | False water workers",
                    "Des démarcheurs douteux | Verdachte verkopers | Dubiose Vertreter | Dubious salesmen",
                ),
            ),
            _WHERE,
            _WHEN,
        ),
        {
            "fr": "{qui} sonnent aux portes, {lieu}, {heure}. N'ouvrez pas, ne donnez rien.",
            "nl": "{qui} bellen aan, {lieu}, {heure}. Doe niet open, geef niets af.",
            "de": "{qui} klingeln, {lieu}, {heure}. Nicht öffnen, nichts geben.",
            "en": "{qui} at doors, {lieu}, {heure}. Do not open, give nothing.",
        },
    ),
    TemplateDraft(
        "Incendie, fumée toxique",
        "flame",
        "alert",
        (_WHERE, _WHEN),
        {
            "fr": "Incendie {lieu}, {heure}. Fumée toxique: rentrez et fermez tout.",
            "nl": "Brand {lieu}, {heure}. Giftige rook: ga binnen, sluit deuren en ramen.",
            "de": "Brand {lieu}, {heure}. Giftiger Rauch: ins Haus, Türen und Fenster zu.",
            "en": "Fire {lieu}, {heure}. Toxic smoke: go in, shut doors and windows.",
        },
    ),
    TemplateDraft(
        "Route barrée",
        "barrier-block",
        "alert",
        (
            Field(
                "cause",
                "Pourquoi ?",
                "choice",
                choices=_choices(
                    "accident | ongeval | Unfall | accident",
                    "inondation | overstroming | Überschwemmung | flood",
                    "arbre tombé | omgevallen boom | umgestürzter Baum | fallen tree",
                    "opération de police | politieactie | Polizeieinsatz | police operation",
                ),
            ),
            _WHERE,
            Field("fin", "Jusqu'à quelle heure ?", "time", optional=True),
        ),
        {
            "fr": "Route barrée {lieu}: {cause}.[ Jusqu'à {fin}.] Évitez le secteur.",
            "nl": "Weg dicht {lieu}: {cause}.[ Tot {fin}.] Vermijd deze buurt.",
            "de": "Straße gesperrt {lieu}: {cause}.[ Bis {fin}.] Bitte meiden.",
            "en": "Road closed {lieu}: {cause}.[ Until {fin}.] Avoid the area.",
        },
    ),
    TemplateDraft(
        "Inondation",
        "ripple",
        "alert",
        (_WHERE, _WHEN),
        {
            "fr": "L'eau monte {lieu}, {heure}. Montez à l'étage, coupez l'électricité.",
            "nl": "Water stijgt {lieu}, {heure}. Ga naar boven, zet de stroom af.",
            "de": "Hochwasser {lieu}, {heure}. Gehen Sie nach oben, Strom aus.",
            "en": "Water is rising {lieu}, {heure}. Go upstairs, switch power off.",
        },
    ),
    TemplateDraft(
        "Opération de police",
        "alert-octagon",
        "alert",
        (_WHERE, _WHEN),
        {
            "fr": "Opération de police {lieu}, {heure}. Restez à l'intérieur, loin des vitres.",
            "nl": "Politieactie {lieu}, {heure}. Blijf binnen, weg van de ramen.",
            "de": "Polizeieinsatz {lieu}, {heure}. Bleiben Sie im Haus, weg vom Fenster.",
            "en": "Police operation {lieu}, {heure}. Stay in, away from windows.",
        },
    ),
    TemplateDraft(
        "C'est fini",
        "circle-check",
        "alert",
        (_WHERE, _WHEN),
        {
            "fr": "Tout est revenu à la normale {lieu}, {heure}. Merci de votre aide.",
            "nl": "Alles is weer normaal {lieu}, {heure}. Bedankt voor uw hulp.",
            "de": "Alles ist wieder normal {lieu}, {heure}. Danke für Ihre Hilfe.",
            "en": "All is back to normal {lieu}, {heure}. Thank you for your help.",
        },
    ),
    TemplateDraft(
        "Exercice d'alerte",
        "flask",
        "drill",
        (),
        {
            "fr": "Essai du réseau d'alerte de votre quartier. Vous n'avez rien à faire.",
            "nl": "Test van het alarmnetwerk van uw buurt. U hoeft niets te doen.",
            "de": "Probe des Alarmnetzes in Ihrem Viertel. Sie brauchen nichts zu tun.",
            "en": "Test of your neighbourhood alert network. You need not do anything.",
        },
    ),
)


def seed_templates(zone_name: str, emergency: str, now: datetime) -> None:
    """Fill a database that never had any, inside the caller's transaction. What an admin deleted stays away."""
    if AlertWording.select().exists():
        return
    for language, prefix, closing in seeded_wordings(zone_name, emergency):
        AlertWording.create(language=language, prefix=prefix, closing=closing)
    for position, seed in enumerate(SEEDS):
        row = AlertTemplate.create(
            title=seed.title,
            icon=seed.icon,
            kind=seed.kind,
            position=position,
            fields=json.dumps([asdict(field) for field in seed.fields], ensure_ascii=False),
            changed_by="plp",
            changed_at=now,
        )
        for language, body in seed.texts.items():
            AlertTemplateText.create(template=row, language=language, body=body)


def seeded_wordings(zone_name: str, emergency: str) -> list[tuple[str, str, str]]:
    """Language, first words, last words: `Police Seraing/Neupré:` … `Urgence: 101`."""
    place = next((zone_name.removeprefix(words) for words in _LOCAL if zone_name.startswith(words)), zone_name)
    return [
        (
            language,
            f"{_POLICE[language]} {place}"[: _LONGEST_PREFIX - 1] + ":",
            f"{_URGENT[language]}: {emergency}" if emergency else "",
        )
        for language in LANGUAGES
    ]
