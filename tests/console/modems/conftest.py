"""A technician, and modems as their daemons would leave them in the database."""

from collections.abc import Callable

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems import status
from tests.console.conftest import Browser

IMEI, IMSI, ICCID = "356938035643809", "206010000000001", "8932000000000000025"


@pytest.fixture
def technician(sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("technician")


@pytest.fixture
def plug(ready_modem: Callable[..., None]) -> Callable[..., None]:
    """`plug("a", state="paused")`: a live daemon's modem on the host `box`."""
    ready_modem()

    def put(name: str = "a", **values: object) -> None:
        known = {"device": f"/dev/tty{name}", "state": "ready", "imei": IMEI, "imsi": IMSI, "iccid": ICCID}
        with connected():
            status.save_modem("box", name, known | values, utc_now())

    return put


@pytest.fixture
def silence(plug: Callable[..., None]) -> Callable[[], None]:
    """The daemon ends."""

    def end() -> None:
        with connected():
            status.stop_beating("box", "modem", utc_now())

    return end
