"""Which files are kept and which are refused, and with what sentence."""

import hashlib
import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.files.samples import (
    CSV,
    GIF,
    GOOD,
    JPG,
    PDF,
    PNG,
    archive,
    compound_file,
    open_document,
    open_xml,
    word,
)
from trustwright.errors import Invalid
from trustwright.files import faults
from trustwright.files.checking import KINDS, check, likely_extension
from trustwright.files.model import DOCUMENT_EXTENSIONS, QUESTIONNAIRE_EXTENSIONS, Upload

MIB = 1024 * 1024


def checked(
    folder: Path, name: str, content: bytes, declared: str = "", extensions: list[str] = DOCUMENT_EXTENSIONS
) -> str:
    path = folder / "file"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).digest()
    upload = Upload(name=name, content_type=declared, size=len(content), sha256=sha256, path=path)
    return check(upload, extensions)


def refused(folder: Path, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(folder, name, content)
    assert caught.value.message == f"{name}: {reason}"


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(GOOD) == set(KINDS) == set(DOCUMENT_EXTENSIONS)


@pytest.mark.parametrize("extension", GOOD)
def test_a_file_that_is_what_its_name_says_is_kept(tmp_path: Path, extension: str) -> None:
    expected = KINDS[extension].content_types[0]

    for name in (f"report.{extension}", f"REPORT.{extension.upper()}", f"a.b.{extension}"):
        assert checked(tmp_path, name, GOOD[extension]) == expected


@pytest.mark.parametrize("extension", GOOD)
@pytest.mark.parametrize("content", [name for name in GOOD if name != "jpeg"])
def test_a_content_under_any_other_extension_is_refused(tmp_path: Path, extension: str, content: str) -> None:
    if {extension, content} in ({extension}, {"jpg", "jpeg"}):
        return

    kind = KINDS[extension].extension
    refused(tmp_path, f"report.{extension}", GOOD[content], faults.OTHER.format(kind))


@pytest.mark.parametrize("name", ["report", "report.exe", "report.pdf.exe", ".pdf", "report.", "report.docm", "pdf"])
def test_an_extension_that_is_not_listed_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="send a file of one of these kinds: pdf, docx"):
        checked(tmp_path, name, PDF)


@pytest.mark.parametrize("extension", ["gif", "jpg", "jpeg", "png"])
def test_a_questionnaire_is_no_image(tmp_path: Path, extension: str) -> None:
    with pytest.raises(Invalid, match="these kinds"):
        checked(tmp_path, f"answers.{extension}", GOOD[extension], extensions=QUESTIONNAIRE_EXTENSIONS)


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("report.pdf", ""),
        ("report.pdf", "application/octet-stream"),
        ("report.pdf", "application/pdf"),
        ("photo.jpeg", "image/jpeg"),
        ("answers.csv", "text/plain"),
        ("answers.csv", "application/vnd.ms-excel"),
    ],
)
def test_a_declared_type_that_fits_is_accepted(tmp_path: Path, name: str, declared: str) -> None:
    extension = name.partition(".")[2]

    assert checked(tmp_path, name, GOOD[extension], declared) == KINDS[extension].content_types[0]


@pytest.mark.parametrize("declared", ["image/png", "text/html", "application/zip", "pdf", "application/pdf x"])
def test_a_declared_type_that_does_not_fit_is_refused(tmp_path: Path, declared: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(tmp_path, "report.pdf", PDF, declared)

    assert caught.value.message == f"report.pdf: its content type must be application/pdf, not {declared}"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,2\r\n",
        b"\xef\xbb\xbfa,b",
        "Antwort;Schlüssel".encode("latin-1"),
        "Antwort;Schlüssel".encode("utf-16"),
        b"\xfe\xff" + "ö,ä".encode("utf-16-be"),
        b"question,answer\n<script>?,no such thing",
        b"a," * MIB + "ö".encode(),
    ],
)
def test_a_csv_may_be_any_plain_text(tmp_path: Path, content: bytes) -> None:
    assert checked(tmp_path, "answers.csv", content) == "text/csv"


