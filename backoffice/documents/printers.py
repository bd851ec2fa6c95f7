"""Who prints the documents of a process: in whose name, and with which processes."""

from dataclasses import dataclass

from backoffice.documents.operators import Operator
from backoffice.documents.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Printer:
    """Made once by the composition root; the renderer is closed with the server."""

    operator: Operator
    renderer: Renderer
