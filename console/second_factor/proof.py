"""The second factor: who must have one, when it is wanted again, and the pages of one's own."""

from datetime import timedelta

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from pyotp import TOTP
from segno import make_qr

from console.i18n.translate import said
from console.second_factor import security_keys
from console.web import form_fields
from console.web.acting import FORM, actor, done
from console.web.pages import Pages, Served, is_proven
from console.web.roles import SIGNED_IN
from console.web.session import device_of, own_page
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard, identity
from db.people.accounts.factors import Seal, factors
from db.people.zone import policy, zone
from plp.services.accounts import signing_in
from rules.orders.agreement import Hand, ProofWanted, is_fresh, wants_proof

# Between the password and the code.
DOOR_OPEN = timedelta(minutes=5)
# Who alerts, or lets others do so, must have one where the zone says so.
POWERS = frozenset({"send_alerts", "edit_accounts"})
_ALWAYS_OPEN = ("static", "entrance.", "factor.", "account.", "api.")
blueprint = Pages("factor", "/account/second-factor")


def seal() -> Seal:
    """Encrypts authenticator secrets with this console's key."""
    return Seal(current_app.config["SECRET_KEY"])


def is_due() -> bool:
    """True when a second factor must be given before an act that others would pay for."""
    # Of those who must have one, nobody comes as far as here without.
    return not is_fresh(current_user.proven_at, utc_now()) and bool(factors(current_user.identity.id))


def accepted() -> str:
    """Take the code of the form that was posted: empty when it is right or none is due, else why not."""
    if not is_due():
        return ""
    sentence = wrong(current_user.identity)
    if not sentence:
        has_proven()
    return sentence


def wrong(who: AccountCard) -> str:
    """Empty when the form brings a code of theirs, or what their key signed, which is used up with it; else why not."""
    code, key = form_fields.secret("code"), form_fields.secret("key")
    if key:
        return "" if security_keys.signed(who, key) else str(_("La clé n'a pas été reconnue. Essayez encore une fois."))
    if not code:
        return str(_("Tapez votre code pour confirmer votre identité."))
    try:
        right = signing_in.prove(
            who, code, request.remote_addr or "", seal(), utc_now(), device_of(current_app, request)
        )
    except signing_in.TooManyTries as refusal:
        return said(refusal)
    return "" if right else str(_("Code incorrect ou déjà utilisé. Attendez le code suivant."))


def hand() -> Hand:
    """The hand of the person who posted this form, with the posted code. Raises ProofWanted for a wrong code."""
    because = form_fields.reason("without_code") if request.form.get("do") == "without_code" else None
    if because is None and (form_fields.secret("code") or form_fields.secret("key")) and (sentence := accepted()):
        raise ProofWanted("{sentence}", sentence=sentence)
    return Hand(form_fields.line("typed", 40), current_user.proven_at, because)


def hand_fields(people: int, *, drill: bool = False) -> dict[str, object]:
    """Values for the fields of a hand: whether the number is typed, and the code."""
    return {"typed": policy().approval != "none", "asks_code": is_due_for(people, drill=drill)}


def is_due_for(people: int, *, drill: bool = False) -> bool:
    """True when an order to so many people requires a second factor now."""
    return wants_proof(people, drill=drill) and is_due()


def has_proven() -> None:
    """A second factor was given in this session, now."""
    signing_in.mark_proven(current_user.session_id, utc_now())
    current_user.proven_at = utc_now()


def prove_first() -> Served | None:
    """Before a view that is declared as `proven`: its form goes on once the code is right, and is shown without one."""
    rule = request.url_rule
    only_shown = request.method != "POST" and rule is not None and "POST" in (rule.methods or ())
    if only_shown or not is_proven(request.endpoint or "") or not is_due():
        return None
    if request.method != "POST":
        return redirect(url_for("factor.prove_page", next=request.full_path.rstrip("?")))
    sentence = accepted()
    if not sentence:
        return None
    kept = [
        (name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "code", "key")
    ]
    first = "code" not in request.form
    return render_template("admin/auth/prove.html", kept=kept, sentence="" if first else sentence), 401


def stand_at_the_door(who: AccountCard) -> None:
    """The password was right; the second factor is next."""
    session["at_the_door"] = [who.id, int(utc_now().timestamp())]


