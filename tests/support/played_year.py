"""A year of a partnership, played by a virtual clock: 12 alerts, 200 texts and mails, 60 tips, 20 bulletins, 2 drills,
and people who come and go. `Diary` keeps what was done as it is done; nothing in it is read from the database.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent
from db.alerts.queue.recovery import close_done
from db.alerts.queue.reports import NetworkReport, apply_report
from db.bulletins.drafts import bulletin
from db.bulletins.relay import relays, set_relayed
from db.bulletins.values import BulletinDraft, Words
from db.engine.connection import writing
from db.inbound.replies.thread import apply_choice
from db.inbound.tips import TipDraft, enqueue_tip, mark_outcome
from db.models.broadcasts import AlertTemplate
from db.people.audience import Audience
from db.people.members.dead_numbers import note_dead_numbers
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import send_bulletin
from plp.services.forgetting import forget_member
from tests.support.bulletins import coordinator
from tests.support.inbox import mail, text
from tests.support.people import Text, mobile, order, person, place, ready_modem

BRUSSELS = ZoneInfo("Europe/Brussels")
CARD = "206010000000001"
PLACES = ("Plainevaux", "Rotheux", "Ehein", "Boncelles")
# The last one is too small to have figures.
PEOPLE = {"Plainevaux": 14, "Rotheux": 9, "Ehein": 7, "Boncelles": 3}
QUESTION = Text(
    "EXERCICE Informé? Répondez 1=oui, 2=non. EXERCICE", segments=("EXERCICE Informé? Répondez 1=oui, 2=non.",)
)
OUTCOMES = ("intervention", "inquiry", "known", "nothing", "elsewhere", "")
# With the first hour of the year in Belgium, which is of the year before in UTC, and the last.
ALERTS = ("01-01 00:30", "01-31 23:50", "02-01 00:10", "03-30 02:00", "04-12 21:15", "05-20 10:00",
          "07-01 00:05", "08-15 14:00", "09-09 09:09", "10-26 02:30", "11-11 11:11", "12-31 23:40")  # fmt: skip


@dataclass
class Handed:
    """An SMS that the modem took from the queue, to somebody of this place, and its fate."""

    place: str
    sent_at: datetime | None
    fate: str


@dataclass
class Alert:
    """An alert or a drill, as it was ordered and went out."""

    at: datetime
    handed: list[Handed] = field(default_factory=list)
    feedback_at: datetime | None = None
    answers: list[int] = field(default_factory=list)


@dataclass
class Bulletin:
    """A bulletin as it was sent, with the first relay of each place that it went to."""

    at: datetime
    category: str
    relayed: dict[str, datetime | None]


@dataclass
class Diary:
    """All that happened."""

    alerts: list[Alert] = field(default_factory=list)
    drills: list[Alert] = field(default_factory=list)
    bulletins: list[Bulletin] = field(default_factory=list)
    # at, place, kind, outcome
    tips: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    # at, place, gained | lost | dead
    moves: list[tuple[datetime, str, str]] = field(default_factory=list)
    living: dict[str, str] = field(default_factory=dict)
    entries: int = 0


def moment(year: int, words: str) -> datetime:
    """A moment on the clock of Belgium, aware UTC."""
    return datetime.strptime(f"{year}-{words}", "%Y-%m-%d %H:%M").replace(tzinfo=BRUSSELS).astimezone(UTC)


class Player:
    """Plays a year; mail must leave the box."""

    def __init__(self, year: int, seed: int = 7) -> None:
        self.year, self.dice, self.diary = year, random.Random(seed), Diary()
        self.members: dict[str, int] = {}
        self.dead: set[str] = set()

    def play(self) -> Diary:
        """All of it, in the order of a calendar."""
        before = moment(self.year - 1, "11-02 09:00")
        self.ids = {name: place(name, before) for name in PLACES}
        for name, people in PEOPLE.items():
            for number in range(people - 2):
                self.arrives(before, name, "coordinator" if number == 0 else "member")
        for name in PLACES:  # the others come in the year
            for _ in range(2):
                self.arrives(self.any_moment(), name)
        deeds = [(moment(self.year, at), self.alert) for at in ALERTS]
        deeds += [(moment(self.year, at), self.drill) for at in ("03-03 18:00", "09-27 18:00")]
        deeds += [(self.any_moment(), self.bulletin) for _ in range(11)]
        deeds += [(self.any_moment(), self.entry) for _ in range(200)]
        deeds += [(self.any_moment(), self.leaves) for _ in range(3)]
        for at, deed in sorted(deeds, key=lambda one: one[0]):
            deed(at)
        return self.diary

    def any_moment(self) -> datetime:
        return moment(self.year, "01-02 00:00") + timedelta(minutes=self.dice.randrange(363 * 24 * 60))

    def arrives(self, at: datetime, where: str, role: str = "member") -> None:
        number = len(self.members) + 100
        made = coordinator(number, at, where) if role == "coordinator" else person(number, at, where)
        self.members[mobile(number)] = made
        self.diary.living[mobile(number)] = where
        self.diary.moves.append((at, where, "gained"))

    def leaves(self, at: datetime) -> None:
        where = self.dice.choice(PLACES[:3])
        gone = [number for number, home in self.diary.living.items() if home == where][-1]
        forget_member(self.members[gone], "anne", at)
        del self.diary.living[gone]
        self.diary.moves.append((at, where, "lost"))

    def sends(self, at: datetime, **changes: object) -> tuple[int, Alert]:
        """Order one, and hand every SMS of it to a modem."""
        modem, done = ready_modem("a", at, CARD), Alert(at)
        made, clock = order(at, **changes).id, at
        while (claim := claim_part(modem, clock)) is not None:
            clock += timedelta(seconds=self.dice.randrange(2, 9))
            home = self.diary.living[claim.msisdn]
            mark_pdu_started(claim, clock)
            fate = self.dice.choices(("delivered", "sent", "undelivered", "CMS 1"), (80, 12, 5, 3))[0]
            if fate == "CMS 1":
                mark_failed(claim, fate, clock)
                done.handed.append(Handed(home, None, fate))
                if "kind" not in changes and claim.msisdn not in self.dead:
                    self.dead.add(claim.msisdn)
                    self.diary.moves.append((clock + timedelta(hours=1), home, "dead"))
                continue
            reference = len(done.handed) % 256
            mark_sent(claim, reference, modem, clock)
            if fate in ("delivered", "undelivered"):
                status = 0 if fate == "delivered" else 0x46
                report = NetworkReport(CARD, reference, claim.msisdn, clock, status, fate, "box/a")
                assert apply_report(report, clock + timedelta(seconds=2))
            done.handed.append(Handed(home, clock, fate))
            if fate == "delivered" and self.dice.random() < 0.4 and changes.get("text") is QUESTION:
                choice = self.dice.choice((1, 1, 2))
                with writing():
                    apply_choice(claim.message_id, made, clock, choice)
                done.answers.append(choice)
        close_done()
        return made, done

    def alert(self, at: datetime) -> None:
        some = (
            {}
            if self.dice.random() < 0.5
            else {"audience": Audience(neighbourhoods=tuple(self.dice.sample(PLACES, 2)))}
        )
        made, done = self.sends(at, **some)
        for_dead = at + timedelta(hours=1)
        self.diary.moves = [
            (for_dead if kind == "dead" and when > at else when, where, kind) for when, where, kind in self.diary.moves
        ]
        note_dead_numbers(made, for_dead)
        self.diary.alerts.append(done)
        if len(self.diary.alerts) % 4:
            done.feedback_at = at + timedelta(minutes=self.dice.randrange(20, 900))
            self.bulletin(done.feedback_at, "feedback", made)

    def drill(self, at: datetime) -> None:
        text_ = (
            QUESTION if self.diary.drills else Text("EXERCICE Test. EXERCICE", segments=("EXERCICE Test. EXERCICE",))
        )
        self.diary.drills.append(self.sends(at, kind="drill", drill=True, text=text_)[1])

    def bulletin(self, at: datetime, category: str = "", alert_id: int | None = None) -> None:
        category = category or self.dice.choice(("tactical", "strategic", "operational", "prevention"))
        everywhere = self.dice.random() < 0.6
        chosen = PLACES if everywhere else tuple(self.dice.sample(PLACES, 2))
        draft = BulletinDraft(
            category, (Words("fr", "Titre", "Texte."),), everywhere, tuple(self.ids[name] for name in chosen), alert_id
        )
        made = save_draft(None, draft, f"nonce-of-{len(self.diary.bulletins):06}", "anne", at)
        assert send_bulletin(made, bulletin(made).seen, "anne", at)
        done = Bulletin(at, category, dict.fromkeys(chosen))
        for card in relays(made):
            if self.dice.random() < 0.7:
                relayed_at = at + timedelta(minutes=self.dice.randrange(3, 3000))
                with writing():
                    assert set_relayed(card.id, "link", "c", relayed_at)
                done.relayed[card.place] = relayed_at
        self.diary.bulletins.append(done)

    def entry(self, at: datetime) -> None:
        """A text or a mail; of ten of them three are written down as tips."""
        self.diary.entries += 1
        ref = text(at) if self.diary.entries % 3 else mail(at)
        if self.diary.entries * 3 % 10 >= 3:
            return
        where, outcome = self.dice.choice(PLACES), self.dice.choice(OUTCOMES)
        with writing():
            kinds = [None, *AlertTemplate.select().order_by(AlertTemplate.id).limit(2)]
            kind = self.dice.choice(kinds)
            draft = TipDraft(at, "other", neighbourhood_id=self.ids[where], kind_id=kind.id if kind else None)
            made, _new = enqueue_tip(f"{ref.channel}:{ref.id}", draft, ref, "anne", at)
            if outcome:
                mark_outcome(made, outcome, "anne", at)
        self.diary.tips.append((at, where, kind.title if kind else "", outcome))
