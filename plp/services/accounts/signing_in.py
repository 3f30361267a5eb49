"""Passwords, sessions, second factors (an app's codes, recovery codes, security keys), and programs' bearer tokens."""

import logging
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from pyotp import TOTP, random_base32

from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.people.accounts import accounts, sessions
from db.people.accounts import factors as stored
from db.people.accounts.factors import Seal, app_secret, factors
from db.people.accounts.passwords import Try, give_back, hashed, know_device, matches, renewed, take_try
from db.people.accounts.sessions import Ending, overdue
from db.people.members.listing import neighbourhood_names
from db.people.zone import known_zone
from rules.collation import folded
from rules.people import MACHINE, Actor
from rules.refusals import Refusal, required

MINIMUM, MINIMUM_WITH_FACTOR = 15, 8
LONGEST = 1000
# Powers of ten of the guesses that it takes, as zxcvbn estimates them.
_GUESSES, _GUESSES_WITH_FACTOR = 10.0, 7.5
# More takes it seconds, and 40 characters that are good enough are not made worse by others.
_JUDGED = 40
# What every zone has.
_OURS = ("plp", "police", "policier", "locale", "lokale", "polizei", "politie", "zone", "alerte", "azerty")
# A write per request would cost an fsync.
_SEEN_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)
RECOVERY_CODES = 10
MOST_KEYS = 10
# The phone's clock may be a step (30 s) before or behind (RFC 6238, 5.2).
_STEPS = (0, -1, 1)
# Without I, O, 0 and 1: they are read from paper.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class TooManyTries(Refusal):
    """No password is looked at before `wait_s` seconds are over."""


@dataclass(frozen=True, slots=True)
class Current:
    """A session that lasts, and whose it is."""

    id: int
    who: accounts.AccountCard
    proven_at: datetime | None


def check_password(password: str, words: Iterable[str], second_factor: bool = False) -> None:
    """Refuse what is short, common, or made of `words`: the account's name and the zone's own. Raises Refusal."""
    least = MINIMUM_WITH_FACTOR if second_factor else MINIMUM
    if len(password) < least:
        raise Refusal("Le mot de passe doit avoir au moins {count} caractères.", count=least)
    if len(password) > LONGEST:
        raise Refusal("Le mot de passe est trop long.")
    from zxcvbn import zxcvbn  # its lists take 13 MB, and passwords are chosen rarely

    # What stands between words would count as if nobody could guess it, and a word that all here know as one of many.
    known = {part for text in (*words, *_OURS) for part in re.split(r"[\W_]+", folded(text)) if len(part) > 2}
    ours = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    bare = re.sub(ours, lambda word: word[0][0], re.sub(r"[\s._-]+", "", folded(password)))
    guesses: float = zxcvbn(bare[:_JUDGED], user_inputs=sorted(known))["guesses_log10"]
    if guesses < (_GUESSES_WITH_FACTOR if second_factor else _GUESSES):
        raise Refusal(
            "Mot de passe trop facile à deviner : courant, répétitif, ou tiré du nom de l'utilisateur "
            "ou de la zone. Choisissez trois ou quatre mots sans rapport."
        )


def accepted_hash(password: str, name: str, second_factor: bool = False) -> str:
    """The hash to store of an acceptable password of the account `name`. Raises Refusal."""
    zone = known_zone()
    ours = [zone.name, zone.code] if zone is not None else []
    check_password(password, [name, *ours, *neighbourhood_names().values()], second_factor)
    return hashed(password)


def counted_try(counted: str, name: str, address: str, now: datetime, device: str) -> Try:
    """A try of `name`, counted under `counted`. Raises TooManyTries, only logged: strangers could fill the journal."""
    taken = take_try(counted, address, now, device)
    if taken.held:
        _log.warning("%s: too many tries to sign in as %s", address, name or "nobody that is known")
        wait_s = ceil(taken.wait.total_seconds())
        wait = f"{wait_s}\N{NO-BREAK SPACE}s" if wait_s < 100 else f"{ceil(wait_s / 60)}\N{NO-BREAK SPACE}min"
        raise TooManyTries("Trop d'essais. Attendez {wait}, puis recommencez.", wait=wait, wait_s=wait_s)
    return taken


