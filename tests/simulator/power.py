"""The power of the modem: it boots, hangs, or its port is away."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.simulator.base.commands import Refused
from tests.simulator.commands import filled_in
from tests.simulator.phone import Phone
from tests.simulator.profile import Boot
from tests.simulator.speech import Speech

# a port that vanishes takes with it what nobody has read yet
_LAST_WORDS_S = 0.05


@dataclass(slots=True)
class Power:
    """Times are seconds since the epoch; `reset_s` replaces the profile's times of a restart.

    `absence_s` is set when the port is to vanish, for so many seconds (math.inf: until somebody plugs it in): the
    port's holder sees to it and calls `SimModem.power_on` when it is back.
    """

    phone: Phone
    speech: Speech
    reset_s: float | None = None
    absence_s: float | None = None
    _deaf_until: float = 0.0
    _hung_until: float = 0.0
    _vanish_at: float = math.inf
    _vanish_for_s: float = 0.0

    def hang(self, until: float = math.inf) -> None:
        """Neither hears nor speaks until then; what comes in meanwhile is found afterwards."""
        self._hung_until = until

    def resume(self) -> None:
        self._hung_until = 0.0

    @property
    def hung(self) -> bool:
        return self.phone.now < self._hung_until

    @property
    def deaf(self) -> bool:
        """It boots, or is about to vanish: what is typed is lost."""
        return self.phone.now < self._deaf_until or self._vanish_at < math.inf

    @property
    def gone(self) -> bool:
        return self.absence_s is not None

    @property
    def away(self) -> bool:
        return self.hung or self.deaf or self.gone

    @property
    def due(self) -> float | None:
        """The time at which this changes by itself."""
        if self.hung:
            return self._hung_until if self._hung_until < math.inf else None
        return self._vanish_at if self._vanish_at < math.inf else None

    def vanish(self, seconds: float) -> None:
        self.absence_s = seconds

    def restart(self, seconds: float | None = None) -> bool:
        """Restart as after AT+CFUN=1,1, with the port away for `seconds` (None: the profile's). False: the port stays,
        boot now.
        """
        profile = self.phone.profile
        if seconds is None:
            seconds = profile.vanish_s if self.reset_s is None else min(profile.vanish_s, self.reset_s)
        if profile.vanish_s == 0 and seconds == 0:
            return False
        self._vanish_at = self.phone.now + (profile.vanish_after_s if self.reset_s is None else _LAST_WORDS_S)
        self._vanish_for_s = seconds
        return True

    def go_on(self) -> None:
        """Take the port away when its time has come."""
        if self.phone.now >= self._vanish_at:
            self._vanish_at = math.inf
            self.absence_s = self._vanish_for_s

    def boot(self, *, warm: bool, silent: Boot | None = None) -> None:
        """Begins to live, or (`warm`) was switched on long ago and is only met now; `silent`: not as its kind does."""
        phone, boot = self.phone, silent or self.phone.profile.boot
        if not silent and (warm or self.reset_s is not None):
            boot = boot.without_waiting(0.0 if warm or phone.profile.vanish_s else self.reset_s or 0.0)
        self.absence_s, self._hung_until, self._vanish_at = None, 0.0, math.inf
        self._deaf_until = phone.now + boot.start_s
        phone.restart(boot.card_s, boot.sms_s)
        for after_s, lines in ((boot.start_s, boot.start), (boot.card_s, boot.card), (boot.sms_s, boot.sms)):
            if lines is not boot.sms or phone.sim_state == "READY":
                self.speech.later(phone.now + after_s, *self._filled_in(lines))

    def _filled_in(self, lines: Sequence[str]) -> Iterator[str]:
        """Without what the card does not tell now."""
        for line in lines:
            with suppress(Refused):
                yield filled_in(line, self.phone)
