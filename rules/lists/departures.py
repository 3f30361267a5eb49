"""Rows of a list that may be of somebody who has died or left: they wait for a person."""

from collections.abc import Sequence

from rules.collation import folded
from rules.lists.answers import answer
from rules.lists.columns import is_nothing
from rules.lists.remarks import RowWaits, telling

# Fields of columns that say it by their heading: « sorti le », « actif ».
LEFT, ACTIVE = "left", "active"
_ACTIVE = frozenset({"actif", "active", "actief", "aktiv", "actifs", "en ordre", "membre", "lid", "mitglied", "member"})


def require_present(columns: Sequence[str], cells: Sequence[str], is_struck: bool = False) -> None:
    """Raise RowWaits for a row that may be of somebody who died or left, or wants something else than texts."""
    if is_struck:
        raise RowWaits(
            "la ligne est barrée dans le classeur : à vérifier. Si cette personne est toujours membre, retirez cette "
            "mention ; sinon, laissez la ligne de côté"
        )
    if ACTIVE in columns and not _is_active(dict(zip(columns, cells, strict=False)).get(ACTIVE, "")):
        raise RowWaits("la colonne « actif » ne dit pas oui : à vérifier. Écrivez oui si cette personne est membre")
    for column, cell in zip(columns, cells, strict=False):
        if not cell:
            continue
        says = telling(column, cell)
        if says == "gone" or (column == LEFT and not is_nothing(cell) and answer(cell) is not False):
            raise RowWaits(
                "« {text} » : à vérifier. Si cette personne est décédée ou partie, retirez-la des membres ; sinon, "
                "videz cette cellule",
                text=cell[:40],
            )
        if says == "theirs":
            raise RowWaits(
                "« {text} » : ce numéro est peut-être à quelqu'un d'autre, ou sous réserve. S'il peut recevoir les SMS "
                "de cette personne, laissez le numéro seul ; sinon, videz cette cellule",
                text=cell[:40],
            )
        if says:
            raise RowWaits(
                "« {text} » : à préciser. Écrivez oui ou non dans la colonne du consentement SMS, puis videz cette "
                "cellule",
                text=cell[:40],
            )


def _is_active(cell: str) -> bool:
    return folded(cell).strip(" .") in _ACTIVE or answer(cell) is True
