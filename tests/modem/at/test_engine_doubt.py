"""Two submits, one result: whose is it? Either it is known, or nobody gets it."""

import pickle
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Doubtful, Late, Prompt, Response
from tests.modem.at.dialogue import COMMAND, PDU
from tests.modem.at.submits import CMS_38, OK, PROMPT, REFUSAL, give_up, receipt, start, taken


@pytest.fixture
def engine():
    """References are known up to 10; submit 2 was given up; submit 3 has its PDU out."""
    engine = AtEngine()
    start(engine)
    engine.feed(receipt(10))
    start(engine)
    give_up(engine)
    start(engine)
    assert engine.submits == 3
    return engine


def test_a_result_that_was_lost_casts_no_doubt_when_its_reference_is_skipped(engine):
    assert engine.feed(receipt(12)) == [Response(COMMAND, *taken(12))]


def test_late_receipt_after_the_next_pdu_is_not_taken_for_its(engine):
    assert engine.feed(receipt(11)) == [Doubtful(COMMAND, *taken(11))]
    assert engine.in_flight == COMMAND
    assert engine.feed(receipt(12)) == [Late(COMMAND, *taken(11), submit=2), Response(COMMAND, *taken(12))]


@pytest.mark.parametrize("results", [(receipt(11), REFUSAL), (REFUSAL, receipt(11))], ids=["taken", "refused"])
def test_one_of_two_was_refused_and_nobody_knows_which(engine, results):
    """The order tells nothing: the refusal may be of the one that was taken first, or of the other."""
    for result in results:
        assert [type(event) for event in engine.feed(result)] == [Doubtful]
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(12)) == [Response(COMMAND, *taken(12))]  # both results are there: none is still to come


def test_both_were_refused_alike(engine):
    engine.feed(REFUSAL)
    assert engine.feed(REFUSAL) == [Late(COMMAND, (), CMS_38, submit=2), Response(COMMAND, (), CMS_38)]


def test_a_refusal_is_of_the_newer_one_when_the_older_was_taken(engine):
    engine.feed(receipt(11))
    give_up(engine)
    engine.feed(receipt(12))
    start(engine)
    assert engine.feed(REFUSAL) == [Response(COMMAND, (), CMS_38)]


def test_a_result_too_many_is_of_none_of_them(engine):
    """Of one that was refused, and that the modem took after all."""
    for extra in (20, 12):
        assert engine.feed(receipt(extra)) == [Doubtful(COMMAND, *taken(extra))]
    assert engine.feed(receipt(11)) == [Late(COMMAND, *taken(11), submit=2), Response(COMMAND, *taken(12))]


def test_more_refusals_than_submits_leave_all_in_doubt(engine):
    for code in (38, 41, 42):
        final = Final("CMS", code, f"+CMS ERROR: {code}")
        assert engine.feed(f"\r\n{final.text}\r\n".encode()) == [Doubtful(COMMAND, (), final)]
    assert engine.feed(receipt(12)) == [Response(COMMAND, *taken(12))]


def test_only_one_result_came_and_nobody_gets_it(engine):
    engine.feed(receipt(11))
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(12)) == [Doubtful(COMMAND, *taken(12))]
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(14)) == [  # so each took a reference
        Late(COMMAND, *taken(11), submit=2),
        Late(COMMAND, *taken(12), submit=3),
        Response(COMMAND, *taken(14)),
    ]


@pytest.mark.parametrize(("passed_s", "answered"), [(179, False), (180, True)])
def test_a_refusal_is_in_doubt_for_as_long_as_an_older_one_may_be_answered(passed_s, answered):
    engine = AtEngine()
    start(engine)
    give_up(engine)
    start(engine, passed_s)
    assert engine.feed(REFUSAL) == [(Response if answered else Doubtful)(COMMAND, (), CMS_38)]


def test_second_result_comes_with_the_probe(engine):
    engine.feed(receipt(11))
    engine.abandon()
    engine.send("AT")
    assert engine.feed(receipt(12) + b"\r\nOK\r\n") == [
        Late(COMMAND, *taken(11), submit=2),
        Late(COMMAND, *taken(12), submit=3),
        Response("AT", (), OK),
    ]


