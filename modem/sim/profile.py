"""How a kind of modem behaves, as data. The deeper dialects of each come with their scripts."""

from dataclasses import dataclass, field

GSM, UTRAN, LTE = 0, 2, 7  # access technology, 3GPP TS 27.007 § 7.2


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem.

    submit_s        from Ctrl-Z to +CMGS, seconds
    link_s          the share of submit_s that setting up the relay link takes, saved while AT+CMMS keeps it
    iccid           command → what stands before the digits in its answer
    registration    the registration commands that exist
    report_modes    the <ds> of AT+CNMI that are accepted
    prompt          what AT+CMGS answers (`>` alone on some)
    memories        storage → places
    boot            lines said after switching on
    chatter         lines said every `chatter_every_s` seconds, until `quiet` ("COMMAND=VALUE") was given
    answers         command line without AT → its one line of answer (or none, when empty), for what needs no state
    """

    name: str = "default"
    manufacturer: str = "SIMULATION"
    model: str = "SimModem"
    revision: str = "1.0"
    technology: int = LTE
    submit_s: float = 0.0
    link_s: float = 0.0
    iccid: dict[str, str] = field(default_factory=lambda: {"+CCID": "+CCID: ", "+ICCID": "+ICCID: "})
    registration: tuple[str, ...] = ("+CREG", "+CGREG", "+CEREG")
    report_modes: tuple[int, ...] = (0, 1, 2)
    prompt: str = "> "
    memories: dict[str, int] = field(default_factory=lambda: {"SM": 20, "ME": 50})
    boot: tuple[str, ...] = ()
    chatter: tuple[str, ...] = ()
    chatter_every_s: float = 2.0
    quiet: str = ""
    answers: dict[str, str] = field(default_factory=dict)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(),
        Profile(
            name="sim800",
            manufacturer="SIMCOM_Ltd",
            model="SIMCOM_SIM800L",
            revision="Revision:1418B05SIM800L24",
            technology=GSM,
            submit_s=2.8,
            link_s=1.0,
            iccid={"+CCID": ""},
            registration=("+CREG", "+CGREG"),
            memories={"SM": 10, "ME": 50},
            boot=("RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"),
        ),
        Profile(
            name="e173",
            manufacturer="huawei",
            model="E173",
            revision="11.126.16.04.00",
            technology=UTRAN,
            iccid={"^ICCID": "^ICCID: "},
            registration=("+CREG", "+CGREG"),
            boot=("^SYSSTART", "^SIMST:1", "^SRVST:2"),
            chatter=("^BOOT:20431022,0,0,0,77", "^RSSI:18", "^DSFLOWRPT:0000000A,0,0,0,0,0,0", "^MODE:5,4"),
            quiet="^CURC=0",
            # gammu gives up on a Huawei without PORTSEL
            answers={
                "^PORTSEL=1": "",
                "^SYSCFG?": "^SYSCFG:2,0,3FFFFFFF,1,2",
                "^CARDLOCK?": "^CARDLOCK: 2,0,0",
            },
        ),
        Profile(
            name="ec25",
            manufacturer="Quectel",
            model="EC25",
            revision="EC25EFAR06A06M4G",
            technology=LTE,
            iccid={"+QCCID": "+QCCID: ", "+ICCID": "+ICCID: "},
            report_modes=(0, 1),
            memories={"SM": 20, "ME": 23},
            boot=("RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"),
            answers={'+QCFG="ims"': '+QCFG: "ims",1,1'},
        ),
    )
}
