"""Forms with files, as they come over HTTP: what is read of them and what is refused."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.files.conftest import LIMIT, Office, OpenOffice
from tests.files.samples import GOOD, PDF

BOUNDARY = "frontier"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
CSV = b"a,b\n1,2\n"


def part(name: str, content: bytes | str, filename: str | None = None, **headers: str) -> bytes:
    """One part of a form."""
    content = content if isinstance(content, bytes) else content.encode()
    named = f'; filename="{filename}"' if filename is not None else ""
    lines = [f'Content-Disposition: form-data; name="{name}"{named}']
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return f"--{BOUNDARY}\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


FILE = part("file", CSV, "a.csv")


def send(office: Office, *parts: bytes) -> httpx.Response:
    return office.post(content=form(*parts), headers=MULTIPART)


def refused(office: Office, response: httpx.Response, status: int, message: str) -> None:
    assert response.status_code == status, response.text
    assert message in response.json()["message"]
    assert office.is_empty()


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def test_a_form_arrives_with_its_texts_and_files(office: Office) -> None:
    answer = send(
        office,
        part("title", "Schöne Grüße"),
        part("ownerId", "7"),
        part("isUrgent", "TRUE"),
        part("file", PDF, "report.pdf", Content_Type="application/pdf"),
        part("more", CSV, "a.csv"),
        part("more", b"c,d", "b.csv"),
        part("tags", "x"),
        part("tags", "y"),
        part("unknown", "ignored"),
    )

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["title"], body["ownerId"], body["isUrgent"]) == ("Schöne Grüße", 7, True)
    assert body["tags"] == ["x", "y"]
    assert [(file["name"], file["contentType"], file["size"]) for file in body["files"]] == [
        ("report.pdf", "application/pdf", len(PDF)),
        ("a.csv", "text/csv", len(CSV)),
        ("b.csv", "text/csv", 3),
    ]
    assert [office.get(file["link"]).content for file in body["files"]] == [PDF, CSV, b"c,d"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 100_000])
def test_a_form_may_come_in_pieces_of_any_size(office: Office, size: int) -> None:
    content = CSV + b"\r\n--frontie\r\n--frontie" + b"\r" * 50 + b"\r\n-" + b"x" * (3000 if size < 10 else 300_000)
    body = form(part("title", "x"), part("file", content, "a.csv"), part("more", CSV, "b.csv"))

    answer = office.post(content=in_pieces(body, size), headers=MULTIPART)

    assert answer.status_code == 201, answer.text
    assert [office.get(file["link"]).content for file in answer.json()["files"]] == [content, CSV]


@pytest.mark.parametrize("spelling", ["more", "more[]", "more[0]"])
def test_a_list_of_files_is_named_with_or_without_brackets(office: Office, spelling: str) -> None:
    answer = send(office, FILE, part(spelling, b"x", "x.csv"), part(spelling.replace("0", "1"), b"y", "y.csv"))

    assert [file["name"] for file in answer.json()["files"]] == ["a.csv", "x.csv", "y.csv"]


def test_an_empty_text_and_a_file_nobody_chose_are_absent(office: Office) -> None:
    answer = send(office, FILE, part("ownerId", ""), part("isUrgent", ""), part("title", ""), part("more", b"", ""))

    assert answer.status_code == 201, answer.text
    assert answer.json()["ownerId"] is None
    assert len(answer.json()["files"]) == 1


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((), "file: send a file"),
        ((part("title", "x"),), "file: send a file"),
        ((part("file", b"", ""),), "file: send a file"),
        ((part("file", b"", "a.csv"),), "file: the file is empty"),
        ((part("file", CSV),), "needs a name"),
        ((part("file", CSV, ""),), "needs a name"),
        ((FILE, FILE), "file: given more than once"),
        ((FILE, part("title", "x"), part("title", "y")), "title: given more than once"),
        ((FILE, part("ownerId", "seven")), "ownerId: Expected `int"),
        ((FILE, part("ownerId", "1.0")), "ownerId: Expected `int"),
        ((FILE, part("ownerId", "0")), "ownerId: Expected `int` >= 1"),
        ((FILE, part("isUrgent", "yes")), "isUrgent: Expected `bool`"),
        ((FILE, part("title", "a\0b")), "title: must not contain NUL"),
        ((FILE, part("title", b"\xff")), "title: must be UTF-8"),
        ((FILE, part("more", b"", "empty.csv")), "more: the file is empty"),
        ((part("file", CSV, "a.exe"),), "a.exe: send a file of one of these kinds"),
        ((part("file", CSV, "a.pdf"),), "a.pdf: its content is not that of a pdf file"),
        ((part("file", PDF, "a.pdf", Content_Type="image/png"),), "a.pdf: its content type must be application/pdf"),
        ((FILE, part("more", b"\0", "b.csv")), "b.csv: its content is not that of a csv file"),
        (tuple(part(f"x{number}", "x") for number in range(200)), "Maximum segment count"),
        ((FILE, part("title", "x", X_Long="x" * 5000)), "header length"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_and_leaves_nothing(
    office: Office, parts: tuple[bytes, ...], message: str
) -> None:
    refused(office, send(office, *parts), 400, message)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"title=x",
        b"--frontier",
        FILE,
        FILE[:-2],
        FILE[:30],
        form(FILE)[:-4],
        form(FILE).replace(b"\r\n", b"\n"),
        form(FILE).replace(b"form-data", b"attachment"),
        form(FILE).replace(b"frontier", b"elsewhere"),
        b"--frontier\r\nno header\r\n\r\nx\r\n--frontier--\r\n",
        b"--frontier\r\n\r\nx\r\n--frontier--\r\n",
    ],
)
def test_a_form_that_is_cut_short_or_malformed_is_refused(office: Office, body: bytes) -> None:
    refused(office, office.post(content=body, headers=MULTIPART), 400, "multipart/form-data, or was cut short")


@pytest.mark.parametrize(
    "declared",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=frontier",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
    ],
)
def test_another_content_type_is_refused(office: Office, declared: str) -> None:
    headers = {"Content-Type": declared} if declared else {}

    refused(office, office.post(content=form(FILE), headers=headers), 400, "multipart/form-data")


@pytest.mark.parametrize(
    "declared", ['multipart/form-data; boundary="frontier"', "Multipart/Form-Data; Boundary=frontier"]
)
def test_a_content_type_may_be_spelled_in_other_ways(office: Office, declared: str) -> None:
    assert office.post(content=form(FILE), headers={"Content-Type": declared}).status_code == 201


def test_a_file_up_to_the_limit_is_kept(office: Office) -> None:
    assert office.upload(b"x" * LIMIT).status_code == 201


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((part("file", b"x" * (LIMIT + 1), "a.csv"),), f"not be larger than {LIMIT} bytes"),
        ((FILE, part("more", b"x" * (LIMIT + 1), "b.csv")), f"not be larger than {LIMIT} bytes"),
        ((FILE, *[part("more", b"x", "b.csv")] * 3), "More than 3 files"),
        ((FILE, part("title", "x" * (1024 * 1024 + 1))), "not be larger than 1048576 bytes together"),
        ((FILE, part("title", "x" * 600_000), part("tags", "x" * 600_000)), "bytes together"),
        ((FILE, part("unknown", "x" * (3 * LIMIT + 1024 * 1024))), "The body is larger than"),
    ],
)
def test_what_is_too_large_is_refused_and_leaves_nothing(
    office: Office, parts: tuple[bytes, ...], message: str
) -> None:
    for content in (form(*parts), in_pieces(form(*parts), 50_000)):
        response = office.post(content=content, headers=MULTIPART)

        refused(office, response, 413, message)
        assert response.headers["connection"] == "close"


def test_what_is_too_large_is_refused_before_its_end(office: Office) -> None:
    asked: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        yield part("file", b"", "a.csv")[:-2]
        while True:
            asked.append(1)
            yield b"x" * 100_000

    refused(office, office.post(content=endless(), headers=MULTIPART), 413, "larger than")
    assert len(asked) < 40


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("filename*=UTF-8''Pr%C3%BCfung.csv", "Prüfung.csv"),
        ("filename=\"plain.csv\"; filename*=UTF-8''Pr%C3%BCfung.csv", "Prüfung.csv"),
        ("filename*=iso-8859-1''Pr%FCfung.csv", "Prüfung.csv"),
        ('filename="Prüfung.csv"', "Prüfung.csv"),
        ("filename=plain.csv", "plain.csv"),
        ('filename="a \\"b\\" %22c%22.csv"', "a"),
        ('filename="../../etc/a.csv"', "a.csv"),
        ('filename="C:\\Users\\me\\a.csv"', "a.csv"),
        ("filename*=UTF-8''..%2F..%2Fa.csv", "a.csv"),
        ("filename*=UTF-8''a%00b.csv", "ab.csv"),
        ('filename=".hidden.csv"', "hidden.csv"),
    ],
)
def test_of_a_file_name_the_last_part_is_kept(office: Office, disposition: str, expected: str) -> None:
    body = form(part("file", CSV)).replace(b'name="file"', f'name="file"; {disposition}'.encode())

    answer = office.post(content=body, headers=MULTIPART)

    assert answer.status_code == 201, answer.text
    assert answer.json()["files"][0]["name"].startswith(expected)


def test_a_file_and_a_text_may_be_given_in_any_order_and_case_of_extension(office: Office) -> None:
    answer = send(office, part("file", GOOD["docx"], "Bericht.DOCX"), part("title", "x"))

    assert answer.json()["files"][0]["contentType"].endswith("wordprocessingml.document")
    assert answer.json()["title"] == "x"


def as_json(office: Office, **fields: Any) -> httpx.Response:
    return office.post(json=fields)


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "file",
    [
        encoded(PDF),
        f"data:application/pdf;base64,{encoded(PDF)}",
        {"base64String": encoded(PDF), "filename": "other.pdf"},
        {"base64String": f"data:application/pdf;base64,{encoded(PDF)}"},
    ],
)
def test_a_form_may_come_as_json(office: Office, file: object) -> None:
    answer = as_json(office, file=file, fileName="report.pdf", title="Report", ownerId=7, isUrgent=True, other=[1])

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["title"], body["ownerId"], body["isUrgent"]) == ("Report", 7, True)
    assert (body["files"][0]["name"], body["files"][0]["size"]) == ("report.pdf", len(PDF))
    assert office.get(body["files"][0]["link"]).content == PDF


def test_most_operations_take_no_json(open_office: OpenOffice) -> None:
    office = open_office(also_json=False)
    response = as_json(office, file=encoded(PDF), fileName="report.pdf")

    refused(office, response, 400, "send the form as multipart/form-data, not as application/json")


@pytest.mark.parametrize("size", [1, 2, 3, 190_000, 196_607, 196_608, 196_609, 196_610, LIMIT])
def test_base64_of_any_length_is_decoded_with_its_slashes_escaped_or_not(office: Office, size: int) -> None:
    content = (b"??>\xff\xff\xff~~~" * (size // 9 + 1))[:size]
    plain = json.dumps({"file": encoded(content), "fileName": "a.csv"})

    for text in (plain, plain.replace("/", "\\/")):
        answer = office.post(content=text, headers={"Content-Type": "application/json"})

        assert answer.status_code == 201, answer.text
        assert office.get(answer.json()["files"][0]["link"]).content == content


@pytest.mark.parametrize(
    "text",
    ["question,answer\n1,2", "äöü", "abc", "YWJj=", "YWJj YWJj", "YQ==YQ==", "Y Q==", "YWJj\n", "a/b\\/c"],
)
def test_what_is_no_base64_is_the_text_itself(office: Office, text: str) -> None:
    answer = as_json(office, file=text, fileName="a.csv")

    assert answer.status_code == 201, answer.text
    assert office.get(answer.json()["files"][0]["link"]).content == text.encode()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"fileName": "../x/a.pdf", "title": "Report"}, "a.pdf"),
        ({"title": "Report.pdf"}, "Report.pdf"),
        ({"title": "SOC 2/Type 2 v1.2"}, "SOC 2-Type 2 v1.2.pdf"),
        ({"title": "R" * 255}, "R" * 240 + ".pdf"),
        ({}, "file.pdf"),
    ],
)
def test_a_file_in_json_is_named_after_the_title_when_it_has_no_name(
    office: Office, fields: dict[str, str], expected: str
) -> None:
    assert as_json(office, file=encoded(PDF), **fields).json()["files"][0]["name"] == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty"),
        (b"{", "truncated"),
        (b"[]", "Expected `object`"),
        (b"{}", "file: send a file"),
        (b'{"file": null}', "file: send a file"),
        (b'{"file": ""}', "file: the file is empty"),
        (b'{"file": 7}', "file: must be the file in base64"),
        (b'{"file": ["x"]}', "file: must be the file in base64"),
        (b'{"file": {}}', "base64String"),
        (b'{"file": {"base64String": "%%%", "filename": "a.csv"}}', "file: not base64"),
        (b'{"file": "data:text/csv;base64,%%%"}', "file: not base64"),
        (b'{"file": "YWJj", "fileName": 7}', "fileName: must be a text"),
        (b'{"file": "YWJj", "fileName": "a.exe"}', "a.exe: send a file of one of these kinds"),
        (b'{"file": "YWJj", "fileName": "a.pdf"}', "a.pdf: its content is not that of a pdf file"),
        (b'{"file": "data:image/png;base64,YWJj", "fileName": "a.csv"}', "a.csv: its content type must be text/csv"),
        (b'{"file": "YWJj", "fileName": "a.csv", "ownerId": "7"}', "ownerId: Expected `int"),
        (b'{"file": "YWJj", "fileName": "a.csv", "title": "\\u0000"}', "NUL"),
        (b'{"file": "\\ud800", "fileName": "a.csv"}', "malformed"),
        (b'{"file": "\xff", "fileName": "a.csv"}', "UTF-8"),
        (b'{"file": "YWJj", "fileName": "a.csv", "x":' + b"[" * 4000 + b"]" * 4000 + b"}", "nested too deeply"),
    ],
)
def test_a_json_form_that_does_not_fit_is_refused_and_leaves_nothing(office: Office, body: bytes, message: str) -> None:
    refused(office, office.post(content=body, headers={"Content-Type": "application/json"}), 400, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"file": encoded(b"x" * (LIMIT + 1)), "fileName": "a.csv"}, f"not be larger than {LIMIT}"),
        ({"file": encoded(b"x" * (4 * LIMIT)), "fileName": "a.csv"}, "The body is larger than"),
        ({"file": "YWJj", "fileName": "a.csv", "title": "x" * (1024 * 1024 + 1)}, "besides the file"),
    ],
)
def test_a_json_form_that_is_too_large_is_refused(office: Office, body: dict[str, str], message: str) -> None:
    refused(office, as_json(office, **body), 413, message)


def test_a_failing_handler_leaves_nothing(office: Office) -> None:
    refused(office, office.upload(title="fail"), 500, "Internal server error")
