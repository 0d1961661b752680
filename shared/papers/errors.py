"""What can be wrong with a paper; every detail names the slot or character, never a value."""

from __future__ import annotations

from shared.kernel.errors import Conflict, DomainError


class PaperInvalid(DomainError):
    """A slot is missing, unknown, too long or of another kind; `slots` in `extra` names them."""

    code = "paper_invalid"


class TemplateInvalid(DomainError):
    """A template file contradicts itself; `detail` names file and fault."""

    code = "paper_template_invalid"


class FontMissing(DomainError):
    """No font with Chinese characters was found: an error instead of a page of boxes."""

    code = "paper_font_missing"


class ListTooLong(DomainError):
    """More rows than one list may have; `most` in `extra` is the limit."""

    code = "list_too_long"


class NotPrintable(Conflict):
    """There is no template for this paper: it is written by hand."""

    code = "not_printable"
