"""``genbounds certify``: what it prints and writes, and that malicious or damaged files run nothing and end with status 2."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from typer.testing import CliRunner

from genbounds.bounds import pac_bayes
from genbounds.models import certify, certify_predictions
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.files.preparation import Preparation
from genbounds.verification.cli import app
from genbounds.verification.commands.certify import construct, read_data

RUNNER = CliRunner()
MODULE = """
from pathlib import Path
from torch import nn

(Path(__file__).parent / "imported").mkdir(exist_ok=True)

def net():
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))

def number():
    return 3

def broken():
    raise KeyError("width")

def leaves():
    raise SystemExit(0)

class Nets:
    net = staticmethod(net)
"""


class Trap:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (os.mkdir, (str(self.mark),))


def _network(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a module of networks, weights and data in every format."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "certify_nets.py").write_text(MODULE)
    monkeypatch.delitem(sys.modules, "certify_nets", raising=False)
    state = _network(0).state_dict()
    save_file(state, tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "w.pt")
    torch.save(_network(1).state_dict(), tmp_path / "first.pt")
    rng = np.random.default_rng(0)
    for name, n in (("train", 60), ("held", 40)):
        x, y = rng.integers(0, 256, (n, 2, 2), dtype=np.uint8), rng.integers(0, 2, n, dtype=np.uint8)
        np.savez(tmp_path / f"{name}.npz", x=x / 255, y=y)
        (tmp_path / f"{name}-x").write_bytes(gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", n, 2, 2) + x.tobytes()))
        (tmp_path / f"{name}-y").write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", n) + y.tobytes())
    return tmp_path


def call(*arguments: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, ["certify", *arguments])
    assert result.exit_code == status, (result.output, result.exception)
    return result.stdout


def refused(*arguments: str) -> str:
    """The message of a refused command: one on stderr, nothing on stdout, status 2, no traceback."""
    result = RUNNER.invoke(app, ["certify", *arguments])
    assert result.exit_code == 2, (result.output, result.exception)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("genbounds: ")
    return result.stderr


BASE = ("--constructor", "certify_nets:net")


@pytest.mark.slow
@pytest.mark.parametrize("weights", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize(
    ("data", "held"), [(("train.npz",), ("held.npz",)), (("train-x,train-y", "--divide-by", "255"), ("held-x,held-y",))]
)
def test_every_format_gives_the_table_of_the_library(folder: Path, weights: str, data: tuple[str, ...], held: tuple[str, ...]) -> None:
    text = call(weights, "--data", *data, "--held-out", *held, "--initial", "first.pt", "--input-radius", "2", *BASE, "--json")
    table = CertificateTable.from_dict(json.loads(text))
    train, judged = np.load("train.npz"), np.load("held.npz")
    wanted = certify(_network(0), (train["x"], train["y"]), initial=_network(1), held_out=(judged["x"], judged["y"]), input_radius=2)
    assert [row.bound for row in table.rows] == [row.bound for row in wanted.rows]
    assert [row.value for row in table.rows] == pytest.approx([row.value for row in wanted.rows], rel=1e-12)
    assert table.delta == wanted.delta


@pytest.mark.slow
def test_out_writes_all_formats(folder: Path) -> None:
    text = call("w.pt", "--data", "train.npz", *BASE, "--out", "made/here", "--delta", "1e-3")
    made = folder / "made" / "here"
    table = CertificateTable.from_dict(json.loads((made / "certificates.json").read_text()))
    assert str(table.delta) == "1/1000"
    assert text.strip() == table.summary()
    assert (made / "certificates.md").read_text() == table.markdown()
    assert (made / "certificates.tex").read_text() == table.latex()
    assert "@software" in (made / "references.bib").read_text() or "genbounds" in (made / "references.bib").read_text()
    assert call("w.pt", "--data", "train.npz", *BASE, "--latex").startswith(r"\begin{tabular}")
    assert "| bound |" in call("w.pt", "--data", "train.npz", *BASE, "--markdown")


@pytest.mark.slow
def test_a_population_is_a_sample_too(folder: Path) -> None:
    with (folder / "certify_nets.py").open("a") as stream:
        stream.write("\ndef digits():\n    return nn.Sequential(nn.Linear(64, 10))\n")
    torch.manual_seed(0)
    torch.save(nn.Sequential(nn.Linear(64, 10)).state_dict(), "digits.pt")
    text = call("digits.pt", "--data", "digits", "--constructor", "certify_nets:digits")
    assert "of 1797" in text


@pytest.mark.slow
def test_malicious_files_run_nothing_and_the_constructor_is_not_imported(folder: Path) -> None:
    """A side effect in weights and in data, object arrays, forged headers, files cut short: a message, status 2, and no code has run."""
    mark = folder / "mark"
    torch.save({"weight": Trap(mark)}, "evil.pt")
    torch.save(_network(0), "module.pt")
    (folder / "plain.pt").write_bytes(pickle.dumps(Trap(mark)))
    (folder / "short.pt").write_bytes((folder / "w.pt").read_bytes()[:300])
    (folder / "short.safetensors").write_bytes((folder / "w.safetensors").read_bytes()[:100])
    objects = np.empty(1, dtype=object)
    objects[0] = Trap(mark)
    np.savez("evil.npz", x=objects, y=np.zeros(1, int))
    (folder / "pickle.npz").write_bytes(pickle.dumps(Trap(mark)))
    np.save("objects.npy", objects, allow_pickle=True)
    (folder / "short.npz").write_bytes((folder / "train.npz").read_bytes()[:200])
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 4), }\n"
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(1000))
    (folder / "bomb-x").write_bytes(gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**31, 2)))
    (folder / "short-x").write_bytes((folder / "train-x").read_bytes()[:-20])
    for weights in ("evil.pt", "module.pt", "plain.pt", "short.pt", "short.safetensors", "missing.pt"):
        assert weights in refused(weights, "--data", "train.npz", *BASE)
        assert weights in refused("w.pt", "--initial", weights, "--data", "train.npz", *BASE)
    for data in (
        "evil.npz",
        "pickle.npz",
        "objects.npy",
        "short.npz",
        "bomb.npz",
        "bomb-x,train-y",
        "short-x,train-y",
        "train-x",
        "none.npz",
    ):
        assert data.partition(",")[0] in refused("w.pt", "--data", data, *BASE)
        assert data.partition(",")[0] in refused("w.pt", "--data", "train.npz", "--held-out", data, *BASE)
    assert not mark.exists()
    assert not (folder / "imported").exists()
    call("w.pt", "--data", "train.npz", *BASE)
    assert (folder / "imported").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--constructor", "certify_nets"), "written module:callable"),
        (("--constructor", "certify_nets:net()"), "written module:callable"),
        (("--constructor", "certify_nets:other"), "AttributeError"),
        (("--constructor", "no_such_module_here:net"), "ModuleNotFoundError"),
        (("--constructor", "certify_nets:number"), "must return a torch.nn.Module, got int"),
        (("--constructor", "certify_nets:broken"), "KeyError"),
        (("--constructor", "certify_nets:leaves"), "SystemExit"),
        ((*BASE, "--delta", "5"), "delta must lie in (0, 1)"),
        ((*BASE, "--delta", "small"), "small"),
        ((*BASE, "--divide-by", "0"), "--divide-by"),
        ((*BASE, "--input-radius", "0.001"), "too small"),
        ((*BASE, "--json", "--latex"), "choose one"),
    ],
)
def test_wrong_usage(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused("w.pt", "--data", "train.npz", *arguments)


@pytest.mark.slow
def test_the_training_sample_is_no_held_out_sample(folder: Path) -> None:
    """Under its own name, copied, with other labels, as a population: refused before the network is imported."""
    train = np.load("train.npz")
    np.savez("copy.npz", x=train["x"], y=train["y"])
    np.savez("relabelled.npz", x=train["x"], y=1 - train["y"].astype(int))
    (folder / "link.npz").symlink_to("train.npz")
    for held in ("train.npz", "./train.npz", "copy.npz", "relabelled.npz", "link.npz"):
        assert "--held-out must be examples that training never saw" in refused("w.pt", "--data", "train.npz", "--held-out", held, *BASE)
    assert "--held-out must be" in refused("w.pt", "--data", "train-x,train-y", "--held-out", "train-x,train-y", *BASE)
    assert "--held-out must be" in refused("w.pt", "--data", "digits", "--held-out", "digits", *BASE)
    assert not (folder / "imported").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("shared", "fresh"), [(60, 0), (7, 40)])
def test_held_out_examples_that_training_saw_count_as_errors(folder: Path, shared: int, fresh: int) -> None:
    """In another order, or some of them among others: the number is said, and nothing that training saw is counted as right."""
    train, held = np.load("train.npz"), np.load("held.npz")
    np.savez(
        "mixed.npz",
        x=np.concatenate([train["x"][::-1][:shared], held["x"][:fresh]]),
        y=np.concatenate([train["y"][::-1][:shared], held["y"][:fresh]]),
    )
    table = CertificateTable.from_dict(json.loads(call("w.pt", "--data", "train.npz", "--held-out", "mixed.npz", *BASE, "--json")))
    alone = CertificateTable.from_dict(json.loads(call("w.pt", "--data", "train.npz", "--held-out", "held.npz", *BASE, "--json")))
    errors = int(dict(alone.facts)["held-out errors"].split()[0]) if fresh else 0
    assert dict(table.facts)["held-out errors"] == f"{errors + shared} of {shared + fresh}"
    assert dict(table.facts)["held-out inputs that are training inputs, counted as errors"] == f"{shared} of {shared + fresh}"


def test_predictions_alone(folder: Path) -> None:
    np.savez("p.npz", y_pred=[0, 1, 1, 0] * 25, y_true=[0, 1, 1, 1] * 25)
    table = CertificateTable.from_dict(json.loads(call("--predictions", "p.npz", "--delta", "0.01", "--json")))
    assert table == certify_predictions([0, 1, 1, 0] * 25, [0, 1, 1, 1] * 25, delta="0.01")
    assert "the number to cite" in call("--predictions", "p.npz")
    assert "--predictions must be given alone" in refused("w.pt", "--predictions", "p.npz")
    assert "got none for --data and --constructor: add it, or" in refused("w.pt")
    np.savez("q.npz", y_pred=[0, 1])
    assert "'labels' or 'y'" in refused("--predictions", "q.npz")


def test_options_for_files_are_refused_where_there_is_none(folder: Path) -> None:
    for option in (("--divide-by", "16"), ("--flatten",)):
        assert "where no data come from a file" in refused("w.pt", "--data", "digits", *option, *BASE)


def test_data_that_do_not_fit(folder: Path) -> None:
    np.savez("labels.npz", x=np.zeros((3, 4)), y=np.array([0, 1, 7]))
    assert "labels must lie in 0, ..., 1" in refused("w.pt", "--data", "labels.npz", *BASE)
    np.savez("wide.npz", x=np.zeros((3, 5)), y=np.array([0, 1, 1]))
    assert "4" in refused("w.pt", "--data", "wide.npz", *BASE)
    assert "no file and no population" in refused("w.pt", "--data", "imagenet", *BASE)
    assert "label" in refused("w.pt", "--data", "digits_77_vs_rest", *BASE)
    assert "constructed network" in refused("w.pt", "--data", "digits", "--constructor", "torch.nn:Identity")


def test_mnist_without_its_files_names_both_ways(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genbounds.verification.populations.registry import population

    population.cache_clear()
    monkeypatch.delenv("GENBOUNDS_DATA", raising=False)
    message = refused("w.pt", "--data", "mnist", *BASE)
    assert "GENBOUNDS_DATA" in message
    assert "fetch_openml" in message


IMAGES = """
from torch import nn

