"""The result of a part of the bench: a table, and the meaning of its lines."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Section:
    """`title` names it, `meaning` explains the columns, with what is a parameter of the model."""

    title: str
    meaning: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """A line; missing cells are empty."""
        self.rows.append((*cells, *[""] * (len(self.columns) - len(cells))))

    def markdown(self) -> str:
        """As the page shows it."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return f"## {self.title}\n\n{table}\n\n{self.meaning}\n"


def figure(value: float | None, digits: int = 1) -> str:
    """A number for a cell, with thousands apart; empty for None."""
    return "" if value is None else f"{value:,.{digits}f}"


def percentile(values: list[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