@pytest.mark.parametrize(
    "content", [b"a,\0b", b"\x7fELF", b"\x01\x02", b"a," * MIB + b"\0", b"\xff\xfea\0\0\0", b"\xff\xfea", b"MZ\x90\0"]
)
def test_a_csv_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(tmp_path, "answers.csv", content, faults.OTHER.format("csv"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("answers.csv", b"<script>alert(1)</script>"),
        ("answers.csv", b"\xef\xbb\xbf \n<HTML><body>"),
        ("answers.csv", "<html>".encode("utf-16")),
        ("answers.csv", b"<svg onload='x'>"),
        ("photo.gif", b"GIF89a=1;/*<script src=x></script>*/"),
        ("photo.png", PNG[:40] + b"<html>"),
    ],
)
def test_what_a_browser_takes_for_a_page_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    refused(tmp_path, name, content, faults.MARKUP)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", JPG[:20] + PDF),
        ("photo.gif", GIF[:13] + PDF),
        ("report.docx", open_xml("docx", {"a.bin": PDF}, method=zipfile.ZIP_STORED)),
        ("answers.csv", b"a,b\n" + PDF),
        ("text.doc", word().replace(bytes(16), b"%PDF-1.4".ljust(16, b"\0"), 1)),
    ],
)
def test_a_pdf_within_another_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    refused(tmp_path, name, content, faults.HIDDEN_PDF)


@pytest.mark.parametrize("start", [b"\n", b"\xef\xbb\xbf", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_pdf_begins_with_its_header(tmp_path: Path, start: bytes) -> None:
    refused(tmp_path, "report.pdf", start + PDF, faults.OTHER.format("pdf"))


@pytest.mark.parametrize("extension", ["pdf", "png", "gif", "jpg"])
@pytest.mark.parametrize("end", [b"", b"\n", b"%%EOF\n" * 1000])
def test_a_zip_at_the_end_of_another_file_is_refused(tmp_path: Path, extension: str, end: bytes) -> None:
    refused(tmp_path, f"file.{extension}", GOOD[extension] + open_xml("docx") + end, faults.HIDDEN_ZIP)


@pytest.mark.parametrize("chance", [b"PK\x05\x06", b"PK\x05\x06" + bytes(40), b"PK\x05\x06" + b"\xff" * 18])
def test_the_letters_of_a_zip_alone_are_no_zip(tmp_path: Path, chance: bytes) -> None:
    assert checked(tmp_path, "report.pdf", PDF + chance)


def test_a_plain_zip_is_no_document(tmp_path: Path) -> None:
    for name, kind in (("report.docx", "docx"), ("sheet.ods", "ods")):
        refused(tmp_path, name, archive({"a.txt": b"a"}), faults.OTHER.format(kind))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.docx", open_xml("docx", {"word/vbaProject.bin": b"x"})),
        ("report.docx", open_xml("docx", {"word/VBAPROJECT.BIN": b"x"})),
        ("report.docx", open_xml("docm")),
        ("sheet.xlsx", open_xml("xlsx", {"xl/macrosheets/sheet1.xml": b"<x/>"})),
        ("sheet.xlsx", open_xml("xlsx", {"xl/embeddings/a.xlsx": open_xml("xlsx", {"xl/vbaProject.bin": b"x"})})),
        ("text.odt", open_document("odt", {"Basic/Standard/Module1.xml": b"<x/>"})),
        ("text.odt", open_document("odt", {"Scripts/python/a.py": b"pass"})),
        ("text.doc", word(more=("Macros",))),
        ("text.doc", word(more=("_VBA_PROJECT",))),
    ],
)
def test_macros_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    refused(tmp_path, name, content, faults.MACROS)


def encrypted(content: bytes) -> bytes:
    """The archive with the bit set that says so, in the directory."""
    place = content.index(b"PK\x01\x02") + 8
    return content[:place] + b"\x01" + content[place + 1 :]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.docx", compound_file({"EncryptedPackage": bytes(4096), "EncryptionInfo": bytes(4096)})),
        ("text.doc", compound_file({"EncryptedPackage": bytes(4096)})),
        ("text.doc", word(flags=0x0100)),
        ("report.docx", encrypted(open_xml("docx"))),
        ("text.odt", open_document("odt", {"META-INF/manifest.xml": b"<manifest:encryption-data/>"})),
    ],
)
def test_encrypted_office_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    refused(tmp_path, name, content, faults.ENCRYPTED)


def test_an_encrypted_pdf_is_kept(tmp_path: Path) -> None:
    assert checked(tmp_path, "report.pdf", PDF.replace(b"%%EOF", b"trailer<</Encrypt 9 0 R>>\n%%EOF"))


def test_a_compound_file_of_another_program_is_no_doc(tmp_path: Path) -> None:
    refused(tmp_path, "sheet.doc", word(text="Workbook"), faults.OTHER.format("doc"))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "..\\x", "\\\\host\\x", "C:\\x", "a/.."])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path, "report.docx", open_xml("docx", {name: b"x"}), faults.NAMES)


def longer(content: bytes, name: str, size: int) -> bytes:
    """The archive, whose directory says another length of an entry than is true."""
    place = content.index(name.encode(), content.index(b"PK\x01\x02")) - 46
    return content[: place + 24] + struct.pack("<I", size) + content[place + 28 :]