def at_the_door() -> AccountCard | None:
    """The person who gave the right password a moment ago."""
    mark = session.get("at_the_door")
    return None if not mark or utc_now().timestamp() - mark[1] > DOOR_OPEN.total_seconds() else identity(mark[0])


def asked_person() -> AccountCard:
    """The person who is signed in, or gave the right password a moment ago."""
    person = current_user.identity if current_user.is_authenticated else at_the_door()
    if person is None:
        abort(403)
    return person


def set_up_first() -> Served | None:
    """Before every request: a person who must have a second factor and has none is sent to set it up."""
    if (request.endpoint or "static").startswith(_ALWAYS_OPEN) or not current_user.is_authenticated:
        return None
    if not _must_have_one() or factors(current_user.identity.id):
        return None
    if request.method != "GET" or "HX-Request" in request.headers:
        abort(403)
    return redirect(url_for("factor.set_up"))


def _must_have_one() -> bool:
    return bool(current_user.capabilities & POWERS and policy().second_factor)


@blueprint.app_template_global()
def key_asked() -> str:
    """The options for signing with a key (see `security_keys.signing`)."""
    return security_keys.signing(asked_person())


@blueprint.get("", may=SIGNED_IN)
def set_up() -> str:
    """The page of this account's factors, and of the ways to add one."""
    mine = factors(current_user.identity.id)
    secret = address = None
    if not mine.app:
        secret = signing_in.offered_secret(current_user.identity.id, seal())
        address = TOTP(secret, name=current_user.name, issuer=zone().name or "plp-alerte").provisioning_uri()
    return render_template(
        "admin/account/second_factor.html",
        factors=mine,
        secret=secret,
        qr=make_qr(address).svg_data_uri(scale=5, border=2) if address else "",
        key_offered=security_keys.offered(current_user.identity),
        must=_must_have_one(),
    )


@blueprint.form("/app", set_up, may=SIGNED_IN, methods=["POST"])
def confirm_app_now() -> Served:
    """The first code of the app; one of another factor comes before, then the page once more."""
    if is_due():
        return redirect(url_for("factor.prove_page", next=url_for("factor.set_up")), 303)
    codes = signing_in.confirm_app(current_user.identity, form_fields.secret("code"), actor(), seal(), utc_now())
    has_proven()
    return _codes(codes) if codes else done(_("Application activée."), "factor.set_up")


@blueprint.post("/app/remove", may=SIGNED_IN, proven=True)
def remove_app_now() -> Served:
    signing_in.remove_factor(current_user.identity, None, actor(), utc_now())
    return done(_("Application retirée."), "factor.set_up")


@blueprint.post("/codes", may=SIGNED_IN, proven=True)
def new_codes() -> Served:
    if not factors(current_user.identity.id):
        return redirect(url_for("factor.set_up"))
    return _codes(signing_in.recovery_codes(current_user.identity, actor(), utc_now()))


@blueprint.route("/prove", methods=FORM, may=SIGNED_IN)
def prove_page() -> Served:
    """Ask for the code before a page that only shows data, then show that page."""
    sentence = accepted() if request.method == "POST" else ""
    if sentence or request.method != "POST":
        return render_template("admin/auth/prove.html", kept=(), sentence=sentence), 401 if sentence else 200
    return redirect(own_page(request.args.get("next")) or url_for("home.home"), 303)


@blueprint.form("/keys", set_up, may=SIGNED_IN, methods=["POST"])
def add_key_now() -> Served:
    """A security key that was just touched; the code of another factor comes before."""
    if is_due():
        return redirect(url_for("factor.prove_page", next=url_for("factor.set_up")), 303)
    who = current_user.identity
    security_keys.take(who, form_fields.line("name", 40) or _("Clé"), form_fields.secret("key"))
    has_proven()
    if not factors(who.id).recovery_left:
        return _codes(signing_in.recovery_codes(who, actor(), utc_now()))
    return done(_("Clé ajoutée."), "factor.set_up")


@blueprint.post("/keys/remove", may=SIGNED_IN, proven=True)
def remove_key_now() -> Served:
    signing_in.remove_factor(current_user.identity, form_fields.number("id") or 0, actor(), utc_now())
    return done(_("Clé retirée."), "factor.set_up")


def _codes(codes: list[str]) -> str:
    return render_template("admin/account/recovery_codes.html", codes=codes)


blueprint.before_app_request(set_up_first)
blueprint.before_app_request(prove_first)
