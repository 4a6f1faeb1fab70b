"""What things are called: operations, arguments, modules and the server."""

from .arguments import argument_names
from .name import Named, name
from .prefix import prefixed
from .slug import plain_slug, slug
from .words import words

__all__ = ["Named", "argument_names", "name", "plain_slug", "prefixed", "slug", "words"]
