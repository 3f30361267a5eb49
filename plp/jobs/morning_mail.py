"""The mail of every morning to technicians and admins: all is well, or the faults. Its absence is also an alarm."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from base.settings.values import Settings
from db.alerts.planned import last_drill_at
from db.bulletins.drafts import feedback_owed
from db.engine.connection import writing
from db.engine.files import state_folder
from db.inbound.inbox.threads import unread
from db.journal.chain import last_seal
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Letter
from db.modems.budgets import board
from db.modems.readiness import readiness
from db.modems.status import modem_cards, queue
from db.operations import monitoring
from db.operations.incidents import open_incidents
from db.operations.runs import claim_run, due_slot, is_run_done, last_run, mark_run_done, run_of
from db.partnership.papers import papers_due
from db.people.accounts.accounts import TOLD_ROLES, Contact, readers
from plp.letters.rendering import notes
from rules.calendar import clock

NAME = "daily"
_DAY = timedelta(days=1)
# A drill at least every quarter: crews change, and so do the modems' networks.
DRILL_OWED = timedelta(days=90)
_BUDGETS = {"day": "SMS du jour", "month": "SMS du mois", "recipients": "destinataires du mois"}


def tell_daily(settings: Settings, now: datetime) -> bool:
    """Queue the mail once its hour has come, on one host and once per day; True when it was queued now."""
    slot = due_slot(settings.mail.daily_at, now)
    if slot is None or not mail_configured(settings.mail):
        return False
    recipients = readers(*TOLD_ROLES)
    if not recipients or is_run_done(NAME, slot):
        return False
    letter, copies = daily_letter(settings, slot, recipients, now)
    # Claimed, queued and done in one transaction: whatever ends this process, it goes once.
    with writing():
        if not claim_run(NAME, slot, settings.host, now):
            return False
        enqueue_letter(letter, copies, now)
        mark_run_done(NAME, slot, str(len(recipients)), now)
    return True


def daily_letter(settings: Settings, slot: str, to: Sequence[Contact], now: datetime) -> tuple[Letter, list[Copy]]:
    """The mail of this `slot` to these readers, with the present state."""
    wrong, ready = open_incidents(), readiness(now)
    sentence = str(ready.sentence)
    heading = "Aucun problème" if ready.ready else sentence
    if wrong:
        heading = _counted(len(wrong), "incident technique", "incidents techniques") + " à vérifier"
    paragraphs = [
        sentence,
        *(f"Incident technique depuis le {clock(card.opened_at)} : {card.sentence}" for card in wrong),
        *map("\n".join, (_modems(now), _work(now), _machine(settings))),
        f"Ce rapport est envoyé chaque jour à {settings.mail.daily_at:%H h %M}. Sans ce rapport un matin, vérifiez le "
        "serveur, le réseau et l'e-mail.",
    ]
    if owed := list(reminders(now)):
        paragraphs.insert(1 + len(wrong), "À faire :\n" + "\n".join(f"- {line}" for line in owed))
    today = clock(now).split(" ")[0]
    return Letter("daily", f"{heading} · PLP, {today}"), notes(f"daily:{slot}:", to, heading, paragraphs)


def reminders(now: datetime) -> Iterator[str]:
    """Lines on tasks of people: unread texts and mails, feedback due after an alert, a drill that is due."""
    if waiting := unread():
        yield f"{_counted(waiting, 'conversation', 'conversations')} à traiter (page « Boîte de réception »)."
    for owed in feedback_owed(now):
        yield f"Feedback à envoyer aux coordinateurs : alerte du {clock(owed.sent_at)}."
    if near := len(papers_due(now)):
        papers = _counted(near, "document ou mandat", "documents ou mandats")
        yield f"{papers} à vérifier (page « Documents et rapport annuel »)."
    if (drill := last_drill_at()) is None:
        yield "Aucun exercice n'a encore été effectué."
    elif now - drill > DRILL_OWED:
        yield f"Le dernier exercice date d'il y a {(now - drill).days} jours."


def _modems(now: datetime) -> Iterator[str]:
    for card in modem_cards(now):
        proof = monitoring.last_taken(card.host, card.name)
        last = f"dernier SMS envoyé le {clock(proof)}" if proof else "aucun SMS encore envoyé"
        network = " ".join(word for word in (card.operator, card.technology) if word)
        state = "prêt" if card.state == "ready" else card.sentence.rstrip(".") or card.state
        simulated = " (simulé)" if card.simulated else ""
        yield f"Modem {card.name}{simulated} : " + ", ".join(word for word in (state, network, last) if word) + "."
    for sim in board(now):
        limits = [f"{meter.used} sur {meter.limit} {_BUDGETS[meter.kind]}" for meter in sim.meters if meter.limit]
        if sim.present and limits:
            yield f"Carte SIM …{sim.imsi[-4:]} : " + ", ".join(limits) + "."


def _work(now: datetime) -> Iterator[str]:
    waiting = queue()
    yield f"File d'attente : {waiting.urgent} SMS urgents, {waiting.normal} autres, {waiting.held} bloqués."
    yield f"Alertes des dernières 24 heures : {monitoring.ordered_since(now - _DAY)}."
    drill = last_drill_at()
    yield f"Dernier exercice : {clock(drill) if drill else 'aucun'}."
    accepted, troubled, unsent = monitoring.mail_day(now - _DAY)
    yield (
        f"E-mails des dernières 24 heures : {accepted} acceptés, {troubled} refusés ou non distribués, "
        f"{unsent} en attente."
    )


def _machine(settings: Settings) -> Iterator[str]:
    free = shutil.disk_usage(state_folder(settings)).free
    room = f"{free // 1024**3} Go" if free >= 1024**3 else f"{free // 1024**2} Mo"
    yield f"Disque de {settings.host} : {room} libres."
    if seal := last_seal():
        yield f"Tête du journal : {seal}. Gardez cet e-mail : « plp audit verify --head » compare ce code au journal."
    if settings.plan_b.password_file is not None:
        run = last_run(run_of("plan_b", settings))
        export = f"dernier export le {clock(run.ended_at)}" if run and run.ended_at else "aucun export"
        yield f"Plan de secours : {export}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {many if number > 1 else one}"
