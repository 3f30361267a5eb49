"""Networks by MCC and MNC (ITU-T E.212), as people here know them. Others are shown by their numbers."""

from db.modems.sims import TEST_NETWORK

_NAMES = {
    "00101": "SIMULATION",
    "20601": "Proximus",
    "20605": "Telenet",
    "20610": "Orange",
    "20620": "BASE",
    "20801": "Orange F",
    "27001": "POST Luxembourg",
    "26201": "Telekom.de",
    "20408": "KPN",
}


def operator_name(numeric: str | None) -> str | None:
    """The name of a network given as MCC and MNC."""
    return None if numeric is None else _NAMES.get(numeric, numeric)


def is_simulated(imsi: str | None) -> bool:
    """True for a SIM of the test network."""
    return imsi is not None and imsi.startswith(TEST_NETWORK)
