"""The duty card: one page that hangs beside the officer's screen, with lines to fill in by hand."""

from datetime import datetime

from db.people.zone import ZoneCard

# Titles and their steps, as the guide says them (console/guide/fr/policier.md).
SECTIONS = (
    (
        "Envoyer une alerte",
        (
            "Ouvrez la console et choisissez un modèle sur la page d'accueil.",
            "Indiquez le lieu ; contrôlez les quartiers cochés.",
            "Relisez : faits, lieu, consigne. Aucun nom, aucune origine, aucune plaque.",
            "Pressez « Vérifier avant l'envoi », tapez le nombre de personnes, confirmez.",
            "Vous pouvez annuler pendant quelques secondes. Ensuite, suivez l'envoi.",
        ),
    ),
    (
        "Erreur dans une alerte, ou fin des faits",
        (
            "Ouvrez l'alerte depuis la page d'accueil : elle y reste jusqu'à sa clôture.",
            "Mettez en pause, puis corrigez : la correction est envoyée en premier.",
            "À la fin des faits, clôturez l'alerte ; le feedback aux coordinateurs suit.",
        ),
    ),
    (
        "Aucun SMS n'est envoyé",
        (
            "La console indique pourquoi. L'alerte reste en attente ; ne la rédigez pas deux fois.",
            "Prévenez le technicien (numéro ci-dessous).",
            "Alerte urgente : prenez la feuille de la police et appelez les coordinateurs.",
        ),
    ),
    (
        "Un citoyen écrit",
        (
            "Boîte de réception : prenez le message en charge, puis appelez ou répondez.",
            "Fait en cours : le citoyen appelle le 101.",
        ),
    ),
)
BY_HAND = ("Adresse de la console", "Technicien", "Administrateur", "Feuilles du plan de secours")


def duty_card_pdf(zone_card: ZoneCard, now: datetime) -> bytes:
    """A4, one page."""
    from plp.jobs.plan_b.paper import Paper

    paper = Paper(zone_card, now)
    paper.duty_card(SECTIONS, BY_HAND)
    return paper.bytes()
