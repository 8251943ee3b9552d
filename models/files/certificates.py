"""A certificate from a JSON file: of one that was written alone, or the number to cite of a table; its value is computed again."""

from __future__ import annotations

import json
import os
from pathlib import Path

from genbounds.bounds import Certificate
from genbounds.bounds.recomputed import least_delta, recomputed
from genbounds.models.files.limits import reading

MOST_BYTES = 2**28
_WHAT = "JSON file of a certificate"
_REMEDY = "write json.dumps(certificate.to_dict()), or take the certificates.json of genbounds certify --out"


def read_certificate(path: str | os.PathLike[str]) -> Certificate:
    """The certificate of a file: what ``Certificate.to_dict`` gives, or the number to cite of what ``CertificateTable.to_dict`` gives.

    The bound is read again at the inputs that stand in the file: a value below its result, a smaller delta, a statement about something
    else, or a list of assumptions that is shorter than the theorem's is refused, so that no number is believed that its inputs do not
    give. Whether an assumption *holds* stays the word of whoever made it.

    Args:
        path: a JSON file.

    Raises:
        ValueError: no such file, or one that holds no certificate of the catalogue, or another number than its inputs give.

    >>> import tempfile
    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = Path(folder.name) / "surrogate.json"
    >>> _ = file.write_text(json.dumps(clopper_pearson(errors=3, n=400, delta="0.025").to_dict()))
    >>> read_certificate(file)
    <Certificate holdout.clopper_pearson: risk <= 0.0217607>
    >>> folder.cleanup()
    """
    if not Path(path).is_file():
        raise ValueError(f"the file of the certificate must exist, got {path}: check the path")
    if Path(path).stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} must be a {_WHAT}, got {Path(path).stat().st_size} bytes: {_REMEDY}")
    with reading(path, _WHAT, _REMEDY):
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(data, dict) or not ("rows" in data or "bound" in data):
            raise ValueError(f"{path} must hold a certificate, got other JSON: {_REMEDY}")
        if "rows" in data and data["best"] is None:
            raise ValueError(f"{path} must have a number to cite, got a table without one: certify what it is about on held-out examples")
        certificate = Certificate.from_dict(data["best"] if "rows" in data else data)
        _check(certificate, path)
    return certificate


def _check(certificate: Certificate, path: str | os.PathLike[str]) -> None:
    """``ValueError`` where the theorem says something else at the certificate's own inputs, or assumes more."""
    again = recomputed(certificate)
    delta = float(certificate.delta or 0), float(least_delta(certificate.inputs))
    for what, (stated, found) in {"value": (certificate.value, again.value), "delta": delta}.items():
        if not stated >= found:
            raise ValueError(
                f"the {what} in {path} must be at least what its inputs give, {found!r}, got {stated!r}: it was changed, or another "
                "version made it; make it again"
            )
    if (certificate.bounds_on, certificate.mode) != (again.bounds_on, again.mode):
        raise ValueError(
            f"the certificate in {path} must be on the {again.bounds_on} ({again.mode}), as {again.bound} is, got {certificate.bounds_on} "
            f"({certificate.mode}): make it again"
        )
    listed = {entry.assumption for entry in certificate.assumptions}
    if missing := [entry.assumption.name for entry in again.assumptions if entry.assumption not in listed]:
        raise ValueError(
            f"the certificate in {path} must list what {again.bound} assumes, got none named {', '.join(missing)} with today's statement: "
            "another version made it; make it again"
        )
