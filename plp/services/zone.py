"""The zone's own decisions: whose box this is, its useful numbers, and its policy, which a second admin agrees to."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from base.settings.values import ZoneSettings
from db.alerts.templates import rename_wordings
from db.engine.connection import writing
from db.journal import audit
from db.people import zone as storage
from db.people.accounts.accounts import has_second_admin, persons_able
from modem.sms.composition import propose_gsm7
from plp.services.accounts.second_person import second_person_refusal
from plp.services.accounts.telling import tell_of_words, tell_others
from plp.services.texts import require_plain
from rules.numbers import ZONE_RULES, has_telephone
from rules.orders.agreement import require_read
from rules.readiness import technician_in
from rules.refusals import FieldRefusal, Refusal, none_of, required

# It stands in texts to members, before what is said.
LONGEST_NAME = 80


def name_zone(wanted: storage.ZoneCard, by: str, now: datetime) -> None:
    """Name the zone. Alerts begin with it unless somebody gave them other words; a first name brings its numbers."""
    named = storage.ZoneCard(*(" ".join(text.split())[:120] for text in asdict(wanted).values()))
    if not named.name:
        raise Refusal("Indiquez le nom de la zone : il figure sur chaque page et chaque e-mail.")
    for field, typed in asdict(named).items():
        try:
            ZONE_RULES[field](typed)
        except Refusal as refusal:
            raise FieldRefusal.of(field, refusal) from None
    require_plain(named.name, LONGEST_NAME, "name")
    with writing():
        before = storage.zone()
        audit.record(now, by, "zone_changed", named.name, changed=storage.write_zone(named))
        rename_wordings(name_in_gsm(before), name_in_gsm(named))
        if not before.name:
            storage.seed_directory(named.code)
        elif before != named:
            was, will = (", ".join(filter(None, asdict(card).values())) for card in (before, named))
            tell_of_words(f"« {was} » devient « {will} »", "Nom et numéros de la zone", by, now)


def name_in_gsm(named: storage.ZoneCard | ZoneSettings) -> tuple[str, str]:
    """Name and number in the GSM alphabet: another letter would make two SMS of every alert that begins with it."""
    return propose_gsm7(named.name) or named.name, named.emergency


def save_directory_entry(entry_id: int | None, service: str, purpose: str, contact: str, by: str, now: datetime) -> int:
    """Add or change a useful number; returns its id. Raises Refusal."""
    service, purpose, contact = service.strip(), purpose.strip(), contact.strip()
    if not service or not contact:
        raise Refusal("Indiquez le nom du service et son contact.")
    if technician_in([(service, contact)]) and not has_telephone(contact):
        raise FieldRefusal(
            "contact",
            "« {contact} » ne contient pas de numéro de téléphone : c'est le technicien à appeler en cas de panne.",
            contact=contact[:60],
        )
    values = {"service": service[:200], "purpose": purpose[:300], "contact": contact[:200]}
    with writing():
        saved = required(storage.write_directory_entry(entry_id, values), Refusal("Ce numéro utile n'existe plus."))
        audit.record(now, by, "directory_saved", str(saved))
        tell_of_words(" ; ".join(filter(None, values.values())), "Numéro utile", by, now)
    return saved


def delete_directory_entry(entry_id: int, by: str, now: datetime) -> None:
    """Remove a useful number; harmless if it was already deleted."""
    with writing():
        storage.delete_directory_entry(entry_id)
        audit.record(now, by, "directory_deleted", str(entry_id))


def save_policy(wanted: storage.Policy, by: str, now: datetime) -> bool:
    """Put it in force, or False: it waits for the second of two admins."""
    _check(wanted)
    with writing("policy"):
        changed = _changes(wanted)
        if changed and has_second_admin(now):
            storage.keep_policy_request({name: value for name, (_before, value) in changed.items()}, by, now)
            audit.record_from(now, by, "policy_asked", "", changed=changed)
            return False
        _put_in_force(wanted, by, now)
    return True


def agree_to_policy(by: str, now: datetime, seen: str | None = None) -> None:
    """A second admin agrees to the change of the policy that waits, as it was `seen`. Raises Refusal."""
    with writing("policy"):
        waiting = required(storage.policy_request(), _nothing_waits())
        require_read(waiting.seen, seen)
        none_of(second_person_refusal(by, waiting.asked_by, "admin", now))
        _check(waiting.wanted)
        _put_in_force(waiting.wanted, by, now)
        storage.delete_policy_request()


def drop_policy(by: str, now: datetime) -> None:
    """Refuse the change that waits, or withdraw it. Raises Refusal."""
    with writing("policy"):
        if not storage.delete_policy_request():
            raise _nothing_waits()
        audit.record_from(now, by, "policy_dropped")


def _nothing_waits() -> Refusal:
    return Refusal("Aucune modification des règles n'est en attente de validation.")


def _put_in_force(wanted: storage.Policy, by: str, now: datetime) -> None:
    if changed := _changes(wanted):
        audit.record_from(now, by, "policy_changed", "", changed=changed)
        lines = [f"{by} a mis en vigueur d'autres règles pour l'envoi des alertes : voyez « Paramètres »."]
        tell_others(f"policy:{now.isoformat()}", "Règles d'envoi des alertes modifiées", lines, by, now)
        storage.write_policy(wanted, by, now)


def _changes(wanted: storage.Policy) -> dict[str, list[Any]]:
    before = asdict(storage.policy())
    return {name: [before[name], value] for name, value in asdict(wanted).items() if value != before[name]}


def _check(wanted: storage.Policy) -> None:
    if wanted.approval not in storage.AGREEMENTS:
        raise Refusal("Choisissez la confirmation exigée : aucune, nombre à taper, ou validation par un collègue.")
    if wanted.approval == "second" and persons_able("officer") < 2:
        raise Refusal(
            "La validation par un collègue exige au moins deux policiers avec un mot de passe, sans "
            "GSM, adresse e-mail ni clé en commun. Ajoutez-en un sur la page « Utilisateurs », puis "
            "revenez ici."
        )
