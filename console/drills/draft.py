"""The draft of a drill, kept in the form's fields."""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from flask import request

from console.alerts.writing.draft import Draft, bare, typed_others
from console.alerts.writing.places import typed_names, typed_places
from console.web import form_fields
from db.alerts.drills import drill_audience, drill_group
from db.alerts.orders.chosen import chosen
from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.progress.progress import Progress
from db.alerts.templates.filling import framed
from db.alerts.templates.kept import template, wordings
from db.people.audience import Audience

Choice = Literal["", "group", "some", "all"]
# By what is stored of an order.
_CHOICES: dict[str, Choice] = {"group": "group", "places": "some", "all": "all"}


@dataclass(frozen=True, slots=True)
class DrillDraft(Draft):
    """A draft whose people may also be the drill group. `choice` is empty until the officer has chosen. The texts are
    without the words that the server puts in first and last.
    """

    choice: Choice = ""

    @property
    def audience(self) -> Audience:
        """The people chosen. Raises Refusal where the group is empty; nobody where nothing is chosen."""
        if self.choice == "group":
            return drill_audience()
        everyone = self.choice == "all"
        return Audience(everyone) if everyone else Audience(neighbourhoods=self.neighbourhoods, groups=self.groups)

    @property
    def chosen(self) -> bool:
        return self.choice in ("group", "all") or (self.choice == "some" and self.narrow)

    @property
    def picked(self) -> str:
        return self.choice

    @property
    def again(self) -> str:
        return "drills.compose_again"

    @property
    def key(self) -> str:
        """The idempotency key; never that of an alert, whatever form it came from."""
        others = [f"{language} {text}" for language, text in self.others if not self.one_language]
        whole = "\n".join([self.choice, *self.neighbourhoods, *self.groups, self.text, *others])
        return f"drill/{self.nonce}/{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def empty_drill() -> DrillDraft:
    """A new form, to the group where there is anybody in it."""
    return _new("")


def drill_like(earlier: Progress) -> DrillDraft:
    """A new form with the texts and people of an earlier drill, or the texts of an alert that is to be practised; the
    main one stays empty where there was none.
    """
    texts = {each.language: bare(each.text, each.language) for each in earlier.texts}
    draft = _new(texts.pop(MAIN_LANGUAGE, ""), tuple(texts.items()))
    whom = chosen(earlier.id) if earlier.drill else None
    choice = _CHOICES.get(whom.whom) if whom else None
    if whom is None or choice is None:
        return draft
    return replace(
        draft,
        everyone=choice == "all",
        choice=choice,
        neighbourhoods=tuple(name for _id, name in whom.places),
        groups=tuple(name for _id, name in whom.groups),
    )


def drill_of_template(template_id: int) -> DrillDraft | None:
    """A new form with a ready-made drill's texts, which name the zone as its alerts do; None where there is none."""
    card = template(template_id)
    if card is None:
        return None
    words = wordings()
    texts = {each: framed(text, replace(words[each], closing="")) for each, text in card.texts.items()}
    return _new(texts.pop(MAIN_LANGUAGE), tuple(texts.items()))


def typed_drill() -> DrillDraft:
    """The drill in the form that was posted."""
    form = request.form
    choices: dict[str, Choice] = {"group": "group", "some": "some", "all": "all"}
    # From an alert that turned out to be a drill: its people were chosen for an alert.
    choice = _usual() if form.get("do") == "drill" else choices.get(form.get("audience", ""), "")
    return DrillDraft(
        text=form_fields.text("text"),
        everyone=choice == "all",
        neighbourhoods=typed_places(),
        groups=typed_names("group"),
        drill=True,
        nonce=form_fields.typed_nonce(),
        others=typed_others(),
        one_language=form_fields.ticked("one_language"),
        choice=choice,
    )


def _new(text: str, others: tuple[tuple[str, str], ...] = ()) -> DrillDraft:
    choice = _usual()
    return DrillDraft(text, False, (), True, form_fields.new_nonce(), others, choice=choice)


def _usual() -> Choice:
    """The usual choice: the drill group; nothing while it is empty, because a drill to nobody would be refused."""
    return "group" if any(card.mobile for card in drill_group()) else ""