def gray():
    return nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))

def colour():
    return nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))
"""


@pytest.fixture
def images(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Images as they lie on disks, and checkpoints of convolutional networks as training loops write them."""
    (folder / "certify_images.py").write_text(IMAGES)
    monkeypatch.delitem(sys.modules, "certify_images", raising=False)
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 256, (50, 4, 4), dtype=np.uint8), rng.integers(0, 3, 50)
    np.savez("gray.npz", x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=np.eye(3)[y[30:]])
    np.savez("from_one.npz", x_train=x[:30], y_train=1 + np.arange(30) % 3, x_test=x[30:], y_test=1 + y[30:])
    np.savez("again.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    np.savez("colour.npz", x=rng.integers(0, 256, (30, 4, 4, 3), dtype=np.uint8), y=y[:30])
    for name in ("gray", "colour"):
        torch.manual_seed(0)
        state = _images(name).state_dict()
        torch.save({"epoch": 7, "model_state_dict": {f"module.{key}": tensor for key, tensor in state.items()}}, f"{name}.pt")
    return folder


def _images(name: str) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1 if name == "gray" else 3, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))


GRAY = ("gray.pt", "--constructor", "certify_images:gray", "--divide-by", "255")
COLOUR = ("colour.pt", "--constructor", "certify_images:colour", "--data", "colour.npz")


