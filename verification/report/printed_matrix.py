"""The kill matrix as it is printed in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from genbounds.verification.report.wording import percentage
from genbounds.verification.rows.fault_row import FaultRow, kill_matrices

COLUMNS = ("planted", "caught", "true", "same", "survived")


def printed_matrix(rows: Sequence[FaultRow]) -> list[str]:
    """The kill matrix by operator and by family, and that of capacities, one line of text each; nothing without faults.

    >>> row = FaultRow(study="s", cell="c", bound="vc.sauer", operator="n for 2n", caught=3, true=0, same=0, survived=1, survivors=("n",))
    >>> for line in printed_matrix([row]):
    ...     print(line.replace(chr(0x202F), " "))
    by operator                planted   caught     true     same survived   share
    n for 2n                         4        3        0        0        1    75 %
    all                              4        3        0        0        1    75 %
    by family                  planted   caught     true     same survived   share
    vc                               4        3        0        0        1    75 %
    all                              4        3        0        0        1    75 %
    """
    lines = []
    for by, table in kill_matrices(rows):
        lines.append(f"{f'by {by}':25}" + "".join(f"{column:>9}" for column in COLUMNS) + f"{'share':>8}")
        for line in table:
            counts = "".join(f"{getattr(line, column):9d}" for column in COLUMNS)
            lines.append(f"{line.name:25}{counts}{percentage(line.share):>8}")
    return lines
