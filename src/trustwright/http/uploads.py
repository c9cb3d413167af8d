"""Forms with files: multipart/form-data, read as it arrives, its files written to disk (Q15, Q24)."""

import functools
import operator
import re
import types
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from email.message import Message
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from litestar import Request
from msgspec import Meta, Struct, inspect
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from trustwright.errors import Invalid, TooLarge
from trustwright.files.model import Upload
from trustwright.files.names import base_name
from trustwright.http import bodies, json_forms, query
from trustwright.http.incoming import Sink, Writer, folder_of_request
from trustwright.settings import MIB, Settings

MULTIPART = "multipart/form-data"
JSON = "application/json"

TEXTS = MIB  # what the fields of a form that are no files may take together
PARTS = 100

PLAIN_NAME = re.compile(r';\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.IGNORECASE)

# How a file is shown in the description of the API.
Binary = Annotated[str, Meta(extra_json_schema={"format": "binary"})]


@asynccontextmanager
async def receiving(
    request: Request[Any, Any, Any], kind: Any, settings: Settings, *, also_json: bool = False
) -> AsyncIterator[Any]:
    """The form of a request as a `kind`, its files on disk while the block lasts. Raises Invalid and TooLarge."""
    media, options = parse_options_header(request.headers.get("content-type", ""))
    async with folder_of_request(settings.data_dir) as folder:
        if media == MULTIPART:
            values = await _read(request, options.get("boundary", ""), Form(kind, folder, settings))
        elif media == JSON and also_json:
            values = await json_forms.read(request, next(iter(file_fields(kind))), folder, settings)
        else:
            wanted = f"{MULTIPART} or {JSON}" if also_json else MULTIPART
            raise Invalid(f"Content-Type: send the form as {wanted}, not as {media or 'nothing'}")
        yield _converted(values, kind)


async def _read(request: Request[Any, Any, Any], boundary: str, form: "Form") -> dict[str, Any]:
    try:
        with PushMultipartParser(boundary, max_segment_count=PARTS) as parser:
            async with aclosing(bodies.chunks(request, form.limit)) as chunks:
                async for chunk in chunks:
                    for event in parser.parse(chunk) if chunk else ():
                        await form.take(event)
    except MultipartError as error:
        raise Invalid(f"The body is not {MULTIPART}, or was cut short: {error}") from error
    return form.values


def _converted(values: dict[str, Any], kind: Any) -> Any:
    for name, field in file_fields(kind).items():
        if field.required and name not in values:
            raise Invalid(f"{name}: send {'at least one file' if field.many else 'a file'}")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise Invalid(bodies.fault(error)) from error


class Form:
    """A form under way: takes what the parser finds, and becomes `values`."""

    def __init__(self, kind: Any, folder: Path, settings: Settings) -> None:
        self.values: dict[str, Any] = {}
        self.limit = settings.max_file * settings.max_files + TEXTS
        self._files = file_fields(kind)
        self._texts = query.kinds(kind)
        self._folder = folder
        self._settings = settings
        self._received = 0
        self._room = TEXTS
        self._part: FilePart | TextPart | None = None

    async def take(self, event: MultipartSegment | bytes | None) -> None:
        """The begin of a part, a piece of it, or its end. Raises Invalid and TooLarge."""
        if isinstance(event, MultipartSegment):
            self._part = self._open(event)
        elif isinstance(self._part, FilePart):
            if event is not None:
                await self._part.writer.write(event)
            elif upload := await self._part.upload():
                self._put(self._part.name, upload, many=self._files[self._part.name].many)
        elif isinstance(self._part, TextPart):
            self._take_text(self._part, event)

    def _open(self, segment: MultipartSegment) -> "FilePart | TextPart | None":
        """Where a part's content goes; None for a field that nobody asked for (Q22)."""
        name = query.INDEX.sub("", segment.name or "")
        if name not in self._files:
            return TextPart(name) if name in self._texts else None
        self._received += 1
        if self._received > self._settings.max_files:
            raise TooLarge(f"More than {self._settings.max_files} files; send the others with another request")
        return FilePart(name, segment, Sink(self._folder / str(self._received), self._settings.max_file))

    def _take_text(self, part: "TextPart", data: bytes | None) -> None:
        if data is not None:
            self._room -= len(data)
            if self._room < 0:
                raise TooLarge(f"The fields of a form must not be larger than {TEXTS} bytes together")
            part.data += data
        elif text := part.text():
            wanted = self._texts[part.name]
            many = isinstance(wanted, tuple)
            self._put(part.name, query.scalar(part.name, text, wanted[0] if many else wanted), many=many)

    def _put(self, name: str, value: object, *, many: bool) -> None:
        if many:
            self.values.setdefault(name, []).append(value)
        elif name in self.values:
            raise Invalid(f"{name}: given more than once")
        else:
            self.values[name] = value


class TextPart:
    """A field under way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = bytearray()

    def text(self) -> str:
        """Raises Invalid when it is not UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            raise Invalid(f"{self.name}: must be UTF-8") from error


class FilePart:
    """A file under way."""

    def __init__(self, name: str, segment: MultipartSegment, sink: Sink) -> None:
        self.name = name
        self.writer = Writer(sink)
        self._given = file_name(segment)
        self._content_type = (segment.content_type or "").lower()

    async def upload(self) -> Upload | None:
        """The file; None for what a browser sends when no file was chosen. Raises Invalid and TooLarge."""
        await self.writer.flush()
        sink = self.writer.sink
        if not sink.size and not self._given:
            return None
        if not sink.size:
            raise Invalid(f"{self.name}: the file is empty")
        name = base_name(self._given)
        return Upload(name=name, content_type=self._content_type, size=sink.size, sha256=sink.sha256(), path=sink.path)


def file_name(segment: MultipartSegment) -> str:
    """What the client calls the file: `filename*` (RFC 8187) before `filename`."""
    disposition: str = segment.header("Content-Disposition", "")
    if "filename*" not in disposition.lower():
        return segment.filename or ""
    message = Message()
    message["Content-Disposition"] = PLAIN_NAME.sub("", disposition)
    return message.get_filename() or ""


class FileField(Struct, frozen=True):
    """Whether a field of a form takes several files, and whether it must have one."""

    many: bool
    required: bool


@functools.cache
def file_fields(kind: Any) -> dict[str, FileField]:
    """The fields of a form that take files, by their names on the wire."""
    found = {}
    for field in _fields(kind):
        many = isinstance(field.type, inspect.ListType)
        inner = field.type.item_type if isinstance(field.type, inspect.ListType) else field.type
        choices = inner.types if isinstance(inner, inspect.UnionType) else (inner,)
        if any(isinstance(choice, inspect.StructType) and choice.cls is Upload for choice in choices):
            found[field.encode_name] = FileField(many, field.required)
    return found


def _fields(kind: Any) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{kind} is not a Struct")
    return described.fields


@functools.cache
def described(kind: Any) -> Any:
    """The form as a Struct in which a file is a binary text: what its description is made of."""
    fields = []
    for field in msgspec.structs.fields(kind):
        given: dict[str, Any] = {"name": field.encode_name}
        if field.default is not msgspec.NODEFAULT:
            given["default"] = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            given["default_factory"] = field.default_factory
        fields.append((field.name, _shown(field.type), msgspec.field(**given)))
    return msgspec.defstruct(kind.__name__, fields, namespace={"__doc__": kind.__doc__}, kw_only=True, frozen=True)


def _shown(kind: Any) -> Any:
    """An annotation with every Upload in it as Binary."""
    if kind is Upload:
        return Binary
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return Annotated[(_shown(parts[0]), *parts[1:])]
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, map(_shown, parts))
    return types.GenericAlias(list, (_shown(parts[0]),)) if origin is list else kind
