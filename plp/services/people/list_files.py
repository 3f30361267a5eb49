"""A list in a file of any kind: CSV is read here, a workbook in a separate process."""

import json
import subprocess
import sys
import threading

from plp.watchdog.threads import alive
from rules.lists.roster import Roster, Sheet, csv_sheet, roster
from rules.refusals import Refusal

# The same from the console and from the command: ten times the largest police zone.
MAXIMUM_BYTES = 8 * 1024 * 1024
# What an Excel file before 2007 begins with, and any that asks for a password.
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_READING = (sys.executable, "-m", "plp.services.people.workbook_reading")
_LONGEST_S = 120.0
# The memory limit is for one.
_one_at_a_time = threading.Lock()


def list_in(content: bytes, file_name: str) -> Roster:
    """The list in a file. Raises Refusal when it cannot be read at all."""
    if len(content) > MAXIMUM_BYTES:
        raise Refusal(
            "Le fichier dépasse {most} Mo : ce n'est pas une liste de membres.", most=MAXIMUM_BYTES // 1024 // 1024
        )
    if content.startswith(_OLD_EXCEL):
        raise Refusal(
            "C'est un ancien fichier Excel (.xls), ou un fichier protégé par un mot de passe : enregistrez-le en .xlsx "
            "sans mot de passe, ou en CSV."
        )
    is_workbook = file_name.casefold().endswith(".xlsx") or content.startswith(b"PK\x03\x04")
    return roster(_workbook(content) if is_workbook else csv_sheet(content))


def _workbook(content: bytes) -> Sheet:
    alive(2 * _LONGEST_S)  # another one may be read first
    try:
        with _one_at_a_time:
            read = subprocess.run(_READING, input=content, capture_output=True, timeout=_LONGEST_S, check=True).stdout
    except subprocess.SubprocessError:
        raise Refusal("Ce fichier Excel ne peut pas être lu : enregistrez-le de nouveau en .xlsx ou en CSV.") from None
    sheet = json.loads(read)
    columns = {int(at): letters for at, letters in sheet["hidden_columns"].items()}
    return Sheet(sheet["rows"], tuple(sheet["others"]), frozenset(sheet["hidden_rows"]), columns)
