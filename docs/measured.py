"""What the tables of the pages on MNIST and Fashion-MNIST, compression and digits are made of, taken from reports.

``python docs/measured.py mnist/report.json fashion_mnist/report.json compression/report.json report/report.json > docs/measured.json``,
with the reports of ``genbounds verify`` with ``mnist``, ``fashion_mnist``, ``compression`` and ``pac_bayes``, seed 0. A test compares the
tables with the file, and the file with what its inputs give today: a change of a number that makes a page stale fails there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from genbounds.bounds.exact import to_json
from genbounds.bounds.quantity import Quantity
from genbounds.verification.report.read import read_of_today
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval

STUDIES = ("mnist", "fashion_mnist", "compression", "pac_bayes")


def measured(row: BoundRow) -> dict[str, Any]:
    """A certificate with its exact inputs, and what it is compared with; an exact risk has two equal ends."""
    inputs = {name: to_json(value.value if isinstance(value, Quantity) else value) for name, value in row.certificate.inputs.items()}
    ends = (row.risk.lower, row.risk.upper) if isinstance(row.risk, Interval) else (float(row.risk), float(row.risk))
    return {
        "study": row.study,
        "population": row.population,
        "network": row.network,
        "training": row.training,
        "n": row.n,
        "bound": row.bound,
        "inputs": inputs,
        "value": row.certificate.value,
        "risk": list(ends),
        "baseline": row.baseline,
        "worth": row.held_out_equivalent,
    }


def main(paths: Sequence[str]) -> None:
    """Print the rows of these reports as JSON, a line each; certificates of an older catalogue are left out, and stderr says why."""
    rows = []
    for path in paths:
        report, left_out = read_of_today(path)
        sys.stderr.writelines(f"{line}\n" for line in left_out)
        rows += [measured(row) for row in report.bounds if row.study in STUDIES]
    print("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")


if __name__ == "__main__":
    main(sys.argv[1:])