def authenticate(
    name: str, password: str, address: str, now: datetime, device: str = ""
) -> accounts.AccountCard | None:
    """The account with this name, in any case, and password; else None, journalled. Raises TooManyTries."""
    card = accounts.find_account(name)
    taken = counted_try(name, card.name if card else "", address, now, device)
    stored = accounts.stored_password(card.id) if card else None
    right = matches(stored, password)
    with writing():
        if card is None or stored is None or not right:
            # Of an unknown name nothing is kept: it may be a password that was typed into the wrong field.
            wait_s = round(taken.wait.total_seconds()) or None
            by = Actor("anonymous", address=address)
            audit.record_from(now, by, "sign_in_refused", card.name if card else "", wait_s=wait_s)
            return None
        give_back(taken, now)
        new_hash = renewed(stored, password)
        if new_hash:
            accounts.change_account(card.id, password_hash=new_hash)
    return card


def change_password(who: accounts.AccountCard, old: str, new: str, address: str, now: datetime) -> None:
    """A new password for somebody who knows the old one; every session ends. Raises Refusal."""
    if authenticate(who.name, old, address, now) is None:
        raise Refusal("Ancien mot de passe incorrect.")
    write_password(who, new, Actor("account", who.name, address), now)


def write_password(who: accounts.AccountCard, password: str, by: str, now: datetime) -> None:
    """Store a password and end earlier sessions. Raises Refusal."""
    stored = accepted_hash(password, who.name, second_factor=bool(factors(who.id)))
    with writing():
        accounts.change_account(who.id, password_hash=stored)
        audit.record(now, by, "password_set", who.name)
        end_sessions(who.id, by, "password", now)


def open_session(who: accounts.AccountCard, address: str, now: datetime, proven: bool = False, device: str = "") -> str:
    """Sign in, `proven` by a second factor too; returns the id that only the browser, known as `device`, keeps."""
    token = secrets.token_urlsafe(32)
    with writing():
        end_overdue(now)
        accounts.mark_roles_due(who.id, now)
        sessions.create_session(who.id, token, address, now, proven)
        if device:
            know_device(who.name, device, now)
        audit.record_from(now, Actor("account", who.name, address), "sign_in")
    return token


def session_of(token: str, now: datetime, acts: bool) -> Current | None:
    """The session of an id, None when it is over. `acts`: a person asks, not a page that updates itself."""
    row = sessions.session_of(token)
    if row is None:
        return None
    with suppress(*UNAVAILABLE):  # with a full disk one may still read
        if overdue(row, now):
            with writing():
                _end([row], MACHINE, None, now)
        elif acts and abs(now - row.seen_at) >= _SEEN_EVERY:
            sessions.mark_session(row.id, seen_at=now)
    return None if overdue(row, now) else Current(row.id, accounts.identity_of(row.account), row.proven_at)


def mark_proven(session_id: int, now: datetime) -> None:
    """A second factor was given in this session."""
    with writing():
        sessions.mark_session(session_id, proven_at=now)


def end_sessions(
    account_id: int | None, by: str, how: Ending, now: datetime, only: int | None = None, but: int | None = None
) -> int:
    """End sessions of an account, or of everybody (None): all, `only` this one, or all `but` one; how many."""
    with writing():
        rows = [row for row in sessions.all_sessions(account_id) if only in (None, row.id) and row.id != but]
        return _end(rows, by, how, now)


def end_overdue(now: datetime) -> int:
    """End sessions that were unused for too long or lasted too long; returns how many."""
    with writing():
        return _end([row for row in sessions.all_sessions() if overdue(row, now)], MACHINE, None, now)


def _end(rows: Iterable[Any], by: str, how: Ending | None, now: datetime) -> int:
    ended = [row for row in rows if sessions.delete_session(row.id)]
    for row in ended:
        ending = how or overdue(row, now)
        audit.record(now, by, "session_ended", row.account.name, address=row.address, ending=ending)
    return len(ended)


def offered_secret(account_id: int, seal: Seal) -> str:
    """The secret (base32) for an authenticator app; the same one until a first code of it is typed. Raises Refusal."""
    with writing("accounts"):
        known = app_secret(account_id, seal)
        if known is not None and known.secret and not known.confirmed:
            return known.secret
        secret = random_base32()
        if not stored.keep_secret(account_id, seal.close(secret)):
            raise Refusal("Application déjà activée. Retirez-la d'abord pour en activer une autre.")
    return secret


def confirm_app(who: accounts.AccountCard, code: str, by: Actor, seal: Seal, now: datetime) -> list[str]:
    """Take the app whose code this is; returns recovery codes unless some are left. Raises Refusal."""
    known = app_secret(who.id, seal)
    if known is None or known.confirmed or not _take_code(known, "".join(code.split()), now):
        raise Refusal("Code incorrect. Tapez le code affiché par l'application.")
    codes = {} if factors(who.id).recovery_left else _hashed_codes()
    with writing("accounts"):
        stored.mark_app_confirmed(known.id, now)
        audit.record_from(now, by, "factor_added", who.name, factor="app")
        return _keep_recovery(who, codes, by, now) if codes else []


