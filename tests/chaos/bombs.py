"""Files made to cost whoever opens them: small to send, dear to read (T33)."""

import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

MB = 1 << 20
NAMES = ("external_id", "store", "name", "phone")
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{KIND}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{KIND}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>"
)
ROOTS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{KIND}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = "</sheetData></worksheet>"


def _cells(words: Iterable[str]) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in words)


def _book(path: Path, parts: dict[str, Iterable[str]]) -> Path:
    """A workbook of these parts besides the usual ones, each written piece by piece."""
    usual: dict[str, Iterable[str]] = {
        "[Content_Types].xml": [TYPES],
        "_rels/.rels": [ROOTS],
        "xl/workbook.xml": [BOOK],
        "xl/_rels/workbook.xml.rels": [LINKS],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, pieces in (usual | parts).items():
            with archive.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece.encode())
    return path


def _rows(count: int) -> Iterable[str]:
    row = f"<row>{_cells(['x' * 200] * 4)}</row>" * 100
    return (row for _n in range(count // 100))


def unpacked_300_mb(path: Path) -> Path:
    """1 MB that becomes 300."""
    rows = 300 * MB // len(f"<row>{_cells(['x' * 200] * 4)}</row>")
    sheet = [SHEET, f"<row>{_cells(NAMES)}</row>", *_rows(rows), END]
    return _book(path, {"xl/worksheets/sheet1.xml": sheet})


def lying_directory(path: Path) -> Path:
    """The same, but its directory says that it is small."""
    content = bytearray(unpacked_300_mb(path).read_bytes())
    at = content.rfind(b"PK\x01\x02")
    while at >= 0:
        (size,) = struct.unpack_from("<I", content, at + 24)
        if size > MB:
            struct.pack_into("<I", content, at + 24, 4 * MB)
        at = content.rfind(b"PK\x01\x02", 0, at)
    path.write_bytes(content)
    return path


def nested_zip(path: Path) -> Path:
    inner = path.with_suffix(".zip")
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as a:
        for _n in range(300):
            a.write(bytes(MB))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", BOOK)
        archive.write(inner, "xl/worksheets/sheet1.xml")
    inner.unlink()
    return path


def million_strings(path: Path) -> Path:
    strings = (f"<si><t>{number * 7919:x}</t></si>" for number in range(1_000_000))
    sheet = [SHEET, f"<row>{_cells(['no', 'such', 'columns'])}</row>", END]
    shared = ["<sst>", *strings, "</sst>"]
    return _book(path, {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared})


def billion_laughs(path: Path) -> Path:
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    head = '<!DOCTYPE w [<!ENTITY l0 "ha">' + "".join(lines) + "]>"
    sheet = [f"{head}{SHEET}<row>{_cells(['&l9;'])}</row>{END}"]
    return _book(path, {"xl/worksheets/sheet1.xml": sheet})


def many_columns(path: Path) -> Path:
    names = (f"column {number} {number * 7919:x}" for number in range(100_000))
    return _book(path, {"xl/worksheets/sheet1.xml": [SHEET, f"<row>{_cells(names)}</row>", END]})


def _csv(path: Path, begin: bytes, field: bytes) -> Path:
    with path.open("wb") as file:
        file.write(",".join(NAMES).encode() + b"\nT1,B1," + begin)
        for _n in range(50):
            file.write(field * (MB // len(field)))
        file.write(b",13812345678\nT2,B1,Ann,13812345678\n")
    return path


def huge_field(path: Path) -> Path:
    return _csv(path, b"", b"x")


def open_quote(path: Path) -> Path:
    """A quotation mark that is not closed for 50 MB of lines."""
    return _csv(path, b'"', b"x" * 60_000 + b"\n")


BOMBS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "300 MB unpacked": ("xlsx", unpacked_300_mb),
    "lying directory": ("xlsx", lying_directory),
    "nested zip": ("xlsx", nested_zip),
    "1e6 shared strings": ("xlsx", million_strings),
    "billion laughs": ("xlsx", billion_laughs),
    "1e5 columns": ("xlsx", many_columns),
    "field of 50 MB": ("csv", huge_field),
    "open quote of 50 MB": ("csv", open_quote),
}