def nested(times: int) -> bytes:
    inner = open_xml("docx")
    for _ in range(times):
        inner = open_xml("docx", {"word/embeddings/inner.docx": inner})
    return inner


def overlapping() -> bytes:
    """Two thousand entries that all unpack the same mebibyte, which is there once."""
    content = bytearray(open_xml("docx", {"x": bytes(MIB)}))
    directory = content.index(b"PK\x01\x02")
    line = content[content.rindex(b"PK\x01\x02") : content.rindex(b"PK\x05\x06")]
    lines = content[directory : content.rindex(b"PK\x05\x06")] + line * 2000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2003, 2003, len(lines), directory, 0)
    return bytes(content[:directory] + lines + end)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (open_xml("docx", {"a": bytes(2 * MIB)}), faults.BOMB),
        (open_xml("docx", {f"{number}": b"" for number in range(10_001)}), faults.BOMB),
        (open_xml("docx", {"a.zip": archive({f"{number}": b"" for number in range(9_999)})}), faults.BOMB),
        (overlapping(), faults.BOMB),
        (longer(open_xml("docx", {"word": b"x" * 1000}), "word", 10), faults.BOMB),
        (longer(open_xml("docx", {"word": b"x" * 1000}), "word", 2000), faults.DAMAGED),
        (open_xml("docx", {"a.docx": open_xml("docx", {"b": bytes(2 * MIB)})}), faults.BOMB),
        (open_xml("docx").replace(b"[Content_Types].xml", b"[Content_Types].xmx"), faults.OTHER.format("docx")),
        (archive({"[Content_Types].xml": b"<" + bytes(2 * MIB)}), faults.BOMB),
        (nested(2), faults.NESTED),
    ],
    ids=["ratio", "entries", "entries within", "overlap", "liar", "short", "within", "types", "long types", "nested"],
)
def test_archives_that_are_bombs_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    refused(tmp_path, "report.docx", content, reason)


def test_more_than_a_gibibyte_is_a_bomb_however_well_it_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustwright.files.archives.MOST_BYTES", 3000)
    assert checked(tmp_path, "report.docx", open_xml("docx", {"a": b"a" * 500}))

    refused(tmp_path, "report.docx", open_xml("docx", {"a": b"a" * 1500, "b": b"b" * 1500}), faults.BOMB)


def test_a_document_within_a_document_is_kept(tmp_path: Path) -> None:
    table = open_xml("xlsx", {"xl/big.xml": b"<row/>" * 1000})
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert checked(tmp_path, "report.docx", open_xml("docx", {"word/embeddings/a.xlsx": table}, method=method))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_packed_in_another_way_is_refused(tmp_path: Path, method: int) -> None:
    refused(tmp_path, "report.docx", open_xml("docx", method=method), faults.METHOD)


@pytest.mark.parametrize("extension", ["docx", "ods"])
def test_a_file_that_was_cut_short_is_refused_wherever_it_was_cut(tmp_path: Path, extension: str) -> None:
    content = GOOD[extension]
    for size in range(8, len(content) - 1, 37):
        with pytest.raises(Invalid, match=rf"x\.{extension}: ({faults.DAMAGED}|its content is not that)"):
            checked(tmp_path, f"x.{extension}", content[:size])


@pytest.mark.parametrize("extension", ["docx", "ods", "doc"])
def test_broken_bytes_lead_to_a_sentence_and_never_to_another_error(tmp_path: Path, extension: str) -> None:
    content = GOOD[extension]
    for place in range(4, len(content), 7):
        broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with suppress(Invalid):
            checked(tmp_path, f"x.{extension}", broken)


def test_bytes_before_an_archive_are_refused(tmp_path: Path) -> None:
    prefixed = io.BytesIO(archive({"a": b"a"}))
    with zipfile.ZipFile(prefixed, "a") as file:
        file.writestr("[Content_Types].xml", b"x")
    first = b"PK\x03\x04" + bytes(60)

    refused(tmp_path, "report.docx", first + open_xml("docx"), faults.DAMAGED)


@pytest.mark.parametrize("extension", [name for name in GOOD if name != "jpeg"])
def test_a_content_without_a_name_has_a_likely_extension(tmp_path: Path, extension: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(GOOD[extension])

    assert likely_extension(path) == extension


@pytest.mark.parametrize(
    "content", [b"\0", archive({"a": b"a"}), b"PK\x03\x04", compound_file({"Workbook": CSV * 128})]
)
def test_what_is_no_document_has_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert likely_extension(path) == "bin"
