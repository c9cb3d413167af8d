"""What can be wrong with a file, in words that follow its name."""


class Refused(ValueError):
    """A file that must not be kept; the message says why, and what to do if something can be done."""


ENCRYPTED = "it is encrypted; remove its password and send it again"
MACROS = "it carries macros; save it without them and send it again"
BOMB = "it unpacks to far more than a document holds"
NESTED = "it holds archives within archives"
NAMES = "it holds entries whose names lead out of it"
METHOD = "it is packed in a way that no document is"
MARKUP = "it holds markup of a web page"
HIDDEN_PDF = "a PDF is hidden in it"
HIDDEN_ZIP = "a zip archive is hidden in it"
DAMAGED = "it is damaged, or not what its name says"
OTHER = "its content is not that of a {} file"
