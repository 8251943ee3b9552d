"""``genbounds verify``: run studies, write the report."""

from __future__ import annotations

import dataclasses
import difflib
import importlib.metadata
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genbounds.verification.commands.output import DEFAULT_FOLDER, FINE, INTERRUPTED, REFUTED, AsJson, clean_errors, print_json
from genbounds.verification.commands.progress import progress_shown
from genbounds.verification.commands.terminal import say

if TYPE_CHECKING:
    from genbounds.verification.rows.canary_row import CanaryRow
    from genbounds.verification.rows.report import Report
    from genbounds.verification.runs.cells import Cell, Result, Study
    from genbounds.verification.runs.run import Progress
    from genbounds.verification.runs.workers import Workers

__all__ = ["chosen_studies", "make_report", "study_of", "verify"]

TITLE = "Generalization bounds compared with the risk that they bound"
PACKAGES = ("genbounds", "torch", "numpy", "numba", "scipy", "sympy", "python-flint", "scikit-learn")


@clean_errors
def verify(
    studies: Annotated[
        list[str] | None, typer.Argument(metavar="[STUDY]...", help="Only these studies; without a name, those of the default report.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="More worlds and draws, and faults planted in every formula: under 40 minutes on two cores, with --workers 2."
        ),
    ] = False,
    out: Annotated[
        Path, typer.Option(help="The folder of the report and its results; an interrupted run continues there.")
    ] = DEFAULT_FOLDER,
    workers: Annotated[int, typer.Option(min=0, help="Number of worker processes; 0 means that this process does the work.")] = 0,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A dask scheduler whose workers do the work, such as tcp://10.0.0.5:8786.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what there is to do, and how much time and memory it takes.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The seed of every random draw.")] = 0,
    listing: Annotated[bool, typer.Option("--studies", help="Only list the studies, with their sources and times.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train networks whose true risk is known, compare every bound with it, and write the report."""
    from genbounds.verification.runs.store import Store

    if listing:
        _print_studies(as_json)
        return
    if cluster is not None and workers:
        raise ValueError(f"workers must be 0 with a cluster, got {workers}: the cluster has its own")
    if dry_run:
        _print_plan(studies or [], full=full, out=out, seed=seed, as_json=as_json)
        return
    Store(out).prepare()  # an output folder that cannot be written is named before any work, and before torch is imported
    try:
        with progress_shown(silent=as_json) as progress, _processes(workers) as pool:
            report = make_report(studies or [], full=full, out=out, pool=pool, cluster=cluster, seed=seed, progress=progress)
            from genbounds.verification.report.write import write_report

            files = write_report(report, out, pool)
    except KeyboardInterrupt:
        say(f"genbounds: interrupted; what was finished is kept in {out}: the same command continues", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(_summary(report, files))
    else:
        from genbounds.verification.report.headline import headline
        from genbounds.verification.report.printed_matrix import printed_matrix

        for line in (*headline(report), *printed_matrix(report.faults)):
            say(line)
        say(f"The report is {files['report.html']}.")
    raise typer.Exit(REFUTED if report.refuted else FINE)


def make_report(
    names: Sequence[str],
    *,
    full: bool,
    out: Path,
    pool: Workers | None = None,
    cluster: str | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Run the studies of these names (all if none), and collect their rows; ``ValueError`` for an unknown name.

    Where there is a ``pool`` of worker processes, tiles, rows and canaries are made there.
    """
    from genbounds.verification.rows.report import Report
    from genbounds.verification.runs.run import results, run

    start = time.monotonic()
    chosen = chosen_studies(names, full=full, seed=seed)
    if cluster is None:
        store = run(chosen, out, executor=pool, progress=progress)
    else:
        from genbounds.verification.runs.cluster import dask_executor

        with dask_executor(cluster) as executor:
            store = run(chosen, out, executor=executor, progress=progress)
    found = results(chosen, store)
    calls = [(_rows_and_canary, (study, found[study.name], out)) for study in chosen]
    made = [function(*given) for function, given in calls] if pool is None else pool.each(calls)
    rows = [row for of_study, _ in made for row in of_study] + [canary for _, canary in made if canary is not None]
    asked = {
        "studies": [study.name for study in chosen],
        "revisions": {study.name: study.revision for study in chosen},
        "extents": {study.name: study.extent for study in chosen if study.extent is not None},
        "full": full,
        "seed": seed,
    }
    return Report(title=TITLE, asked=asked, rows=tuple(rows), run=_run_block(start, 0 if pool is None else pool.number))


def _processes(workers: int) -> AbstractContextManager[Workers | None]:
    """So many worker processes for the whole report, which start when there is work for them; None for none."""
    from genbounds.verification.runs.workers import Workers

    return Workers(workers) if workers else nullcontext()


def _rows_and_canary(study: Study, found: Sequence[tuple[Cell, Result]], out: Path) -> tuple[Sequence[Any], CanaryRow | None]:
    """What a study gives to the report; on one thread, since the last bits of a report depend on no number of cores."""
    from genbounds.models.runtime.threads import one_thread
    from genbounds.verification.runs.run import rows_of

    with one_thread():
        return rows_of(study, found, out), canary_row(study)


def canary_row(study: Study) -> CanaryRow | None:
    """The canary of a study as a row; None where it has none."""
    found = study.canary()
    if found is None:
        return None
    words = {name: ", ".join(getattr(found, name)) for name in ("checks", "missed", "alarmed")}
    from genbounds.verification.rows.canary_row import CanaryRow

    return CanaryRow(study=study.name, planted=found.planted, **words)


def _print_studies(as_json: bool) -> None:
    """Each study with what it shows, what it rests on and how long it takes."""
    from genbounds.verification import studies as registry
    from genbounds.verification.studies.listing import described, listed

    found = listed(registry.known())
    if as_json:
        print_json([dataclasses.asdict(one) for one in found])
    else:
        for line in described(found):
            say(line)


def _print_plan(names: Sequence[str], *, full: bool, out: Path, seed: int, as_json: bool) -> None:
    from genbounds.verification.runs.planner import described, expected

    plan = expected(chosen_studies(names, full=full, seed=seed), out)
    if as_json:
        print_json([dataclasses.asdict(one) for one in plan])
    else:
        for line in described(plan):
            say(line)


def study_of(report: Report, name: str) -> Any:
    """The study of that name as the report had it: its size and its seeds."""
    from genbounds.verification import studies as registry
    from genbounds.verification.commands.seeding import Reseeded

    full, seed = bool(report.asked.get("full", False)), int(report.asked.get("seed", 0))
    extent = report.asked.get("extents", {}).get(name)
    study = registry.get(name, full) if extent is None else registry.sized(name, extent)
    return Reseeded(study, seed) if seed else study


def chosen_studies(names: Sequence[str], *, full: bool, seed: int) -> list[Any]:
    """The studies of these names, of the default report if none is named, with their seeds moved; ``ValueError`` for an unknown name."""
    from genbounds.verification import studies as registry
    from genbounds.verification.commands.seeding import Reseeded

    known = registry.known()
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            meant = f"did you mean {' or '.join(close)}?" if close else f"the studies are {', '.join(known)}"
            raise ValueError(f"study must be one of the suite, got {name!r}: {meant}")
    chosen = [registry.get(name, full) for name in dict.fromkeys(names)] if names else registry.default_studies(full)
    return [Reseeded(study, seed) for study in chosen] if seed else chosen


def _run_block(start: float, workers: int) -> dict[str, Any]:
    return {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(time.monotonic() - start, 1),
        "workers": workers,
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _summary(report: Report, files: dict[str, Path]) -> dict[str, Any]:
    from genbounds.verification.report.headline import headline

    return {
        "found": headline(report),
        "families": list(report.families),
        "rows": {
            "trials": len(report.trials),
            "bounds": len(report.bounds),
            "coverage": len(report.coverages),
            "enumeration": len(report.enumerations),
            "brackets": len(report.brackets),
            "mutants": len(report.mutants),
            "canaries": len(report.canaries),
            "faults": len(report.faults),
            "findings": len(report.findings),
            "figures": len(report.curves),
        },
        "refuted": [row.id for row in report.refuted],
        "files": {name: str(path) for name, path in files.items()},
        "run": dict(report.run),
    }
