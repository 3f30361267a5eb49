"""The question of a correction's form about neighbourhoods that its new place names and that nobody alerted."""

from dataclasses import dataclass

from flask import request

from console.alerts.writing.draft import Draft
from console.alerts.writing.places import typed_names
from console.web import form_fields
from db.alerts.incidents.incidents import incident_of
from db.alerts.progress.report import family
from db.engine.clock import utc_now
from db.people.audience import Audience, recipients, size
from db.people.zone import policy
from plp.services.orders.audiences import resolve
from plp.services.orders.beside import Beside, places_beside
from rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PlaceBeside:
    """A neighbourhood that a correction names and nobody alerted; `ticked` until the officer decides otherwise."""

    name: str
    people: int
    without_mobile: int
    ticked: bool


@dataclass(frozen=True, slots=True)
class Question:
    """The neighbourhoods asked about, with the answers so far; none where there is nothing to ask."""

    places: tuple[PlaceBeside, ...] = ()

    @property
    def alerted(self) -> tuple[str, ...]:
        """The names of the neighbourhoods that are alerted with the same press."""
        return tuple(place.name for place in self.places if place.ticked)

    @property
    def people(self) -> int:
        """Number of distinct people who get the alert beside the correction."""
        return len(recipients(resolve(Audience(neighbourhoods=self.alerted)))) if self.alerted else 0


NOTHING_ASKED = Question()


def asked(broadcast_id: int, draft: Draft) -> Question:
    """The question that the posted text raises; a neighbourhood that was not shown before is ticked."""
    shown, ticked = typed_names("offered"), typed_names("also")
    places = []
    for name in places_beside(broadcast_id, draft.where or draft.text, utc_now()):
        reach = size(resolve(Audience(neighbourhoods=(name,))))
        places.append(PlaceBeside(name, reach.people, reach.without_mobile, name in ticked or name not in shown))
    return Question(tuple(places))


def require_shown(question: Question) -> None:
    """Raise Refusal where the typed text names a neighbourhood about which the officer was not asked yet."""
    shown = typed_names("offered")
    names = [place.name for place in question.places if place.name not in shown]
    if names:
        raise Refusal(
            "Aucun SMS n'a été envoyé : le nouveau lieu est dans un quartier non alerté, {names}. Choisissez "
            "ci-dessous s'il faut l'alerter, puis confirmez.",
            names=", ".join(names),
        )


def answer(question: Question, draft: Draft) -> Beside:
    """The officer's answer; a neighbourhood whose box was emptied is left out knowingly."""
    alerted = question.alerted
    left_out = tuple(place.name for place in question.places if not place.ticked)
    street = draft.near_street if draft.near in alerted else ""
    return Beside(alerted, left_out, form_fields.line("beside_typed", 12), street)


def question_values(question: Question, broadcast_id: int) -> dict[str, object]:
    """Values of `alerts/also.html`; `told` are the neighbourhoods that have the alert."""
    told = incident_of(family(broadcast_id)[0], utc_now()).neighbourhoods if question.places else ()
    return {
        "question": question,
        "told": told,
        "typed_beside": request.form.get("beside_typed", "")[:12],
        "asks_number": policy().approval != "none",
    }
