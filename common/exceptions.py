"""One tree of expected errors; HTML, API and task edges map it, nothing else catches it."""


class DomainError(Exception):
    """Something a user or a caller can mend: `code` for machines, `message` for people."""

    def __init__(self, code: str, message: str, **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class NotAllowed(DomainError):
    """The reader's role does not include the act (403 at the HTML edge)."""


class NotFound(DomainError):
    """Missing, or another's: both answer the same 404."""


class TooMany(DomainError):
    """Too often in a short time (429 at the HTML edge); `minutes` says how long to wait."""


class Unreadable(DomainError):
    """A file that cannot be read at all, or lacks a required column: nothing was changed."""
