"""The encrypted archive: the list as CSV, the phone tree as PDF, and how to use them. AES-256, opened by 7-Zip."""

import io
import re
from datetime import datetime

from db.operations.plan_b import Roll
from db.people.lists.writing import written
from db.people.zone import ZoneCard
from plp.jobs.plan_b.phone_tree import tree_pdf, trunk_pdf
from plp.letters.words import to_call
from plp.rules.calendar import LOCAL
from plp.rules.collation import folded

COLUMNS = ("first_name", "last_name", "mobile", "email", "language", "neighbourhood", "role")
LEAST_PASSWORD = 12


def archive(roll: Roll, zone_card: ZoneCard, password: str, now: datetime) -> bytes:
    """The ZIP. Names of files are readable without the password, so they name nobody."""
    import pyzipper  # for a moment each night

    whole = io.BytesIO()
    with pyzipper.AESZipFile(whole, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(password.encode())
        packed.setencryption(pyzipper.WZ_AES, nbits=256)
        packed.writestr("LISEZMOI.txt", readme(roll, zone_card, now))
        packed.writestr("members.csv", members_csv(roll))
        packed.writestr("arbre-police.pdf", trunk_pdf(roll, zone_card, now))
        for number, place in enumerate(roll.neighbourhoods, 1):
            packed.writestr(f"arbre-{number:02}-{slug(place)}.pdf", tree_pdf(roll, place, zone_card, now))
    return whole.getvalue()


def members_csv(roll: Roll) -> bytes:
    """The list as `plp member import` reads it again, in UTF-8 with the mark that Excel wants."""
    rows = [[*COLUMNS, "consent_sms", "consent_mail_group"]]
    for person in roll.people:
        agreed = ("yes" if person.mobile else "no", "yes" if person.email else "no")
        rows.append([*(getattr(person, name) or "" for name in COLUMNS), *agreed])
    return written(rows, "csv")


def readme(roll: Roll, zone_card: ZoneCard, now: datetime) -> bytes:
    """The archive's instructions, in French: how to alert without this machine."""
    call = to_call(zone_card, "fr")
    at = now.astimezone(LOCAL)
    texts = sum(person.mobile is not None for person in roll.people)
    mails = sum(person.email is not None for person in roll.people)
    lines = (
        f"PLAN B - {zone_card.name}",
        f"État du {at:%d/%m/%Y} à {at:%H:%M}. Confidentiel : effacez ce dossier quand il a servi.",
        "",
        "Pour quand aucun modem n'envoie plus et que l'alerte ne peut pas attendre.",
        "",
        f"1. Un autre service d'envoi de SMS : donnez-lui la colonne « mobile » de members.csv ({texts} numéros).",
        "   Un texte court, qui commence par le nom de la police et finit par l'heure.",
        "2. Pas d'autre service : imprimez arbre-police.pdf et appelez les coordinateurs. Chacun a la feuille de son",
        "   quartier (arbre-01-….pdf) ; sinon, lisez-la-lui ou appelez vous-mêmes.",
        f"3. Ce qui n'est pas urgent : la colonne « email » ({mails} adresses), en copie cachée (Cci).",
        "",
        "N'y figurent que les canaux auxquels chaque membre a dit oui : un gsm pour les SMS d'alerte, une adresse pour",
        f"le groupe e-mail. {roll.left_out} membres n'ont dit oui à aucun des deux et n'y sont pas.",
        "",
        f"Urgence : {call}.",
        "",
    )
    return "\r\n".join(lines).encode("utf-8-sig")


def slug(place: str) -> str:
    """The neighbourhood's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", folded(place)).strip("-")[:40] or "quartier"
