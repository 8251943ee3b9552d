"""The surrogate of ``genbounds certify --surrogate``: another network with a certificate, from their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genbounds.bounds import Certificate
from genbounds.bounds.bounds_on import RISK

if TYPE_CHECKING:
    from torch import nn

    from genbounds.models.files.saved_weights import SavedWeights

__all__ = ["ReadSurrogate", "SurrogateFiles", "surrogate_files"]


@dataclass(frozen=True)
class ReadSurrogate:
    """What the files hold, before anybody's code is imported.

    Attributes:
        certificate: of the risk of one network.
        weights: of that network, read from ``file``.
        file: their name.
        constructor: what makes the network.
    """

    certificate: Certificate
    weights: SavedWeights
    file: Path
    constructor: str

    def network(self, construct: Callable[[str], nn.Module]) -> tuple[nn.Module, tuple[str, ...]]:
        """The network with its weights, and what was opened to get them."""
        from genbounds.models.files.saved_weights import load_weights

        made = construct(self.constructor)
        weights = self.weights.of(made, self.file)
        return load_weights(made, weights.tensors, self.file), weights.said


@dataclass(frozen=True)
class SurrogateFiles:
    """The options about a surrogate, all of them given.

    Attributes:
        certificate: the JSON file of its certificate.
        weights: the file of its weights.
        constructor: what makes the network.
        unlabelled: inputs that neither network saw.
    """

    certificate: Path
    weights: Path
    constructor: str
    unlabelled: str

    def read(self) -> ReadSurrogate:
        """The certificate, computed again, and the weights; ``ValueError`` for one that is not on the risk of one network."""
        from genbounds.models.files.certificates import read_certificate
        from genbounds.models.files.saved_weights import read_state_dict

        certificate = read_certificate(self.certificate)
        if certificate.bounds_on != RISK:
            raise ValueError(
                f"--surrogate must be a certificate of the risk of one network, got one of {certificate.bound} on the "
                f"{certificate.bounds_on}: in Python, certify(model, train, surrogate=(function, certificate), unlabelled=inputs) takes a "
                "function that gives the classes of a random predictor or of a vote"
            )
        return ReadSurrogate(certificate, read_state_dict(self.weights), self.weights, self.constructor)


def surrogate_files(
    certificate: Path | None, weights: Path | None, own_constructor: str | None, unlabelled: str | None, constructor: str
) -> SurrogateFiles | None:
    """The options as one, or None where none is given; ``constructor`` makes the network where it has no constructor of its own.

    ``ValueError`` where some are missing.

    >>> surrogate_files(None, None, None, None, "mynets:build") is None
    True
    >>> surrogate_files(Path("s.json"), None, None, "fresh.npz", "mynets:build")
    Traceback (most recent call last):
    ...
    ValueError: --surrogate-model must be given too, got --surrogate and --unlabelled: a surrogate is a certificate, its network and inputs
    """
    options = {
        "--surrogate": certificate,
        "--surrogate-model": weights,
        "--surrogate-constructor": own_constructor,
        "--unlabelled": unlabelled,
    }
    given = [name for name, one in options.items() if one is not None]
    if not given:
        return None
    if certificate is None or weights is None or unlabelled is None:
        missing = next(name for name, one in options.items() if one is None and name != "--surrogate-constructor")
        raise ValueError(f"{missing} must be given too, got {' and '.join(given)}: a surrogate is a certificate, its network and inputs")
    return SurrogateFiles(certificate, weights, own_constructor or constructor, unlabelled)
