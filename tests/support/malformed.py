"""Delivered files with every kind of damage: made by hand, and by random corruption of good ones."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

SHOPIFY = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing,"
    "Total Spent,Total Orders,Note,Tax Exempt,Tags"
)
USER = {"id": 7, "url": "u", "name": "Ann Lee", "email": "a@example.com", "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-02T00:00:00Z", "time_zone": "UTC", "phone": None, "locale": "en", "role": "end-user",
        "verified": True, "external_id": None, "tags": ["x"], "active": True, "shared": False, "suspended": False,
        "details": "", "notes": "", "user_fields": {"level": 1.10}, "organization_id": None}  # fmt: skip


def customers(rows: int, *, quote: bool = False, end: str = "\n") -> bytes:
    """A customers export: notes with commas, quotes and line ends, names beyond ASCII."""
    lines = [SHOPIFY]
    for n in range(rows):
        note = '"met at fair, said ""hello""' + end + 'line two"' if n % 5 == 0 else "plain"
        cells = [
            f"'{n}",
            "Zoë" if n % 3 else "Ann",
            "Müller",
            f"p{n}@example.com",
            "yes",
            "",
            "no",
            "1.00",
            "1",
            note,
            "no",
            "",
        ]
        lines.append(",".join(c if c.startswith('"') or not quote else f'"{c}"' for c in cells))
    return (end.join(lines) + end).encode()


def users(rows: int) -> bytes:
    """A help desk's users, one object per line."""
    return b"".join(json.dumps({**USER, "id": 2**60 + n}, ensure_ascii=False).encode() + b"\n" for n in range(rows))


