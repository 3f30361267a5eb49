"""Why a modem does not send, what an incident is about, and to whom a broadcast went, as a code with values. Frozen.

French sentences are read this once; one that none of these templates fits stays, and is shown as it was. An IMEI loses
its middle.
"""

import json
import re
from functools import cache
from string import Formatter
from typing import Any

from peewee import AutoField, Model, TextField

# Nobody wrote more at once. A longer text is not read: matching takes the square of its length.
_LONGEST = 900
_IMEIS = ("imei", "found", "wanted")
# These lost the full stop of the sentence inside them.
_WITHOUT_STOP = ("not_ready_modem", "not_ready_modem_and_1", "not_ready_modem_and_more")
_TEMPLATES = {
    "starting": "Le modem démarre.",
    "restarting": "Le modem redémarre.",
    "restarts_in_vain": "{sentence} Les redémarrages n'y ont rien changé.",
    "unplugged": "Le modem n'est pas branché.",
    "modems_not_running": "Le service des modems ne tourne pas.",
    "state_unknown": "Son état n'est pas connu : {why}",
    "port_held": "Le port est tenu par {holder} : arrêtez-le.",
    "another_program": "un autre programme",
    "port_gone": "Le modem n'est pas là : branchez-le, ou vérifiez « device » dans config.ini.",
    "port_shut": "Le port ne peut pas être ouvert : vérifiez les droits (règles udev) et « device ».",
    "port_taken": "Ce port est déjà celui du modem « {owner} » : donnez-en un autre dans config.ini.",
    "other_imei": "Le modem à {path} a l'IMEI {found} et non {wanted} : branchez le bon modem, ou corrigez « imei » "
    "dans config.ini.",
    "same_modem": "C'est le même modem que « {other} » : supprimez l'une des deux sections de config.ini.",
    "same_imei": "{names} a le même IMEI qu'un autre modem branché, et un seul des deux est utilisé : remplacez l'un "
    "des deux.",
    "imei_missing": "Le modem d'IMEI {imei} n'est pas branché : branchez-le.",
    "none_free": "Aucun modem connu n'est libre : branchez-en un.",
    "modem_silent": "Le modem ne répond pas ({stage}) : débranchez-le et rebranchez-le.",
    "modem_broken": "Le modem ne fonctionne pas ({error}).",
    "usb_hilink": "{names} est en mode HiLink : une carte réseau avec un site web, sans port AT, qui ne peut pas "
    "envoyer d'ici. Installez-y le micrologiciel « stick », ou prenez un autre modem.",
    "usb_unswitched": "{names} se présente encore comme un CD-ROM ({usb_id}) : installez usb-modeswitch, débranchez "
    "la clé et rebranchez-la.",
    "usb_unswitched_hilink": "{names} se présente encore comme un CD-ROM ({usb_id}), et deviendra une carte réseau "
    "sans port AT (HiLink) : prenez un autre modem.",
    "usb_download": "Un modem est en mode de secours Qualcomm ({usb_id}) : son micrologiciel ne démarre plus. "
    "Débranchez-le une minute ; s'il revient ainsi, il est défectueux.",
    "usb_portless": "{names} est branché mais son port AT manque : il démarre encore, ou le pilote « option » n'est "
    "pas chargé (modprobe option).",
    "sim_missing": "Pas de carte SIM dans le modem : insérez-la.",
    "sim_silent": "La carte SIM ne répond pas : retirez-la et remettez-la.",
    "pin_asked": "La carte SIM demande son code PIN : donnez-le par pin_file dans config.ini.",
    "pin_refused": "La carte SIM a refusé un code PIN (essais restants : {tries_left}). Vérifiez le code, entrez-le "
    "une fois dans un téléphone, puis corrigez pin_file.",
    "puk_asked": "La carte SIM est bloquée (PUK) : débloquez-la dans un téléphone.",
    "sim_new": "Cette carte SIM est nouvelle dans ce modem : un technicien doit l'accepter avant qu'elle n'envoie.",
    "memory_full": "La mémoire {place} est presque pleine ({used} sur {total}) : videz-la dans un téléphone, sinon "
    "les réponses n'arrivent plus.",
    "memory_SM": "de la carte SIM",
    "memory_ME": "du modem",
    "memory_SR": "des rapports",
    "no_network": "Pas de réseau : vérifiez l'antenne et la carte SIM.",
    "sms_not_offered": "Le réseau n'offre pas de SMS à cette carte ({reason}) : vérifiez l'abonnement (VoLTE, 2G).",
    "sim_barred": "La carte SIM est refusée par le réseau ({reason}) : vérifiez l'abonnement.",
    "sim_refused": "La carte SIM est refusée ({reason}) : nouvel essai toutes les 30 secondes tant qu'une alerte "
    "attend. Vérifiez son crédit.",
    "refused_in_a_row": "Plusieurs envois refusés de suite : le modem attend, puis essaie un seul message.",
    "unanswered": "Le modem prend des messages sans dire ce qu'ils deviennent : il attend, puis essaie un seul "
    "message.",
    "unanswered_long": "Le modem prend des messages sans dire ce qu'ils deviennent : nouvel essai dans {minutes} "
    "minutes. Vérifiez son alimentation (port USB, hub), ou remplacez-le.",
    "not_ready": "Pas prêt : {why}",
    "not_ready_modem": "modem {name} : {why}.",
    "not_ready_modem_and_1": "modem {name} : {why} (et 1 autre).",
    "not_ready_modem_and_more": "modem {name} : {why} (et {others} autres).",
    "not_ready_no_service": "Pas prêt : le service des modems ne tourne pas.",
    "not_ready_no_modem": "Pas prêt : aucun modem n'est branché.",
    "not_ready_starting": "Pas encore prêt : les modems démarrent.",
    "process_silent": "Le service {name} de la machine {host} ne donne plus signe de vie depuis le {since} : relancez "
    "« plp run » sur cette machine.",
    "process_modem": "des modems",
    "process_jobs": "des travaux automatiques",
    "process_console": "de la console",
    "modem_trouble": "Modem {name} ({host}). {why}",
    "modem_not_ready": "Il n'est pas prêt ({state}).",
    "storage_full": "La mémoire {memory} du modem {name} est presque pleine ({used} sur {total}) : pleine, elle ne "
    "reçoit plus ni SMS ni accusé. Redémarrez ce modem.",
    "twins": "Plusieurs modems annoncent la même carte SIM (IMSI …{last}) : {modems}. Les accusés peuvent se perdre : "
    "retirez l'une des cartes et remplacez-la, ou changez de modem.",
    "budget_over": "La carte SIM du modem {modem} (IMSI …{imsi}) est à son plafond, {used} sur {limit} {what} : une "
    "alerte demandera une raison, le reste attend.",
    "budget_near": "La carte SIM du modem {modem} (IMSI …{imsi}) est près de son plafond : {used} sur {limit} {what}.",
    "budget_day": "SMS du jour",
    "budget_month": "SMS du mois",
    "budget_recipients": "destinataires du mois",
    "queue_stands": "SMS qui attendent : {parts}. Aucun n'est parti depuis le {since}, alors qu'un modem est prêt : "
    "regardez les modems et les plafonds des cartes SIM.",
    "held": "L'envoi {broadcast_id} est retenu ({messages} SMS) : un policier décide de l'envoyer ou non.",
    "unconfirmed": "L'envoi {broadcast_id} n'est pas confirmé en entier ({messages} SMS) : un policier décide de les "
    "renvoyer ou non.",
    "ringing": "Un SMS reçu le {received} parle d'un danger et personne ne s'en occupe : ouvrez Messages reçus, ou "
    "prévenez un policier.",
    "stops_held": "Demandes STOP retenues : {stops}, depuis le {since}. Il en est venu trop à la fois pour être sûr "
    "qu'elles viennent des membres, qui reçoivent encore les alertes : décidez dans Messages reçus.",
    "guard_ceiling": "Le modem {modem} a remis {limit} SMS au réseau en une heure, son plafond (hour_limit) : le "
    "reste attend. Si personne n'a voulu tant d'envois, arrêtez-les et vérifiez qui a accès à la console.",
    "guard_number": "Le modem {modem} a refusé un envoi vers un numéro qui n'est pas un gsm belge. La console n'en "
    "fait pas de tels : vérifiez qui a accès à elle et à la base de données.",
    "mail_down": "Le serveur de mail {server} ne prend plus rien depuis le {since} : les mails attendent.",
    "mail_overdue": "Des mails attendent depuis le {since} et rien ne les envoie.",
    "disk_full": "Le disque de la machine {host} est presque plein : il reste {megabytes} Mo. Libérez de la place : "
    "plein, il arrête les alertes.",
    "plan_b_missed": "Le plan B de cette nuit n'a pas été fait : {why}",
    "plan_b_no_password": "Il n'y a pas de plan B : [plan_b] password_file est vide dans config.ini. Mettez-y un "
    "fichier avec un mot de passe.",
    "plan_b_unreadable": "{path} ([plan_b] password_file) ne peut pas être lu : {why}. Mettez-y le mot de passe sur "
    "la première ligne.",
    "plan_b_short": "Le mot de passe du plan B ({path}) a moins de {least} caractères : allongez-le, il garde tous "
    "les numéros.",
    "not_text": "ce n'est pas du texte",
    "database_was_damaged": "La base de données était abîmée au démarrage : les derniers instants manquent. Vérifiez "
    "le disque ou la carte SD, et gardez une sauvegarde.",
    "database_unwritable_inside": "la base de données ne peut pas être écrite, {why}. {remedy}",
    "database_full": "le disque de la machine est plein",
    "database_full_remedy": "Libérez de la place. Rien n'est perdu : l'envoi reprend tout seul.",
    "database_read_only": "le disque de la machine est en lecture seule",
    "database_read_only_remedy": "Redémarrez la machine ; si cela revient, remplacez le disque ou la carte SD. Rien "
    "n'est perdu : l'envoi reprend tout seul.",
    "database_locked": "un autre programme la tient verrouillée",
    "database_locked_remedy": "Fermez ce programme. Rien n'est perdu : l'envoi reprend tout seul.",
    "database_damaged": "son fichier est abîmé",
    "database_damaged_remedy": "Arrêtez plp-alerte et remettez la dernière sauvegarde.",
    "database_refused": "le disque de la machine refuse l'écriture",
    "database_refused_remedy": "Vérifiez le disque ou la carte SD, et redémarrez. Rien n'est perdu : l'envoi reprend "
    "tout seul.",
    "mailbox_login": "La boîte aux lettres {host} refuse l'utilisateur ou son mot de passe : vérifiez [mail] "
    "imap_user et imap_password_file.",
    "mailbox_accents": "La boîte aux lettres {host} ne comprend pas les accents d'un mot de passe : choisissez-en un "
    "sans.",
    "mailbox_plain": "La boîte aux lettres {host}:{port} ne parle pas en chiffré : le mot de passe ne lui est pas "
    "dit. Écrivez par exemple imap = {host}:993.",
    "mailbox_certificate": "Le certificat de la boîte aux lettres {host} n'est pas valable ({why}) : le mot de passe "
    "ne lui est pas dit.",
    "mailbox_silent": "La boîte aux lettres {host}:{port} ne répond pas ({why}).",
    "mailbox_strange": "La boîte aux lettres {host}:{port} répond autre chose que ce qui est attendu ({why}).",
    "mailbox_lost": "La connexion à la boîte aux lettres s'est coupée ({why}).",
    "mailbox_account": "[mail] imap demande un utilisateur et un fichier de mot de passe : donnez user et "
    "password_file, ou imap_user et imap_password_file.",
    "mailbox_password": "Le mot de passe de la boîte aux lettres ne peut pas être lu ({file} : {why}).",
    "mailbox_password_text": "{file} n'est pas un texte en UTF-8 : ce n'est pas un mot de passe.",
    "mailbox_left_aside": "Un e-mail de la boîte aux lettres {house} ne se laisse pas lire, et il a été laissé de "
    "côté. Ouvrez la boîte aux lettres elle-même : c'est un de ceux du {day}.",
    "audience_all": "tous les membres",
    "audience_near": "{places} (au plus près de {near} d'abord)",
    "audience_group": "le groupe d'exercice",
    "audience_number": "1 numéro",
    "audience_numbers": "{numbers} numéros",
    "audience_reached": "ceux que l'envoi {follows} a atteints",
}


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Modem(There):
        sentence = TextField()

    class Incident(There):
        sentence = TextField()

    class Broadcast(There):
        audience = TextField()

    for column in (Modem.sentence, Incident.sentence, Broadcast.audience):
        table = column.model
        for (text,) in list(table.select(column).where(column != "").distinct().tuples()):
            known = _known(text)
            if known is not None:
                stored = json.dumps(known, ensure_ascii=False, sort_keys=True)
                table.update({column.name: stored}).where(column == text).execute()


