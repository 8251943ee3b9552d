"""The reader of every aten operation, by name."""

from __future__ import annotations

from genbounds.models.tracing._affine import HANDLERS as AFFINE
from genbounds.models.tracing._attention import HANDLERS as ATTENTION
from genbounds.models.tracing._convolution import HANDLERS as CONVOLUTION
from genbounds.models.tracing._elementwise import HANDLERS as ELEMENTWISE
from genbounds.models.tracing._normalisation import HANDLERS as NORMALISATION
from genbounds.models.tracing._orders import HANDLERS as ORDERS
from genbounds.models.tracing._pooling import HANDLERS as POOLING
from genbounds.models.tracing._recurrent import HANDLERS as RECURRENT
from genbounds.models.tracing._shapes import HANDLERS as SHAPES
from genbounds.models.tracing.reader import Handler

HANDLERS: dict[str, Handler] = {
    **AFFINE,
    **CONVOLUTION,
    **NORMALISATION,
    **ELEMENTWISE,
    **SHAPES,
    **POOLING,
    **ATTENTION,
    **RECURRENT,
    **ORDERS,
}
"""A name that stands in none of these modules is refused."""
