"""``genbounds reproduce``: compute a number of a report again, from the training on, and compare."""

from __future__ import annotations

from typing import Annotated

import typer

from genbounds.verification.commands.output import FINE, INTERRUPTED, REFUTED, AsJson, FromReport, clean_errors, print_json, report_here
from genbounds.verification.commands.progress import progress_shown
from genbounds.verification.commands.terminal import say
from genbounds.verification.commands.verify import study_of

__all__ = ["reproduce"]


@clean_errors
def reproduce(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The id of a number of a report.")],
    report: FromReport = None,
    workers: Annotated[int, typer.Option(min=0, help="Number of worker processes; 0 means that this process does the work.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Compute a number of a report again, starting with the training; exit status 1 if the result is another number.

    If the folder of the report still holds its results, only the part of the study behind the number is computed again. Otherwise the whole
    study is, which can take as long as it took for the report.

    A report that was written with an older catalogue is read as well: the command says what the theorem has gained or changed since, and
    ends with exit status 1.
    """
    from genbounds.verification.report.read import read_report
    from genbounds.verification.runs.reproduction import reproduce as compute

    file = report_here(report)
    read = read_report(file, older=True)
    row = read.find(identifier.strip().lower())
    study = study_of(read, row.study)
    try:
        with progress_shown(silent=as_json) as progress:
            found = compute(read, row.id, study, file.parent, workers, progress)
    except KeyboardInterrupt:
        say("genbounds: interrupted; nothing is kept", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(found.to_dict())
    else:
        say(found.summary())
    raise typer.Exit(FINE if found.level in ("training", "statistical") else REFUTED)
