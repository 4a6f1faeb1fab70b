"""What is wrong with a document: how it is said by the stages, and how it is printed."""

from .catalogue import MEANINGS
from .github import as_github
from .groups import Group, grouped
from .machine import FORMAT_VERSION, as_json, finding
from .model import Diagnostic, InputError, Location, Report, Severity, Text
from .sarif import as_sarif
from .text import Paint, brief, count, plain, printable, render, render_group, where

__all__ = [
    "FORMAT_VERSION",
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
    "brief",
    "count",
    "finding",
    "grouped",
    "plain",
    "printable",
    "render",
    "render_group",
    "where",
]
