"""The draft of an alert or a drill, kept in the form's fields: a lost session or a full disk loses nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from flask import request

from console.alerts.writing.places import (
    NOBODY_CHOSEN,
    as_choice,
    choice_of,
    named,
    typed_names,
    typed_near,
    typed_placed,
    typed_places,
)
from console.alerts.writing.questions import carried_questions, ended
from console.i18n.labels import clock
from console.web import form_fields
from db.alerts.incidents.incidents import PLACE_FIELD
from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import Progress
from db.alerts.templates import template, wordings
from db.alerts.values import Filled
from db.engine.clock import utc_now
from db.people.audience import Audience
from db.people.geography import Spot, spot_of
from modem.sms.composition import normalise
from plp.services.drills import drill_audience
from rules.languages import LANGUAGES, OTHER_LANGUAGES
from rules.members import Quiet
from rules.orders.texts import MAIN_LANGUAGE, FollowUp, corrected_text, without_drill_words
from rules.orders.warning import TemplateCard, filled, framed, unfilled
from rules.text_guard import minutes_ago

# Empty until the officer has chosen; the group is the drill group.
Whom = Literal["", "all", "some", "group"]
_CHOICES: dict[str, Whom] = {"all": "all", "some": "some"}
# By what is stored of an order.
_WHOM: dict[str, Whom] = {"all": "all", "places": "some", "group": "group"}
_LONGEST_ANSWER = 120
# An SMS wakes people: it is for what goes on or happened within these minutes.
JUST_HAPPENED_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Draft:
    """`nonce` is this form's own: one form sends one text once. Texts of a drill exclude the words that the server adds
    at the beginning and end.

    `text` is the main language's, `others` those of the other languages, as pairs. `one_language`: everybody gets the
    main text, knowingly. `when` is `now`, `earlier`, or empty when the text names an earlier hour and nobody confirmed
    which; `late_because` is the reason for an SMS despite this. A draft from a ready-made alert carries the `template`
    with its `answers`; `unfilled` are the fields that are still empty. `where` is the place as typed, `near` and
    `near_street` the neighbourhood and the street that it means: they come first. `follow_up` is set where it corrects
    or ends an alert. `begun` are marks of the texts, by language, as they were when all had the same content; `kept`
    the languages whose older text the officer keeps knowingly. `quiet` is the choice about people in quiet hours.
    `placed` is the choice of people that the place made last: until somebody chooses otherwise, it makes the next one.
    `asked` is the question at the end of a ready-made alert's texts, by language; a text by hand contains its own.
    """

    text: str
    whom: Whom
    neighbourhoods: tuple[str, ...]
    drill: bool
    nonce: str
    others: tuple[tuple[str, str], ...] = ()
    one_language: bool = False
    when: str = ""
    late_because: str = ""
    template: int | None = None
    answers: tuple[tuple[str, str], ...] = ()
    unfilled: tuple[str, ...] = ()
    where: str = ""
    near: str = ""
    near_street: str = ""
    follow_up: FollowUp | None = None
    begun: tuple[tuple[str, str], ...] = ()
    kept: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    quiet: Quiet = ""
    placed: str = NOBODY_CHOSEN
    asked: tuple[tuple[str, str], ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """Languages whose text is unchanged although another one was changed."""
        begun, same = dict(self.begun), self._same
        made = self.one_language or self.template is not None
        return same if not made and len(same) < sum(language in begun for language in self.texts) else ()

    @property
    def untouched(self) -> bool:
        """True while every text is unchanged."""
        return bool(self.begun) and len(self._same) == len(self.texts)

    @property
    def _same(self) -> tuple[str, ...]:
        begun = dict(self.begun)
        return tuple(language for language, text in self.texts.items() if begun.get(language) == mark_of(text))

    @property
    def filled(self) -> Filled | None:
        """The ready-made alert and answers that the text is made from; None for a text written by hand."""
        return None if self.template is None else Filled(self.template, self.answers)

    @property
    def texts(self) -> dict[str, str]:
        """Each language's text, the main one first; the others where something was written."""
        return {MAIN_LANGUAGE: self.text} | {language: text for language, text in self.others if text.strip()}

    @property
    def audience(self) -> Audience:
        """The people chosen, perhaps nobody, which is refused later. Raises Refusal where the drill group is empty."""
        if self.whom == "group":
            return drill_audience()
        near = Audience(near=self.near, near_street=self.near_street)
        if self.whom == "all":
            return replace(near, everyone=True)
        return replace(near, neighbourhoods=self.neighbourhoods, groups=self.groups, streets=self.streets)

    @property
    def spot(self) -> Spot:
        """The place that was typed; without one, that of a text by hand."""
        return spot_of(self.where or ("" if self.drill or self.template is not None else self.text))

    @property
    def left_out(self) -> str:
        """The neighbourhood of the typed place where others were chosen and it was not; empty for none."""
        places = (*self.neighbourhoods, *(named(name).neighbourhood for name in self.streets))
        return self.near if self.whom == "some" and places and not self.groups and self.near not in places else ""

    @property
    def chosen(self) -> bool:
        """True when people were chosen and can be counted."""
        return self.whom in ("all", "group") or bool(self.whom and (self.neighbourhoods or self.groups or self.streets))

    @property
    def again(self) -> str:
        """Endpoint of the form of this draft."""
        return "drills.compose_again" if self.drill else "alerts.compose_again"

    @property
    def kind(self) -> Literal["alert", "drill"]:
        return "drill" if self.drill else "alert"

    @property
    def key(self) -> str:
        """The idempotency key: reload, back and double click give the same one; a changed text is another order."""
        others = [f"{language} {text}" for language, text in self.others if text.strip() and not self.one_language]
        whom = [self.whom, *self.neighbourhoods, *self.groups, *self.streets, self.near, self.quiet]
        whole = "\n".join([self.kind, *whom, self.text, *others])
        return f"{'drill' if self.drill else 'page'}/{self.nonce}/{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def mark_of(text: str) -> str:
    """A short digest of a text, which shows whether it was changed."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def with_marks(draft: Draft) -> Draft:
    """The draft with the marks of its texts as they are now."""
    return replace(draft, begun=tuple((language, mark_of(text)) for language, text in draft.texts.items()))


def empty_draft() -> Draft:
    """A new form."""
    return Draft("", "", (), False, form_fields.new_nonce())


def draft_like(earlier: Progress) -> Draft:
    """A new form with an earlier text, its people and when it happened; of a drill or a correction without the words
    that are put in again. The main text stays empty where it had none: another language's would go to its readers as
    if it were theirs.
    """
    drill, whom = earlier.drill, chosen(earlier.id)
    texts = {row.language: row.body for row in earlier.texts}
    if drill:
        texts = {language: without_drill_words(text, language) for language, text in texts.items()}
    if earlier.kind == "correction":
        words = wordings()
        texts = {name: corrected_text(text, normalise(words[name].prefix)) for name, text in texts.items()}
    others = tuple((language, text) for language, text in texts.items() if language != MAIN_LANGUAGE)
    draft = with_marks(Draft(texts.get(MAIN_LANGUAGE, ""), "", (), drill, form_fields.new_nonce(), others))
    if whom is None:
        return draft
    return replace(
        draft,
        whom=_WHOM.get(whom.whom, ""),
        neighbourhoods=tuple(name for _id, name in whom.places),
        groups=tuple(name for _id, name in whom.groups),
        streets=tuple(map(str, whom.streets)),
        where=whom.near,
        near=whom.near,
        placed=choice_of(spot_of(whom.near)),
        when="earlier" if whom.happened == "earlier" else "",
        late_because=whom.late_because,
    )


def draft_of_template(card: TemplateCard, now: datetime) -> Draft:
    """A new form with the fields of a ready-made alert still empty, except the time, which is now."""
    times = (field.name for field in card.fields if field.kind == "time" and not field.optional)
    return _filled(card, dict.fromkeys(times, clock(now)), empty_draft())


def with_questions(draft: Draft, questions: Mapping[str, str]) -> Draft:
    """The draft with a question at the end of each text; a ready-made alert stays one."""
    card = template(draft.template) if draft.template is not None else None
    if card is not None:
        return _filled(card, dict(draft.answers), replace(draft, asked=tuple(questions.items())))
    texts = ended(draft.texts, questions)
    return replace(draft, text=texts.pop(MAIN_LANGUAGE), others=tuple(texts.items()))


def draft_of_filled(was: Filled, draft: Draft) -> Draft:
    """The draft with the fields of a ready-made alert as they were answered; unchanged if that alert was deleted."""
    return _from_template(was.template_id, dict(was.answers), draft) or draft


def typed_draft() -> Draft:
    """The draft in the form that was posted. Of a ready-made alert the text is made here, unless it was made before."""
    template_id = form_fields.number("template")
    whom = _CHOICES.get(request.form.get("audience", ""), "")
    places, groups, streets = typed_places(), typed_names("group"), typed_names("only_street")
    where, near, near_street, spot = _typed_spot(template_id)
    others = groups + streets
    placed = typed_placed()
    if "near" in request.form:
        if not places and not others and whom != "all":
            places = spot.neighbourhoods or ((near,) if near else ())
    elif not others and as_choice(places, whom == "all") == placed:
        whom, places, placed = _placed(whom, spot)
    places = _without_alone(places, streets)
    draft = Draft(
        text=form_fields.text("text"),
        whom="some" if not whom and (places or others) else whom,
        neighbourhoods=places,
        groups=groups,
        streets=streets,
        where=where,
        near=near,
        near_street=near_street,
        drill=False,
        nonce=form_fields.typed_nonce(),
        others=typed_others(),
        one_language=form_fields.ticked("one_language"),
        begun=tuple((name, mark) for name in LANGUAGES if (mark := form_fields.line(f"begun_{name}", 16))),
        kept=tuple(name for name in LANGUAGES if name in request.form.getlist("kept")),
        late_because=form_fields.reason("late_because"),
        quiet=typed_quiet(),
        placed=placed,
    )
    if template_id is None:
        return _dated(draft)
    made = _from_template(template_id, _answers(), replace(draft, asked=carried_questions()))
    if made is not None and form_fields.ticked("made"):
        # What was confirmed goes out, whatever became of the template since.
        made = replace(draft, template=template_id, answers=made.answers, asked=made.asked)
    return _dated(made or draft)


def _without_alone(places: tuple[str, ...], streets: tuple[str, ...]) -> tuple[str, ...]:
    """The neighbourhoods of which the whole is meant, and not a street alone."""
    alone = {named(name).neighbourhood for name in streets}
    return tuple(name for name in places if name not in alone)


def _placed(whom: Whom, spot: Spot) -> tuple[Whom, tuple[str, ...], str]:
    """The people whom the place chooses, and this choice as the form carries it."""
    if spot.everywhere:
        return "all", (), choice_of(spot)
    return "" if whom == "all" else whom, spot.neighbourhoods, choice_of(spot)


def typed_quiet() -> Quiet:
    """The choice about people in quiet hours: that of the pressed button, else the earlier one."""
    said = request.form.get("quiet_now") or request.form.get("quiet")
    if said == "spare":
        return "spare"
    return "ring" if said == "ring" else ""


def _typed_spot(template_id: int | None) -> tuple[str, str, str, Spot]:
    """The place that was typed, its neighbourhood and its street, and all that it names."""
    where = form_fields.line(f"answer_{PLACE_FIELD}", _LONGEST_ANSWER) or form_fields.line("where", _LONGEST_ANSWER)
    spot = spot_of(where or ("" if template_id is not None else form_fields.text("text")))
    if "near" in request.form:  # as it was confirmed, whatever became of the list of streets since
        return where, typed_near(), form_fields.line("near_street", _LONGEST_ANSWER), spot
    return where, next(iter(spot.neighbourhoods), ""), spot.street, spot


def _dated(draft: Draft) -> Draft:
    """With the time of the event: as the officer entered it, else from the hour in the text."""
    said = request.form.get("when", "")
    if said not in ("now", "earlier"):
        said = "" if is_late(draft, utc_now()) else "now"
    return replace(draft, when=said)


def is_late(draft: Draft, now: datetime) -> bool:
    """True when the text names an hour for which an SMS comes too late to be taken for granted."""
    minutes = minutes_ago(draft.texts.values(), now)
    return minutes is not None and minutes > JUST_HAPPENED_MINUTES


def typed_others() -> tuple[tuple[str, str], ...]:
    """The texts of the other languages in the form that was posted, without the empty ones."""
    texts = ((language, form_fields.text(f"text_{language}")) for language in OTHER_LANGUAGES)
    return tuple((language, text) for language, text in texts if text.strip())


def _from_template(template_id: int, answers: dict[str, str], draft: Draft) -> Draft | None:
    card = template(template_id)
    return _filled(card, answers, draft) if card is not None and card.kind == "alert" else None


def _filled(card: TemplateCard, answers: dict[str, str], draft: Draft) -> Draft:
    words = wordings()
    texts = {
        language: framed(filled(body, card.fields, answers, language), words[language])
        for language, body in card.texts.items()
    }
    texts = ended(texts, dict(draft.asked))
    return replace(
        draft,
        text=texts.pop(MAIN_LANGUAGE),
        others=tuple(texts.items()),
        template=card.id,
        quiet=draft.quiet or ("spare" if card.can_wait else ""),
        answers=tuple((field.name, answers[field.name]) for field in card.fields if field.name in answers),
        unfilled=tuple(field.label for field in unfilled(card.fields, answers)),
    )


def _answers() -> dict[str, str]:
    prefix = "answer_"
    named = (name for name in request.form if name.startswith(prefix))
    return {name.removeprefix(prefix)[:20]: form_fields.line(name, _LONGEST_ANSWER) for name in named}
