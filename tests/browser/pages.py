"""Every page, by what it is called and where it is; `{id}` is a broadcast that ran."""

from playwright.sync_api import Page

from tests.browser.demonstration import NARROW

PAGES = {
    "accueil": "/",
    "rediger": "/alerts/new",
    "suivre": "/alerts/{id}",
    "reponses": "/alerts/{id}/answers",
    "historique": "/alerts/",
    "messages": "/inbox",
    "messages-tout": "/inbox?filter=all",
    "conversation": "/inbox/mail/1",
    "stops": "/inbox/stops",
    "modems": "/modems/",
    "file-attente": "/queue",
    "cartes-sim": "/sims/",
    "incidents": "/incidents",
    "courrier": "/mail",
    "corriger": "/alerts/{id}/follow-up?kind=correction",
    "membres": "/members",
    "membre-ajouter": "/members/add",
    "membre": "/members/1",
    "membre-supprimer": "/members/1/delete",
    "membres-importer": "/members/import",
    "membre-droits": "/members/1/rights",
    "membres-supprimes": "/members/erased",
    "numeros-a-corriger": "/members/dead-numbers",
    "renouvellement": "/members/renewal",
    "fiche-inscription": "/members/registration",
    "registre-rgpd": "/members/register",
    "violation": "/members/breach",
    "quartiers": "/neighbourhoods",
    "quartier": "/neighbourhoods/1",
    "quartier-reunir": "/neighbourhoods/1/merge",
    "quartiers-carte": "/neighbourhoods/map",
    "quartier-limites": "/neighbourhoods/1/outline",
    "rues": "/streets",
    "groupes": "/member-groups",
    "groupe-ajouter": "/member-groups/add?rule=yes",
    "corrections": "/corrections",
    "inscription-publique": "/register",
    "inscription-code": "/register/code",
    "garde": "/duty",
    "annuaire": "/directory",
    "annuaire-ajouter": "/directory/add",
    "utilisateurs": "/accounts",
    "utilisateur": "/accounts/1",
    "utilisateur-ajouter": "/accounts/add",
    "utilisateur-effacer": "/accounts/1/delete",
    "jetons": "/tokens",
    "bulletins": "/bulletins/",
    "bulletin-choisir": "/bulletins/choose",
    "bulletin-ecrire": "/bulletins/new?category=tactical",
    "bulletin-retour": "/bulletins/new?alert={id}",
    "bulletin-hors-plp": "/bulletins/not-security",
    "quartier-relais": "/groups/1",
    "journal": "/journal",
    "plan-b": "/plan-b",
    "exercices": "/drills",
    "exercices-planifies": "/drills/planned",
    "exercice-rediger": "/drills/new",
    "modeles": "/ready-made",
    "modele-ajouter": "/ready-made/add",
    "modele": "/ready-made/2",
    "rediger-modele": "/alerts/new?template=2",
    "personnes": "/alerts/{id}/people",
    "mur": "/wall",
    "dossier": "/alerts/{id}/dossier",
    "parametres": "/settings",
    "mise-en-service": "/first-steps",
    "disque": "/upkeep",
    "groupe-exercice": "/settings/drill-group?search=e",
    "mon-compte": "/account",
    "absente": "/nulle-part",
}


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def narrow(page: Page) -> None:
    page.set_viewport_size(NARROW)
