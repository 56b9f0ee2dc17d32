"""Text files as bounded chunks of lines, and tables with a header. Memory stays flat whatever the size."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import InputError
from vigil.recordings.readers.refusals import refuse, refuse_format

CHUNK_BYTES = 1 << 18
LONGEST_LINE = 1 << 16
MOST_FIELDS = 512
_SEPARATORS = (";", "\t", ",")
_ARCHIVES = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def opening_bytes(path: Path, max_bytes: int, count: int = 1024) -> bytes:
    """The first bytes of a regular, non-empty, unpacked file; raises InputError or FormatError in plain words."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            refuse("is not an ordinary file; nothing was read", path)
        if status.st_size > max_bytes:
            message = f"holds {status.st_size} bytes, more than the {max_bytes} allowed; nothing was read"
            refuse(message, path)
        with path.open("rb") as file:
            first = file.read(count)
    except FileNotFoundError:
        refuse("there is no such file", path)
    except (OSError, ValueError) as error:
        refuse(f"could not be opened ({error}); nothing was read", path)
    if not first:
        refuse("the file is empty", path)
    for magic, name in _ARCHIVES:
        if first.startswith(magic):
            message = f"is a {name} archive; Vigil does not unpack archives: unpack it and give what is inside"
            refuse_format(message, path)
    return first


def text_chunks(path: Path, max_bytes: int, longest_line: int = LONGEST_LINE) -> Iterator[tuple[int, str]]:
    r"""Yield (number of its first line, whole lines joined by "\n") until the end of the file.

    Line ends may be LF, CRLF or CR, mixed; a byte-order mark is dropped. Raises InputError for NUL bytes, bytes
    that are not UTF-8, a line longer than `longest_line`, or a file longer than `max_bytes`.
    """
    first = opening_bytes(path, max_bytes, 4)
    if first.startswith(_UTF16):
        refuse("is UTF-16 text; save it as UTF-8 and try again", path)
    line = 1
    for block in _whole_lines(path, max_bytes, longest_line):
        if 0 in block:
            line += block.count(b"\n", 0, block.index(0))
            refuse("holds a NUL byte, so it is not text; nothing after it was read", path, line)
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as error:
            line += block.count(b"\n", 0, error.start)
            message = "is not UTF-8 text; save it as UTF-8 and try again"
            refuse(message, path, line)
        yield line, text
        line += text.count("\n") + 1


def _whole_lines(path: Path, max_bytes: int, longest_line: int) -> Iterator[bytes]:
    r"""Blocks of whole lines without their last line end, line ends made "\n"."""
    carry, total = b"", 0
    try:
        with path.open("rb") as file:
            while block := file.read(CHUNK_BYTES):
                total += len(block)
                if total > max_bytes:
                    message = f"holds more than the {max_bytes} bytes allowed; the rest was not read"
                    refuse(message, path)
                if total == len(block):
                    block = block.removeprefix(b"\xef\xbb\xbf")
                block = carry + block
                held = b"\r" if block.endswith(b"\r") else b""  # the other half of a CRLF may be in the next block
                block = _newlines(block.removesuffix(b"\r"))
                body, newline, tail = block.rpartition(b"\n")
                carry = tail + held
                if len(carry) > longest_line:
                    refuse(f"holds a line longer than {longest_line} bytes; it was not read", path)
                if newline:
                    yield body
    except OSError as error:
        refuse(f"could not be read to its end ({error})", path)
    if carry:
        yield _newlines(carry).removesuffix(b"\n")


def _newlines(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def lines(path: Path, max_bytes: int, longest_line: int = LONGEST_LINE) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) for every line that is not blank; raises as `text_chunks`."""
    for first, text in text_chunks(path, max_bytes, longest_line):
        for index, line in enumerate(text.split("\n"), first):
            if len(line) > longest_line:
                message = f"is longer than {longest_line} characters; it was not read"
                refuse(message, path, index)
            if line and not line.isspace():
                yield index, line


@dataclass(frozen=True, slots=True)
class Table:
    """A text table: its file, separator (None: any run of blanks), column names in order, and where they stand."""

    path: Path
    separator: str | None
    header: tuple[str, ...]
    header_line: int
    max_bytes: int

    @property
    def file(self) -> str:
        """The file's name, for notes."""
        return self.path.name

    def index(self, name: str) -> int | None:
        """Where a column stands, or None; raises InputError if two columns have that name."""
        if self.header.count(name) > 1:
            message = f"two columns are called {name!r}; nothing was read"
            refuse(message, self.path, self.header_line)
        return self.header.index(name) if name in self.header else None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells) for every row that is not blank; the number of cells is not checked."""
        separator = self.separator
        for line, text in lines(self.path, self.max_bytes):
            if line > self.header_line:
                yield line, (split(text, separator) if '"' in text else text.split(separator))


def read_table(path: Path, max_bytes: int) -> Table:
    """Find the header (the first line neither blank nor a # comment) and the separator; raises InputError."""
    for line, text in lines(path, max_bytes):
        if text.lstrip().startswith("#"):
            continue
        separator = _separator_of(text)
        header = tuple(cell.strip() for cell in split(text, separator))
        if len(header) > MOST_FIELDS:
            message = f"has {len(header)} columns, more than {MOST_FIELDS}; nothing was read"
            refuse(message, path, line)
        return Table(path, separator, header, line, max_bytes)
    message = "holds no line but blanks and comments"
    raise InputError(message, path=str(path))


def _separator_of(header: str) -> str | None:
    counts = {separator: header.count(separator) for separator in _SEPARATORS}
    best = max(_SEPARATORS, key=counts.__getitem__)
    return best if counts[best] else None


def split(line: str, separator: str | None) -> list[str]:
    """The cells of a line; double quotes protect separators."""
    if separator is None:
        return line.split()
    if '"' not in line:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator), [])
