"""What is wrong with a document: how it is said by the stages, and how it is printed."""

from .catalogue import MEANINGS
from .github import as_github
from .groups import Group, grouped
from .machine import as_json
from .model import Diagnostic, InputError, Location, Report, Severity, Text
from .sarif import as_sarif
from .text import Paint, printable, render, render_group

__all__ = [
    "MEANINGS",
    "Diagnostic",
    "Group",
    "InputError",
    "Location",
    "Paint",
    "Report",
    "Severity",
    "Text",
    "as_github",
    "as_json",
    "as_sarif",
    "grouped",
    "printable",
    "render",
    "render_group",
]
