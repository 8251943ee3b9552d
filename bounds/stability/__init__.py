"""Algorithmic stability: how little the output depends on one example, and what follows for the risk."""

from genbounds.bounds.stability._bousquet_elisseeff2002 import bousquet_elisseeff2002
from genbounds.bounds.stability._hardt2016convex import hardt2016convex
from genbounds.bounds.stability._hardt2016nonconvex import hardt2016nonconvex
from genbounds.bounds.stability._regularized_erm import regularized_erm

__all__ = ["bousquet_elisseeff2002", "hardt2016convex", "hardt2016nonconvex", "regularized_erm"]
