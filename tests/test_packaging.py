"""The package as it is declared, imported and installed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.statements import statements

ROOT = Path(__file__).parents[1]
ROOMS = ("bounds", "models", "verification")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAY_IMPORT = {"bounds": {"bounds"}, "models": {"bounds", "models"}, "verification": {"bounds", "models", "verification"}}
NEVER_IN_BOUNDS = {"torch", "sklearn", "matplotlib", "jinja2", "typer", "rich", "pandas", "mpmath"}
ONLY_INSIDE_FUNCTIONS = {"scipy.special", "scipy.stats", "scipy.optimize", "matplotlib.pyplot"}
HEAVY = ["torch", "sympy", "matplotlib", "scipy.special", "scipy.stats", "scipy.optimize", "sklearn", "mpmath", "jinja2", "pandas"]


def folders() -> set[str]:
    """Every folder of the three trees that holds a module."""
    found = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    return {".".join(("genbounds", *folder.relative_to(ROOT).parts)) for folder in found}


def sources(room: str) -> list[Path]:
    """The modules of a tree."""
    return sorted((ROOT / room).rglob("*.py"))


def imports(tree: ast.AST) -> list[tuple[int, str, bool]]:
    """(line, dotted name, relative) of every import."""
    found = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{node.module}.{alias.name}" if node.module else alias.name, node.level > 0) for alias in node.names]
    return found


def run_python(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter, away from the repository unless a folder is given."""
    options.setdefault("cwd", options.pop("folder", "/"))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, **options)


def test_pyproject_lists_every_folder_and_no_other() -> None:
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    assert len(listed) == len(set(listed))
    assert set(listed) == folders()
    without_init = [name for name in listed if not (ROOT.joinpath(*name.split(".")[1:]) / "__init__.py").exists()]
    assert without_init == []


def test_data_files_of_every_kind_are_declared() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["*"]
    assert [path.name for path in data_files() if not any(path.match(pattern) for pattern in patterns)] == []


def data_files() -> list[Path]:
    """What the trees hold in addition to Python and what Python and numba keep of it."""
    every = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in every if path.suffix not in (".py", ".md") and path.name != "py.typed"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_typed(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_dependencies_run_one_way_and_imports_are_absolute(room: str) -> None:
    wrong = []
    for path in sources(room):
        for line, name, relative in imports(ast.parse(path.read_text(encoding="utf-8"))):
            parts = name.split(".")
            where = f"{path.relative_to(ROOT)}:{line}"
            if relative:
                wrong.append(f"{where}: a relative import")
            elif parts[0] in (*ROOMS, "tests"):
                wrong.append(f"{where}: imports {name}: write genbounds.{name}")
            elif parts[0] == "genbounds" and (len(parts) < 2 or parts[1] not in MAY_IMPORT[room]):
                wrong.append(f"{where}: {room} imports {name}")
            elif room == "bounds" and parts[0] in NEVER_IN_BOUNDS:
                wrong.append(f"{where}: bounds imports {name}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("room", ["bounds", "models"])
def test_slow_modules_are_imported_inside_functions(room: str) -> None:
    wrong = []
    for path in sources(room):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
        names = [".".join(name.split(".")[:2]) for _, name, _ in imports(top)]
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in names if name in ONLY_INSIDE_FUNCTIONS]
        allowed = path == ROOT / "bounds" / "worlds" / "symbols.py"  # itself imported when a formula is printed
        wrong += [f"{path.relative_to(ROOT)}: sympy" for name in names if name.split(".")[0] == "sympy" and not allowed]
    assert wrong == []


@pytest.mark.slow
def test_importing_the_bounds_is_quick_and_light() -> None:
    """In processor time, less than five times what numpy alone takes in the same processes: a busy machine slows down both alike.

    Modules that are compiled already, as those of an installed package are: a first process writes what the others read.
    """
    code = (
        "import sys, time\n"
        "start = time.process_time()\n"
        "import numpy\n"
        "numpys = time.process_time() - start\n"
        "import genbounds.bounds\n"
        f"print(time.process_time() - start, numpys, [name for name in {HEAVY} if name in sys.modules])\n"
    )
    seconds = []
    cached = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(5):
        finished = run_python(code, env=cached)
        assert finished.returncode == 0, finished.stderr
        total, alone, loaded = finished.stdout.split(" ", 2)
        assert loaded.strip() == "[]"
        seconds.append((float(total), float(alone)))
    whole, numpys = (min(column) for column in zip(*seconds, strict=True))
    assert whole < 5 * numpys


@pytest.mark.slow
@pytest.mark.parametrize("module", ["bounds", "bounds.holdout", "bounds.pac_bayes._seeger2002"])
def test_a_module_under_its_folder_name_is_refused_with_the_right_import(module: str) -> None:
    finished = run_python(f"import {module}", folder=ROOT)
    assert finished.returncode != 0
    assert "ImportError" in finished.stderr
    assert "import genbounds.bounds" in finished.stderr


def tracked_files() -> list[Path]:
    """The files under version control, or all of the tree where git is not there."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink()]


@pytest.mark.slow
def test_no_machine_path_and_no_host_of_a_registry_is_in_a_tracked_file() -> None:
    machine = re.compile(r"/(?:root|home|Users|work|tmp)/[A-Za-z_.]|file:///|--(?:extra-)?index-url|--find-links")
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__):
            found += [f"{path.relative_to(ROOT)}: {match.group(0)}" for match in machine.finditer(text)]
    assert found == []


@pytest.mark.slow
def test_no_tracked_file_holds_the_marks_of_a_merge() -> None:
    """One such file was a template, and a report showed both versions of a paragraph."""
    marks = re.compile(rb"^(?:<{7} |>{7} |\|{7} )", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in tracked_files() if marks.search(path.read_bytes())] == []


# --- the wheel -------------------------------------------------------------------------------------------------------------------------

RENDER = """
import pathlib, sys
from fractions import Fraction
import genbounds.bounds, genbounds.models, genbounds.verification
from genbounds.bounds import get
from genbounds.bounds.bibliography import entries
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.report import Report
from genbounds.verification.checks.verdicts import Verdict

home, out = pathlib.Path(sys.argv[1]), sys.argv[2]
for package in (genbounds.bounds, genbounds.models, genbounds.verification):
    assert pathlib.Path(package.__file__).is_relative_to(home), package.__file__
assert len(entries()) >= 20
clopper = get("holdout.clopper_pearson")(errors=26, n=500, delta=Fraction(1, 20))
row = BoundRow.compared(
    clopper, Fraction(92, 1797), 500, cell="a1", network="linear", risk_what="exact risk on the pool", scale="realistic",
    n_over_pool=Fraction(500, 1797), empirical=Fraction(26, 500), study="wheel", population="digits", training="none",
)
run = {"finished": "2026-01-01T00:00:00Z", "seconds": 1.0, "versions": {"genbounds": "0.1.0", "python": "3.11"}}
report = Report(title="From a wheel", asked={"studies": ["wheel"], "full": False, "seed": 0}, rows=(row,), run=run)
written = write_report(report, out)
print(sorted(path.name for path in written.values()))
"""
REPORT_FILES = "['references.bib', 'report.html', 'report.json', 'report.md', 'tables.tex']"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of the tracked files, and the wheel built from it, without network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for path in tracked_files():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    return out


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    """The wheel."""
    (built,) = distributions.glob("*.whl")
    return built


@pytest.mark.wheel
@pytest.mark.slow
def test_the_source_distribution_is_the_repository(distributions: Path) -> None:
    """Its README's two commands work from it: every tracked file is there, and nothing else of the project."""
    (built,) = distributions.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    wanted = {path.relative_to(ROOT).as_posix() for path in tracked_files()} - {".gitignore"}
    assert wanted - names == set()
    assert {name for name in names - wanted if ".egg-info/" not in name} == {"PKG-INFO", "setup.cfg"}


@pytest.mark.wheel
@pytest.mark.slow
def test_the_package_index_would_take_both(distributions: Path) -> None:
    pytest.importorskip("twine", reason="the extra 'dev' brings twine")
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions.iterdir())]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("PASSED") == 2