@pytest.mark.slow
def test_images_and_checkpoints_as_they_are(images: Path) -> None:
    """The table of the library for what the options say, and the words for all that was opened and changed."""
    prepared = ("--channels", "add", "--mean", "0.1307", "--std", "0.3081")
    both = ("--data", "gray.npz", "--held-out", "gray.npz")
    table = CertificateTable.from_dict(json.loads(call(*GRAY, *both, *prepared, "--initial", "gray.pt", "--json")))
    torch.manual_seed(0)
    network, file = _images("gray").eval(), np.load("gray.npz")
    train, held = (((file[name] / 255)[:, None] - 0.1307) / 0.3081 for name in ("x_train", "x_test"))
    wanted = certify(network, (train, file["y_train"]), held_out=(held, file["y_test"].argmax(1)), initial=network)
    assert [(row.bound, row.value) for row in table.rows] == [(row.bound, row.value) for row in wanted.rows]
    opened = "entry 'model_state_dict' of the file, names without their common prefix 'module.'"
    assert set(table.facts) - set(wanted.facts) == {
        ("training sample", "arrays x_train and y_train"),
        ("held-out sample", "arrays x_test and y_test, one-hot labels read as classes"),
        ("data of files", "inputs divided by 255; a channel axis put in; mean 0.1307 taken off and divided by 0.3081"),
        ("weights", opened),
        ("weights before training", opened),
    }