def test_receipt_without_its_ok_is_not_returned_in_doubt(engine):
    engine.feed(b"\r\n+CMGS: 11\r\n")
    assert engine.abandon() == ()


def test_receipt_without_its_ok_is_returned_when_it_is_certain(engine):
    engine.feed(b"\r\n+CMGS: 12\r\n")
    assert engine.abandon() == taken(12)[0]


def test_first_submit_of_a_dialogue_was_given_up():
    """Nothing is known about references: the order alone tells."""
    engine = AtEngine()
    start(engine)
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(77)) == [Doubtful(COMMAND, *taken(77))]
    assert engine.feed(receipt(78)) == [Late(COMMAND, *taken(77), submit=1), Response(COMMAND, *taken(78))]


def test_receipt_that_comes_long_after_is_known_by_its_reference(engine):
    engine.feed(receipt(12))
    for reference in range(13, 40):
        start(engine)
        engine.feed(receipt(reference))
    start(engine)
    assert engine.feed(receipt(11)) == [Late(COMMAND, *taken(11), submit=2)]
    assert engine.feed(receipt(40)) == [Response(COMMAND, *taken(40))]


def test_two_in_a_row_were_given_up(engine):
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(13)) == [Response(COMMAND, *taken(13))]
    start(engine)
    assert engine.feed(receipt(12)) == [Late(COMMAND, *taken(12), submit=3)]


def test_receipt_of_one_of_two_names_neither(engine):
    """11 is the first one's, or the second's when the first took no reference."""
    give_up(engine)
    assert engine.feed(receipt(11)) == []
    assert engine.feed(receipt(12)) == [Late(COMMAND, *taken(11), submit=2), Late(COMMAND, *taken(12), submit=3)]


def test_references_that_jump_tell_nothing(engine):
    assert engine.feed(receipt(200)) == [Doubtful(COMMAND, *taken(200))]
    give_up(engine)
    for reference in (90, 11, 12):
        start(engine, 180)
        assert engine.feed(receipt(reference)) == [Response(COMMAND, *taken(reference))]


def test_what_was_given_up_is_remembered_for_less_than_a_cycle():
    engine = AtEngine()
    start(engine)
    engine.feed(receipt(255))
    for _ in range(300):
        start(engine)
        give_up(engine)
    small = len(pickle.dumps(engine))
    for _ in range(3000):
        start(engine)
        give_up(engine)
    assert len(pickle.dumps(engine)) < 1.1 * small


def test_modem_that_does_not_count():
    """References that never rise tell nothing; the order still does."""
    engine = AtEngine()
    for _ in range(3):
        start(engine)
        assert engine.feed(receipt(0)) == [Response(COMMAND, *taken(0))]
    start(engine)
    give_up(engine)
    start(engine)
    assert engine.feed(receipt(0)) == [Doubtful(COMMAND, *taken(0))]
    assert engine.feed(receipt(0)) == [Late(COMMAND, *taken(0), submit=4), Response(COMMAND, *taken(0))]


def test_refusal_before_the_prompt_that_the_prompt_belies():
    """Taken for the newer one's, it would leave the prompt open for the next command to fall into."""
    engine = AtEngine()
    start(engine)
    give_up(engine)
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(REFUSAL) == [Doubtful(COMMAND, (), CMS_38)]
    assert engine.feed(PROMPT) == [Late(COMMAND, (), CMS_38, submit=1), Prompt(COMMAND)]


def test_two_refusals_before_the_prompt():
    engine = AtEngine()
    start(engine)
    give_up(engine)
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(REFUSAL)
    assert engine.feed(b"\r\n+CMS ERROR: 314\r\n") == [
        Late(COMMAND, (), CMS_38, submit=1),
        Response(COMMAND, (), Final("CMS", 314, "+CMS ERROR: 314")),
    ]