def people_parquet(rows: int) -> bytes:
    """A table of the generic source `people`."""
    stream = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(rows)), "mail": [f"q{n}@example.com" for n in range(rows)]}), stream)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _linked() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def _encrypted() -> bytes:
    data = bytearray(zipped({"c.csv": customers(3)}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def _wrong_crc() -> bytes:
    data = bytearray(gzip.compress(customers(50)))
    data[-6] ^= 0xFF
    return bytes(data)


def by_hand() -> dict[str, tuple[bytes, str | None]]:
    """File name to its bytes and the rule that refuses it (None: it lands, perhaps with rejected rows)."""
    good = customers(20)
    head = SHOPIFY.encode() + b"\n"
    return {
        "empty.csv": (b"", "empty"),
        "mark_only.csv": (b"\xef\xbb\xbf", "empty"),
        "blank_lines_only.csv": (b"\n\n\r\n", "empty"),
        "header_only.csv": (head, None),
        "header_without_end.csv": (head.strip(), None),
        "mark.csv": (b"\xef\xbb\xbf" + customers(21), None),
        "latin.csv": (customers(22).decode().encode("latin-1"), None),
        "windows.csv": (customers(23).decode().replace("Ann", "Ann’s").encode("cp1252"), None),
        "utf16.csv": (customers(24).decode().encode("utf-16"), None),
        "utf16be.csv": (b"\xfe\xff" + customers(25).decode().encode("utf-16-be"), None),
        "utf16_without_mark.csv": (customers(26).decode().encode("utf-16-le"), None),
        "utf16_odd.csv": (customers(27).decode().encode("utf-16")[:-1], "encoding"),
        "utf32.csv": (customers(28).decode().encode("utf-32"), "encoding"),
        "some_bad_bytes.csv": (customers(40).replace(b"p7@", b"p\xff@"), None),
        "carriage_returns.csv": (customers(29, end="\r"), None),
        "windows_ends.csv": (customers(30, end="\r\n"), None),
        "mixed_ends.csv": (customers(31).replace(b"\n", b"\r\n", 9), None),
        "semicolons.csv": (customers(32).replace(b",", b";"), None),
        "tabs.csv": (customers(33).replace(b",", b"\t"), None),
        "all_quoted.csv": (customers(34, quote=True), None),
        "titles.csv": (b"Report of May\n\nFor Ann\n" + customers(35), None),
        "footer.csv": (customers(36) + b'\n\n"Grand report"\n"Copyright (c), inc."\n', None),
        "unclosed.csv": (good.replace(b"'6,", b'"\'6,'), None),
        "unclosed_last.csv": (customers(37) + b'"99,x\n', None),
        "cut_in_row.csv": (customers(38)[:-30], None),
        "cut_in_quotes.csv": (customers(39)[: customers(39).rindex(b"hello") + 2], None),
        "zero_byte.csv": (customers(41).replace(b"p3@", b"p\0@"), None),
        "zeros.csv": (bytes(5000), "binary"),
        "noise.csv": (random.Random(3).randbytes(5000), "binary"),
        "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(100), "unsupported_format"),
        "document.csv": (b"%PDF-1.7\n" + good, "unsupported_format"),
        "login.csv": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "markup"),
        "unknown.csv": (b"colour,size\nred,3\n", "unrecognised"),
        "book.xlsx": (zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "spreadsheet"),
        "old_book.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "spreadsheet"),
        "wide.csv": (",".join(f"c{n}" for n in range(2500)).encode() + b"\n", "too_many_columns"),
        "long_field.csv": (customers(42) + b"'9," + b"x" * (1 << 20) + b"y,,,,,,,,,,\n", None),
        "endless_quote.csv": (customers(43) + b'"' + b"x,\n" * 1000, None),
        "every_line_opens_a_quote.csv": (head + b'1,"a,b\n' * 300, None),
        "gzip.csv.gz": (gzip.compress(customers(44)), None),
        "gzip_cut.csv.gz": (gzip.compress(customers(45))[:-20], "damaged_archive"),
        "gzip_crc.csv.gz": (_wrong_crc(), "damaged_archive"),
        "gzip_tail.csv.gz": (gzip.compress(customers(46)) + b"rubbish", "damaged_archive"),
        "bomb.csv.gz": (gzip.compress(b"a" * (8 << 20)), "inflation"),
        "bomb.zip": (zipped({"bomb.csv": b"a" * (8 << 20)}), "inflation"),
        "pack.zip": (zipped({"in/c.csv": customers(47)}), None),
        "pack_cut.zip": (zipped({"c.csv": customers(48)})[:-40], "damaged_archive"),
        "pack_empty.zip": (zipped({}), "empty"),
        "pack_nested.zip": (zipped({"in.zip": zipped({"c.csv": good})}), "nested_archive"),
        "pack_escape.zip": (zipped({"../../escaped.csv": customers(49)}), "unsafe_path"),
        "pack_absolute.zip": (zipped({"/tmp/escaped.csv": customers(50)}), "unsafe_path"),
        "pack_drive.zip": (zipped({"C:\\escaped.csv": customers(51)}), "unsafe_path"),
        "pack_link.zip": (_linked(), "symlink"),
        "pack_secret.zip": (_encrypted(), "encrypted"),
        "archive.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), "unsupported_format"),
        "users.json": (users(12), None),
        "users_broken_line.json": (users(13) + b'{"id": 1, "na\n' + b"\n[1]\n", None),
        "users_deep.json": (users(14) + b'{"id": 1, "x": ' + b"[" * 100 + b"]" * 100 + b"}\n", None),
        "users_bottomless.json": (users(15) + b'{"x": ' + b"[" * 200_000 + b"\n", None),
        "users_surrogate.json": (users(16) + b'{"id": 5, "name": "\\ud800"}\n{"id": 6, "name": "a\\u0000"}\n', None),
        "users_pretty.json": (json.dumps(USER, indent=2).encode(), "json_layout"),
        "people/array.json": (b'[{"id": 1, "mail": "a@example.com"}, 5, {"id": 2, "mail": "b@example.com"}]', None),
        "people/array_cut.json": (b'[{"id": 1, "mail": "a@example.com"}, {"id": 2', "invalid_json"),
        "people/array_tail.json": (b'[{"id": 1, "mail": "c@example.com"}] x', "invalid_json"),
        "people/array_deep.json": (b'[{"id": 1, "mail": ' + b"[" * 99 + b"]" * 99 + b"}]", "json_layout"),
        "people/p.parquet": (people_parquet(30), None),
        "people/p_cut.parquet": (people_parquet(31)[:-100], "damaged_parquet"),
        "people/p_short.parquet": (b"PAR1", "damaged_parquet"),
        "people/=cmd|'.csv": (b"id,mail\n1,x@example.com\n", None),
        "people/<script>'; drop table x;--.csv": (b"id,mail\n2,x@example.com\n", None),
    }  # fmt: skip


def corrupted(count: int, seed: int = 0) -> dict[str, bytes]:
    """Good files with a few random bytes flipped, cut, inserted, removed or doubled."""
    chance = random.Random(seed)
    kinds: list[tuple[str, Callable[[int], bytes]]] = [
        ("csv", customers),
        ("csv", lambda n: customers(n, quote=True)),
        ("csv", lambda n: customers(n, end="\r\n")),
        ("csv", lambda n: customers(n).decode().encode("utf-16")),
        ("json", users),
        ("csv.gz", lambda n: gzip.compress(customers(n), mtime=0)),
        ("zip", lambda n: zipped({"c.csv": customers(n)})),
        ("parquet", people_parquet),
    ]
    files = {}
    for n in range(count):
        suffix, make = kinds[n % len(kinds)]
        folder = "people/" if suffix == "parquet" else ""
        files[f"{folder}random{n:04}.{suffix}"] = corrupt(make(60 + n), chance)
    return files


def corrupt(data: bytes, chance: random.Random) -> bytes:
    """One to five small accidents."""
    text = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        if not text:
            break
        at = chance.randrange(len(text))
        match chance.randrange(7):
            case 0:
                text[at] ^= 1 << chance.randrange(8)
            case 1 if chance.random() < 0.3:
                del text[at:]
            case 2:
                text[at:at] = chance.choice([b'"', b",", b"\n", b"\r", b"\0", b'"\n', b"\xff", b"{", b"]"])
            case 3:
                del text[at : at + chance.randint(1, 40)]
            case 4:
                text[at:at] = text[max(0, at - chance.randint(1, 200)) : at]
            case 5:
                text[at : at + 1] = b'"'
            case _:
                text[at] = chance.randrange(256)
    return bytes(text)