def recovery_codes(who: accounts.AccountCard, by: Actor, now: datetime) -> list[str]:
    """Ten new codes, which are shown once; earlier ones are no longer valid."""
    return _keep_recovery(who, _hashed_codes(), by, now)


def _hashed_codes() -> dict[str, str]:
    """New codes and what is stored of them. It takes seconds on a busy machine, and no transaction may wait for it."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return {code: hashed(code) for code in codes}


def _keep_recovery(who: accounts.AccountCard, codes: dict[str, str], by: Actor, now: datetime) -> list[str]:
    with writing("accounts"):
        stored.keep_recovery(who.id, codes.values())
        audit.record_from(now, by, "recovery_codes_made", who.name)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def prove(who: accounts.AccountCard, code: str, address: str, seal: Seal, now: datetime, device: str = "") -> bool:
    """True when this is a code of the account's app or a recovery code, once. Raises TooManyTries before looking."""
    taken = counted_try(f"{who.name} code", who.name, address, now, device)
    typed = "".join(code.split()).replace("-", "").upper()
    known = app_secret(who.id, seal)
    by_app = known is not None and known.confirmed and _take_code(known, typed, now)
    hashes = stored.recovery_hashes(who.id) if not by_app and len(typed) == 10 else []
    by_recovery = any(matches(hash_, typed) and stored.take_recovery(code_id) for code_id, hash_ in hashes)
    with writing():
        if not (by_app or by_recovery):
            audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
            return False
        give_back(taken, now)
        if by_recovery:
            audit.record_from(now, Actor("account", who.name, address), "recovery_code_used", who.name)
    return True


def _take_code(known: stored.AppSecret, code: str, now: datetime) -> bool:
    """Use up a code of the app. Of two simultaneous uses of one code, one succeeds."""
    if known.secret is None:
        return False
    totp, typed = TOTP(known.secret), code.encode()
    steps = [totp.timecode(now) + beside for beside in _STEPS]
    matching = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), typed)]
    return any(stored.take_step(known.id, step) for step in matching)


def add_key(who: accounts.AccountCard, name: str, credential: bytes, sign_count: int, by: Actor, now: datetime) -> None:
    """One more key. Raises Refusal when that is too many."""
    with writing("accounts"):
        if len(factors(who.id).keys) >= MOST_KEYS:
            raise Refusal("Maximum : {count} clés de sécurité par compte. Retirez-en une d'abord.", count=MOST_KEYS)
        stored.create_key(who.id, name, credential, sign_count, now)
        audit.record_from(now, by, "factor_added", who.name, factor="key")


def use_key(who: accounts.AccountCard, credential: bytes, sign_count: int, address: str, now: datetime) -> bool:
    """A key has signed. False when its count did not rise: two keys have the same secret."""
    with writing():
        is_next = stored.count_signature(who.id, credential, sign_count, now)
        if not is_next:
            audit.record_from(now, Actor("anonymous", address=address), "factor_refused", who.name)
    return is_next


def remove_factor(who: accounts.AccountCard, key_id: int | None, by: Actor, now: datetime) -> None:
    """Forget one of the account's keys, or its authenticator app (None)."""
    with writing():
        if stored.delete_app(who.id) if key_id is None else stored.delete_key(who.id, key_id):
            audit.record_from(now, by, "factor_removed", who.name, factor="app" if key_id is None else "key")


def revoke_token(which: int | str, by: str, now: datetime) -> None:
    """End a token, by its id or its name; the name stays reserved. Raises Refusal."""
    with writing():
        named = next((card for card in sessions.tokens(now) if which in (card.id, card.name)), None)
        card = required(named, Refusal("Il n'y a pas de jeton « {name} ».", name=which))
        if sessions.mark_revoked(card.id, now):
            audit.record_from(now, by, "token_revoked", card.name)


def token_bearer(token: str, now: datetime) -> sessions.TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    card = sessions.token_bearer(token, now)
    if card is not None and (card.last_used_at is None or now - card.last_used_at > _SEEN_EVERY):
        with suppress(*UNAVAILABLE):  # a courtesy: with a full disk a program may still read
            sessions.mark_used(card.id, now)
    return card
