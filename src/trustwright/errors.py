"""Everything that can go wrong with a request, each with its status, its code and its sentence."""

from typing import ClassVar


class Problem(Exception):
    """A request that cannot be served. The HTTP layer turns it into the documented body (Q7, Q8)."""

    status: ClassVar[int] = 500
    code: ClassVar[int] = 10090
    name: ClassVar[str] = "InternalServerErrorException"
    sentence: ClassVar[str] = "Internal server error"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.sentence
        super().__init__(self.message)


class Invalid(Problem):
    """The request is malformed, or breaks a rule of the API."""

    status = 400
    code = 10000
    name = "BadRequestException"
    sentence = "Malformed data and/or validation errors"


class SchemaMismatch(Invalid):
    """A record does not fit its resource's schema (Q39)."""

    code = 28022


class MalformedId(Invalid):
    """An id in the path is not one that could exist: 400 where the operation lists it, else 404 (Q6)."""


class InvalidKey(Problem):
    status = 401
    code = 10001
    name = "UnauthorizedException"
    sentence = "Invalid Authorization"


class NotEntitled(Problem):
    status = 402
    code = 10010
    name = "PaymentRequiredException"
    sentence = "You must upgrade your plan to use this feature"


class NotPermitted(Problem):
    status = 403
    code = 10020
    name = "ForbiddenException"
    sentence = "You are not allowed to perform this action"


class NotFound(Problem):
    """No such object in this account: 404 where the operation lists it, else 400, else 404 (Q6)."""

    status = 404
    code = 10030
    name = "NotFoundException"
    sentence = "Not Found"


class MethodNotAllowed(Problem):
    status = 405
    code = 10040
    name = "MethodNotAllowedException"
    sentence = "Method Not Allowed: /docs lists the methods of each path"


class Conflict(Problem):
    status = 409
    code = 10050
    name = "ConflictException"
    sentence = "Conflict"


class TermsNotAccepted(Problem):
    status = 412
    code = 10060
    name = "PreconditionFailedException"
    sentence = "You must accept the terms and conditions to use the API"


class TooLarge(Problem):
    status = 413
    code = 10070
    name = "PayloadTooLargeException"
    sentence = "The file was too large to upload"


class WrongState(Problem):
    """The object is not in a state that allows this: 422 or 409 where listed, else 400 (Q6)."""

    status = 422
    code = 10080
    name = "UnprocessableEntityException"
    sentence = "Unprocessable Entity"


class TooManyRequests(Problem):
    """More requests than one key, one link or one address may make in a while."""

    status = 429
    code = 10120
    name = "TooManyRequestsException"
    sentence = "Too many requests: wait as many seconds as Retry-After says."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Unavailable(Problem):
    """Something that this needs does not answer: 503 where listed, else 500 (Q6)."""

    status = 503
    code = 10100
    name = "ServiceUnavailableException"
    sentence = "A service that this needs does not answer; try again later"


NAMES: dict[int, str] = {
    problem.status: problem.name
    for problem in (
        Problem,
        Invalid,
        InvalidKey,
        NotEntitled,
        NotPermitted,
        NotFound,
        MethodNotAllowed,
        Conflict,
        TermsNotAccepted,
        TooLarge,
        WrongState,
        TooManyRequests,
        Unavailable,
    )
}
