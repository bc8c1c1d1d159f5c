"""A table as an .xlsx file, which Excel and LibreOffice open. Texts stay texts: 007 keeps its zeros.

A CSV can't promise that: spreadsheets take its 007 for the number 7, and round a number of more than fifteen digits.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from handwriting import console, safe_files

OFFICE = "http://schemas.openxmlformats.org"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WIDEST = 60  # characters; a column is no wider
LONGEST_TEXT = 32_767  # characters; a cell holds no more

# The parts of the file that are the same in all of them.
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships">'
    '<sheets><sheet name="readings" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def write_workbook(path: Path, header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> None:
    """Writes a table. Numbers become numbers, texts stay texts, None is an empty cell."""
    with (
        safe_files.replacing(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name, content in PARTS.items():
            file.writestr(zipfile.ZipInfo(name), HEAD + content)
        file.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), HEAD + sheet([header, *rows]))


def sheet(rows: Sequence[Sequence[str | float | None]]) -> str:
    """The cells as XML. The first row stays in sight when the others are scrolled."""
    widths = [
        min(WIDEST, 2 + max(len("" if row[column] is None else str(row[column])) for row in rows))
        for column in range(len(rows[0]))
    ]
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    return (
        f'<worksheet xmlns="{OFFICE}/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{lines}</sheetData></worksheet>"
    )


def cell(value: str | float | None) -> str:
    """One cell as XML."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        text = escape(console.printable(value)[:LONGEST_TEXT])
        return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f"<c><v>{value}</v></c>"
