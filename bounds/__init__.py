"""Generalization bounds as certificates: whole theorems, every constant, rounded up.

>>> from fractions import Fraction
>>> from genbounds.bounds.holdout import hoeffding
>>> certificate = hoeffding(empirical_risk=Fraction(50, 10000), n=10000, delta=Fraction(1, 20))
>>> round(certificate.value, 6)
0.017239
"""

from typing import TYPE_CHECKING

from genbounds.bounds.assumptions import Assumption, AuditedAssumption
from genbounds.bounds.best_of import best_of
from genbounds.bounds.bibliography import Source
from genbounds.bounds.certificate import Certificate
from genbounds.bounds.confidence import Choice, Confidence
from genbounds.bounds.formula import Formula
from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.quantity import Charge, DirectionError, Quantity
from genbounds.bounds.registry import FAMILIES, refuse_folder_name
from genbounds.bounds.theorem import Bound, Capacity, bound, capacity
from genbounds.bounds.worlds import Number, World

from genbounds.bounds import holdout, information, margin, measures, pac_bayes, perceptron, rademacher, stability, vc  # isort: skip  (they need the names above)

refuse_folder_name(__name__)

if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """``__version__``, read from the metadata of the installed package when it is asked for."""
        if name == "__version__":
            from importlib import metadata  # here, as it is slow to load

            return metadata.version("genbounds")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "FAMILIES",
    "Assumption",
    "AuditedAssumption",
    "Bound",
    "Capacity",
    "Certificate",
    "Charge",
    "Choice",
    "Confidence",
    "DirectionError",
    "Formula",
    "Number",
    "Quantity",
    "Source",
    "World",
    "best_of",
    "bound",
    "capacity",
    "catalogue",
    "get",
    "holdout",
    "information",
    "margin",
    "measures",
    "pac_bayes",
    "perceptron",
    "rademacher",
    "stability",
    "vc",
]
