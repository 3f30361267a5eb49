"""How many actions a person needs."""

from playwright.sync_api import Locator


class Actions:
    """A press of a button or link counts one; filling in a form counts one, however many fields it has."""

    def __init__(self) -> None:
        self.count = 0

    def press(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def fill(self, *fields: tuple[Locator, str | None]) -> None:
        self.count += 1
        for field, value in fields:
            if value is None:
                field.check()
            else:
                field.fill(value)
