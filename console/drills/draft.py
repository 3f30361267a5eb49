"""What the officer has written of a drill. It travels in the form."""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from flask import request

from console import typed
from console.alerts.draft import new_nonce
from console.alerts.places import typed_places
from console.ordering import composed
from db.audience import Audience
from db.drills import drill_audience
from db.outbox import MAIN_LANGUAGE, drill_text
from db.progress import Progress
from db.templates import template
from modem.sms import Composition

Choice = Literal["group", "some", "all"]

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class DrillDraft:
    """`text` is without the words that the server puts in first and last. `nonce` is this form's own."""

    text: str
    choice: Choice
    neighbourhoods: tuple[str, ...]
    nonce: str

    @property
    def audience(self) -> Audience:
        """The people chosen. Raises Refusal where the group is empty."""
        if self.choice == "group":
            return drill_audience()
        return Audience(everyone=True) if self.choice == "all" else Audience(neighbourhoods=self.neighbourhoods)

    @property
    def key(self) -> str:
        """The idempotency key; never that of an alert, whatever form it came from."""
        whole = "\n".join([self.choice, *self.neighbourhoods, self.text])
        return f"drill/{self.nonce}/{hashlib.sha256(whole.encode()).hexdigest()[:32]}"

    def composition(self) -> Composition:
        """The text exactly as it will arrive. Raises Refusal."""
        return composed(self.text, drill=True)


def empty_drill() -> DrillDraft:
    """A new form, to the group."""
    return DrillDraft("", "group", (), new_nonce())


def drill_like(earlier: Progress) -> DrillDraft:
    """A new form with the text of an earlier drill, or of an alert that is to be practised; empty where none of its
    texts is in the main language.
    """
    text = next((each.text for each in earlier.texts if each.language == MAIN_LANGUAGE), "")
    first, _bar, last = drill_text("|").partition("|")
    return DrillDraft(text.removeprefix(first).removesuffix(last), "group", (), new_nonce())


def drill_of_template(template_id: int) -> DrillDraft | None:
    """A new form with a ready-made drill's text; None where there is none."""
    card = template(template_id) if template_id < 2**31 else None
    return DrillDraft(card.texts[MAIN_LANGUAGE], "group", (), new_nonce()) if card is not None else None


def typed_drill() -> DrillDraft:
    """The drill in the form that was posted."""
    form = request.form
    choices: dict[str, Choice] = {"some": "some", "all": "all"}
    nonce = form.get("nonce", "")
    return DrillDraft(
        text=typed.text("text"),
        # From an alert that turned out to be a drill: its people were chosen for an alert.
        choice="group" if form.get("do") == "drill" else choices.get(form.get("audience", ""), "group"),
        neighbourhoods=typed_places(),
        nonce=nonce if _NONCE.fullmatch(nonce) else new_nonce(),
    )
