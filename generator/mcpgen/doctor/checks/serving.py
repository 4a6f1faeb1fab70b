"""What is not served at all, or not as it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ..patient import Patient
from .check import Check, Found, counted

_OF_THEIR_OWN = frozenset(
    {"dropped-parameter", "no-base-url", "pattern", "security-scheme"}
)


def _warnings(patient: Patient, code: str) -> Iterator[Diagnostic]:
    for one in patient.found:
        if one.severity == "warning" and one.code == code:
            yield one


def _left_out(patient: Patient) -> Found:
    errors = [one for one in patient.found if one.severity == "error"]
    return counted(errors, len(errors) + len(patient.served))


def _assumed(patient: Patient) -> Found:
    warnings = [
        one
        for one in patient.found
        if one.severity == "warning" and one.code not in _OF_THEIR_OWN
    ]
    return counted(warnings, len(patient.served))


def _without_base_url(patient: Patient) -> Found:
    return counted(_warnings(patient, "no-base-url"), 1)


def _credentials(patient: Patient) -> Found:
    warnings = _warnings(patient, "security-scheme")
    return counted(warnings, len(patient.api.security_schemes))


def _dropped(patient: Patient) -> Found:
    warnings = list(_warnings(patient, "dropped-parameter"))
    return counted(warnings, len(warnings) + len(list(patient.arguments())))


CHECKS = (
    Check(
        code="left-out",
        weight=12,
        sentence="operations that are left out",
        help="mend what is said of each; the others are served without them",
        find=_left_out,
    ),
    Check(
        code="assumed",
        weight=6,
        sentence="places where something is wrong and its meaning is assumed",
        help="say in the document what is meant",
        find=_assumed,
    ),
    Check(
        code="security-scheme",
        weight=4,
        sentence="credentials that can't be sent as described",
        help="describe how the API is authenticated: components.securitySchemes, and "
        "`security` of the document",
        find=_credentials,
    ),
    Check(
        code="no-base-url",
        weight=3,
        sentence="documents without the address of their API",
        help="add `servers` with an absolute URL, or give --base-url",
        find=_without_base_url,
    ),
    Check(
        code="dropped-parameter",
        weight=2,
        sentence="parameters that no URI can carry",
        help="--preset tools serves them, and --resources-as-tools of the server",
        find=_dropped,
    ),
)
