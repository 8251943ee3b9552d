"""What no data can have: a margin above the norms of the inputs."""

from __future__ import annotations

from genbounds.bounds.inputs import Requirement

MARGIN_AT_MOST_RADIUS = Requirement(
    ("radius", "margin"),
    lambda radius, margin: margin <= radius,
    "margin must be at most radius",
    "y <u, x> is at most ||x|| for a unit vector u: divide the margin by the norm of its vector",
)
