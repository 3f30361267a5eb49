"""The conduct of a kind of modem, as data; the kinds themselves are the files of `profiles/`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from modem.sim.identity import Identity
from tests.simulator.base import profile


@dataclass(frozen=True, slots=True)
class Boot:
    """The lines after switching on, and their times: seconds from then on.

    From `start` on AT commands are heard; from `card` on the SIM is there, and from `sms` on messages can be sent, read
    and received (SIM busy before). Lines hold the placeholders of `Profile.answers`.
    """

    start_s: float = 0.0
    start: Sequence[str] = ()
    card_s: float = 0.0
    card: Sequence[str] = ()
    sms_s: float = 0.0
    sms: Sequence[str] = ()

    def without_waiting(self, start_s: float = 0.0) -> "Boot":
        """The same lines, all after `start_s` seconds."""
        return Boot(start_s, self.start, start_s, self.card, start_s, self.sms)


@dataclass(frozen=True)
class Profile(profile.Profile):
    """One kind of modem: what `tests.simulator.base.profile.Profile` tells, and what follows. Times are seconds.

    answers         {iccid_swapped} {sim_state} {pin_tries} {puk_tries} {tries} are placeholders too; what the card
                    tells needs the card
    link_s          the share of submit_s that setting up the relay link takes, saved while AT+CMMS keeps it
    unknown         the commands that others have and this kind has not
    sms_error       the one CMS code to which all refusals of SMS commands are flattened; None where they are told
    gap_s           what comes sooner after a result is lost
    services        with 1 it wants an AT+CNMA for whatever it says directly, and routes nothing more without
    report_memory   where reports are stored when AT+CNMI says so; empty: with the texts
    report_told     the place that is announced for a stored report, where that is another one than it has
    full            said when a message from the network finds no place; {memory}
    list_never      AT+CMGL is never answered
    ims             what AT+CIREG? tells after <n> while registered
    ussd            plain, packed (AT+CUSD takes and tells packed septets in hexadecimal), inline (told before its OK)
    no_network      CMS code of a submit while not registered
    hang_up         the commands that refuse an incoming call
    call_over       said when the caller gives up
    card_out, card_in   said when the SIM is taken out and put in
    boot            see there
    resets          the command lines that restart it, besides AT+CFUN=1,1
    vanish_s        AT+CFUN=1,1 makes the port vanish for so long; 0: it stays, as on a bridge, and boots
    vanish_after_s  from its OK to that
    chatter         lines said every chatter_every_s, until one of the `quiet` command lines was given
    """

    answers: dict[str, str | Sequence[str]] = field(default_factory=dict)
    cnmi_told: str = ""
    services: Sequence[int] = (0, 1)
    link_s: float = 0.0
    unknown: Collection[str] = ()
    sms_error: int | None = None
    gap_s: float = 0.0
    report_memory: str = ""
    report_told: str = ""
    full: str = ""
    list_never: bool = False
    ims: str = "1,5"
    ussd: str = "plain"
    no_network: int = 331
    hang_up: Sequence[str] = ("H", "+CHUP")
    call_over: str = ""
    card_out: Sequence[str] = ()
    card_in: Sequence[str] = ()
    boot: Boot = field(default_factory=Boot)
    resets: Sequence[str] = ()
    vanish_s: float = 0.0
    vanish_after_s: float = 0.3
    chatter: Sequence[str] = ()
    chatter_every_s: float = 2.0
    quiet: Sequence[str] = ()


def with_other_card(identity: Identity) -> Identity:
    """The same modem with another SIM; the same card is always followed by the same other."""
    other = Identity.derive(identity.iccid, "next card")
    return Identity(identity.imei, other.imsi, other.iccid)