def _known(text: str) -> dict[str, Any] | None:
    """The code of one sentence, or of several in a row that are all known, with the values."""
    if len(text) > _LONGEST:
        return None
    if one := _one(text):
        return one
    for stop in re.finditer(r"(?<=\.) ", text):
        first = _one(text[: stop.start()])
        following = _known(text[stop.end() :]) if first else None
        if following:
            return {"code": "together", "first": first, "next": following}
    return None


def _one(sentence: str) -> dict[str, Any] | None:
    """The code of a sentence and its values, of which some are sentences themselves."""
    for code, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return {"code": code, **{name: _value(code, name, text) for name, text in found.groupdict().items()}}
    return None


def _value(code: str, name: str, text: str) -> Any:
    if name in _IMEIS and len(text) > 8:
        return f"{text[:2]}•••••{text[-4:]}"
    whole = f"{text}." if name == "why" and code in _WITHOUT_STOP else text
    return _known(whole) or whole


def _pattern(template: str) -> re.Pattern[str]:
    pattern = ""
    for literal, name, _form, _conversion in Formatter().parse(template):
        value = f"(?P={name})" if f"<{name}>" in pattern else f"(?P<{name}>.+?)"
        pattern += re.escape(literal) + (value if name else "")
    return re.compile(pattern, re.DOTALL)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The most particular first: those that begin themselves, and of these the one that says most."""
    templates = _TEMPLATES.items()
    order = sorted(templates, key=lambda each: (each[1].startswith("{"), -len(re.sub(r"\{\w+\}", "", each[1]))))
    return [(code, _pattern(template)) for code, template in order]