@pytest.mark.wheel
@pytest.mark.slow
def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {f"genbounds/{path.relative_to(ROOT).as_posix()}" for room in ROOMS for path in sources(room)}
    wanted |= {f"genbounds/{path.relative_to(ROOT).as_posix()}" for path in data_files()}
    wanted |= {f"genbounds/{room}/py.typed" for room in ROOMS}
    assert "genbounds/bounds/references.bib" in wanted
    assert wanted - names == set()
    assert {name for name in names if not name.startswith("genbounds/") and ".dist-info/" not in name} == set()
    assert not any("tests" in name.split("/") for name in names)


@pytest.mark.wheel
@pytest.mark.slow
def test_the_installed_wheel_opens_its_bibliography_and_renders_a_report(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    finished = subprocess.run(install, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    finished = subprocess.run(
        [sys.executable, "-c", RENDER, str(target), str(tmp_path / "report")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert finished.stdout.strip() == REPORT_FILES
    assert (tmp_path / "report" / "report.html").stat().st_size > 5000


@pytest.mark.slow
@pytest.mark.wheel
def test_the_package_that_is_installed_here_opens_its_data_and_renders_a_report(tmp_path: Path) -> None:
    import genbounds.bounds

    home = Path(genbounds.bounds.__file__).parents[1]
    text = resources.files("genbounds.bounds").joinpath("references.bib").read_text(encoding="utf-8")
    assert "@software{genbounds" in text or "genbounds" in text
    finished = subprocess.run(
        [sys.executable, "-c", RENDER, str(home), str(tmp_path / "report")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert finished.stdout.strip() == REPORT_FILES


@pytest.mark.slow
@pytest.mark.wheel
def test_the_installed_command_line_answers() -> None:
    command = shutil.which("genbounds", path=str(Path(sys.executable).parent)) or shutil.which("genbounds")
    assert command is not None
    finished = subprocess.run([command, "compute", "holdout.hoeffding", "empirical_risk=0.1", "n=1000", "delta=0.05", "--json"],
                              cwd="/", capture_output=True, text=True, check=False)  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert "0.138" in finished.stdout