@pytest.mark.parametrize("command", ["AT+CMGR=3", "AT+CPMS?", "AT+CREG?", "AT+CMGD=1"])
def test_refusal_by_the_network_is_never_of_a_local_command(command):
    engine = AtEngine()
    start(engine)
    give_up(engine)
    engine.send(command)
    assert engine.feed(REFUSAL) == [Late(COMMAND, (), CMS_38, submit=1)]
    engine.abandon()
    engine.send("AT+CMGR=3")
    local = Final("CMS", 321, "+CMS ERROR: 321")
    assert engine.feed(b"\r\n+CMS ERROR: 321\r\n") == [Response("AT+CMGR=3", (), local)]


@dataclass
class Fate:
    """What becomes of one submit. Only what was taken surely has a reference of its own."""

    is_taken: bool
    is_counted: bool
    comes: str  # in time, with the next one, much later, never
    where: str  # idle, before the prompt, at the prompt, after the PDU


FATES = st.builds(
    Fate,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["in time", "in time", "in time", "next", "later", "never"]),
    st.sampled_from(["idle", "before", "at", "after"]),
)


class Modem:
    """A modem of the kind that `modem.at.submit_matching` describes, and the driver's part with it."""

    def __init__(self, fates, first_reference, known):
        self.fates = [Fate(True, True, "in time", "after")] * known + fates
        self.mr = first_reference
        self.engine = AtEngine()
        self.results = {}
        self.due = []
        self.said = []

    def run(self):
        late = None
        for number, fate in enumerate(self.fates, start=1):
            fate.is_counted |= fate.is_taken
            self.mr += fate.is_counted
            self.results[number] = taken(self.mr) if fate.is_taken else ((), CMS_38)
            late = self.submit(number, fate, late)

    def submit(self, number, fate, late):
        """`late` is the submit before, when its result comes now. Returns this one when its result comes next time."""
        self.arrive(late, "idle")
        self.engine.send(COMMAND, expects_prompt=True)
        self.arrive(late, "before")
        self.told(self.engine.feed(PROMPT))
        self.arrive(late, "at")
        self.engine.payload(PDU)
        self.arrive(late, "after")
        if self.engine.in_flight and fate.comes == "in time":
            self.told(self.engine.feed(self.wire(number)))
        if not self.engine.in_flight:
            return None
        self.engine.abandon()
        self.engine.send("AT")
        self.told(self.engine.feed(b"\r\nOK\r\n"))
        if fate.comes == "later":
            self.due.append(number)
        return number if fate.comes == "next" else None

    def arrive(self, late, where):
        """The result of the submit before comes here, or one from long ago."""
        if late and self.fates[late - 1].where == where:
            self.told(self.engine.feed(self.wire(late)))
        elif self.due and where == self.fates[self.due[0] - 1].where and self.due[0] < self.engine.submits - 1:
            self.told(self.engine.feed(self.wire(self.due.pop(0))))

    def wire(self, number):
        lines, _ = self.results[number]
        return "".join(f"\r\n{line}\r\n\r\nOK\r\n" for line in lines).encode() or REFUSAL

    def told(self, events):
        self.said += events
        for event in events:
            if isinstance(event, Response) and event.command == COMMAND:
                assert (event.lines, event.final) == self.results[self.engine.submits]
            if isinstance(event, Late) and event.submit is not None:
                assert (event.lines, event.final) == self.results[event.submit]


@pytest.mark.slow
@given(st.lists(FATES, max_size=25), st.integers(0, 300), st.booleans())
def test_no_submit_ever_gets_the_result_of_another(fates, first_reference, known):
    Modem(fates, first_reference, known).run()


@pytest.mark.slow
@given(st.lists(st.sampled_from(["in time", "never"]), max_size=40), st.integers(0, 255))
def test_lost_results_alone_never_cast_doubt_once_a_reference_is_known(comes, first_reference):
    fates = [Fate(is_taken=True, is_counted=True, comes=come, where="after") for come in comes]
    modem = Modem(fates, first_reference, known=True)
    modem.run()
    answered = [event for event in modem.said if isinstance(event, Response) and event.command == COMMAND]
    assert len(answered) == 1 + comes.count("in time")
    assert not any(isinstance(event, Doubtful) for event in modem.said)
