"""Lists of members from files, for the tests that import them."""

from db.people.members.listing import members
from plp.services.people.importing import import_list, remembered_columns
from plp.services.people.reading import list_in

HEADER = "first_name,last_name,mobile,email,language,neighbourhood,role"


def import_members(content, file_name, by, now, **how):
    """`import_list` of a file, with the columns that its header says or that were remembered for it."""
    whole = list_in(content, file_name)
    return import_list(whole, remembered_columns(whole), by, now, **how)


def take(content, now, name="liste.csv", **options):
    report = import_members(content if isinstance(content, bytes) else content.encode(), name, "anne", now, **options)
    assert report.read == report.added + report.updated + len(report.refused)
    assert [row.line for row in report.refused] == sorted(row.line for row in report.refused)
    return report


def rows(*lines, header=HEADER):
    return "\r\n".join([header, *lines])


def everyone():
    return members(per_page=100_000).rows


def only():
    (card,) = everyone()
    return card


def reasons(report):
    return {row.line: row.reason for row in report.refused}
