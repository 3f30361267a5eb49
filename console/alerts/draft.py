"""What the officer has written so far. It travels in the form, so that a lost session or a full disk loses nothing."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from flask import request

from console.ordering import composed
from db.audience import Audience
from db.outbox import drill_text
from db.progress import Progress
from modem.sms import Composition

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Draft:
    """`everyone` is None until the officer has chosen. `nonce` is this form's own: one form sends one text once."""

    text: str
    everyone: bool | None
    neighbourhoods: tuple[str, ...]
    drill: bool
    nonce: str

    @property
    def audience(self) -> Audience:
        """The people chosen; nobody when nothing is chosen, which `db.audience` refuses in words."""
        return Audience(everyone=True) if self.everyone else Audience(neighbourhoods=self.neighbourhoods)

    @property
    def kind(self) -> str:
        return "drill" if self.drill else "alert"

    @property
    def key(self) -> str:
        """The idempotency key: reload, back and double click meet it again; a changed text is another order."""
        whole = "\n".join([self.kind, str(self.everyone), *self.neighbourhoods, self.text])
        return f"page/{self.nonce}/{hashlib.sha256(whole.encode()).hexdigest()[:32]}"

    def composition(self) -> Composition:
        """The text exactly as it will arrive. Raises Refusal."""
        return composed(self.text, drill=self.drill)


def new_nonce() -> str:
    """A mark that no other form carries."""
    return secrets.token_urlsafe(24)


def empty_draft() -> Draft:
    """A new form."""
    return Draft("", None, (), False, new_nonce())


def draft_like(earlier: Progress) -> Draft:
    """A new form with an earlier text. A drill stays one, and its words are taken off: they are put in again."""
    drill = earlier.kind == "drill"
    first, _, last = drill_text("|").partition("|")
    text = earlier.text.removeprefix(first).removesuffix(last) if drill else earlier.text
    return Draft(text, None, (), drill, new_nonce())


def typed_draft() -> Draft:
    """The draft in the form that was posted."""
    form = request.form
    nonce = form.get("nonce", "")
    return Draft(
        text=form.get("text", "").replace("\r\n", "\n"),
        everyone={"all": True, "some": False}.get(form.get("audience", "")),
        neighbourhoods=tuple(dict.fromkeys(form.getlist("neighbourhood"))),
        drill=form.get("drill") == "yes",
        nonce=nonce if _NONCE.fullmatch(nonce) else new_nonce(),
    )
