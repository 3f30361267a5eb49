"""Ttys that are plain files, for whoever only looks whether they are there, and a bus that is a list."""

from dataclasses import replace
from pathlib import Path

from modem.discovery.verdicts import UsbDevice, Verdict, judge


class FakeBus:
    """`plugged` is what is on it."""

    def __init__(self) -> None:
        self.plugged: list[UsbDevice] = []
        self.listed = 0

    def verdicts(self) -> list[Verdict]:
        self.listed += 1
        return [judge(device) for device in self.plugged]


def present(path: Path) -> str:
    """Plug in: a new file, never one that was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{len(list(path.parent.iterdir()))}")
    fresh.touch()
    fresh.replace(path)
    return str(path)


def on_files(device: UsbDevice, folder: Path) -> UsbDevice:
    """The same device with its ttys as files in `folder`."""
    return replace(
        device,
        interfaces=tuple(
            replace(part, ttys=tuple(present(folder / Path(tty).name) for tty in part.ttys))
            for part in device.interfaces
        ),
    )
