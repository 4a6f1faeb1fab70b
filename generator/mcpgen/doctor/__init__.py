"""How well agents will get on with an API: what is served, what they stumble over."""

from .checkup import Checkup, Issue, examine
from .page import page, record

__all__ = ["Checkup", "Issue", "examine", "page", "record"]
