"""Files that are small to send and large to read. Each function makes one."""

import io
import zipfile
from functools import partial

SIZE = 8 * 1024 * 1024 - 1000
_RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
 Target="sharedStrings.xml"/></Relationships>"""
_BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"""
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>"""
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER_ROW = "".join(f'<c t="str"><v>{name}</v></c>' for name in ("prenom", "nom", "gsm", "quartier"))


def workbook(sheet: str, strings: str = "", before: str = "", more_entries: int = 0) -> bytes:
    """A workbook whose sheet holds these rows."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", _TYPES)
        packed.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        packed.writestr("xl/workbook.xml", _BOOK)
        packed.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{strings}</sst>")
        head = f"{before}<worksheet {_MAIN}><sheetData>"
        packed.writestr("xl/worksheets/sheet1.xml", f"{head}<row>{HEADER_ROW}</row>{sheet}</sheetData></worksheet>")
        for number in range(more_entries):
            packed.writestr(f"{number}", "")
    return made.getvalue()


def row_number(number: int) -> bytes:
    return workbook(f'<row r="{number}"><c r="A{number}" t="str"><v>x</v></c></row>')


def column(letters: str) -> bytes:
    return workbook(f'<row><c r="{letters}2" t="str"><v>x</v></c></row>' * 100_000)


def entities() -> bytes:
    """A thousand million laughs."""
    levels = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
    cell = '<row><c t="str"><v>&l9;</v></c></row>'
    return workbook(cell, before=f'<!DOCTYPE x [<!ENTITY l0 "haha">{levels}]>')


def one_entity() -> bytes:
    """A large one, many times: what limits of nesting do not see."""
    return workbook(
        '<row><c t="str"><v>' + "&l;" * 1000 + "</v></c></row>",
        before='<!DOCTYPE x [<!ENTITY l "' + "h" * 100_000 + '">]>',
    )


def shared_strings() -> bytes:
    return workbook("", strings="<si><t>ab</t></si>" * 2_500_000)


def one_string() -> bytes:
    return workbook("", strings="<si><t>" + "a" * 45_000_000 + "\U0001f600</t></si>")


def string_in_every_cell() -> bytes:
    """A long text that a hundred thousand cells share."""
    cells = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 50_000
    return workbook(cells, strings="<si><t>" + "a" * 32_000 + "</t></si>")


def zip_bomb() -> bytes:
    return workbook("<!--" + " " * 200_000_000 + "-->")


def empty_elements() -> bytes:
    return workbook("<c/>" * 11_000_000)


def attribute() -> bytes:
    return workbook('<row a="' + "x" * 45_000_000 + '"/>')


def attributes() -> bytes:
    return workbook("<row " + " ".join(f"a{n}=''" for n in range(3_000_000)) + "/>")


def comment() -> bytes:
    return workbook("<!--" + "x" * 45_000_000 + "-->")


def nested() -> bytes:
    return workbook("<a>" * 15_000_000)


def entries() -> bytes:
    return workbook("", more_entries=60_000)


def rich_text() -> bytes:
    return workbook('<row><c t="inlineStr"><is>' + "<r><t>aaaaaaaa</t></r>" * 480_000 + "</is></c></row>")


WORKBOOKS = [
    *(partial(row_number, number) for number in (-1, 0, 1_048_576, 999_999_999, 10**12, 10**4000)),
    *(partial(column, letters) for letters in ("XFD", "ZZZ", "ZZZZZZZZ", "")),
    *(
        entities,
        one_entity,
        shared_strings,
        one_string,
        string_in_every_cell,
        zip_bomb,
        empty_elements,
        attribute,
        attributes,
        comment,
    ),
    *(nested, entries, rich_text),
]


def repeated(piece: str, before: str = "", after: str = "", size: int = SIZE) -> bytes:
    """`piece` until the size is reached."""
    return (before + piece * (size // len(piece.encode())) + after).encode()


_HEADER = "prenom,nom,gsm,quartier\n"
TEXTS = [
    partial(repeated, "x"),
    partial(repeated, "\n"),
    partial(repeated, "\r"),
    partial(repeated, " "),
    partial(repeated, "\0"),
    partial(repeated, ","),
    partial(repeated, '"'),
    partial(repeated, '""\n', _HEADER),
    partial(repeated, "x", _HEADER),
    partial(repeated, ",", _HEADER),
    partial(repeated, "x\n", _HEADER),
    partial(repeated, '"\n', _HEADER),
    partial(repeated, ",\n", _HEADER + '"'),
    partial(repeated, "a,b,0470123456,c\n", _HEADER),
    partial(repeated, "a,b,0470123456," + "\u0300" * 4900 + "\n", _HEADER),
    partial(repeated, "a,b," + "(0)" * 3300 + ",c\n", _HEADER),
    partial(repeated, "a,b," + "+" * 9900 + ",c\n", _HEADER),
    partial(repeated, "a,b," + "0" * 9900 + ",c\n", _HEADER),
    partial(repeated, "a,b,,c," + "a." * 4900 + "\n", "prenom,nom,gsm,quartier,email\n"),
    partial(repeated, "a,b,,c," + "a@" * 4900 + "\n", "prenom,nom,gsm,quartier,email\n"),
    partial(repeated, "x", _HEADER, "\U0001f600"),
]

_FEATURES = '{"type": "FeatureCollection", "features": ['
OUTLINES = [
    partial(repeated, piece, before, size=5 * 1024 * 1024 - 100)
    for before in ("", _FEATURES + '{"geometry": {"type": "Polygon", "coordinates": [[')
    for piece in ("[", "{", "[],", "{},", "0,", '"",', '{"":', "[5.5,50.5],", "9", "[1e999,NaN],", " ", '"\\u0000')
]
