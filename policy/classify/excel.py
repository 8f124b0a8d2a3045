"""Excel workbooks, read-only and row by row; sheets are tables.

A workbook is a ZIP: what it claims to unpack to is bounded before it is opened.
"""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl

from policy.classify.tables import Part, of_rows
from policy.errors import UnreadableError

LARGEST: Final = 64 << 20
"""Bytes of a workbook file."""
UNPACKED: Final = 512 << 20
"""Bytes that all its members may claim together."""
_LONGEST_CELL: Final = 1 << 20


def read(raw: bytes) -> Iterator[Part]:
    """Read every sheet of a workbook.

    Raises:
        UnreadableError: not a workbook, or one that unpacks to too much.
    """
    _bound(raw)
    with warnings.catch_warnings():
        # A workbook without styles warns; it reads all the same.
        warnings.simplefilter("ignore")
        book = _open(raw)
        for sheet in book.worksheets:
            prefix = f"{sheet.title}/" if len(book.worksheets) > 1 else ""
            rows = _rows(sheet)
            first = next(rows, None)
            if first is not None:
                yield of_rows(_chain(first, rows), prefix)


def _chain(first: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rows


def _bound(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            claimed = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise UnreadableError("not a workbook: no ZIP directory") from None
    if claimed > UNPACKED:
        raise UnreadableError(f"a workbook that unpacks to {claimed} bytes, over {UNPACKED}")


def _open(raw: bytes) -> Any:
    try:
        return openpyxl.load_workbook(BytesIO(raw), read_only=True, data_only=True)
    except MemoryError:
        raise
    # openpyxl raises whatever the broken part runs into: KeyError, TypeError, ParseError, ...
    except Exception:  # noqa: BLE001
        raise UnreadableError("not a workbook that can be read") from None


def _rows(sheet: Any) -> Iterator[list[str]]:
    at = 0
    try:
        for row in sheet.iter_rows(values_only=True):
            at += 1
            yield [_text(cell) for cell in row]
    except UnreadableError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OSError, EOFError, ParseError):
        raise UnreadableError(f"sheet row {at + 1}: broken") from None
    except (zipfile.BadZipFile, IndexError, ArithmeticError):
        raise UnreadableError(f"sheet row {at + 1}: broken") from None


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    text = str(cell)
    if len(text) > _LONGEST_CELL:
        raise UnreadableError(f"a cell of {len(text)} characters")
    return text