@pytest.mark.slow
def test_options_that_images_lack_are_named_and_work(images: Path) -> None:
    """Each printed remedy is followed, and the command runs."""
    assert "--channels add puts the axis in" in refused(*GRAY, "--data", "gray.npz")
    assert "--channels last moves them" in refused(*COLOUR)
    assert "of 30" in call(*COLOUR, "--channels", "last", "--mean", "125,125,125", "--std", "60,61,62")
    from_one = (*GRAY, "--data", "from_one.npz", "--channels", "add")
    assert "genbounds certify --first-label 1" in refused(*from_one)
    assert "labels counted from 1" in " ".join(call(*from_one, "--first-label", "1").split())
    assert "at least 1 with --first-label 1, got 0" in refused(*GRAY, "--data", "gray.npz", "--channels", "add", "--first-label", "1")
    assert "check the last layer's width" in refused(*from_one, "--first-label", "-1")


@pytest.mark.slow
def test_wrong_options_for_images(images: Path) -> None:
    assert "--held-out must be" in refused(*GRAY, "--data", "again.npz", "--held-out", "again.npz", "--channels", "add")
    np.savez("rows.npz", x=np.zeros((3, 4)), y=np.arange(3))
    assert "--channels must be first, last or add, got 'middle'" in refused(*COLOUR, "--channels", "middle")
    assert "--channels last must be given for inputs with a channel axis" in refused(*COLOUR, "--channels", "last", "--data", "rows.npz")
    assert "one for each of the 4 entries of axis 1, got 3" in refused(*COLOUR, "--mean", "1,2,3")
    assert "--std positive" in refused(*COLOUR, "--std", "0")
    assert "--mean must be a number" in refused(*COLOUR, "--mean", "1,,2")
    assert "--predictions must be given alone, got --mean too" in refused("--predictions", "p.npz", "--mean", "1")


@pytest.mark.slow
def test_the_working_directory_shadows_nothing(folder: Path) -> None:
    """A file named like an installed module is not imported in its place, and the search path is afterwards as it was."""
    (folder / "safetensors.py").write_text("raise RuntimeError('shadowed')")
    (folder / "fractions.py").write_text("raise RuntimeError('shadowed')")
    before = list(sys.path)
    assert isinstance(construct("certify_nets:Nets.net"), nn.Sequential)
    assert sys.path == before
    code = (
        "from genbounds.verification.commands.certify import construct; construct('certify_nets:net'); import fractions; fractions.Fraction"
    )
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, env=environment)


def surrogate(folder: Path, delta: str = "0.025") -> tuple[str, ...]:
    """The files of another network with a certificate, and inputs without labels; the options that name them."""
    torch.save(_network(3).state_dict(), folder / "other.pt")
    call("other.pt", "--data", "train.npz", "--held-out", "held.npz", *BASE, "--delta", delta, "--out", "other")
    np.savez(folder / "fresh.npz", x=np.random.default_rng(7).random((300, 2, 2)))
    return ("--surrogate", "other/certificates.json", "--surrogate-model", "other.pt", "--unlabelled", "fresh.npz")


@pytest.mark.slow
def test_a_surrogate_gives_the_table_of_the_library(folder: Path) -> None:
    """The same row as in Python, whatever format the inputs without labels have, and with the surrogate's certificate by itself."""
    options = surrogate(folder)
    table = CertificateTable.from_dict(json.loads(call("w.pt", "--data", "train.npz", *BASE, *options, "--json")))
    train, held, fresh = np.load("train.npz"), np.load("held.npz"), np.load("fresh.npz")
    other = certify(_network(3), (train["x"], train["y"]), held_out=(held["x"], held["y"]), delta="0.025").best
    assert other is not None
    wanted = certify(_network(0), (train["x"], train["y"]), surrogate=(_network(3), other), unlabelled=fresh["x"])
    assert table.best == wanted.best
    assert table.best is not None
    assert table.best.bound == "holdout.disagreement"
    disagreements = int((_classes(0, fresh["x"]) != _classes(3, fresh["x"])).sum())
    assert 0 < disagreements < 300
    assert dict(table.facts)["disagreements with the surrogate"] == f"{disagreements} of 300 unlabelled inputs"
    (folder / "alone.json").write_text(json.dumps(other.to_dict()))
    np.save("fresh.npy", fresh["x"])
    np.savez("both.npz", x_train=train["x"], y_train=train["y"], x_test=fresh["x"])
    (folder / "certify_nets.py").write_text(MODULE.replace("def net()", "def second():\n    return net()\n\ndef net()"))
    sys.modules.pop("certify_nets")
    for unlabelled in ("fresh.npy", "both.npz"):
        files = ("--surrogate", "alone.json", "--surrogate-model", "other.pt", "--unlabelled", unlabelled)
        text = call("w.pt", "--data", "train.npz", *BASE, *files, "--surrogate-constructor", "certify_nets:second", "--json")
        assert CertificateTable.from_dict(json.loads(text)).best == wanted.best


def _classes(seed: int, inputs: np.ndarray) -> np.ndarray:
    return _network(seed)(torch.tensor(inputs, dtype=torch.float32)).argmax(1).numpy()


@pytest.mark.slow
def test_a_surrogate_that_is_refused(folder: Path) -> None:
    """Before anybody's code is imported: a certificate that was changed, one of something else, a file that is none, files left out."""
    options = surrogate(folder)
    for name in ("certify_nets", "imported"):
        sys.modules.pop(name, None)
    (folder / "imported").rmdir()
    table = json.loads((folder / "other" / "certificates.json").read_text())
    best = table["best"]
    gibbs = pac_bayes.seeger2002(empirical_risk=0, kl=2, n=1000, delta="0.025").to_dict()
    bad: dict[str, Any] = {
        "at least what its inputs give": {**best, "value": best["value"] / 2},
        "the delta in": {**best, "delta": {"fraction": "1/1000"}},
        "name must be one of the": {**best, "bound": "holdout.wishful"},
        "must be on the risk (HP)": {**best, "bounds_on": "Gibbs risk"},
        "one of pac_bayes.seeger2002 on the Gibbs risk": gibbs,
        "a number to cite": {**table, "best": None},
        "must hold a certificate": [1, 2],
        "damaged or forged": {**best, "inputs": 3},
    }
    for message, data in bad.items():
        (folder / "bad.json").write_text(json.dumps(data))
        assert message in refused("w.pt", "--data", "train.npz", *BASE, "--surrogate", "bad.json", *options[2:])
    (folder / "bad.json").write_text("[" * 100_000)
    assert "bad.json" in refused("w.pt", "--data", "train.npz", *BASE, "--surrogate", "bad.json", *options[2:])
    for position, name in ((0, "--surrogate"), (2, "--surrogate-model"), (4, "--unlabelled")):
        rest = options[:position] + options[position + 2 :]
        assert f"{name} must be given too" in refused("w.pt", "--data", "train.npz", *BASE, *rest)
    np.savez("trained.npz", x_train=np.zeros((3, 2, 2)))
    for file in ("trained.npz", "none.npz", "fresh.npz,train-y"):
        assert file.partition(",")[0] in refused("w.pt", "--data", "train.npz", *BASE, *options[:-1], file)
    assert "--predictions must be given alone, got --surrogate too" in refused("--predictions", "p.npz", *options)
    assert not (folder / "imported").exists()


@pytest.mark.slow
def test_the_surrogate_leaves_some_of_delta(folder: Path) -> None:
    """The printed remedy is followed, and the command runs."""
    options = surrogate(folder, "0.05")
    assert "make the certificate at delta=0.025" in refused("w.pt", "--data", "train.npz", *BASE, *options)
    assert "holdout.disagreement" in call("w.pt", "--data", "train.npz", *BASE, *surrogate(folder, "0.025"))


def test_flattened_files(folder: Path) -> None:
    assert read_data("train-x,train-y", Preparation(divide_by=255.0, flatten=True))[0][0].shape == (60, 4)
    assert read_data("train-x,train-y")[0][0].dtype == np.float64
