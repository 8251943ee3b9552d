"""``genbounds certify``: every certificate for a saved network and its data. No code in a weights or data file is ever run."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import numpy as np
import typer

from genbounds.bounds.exact import read_decimal
from genbounds.verification.commands.output import AsJson, clean_errors, print_json
from genbounds.verification.commands.surrogate_files import SurrogateFiles, surrogate_files
from genbounds.verification.commands.terminal import say
from genbounds.verification.runs.store import write_atomically

if TYPE_CHECKING:
    from torch import nn

    from genbounds.models.certifying.certificate_table import CertificateTable
    from genbounds.models.files.preparation import Preparation

__all__ = ["certify", "construct", "read_data", "read_unlabelled", "write_table"]

Sample: TypeAlias = tuple[Any, Any]
"""Inputs and labels."""
FILES = ("certificates.json", "certificates.md", "certificates.tex", "references.bib")
_CONSTRUCTOR = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_DATA_HELP = (
    "an npz or HDF5 file (arrays x and y, x_train and y_train, ...), a CSV or Parquet file with a column label, two npy or IDX files as "
    "INPUTS,LABELS, or a population such as digits"
)


@clean_errors
def certify(
    model: Annotated[
        Path | None, typer.Argument(metavar="[MODEL]", help="The weights: safetensors, or torch.save of a state dict.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="FILE", help=f"The training sample: {_DATA_HELP}.")] = None,
    constructor: Annotated[
        str | None,
        typer.Option(metavar="MODULE:CALLABLE", help="The function that builds the network; it is imported and called without arguments."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Instead of a network: an npz file with predictions (classes or scores) and labels of held-out examples."
        ),
    ] = None,
    initial: Annotated[Path | None, typer.Option(metavar="FILE", help="The weights before training.")] = None,
    held_out: Annotated[str | None, typer.Option(metavar="FILE", help="Examples that training never saw, like --data.")] = None,
    surrogate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The certificate of another network at a smaller delta: certificates.json of its --out, or a certificate."
        ),
    ] = None,
    surrogate_model: Annotated[Path | None, typer.Option(metavar="FILE", help="The weights of that network.")] = None,
    surrogate_constructor: Annotated[
        str | None, typer.Option(metavar="MODULE:CALLABLE", help="The function that builds that network, if it is not --constructor.")
    ] = None,
    unlabelled: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Inputs that neither network saw, on which the two are compared; labels are ignored."),
    ] = None,
    delta: Annotated[str, typer.Option(help="The failure probability of each certificate.")] = "0.05",
    input_radius: Annotated[
        str | None, typer.Option(help="A bound on the norm of every input of the population, as the network gets it.")
    ] = None,
    divide_by: Annotated[float, typer.Option(help="Divide the inputs of files by this number first, such as 255.")] = 1.0,
    channels: Annotated[
        str | None, typer.Option(metavar="first|last|add", help="The channel axis of files: last is moved to the front, add inserts one.")
    ] = None,
    mean: Annotated[
        str | None, typer.Option(metavar="NUMBER,...", help="Subtract this from the inputs of files: one number, or one for each channel.")
    ] = None,
    std: Annotated[str | None, typer.Option(metavar="NUMBER,...", help="Then divide them by this.")] = None,
    flatten: Annotated[bool, typer.Option("--flatten", help="Make each input of a file one vector.")] = False,
    first_label: Annotated[int, typer.Option(help="The first class of files: 1 for labels from 1 to K.")] = 0,
    as_json: AsJson = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print a booktabs table.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write JSON, Markdown, LaTeX and BibTeX there.")] = None,
) -> None:
    """Compute every certificate that a saved network and its data allow, and name the number to cite."""
    if as_json + latex + markdown > 1:
        raise ValueError("--json, --latex and --markdown must not be given together: choose one, or --out for all of them")
    numbers = {"delta": read_decimal(delta, "delta")}
    if input_radius is not None:
        numbers["input_radius"] = read_decimal(input_radius, "input_radius")
    prepared = _preparation(divide_by, channels, mean, std, flatten, first_label)
    with _working(shown=not as_json and sys.stderr.isatty()):
        if predictions is not None:
            others = {"MODEL": model, "--data": data, "--constructor": constructor, "--initial": initial, "--held-out": held_out}
            others |= {"--surrogate": surrogate, "--surrogate-model": surrogate_model, "--surrogate-constructor": surrogate_constructor}
            others |= {"--unlabelled": unlabelled}
            options = dict.fromkeys(prepared.given(), True)
            table = _judged(predictions, {**others, "--input-radius": input_radius, **options}, numbers["delta"])
        elif model is None or data is None or constructor is None:
            needed = {"MODEL": model, "--data": data, "--constructor": constructor}
            missing = " and ".join(name for name, value in needed.items() if value is None)
            raise ValueError(
                f"MODEL, --data and --constructor must be given together, got none for {missing}: add it, or give --predictions alone"
            )
        else:
            compared = surrogate_files(surrogate, surrogate_model, surrogate_constructor, unlabelled, constructor)
            table = _certified(model, data, constructor, initial, held_out, compared, prepared, numbers)
    if out is not None:
        write_table(table, out)
    if as_json:
        print_json(table.to_dict())
    else:
        say((table.latex() if latex else table.markdown() if markdown else table.summary()).rstrip("\n"))
        if out is not None:
            say(f"written: {', '.join(str(out / name) for name in FILES)}", err=True)


def _judged(file: Path, others: dict[str, Any], delta: Any) -> CertificateTable:
    """The table of a file of predictions, which needs nothing else."""
    from genbounds.models import certify_predictions
    from genbounds.models.files.datafiles import read_predictions

    given = [name for name, value in others.items() if value is not None]
    if given:
        raise ValueError(f"--predictions must be given alone, got {given[0]} too: predictions say all that held-out certificates need")
    return certify_predictions(*read_predictions(file), delta=delta)


def _certified(
    model: Path,
    data: str,
    constructor: str,
    initial: Path | None,
    held_out: str | None,
    compared: SurrogateFiles | None,
    prepared: Preparation,
    numbers: dict[str, Any],
) -> CertificateTable:
    """The files are read, and refused if need be, before the user's module is imported."""
    from genbounds.models import certify as certificates
    from genbounds.models.files.saved_weights import load_weights, read_state_dict

    train, said = read_data(data, prepared)
    told = [("training sample", ", ".join(said))]
    judged = None
    if held_out is not None:
        judged, said = read_data(held_out, prepared, held_out=True)
        _check_held_out(judged, train, held_out, data)
        told.append(("held-out sample", ", ".join(said)))
    other = None
    if compared is not None:
        other = compared.read()
        fresh, said = read_unlabelled(compared.unlabelled, prepared)
        told.append(("unlabelled inputs", ", ".join(said)))
    names = (data, held_out, None if compared is None else compared.unlabelled)
    if prepared.given() and not any(_is_file(name) for name in names if name is not None):
        option = prepared.given()[0]
        raise ValueError(f"{option} must be left out where no data come from a file, got it with {data}: a population's inputs are fixed")
    told.append(("data of files", "; ".join(prepared.said())))
    weights, first = read_state_dict(model), None if initial is None else read_state_dict(initial)
    network = construct(constructor)
    weights = weights.of(network, model)
    told.append(("weights", ", ".join(weights.said)))
    network, start = load_weights(network, weights.tensors, model), None
    if first is not None and initial is not None:
        start = construct(constructor)
        first = first.of(start, initial)
        told.append(("weights before training", ", ".join(first.said)))
        start = load_weights(start, first.tensors, initial)
    if other is not None:
        second, said = other.network(construct)
        told.append(("weights of the surrogate", ", ".join(said)))
        numbers = {**numbers, "surrogate": (second, other.certificate), "unlabelled": fresh}
    try:
        table = certificates(network, train, initial=start, held_out=judged, **numbers)
    except ValueError as error:
        if hint := _channels_hint(network, train[0], data):
            error.add_note(hint)
        raise
    return dataclasses.replace(table, facts=(*table.facts, *((what, words) for what, words in told if words)))


def _channels_hint(network: nn.Module, inputs: Any, name: str) -> str | None:
    """Which option gives a convolutional network its channel axis, where the inputs have none, or have it last."""
    from torch.nn.modules.conv import _ConvNd

    first = next((module for module in network.modules() if isinstance(module, _ConvNd)), None)
    if first is None:
        return None
    axes, channels, shape = len(first.kernel_size), first.in_channels, inputs.shape
    has = f"inputs of {name} have shape {shape}, and the first convolution takes {channels} channel{'s' if channels > 1 else ''}"
    if len(shape) == axes + 1 and channels == 1:
        return f"{has}: --channels add puts the axis in"
    if len(shape) == axes + 2 and shape[1] != channels == shape[-1]:
        return f"{has}: --channels last moves them to where it looks for them"
    return None


def _preparation(divide_by: float, channels: str | None, mean: str | None, std: str | None, flatten: bool, first_label: int) -> Preparation:
    """The options for files, read exactly; their rules are those of ``Preparation``."""
    from genbounds.models.files.preparation import Preparation

    if channels not in (None, "first", "last", "add"):
        raise ValueError(f"--channels must be first, last or add, got {channels!r}: add for images without a channel axis")
    read = [
        tuple(float(read_decimal(one, option)) for one in text.split(",")) if text is not None else ()
        for text, option in ((mean, "--mean"), (std, "--std"))
    ]
    return Preparation(divide_by, channels, read[0], read[1], flatten, first_label)  # type: ignore[arg-type]


def _check_held_out(judged: Sample, train: Sample, name: str, data: str) -> None:
    """``ValueError`` where the held-out examples are the training sample, under this name or another.

    Examples that only some of the two have in common are counted by ``genbounds.models.certify``, which certifies nothing from them.
    """
    if np.array_equal(judged[0], train[0], equal_nan=judged[0].dtype.kind == "f"):
        raise ValueError(
            f"--held-out must be examples that training never saw, got the training sample {data}: give others, or leave it out"
        )


def read_data(name: str, prepared: Preparation | None = None, *, held_out: bool = False) -> tuple[Sample, tuple[str, ...]]:
    """Inputs and labels, and what was chosen to get them: of a file if there is one of that name (two with a comma), else of a population.

    A preparation applies to files; a population's inputs are part of its definition. Of a file with training and test examples the former
    are read, with ``held_out`` the latter. ``ValueError`` names what is wrong.

    >>> (inputs, labels), said = read_data("digits")
    >>> inputs.shape, said
    ((1797, 64), ())
    """
    from genbounds.models.files.preparation import Preparation
    from genbounds.models.files.samples import read_sample
    from genbounds.verification.populations import names, population

    first, comma, second = name.partition(",")
    if not _is_file(name):
        if re.fullmatch(r"\w+", name) is None:
            raise ValueError(f"the data must be {_DATA_HELP}, got {name}: there is no such file")
        try:
            pool = population(name)
        except ValueError as error:
            if name.partition("_")[0] in {known.partition("_")[0] for known in names()}:
                raise
            raise ValueError(f"the data must be {_DATA_HELP}, got {name}: no file and no population of that name") from error
        return (pool.inputs.copy(), pool.labels.copy()), ()  # theirs cannot be written to, which torch warns about
    found, using = read_sample(first, second if comma else None, held_out=held_out), prepared or Preparation()
    return (using.inputs(found.inputs, first), using.labels(found.labels, second or first)), found.said


def read_unlabelled(name: str, prepared: Preparation | None = None) -> tuple[Any, tuple[str, ...]]:
    """Inputs alone, of a file if there is one of that name, else of a population, and what was chosen to get them.

    Of a file with training and test examples the latter are read. ``ValueError`` names what is wrong.

    >>> inputs, said = read_unlabelled("digits")
    >>> inputs.shape, said
    ((1797, 64), ())
    """
    from genbounds.models.files.preparation import Preparation
    from genbounds.models.files.samples import read_inputs

    if not Path(name).exists():
        if "," in name:
            raise ValueError(
                f"--unlabelled must be one file of inputs, got {name}: labels are not needed, leave out what follows the comma"
            )
        (inputs, _), said = read_data(name)
        return inputs, said
    found, said = read_inputs(name)
    return (prepared or Preparation()).inputs(found, name), said


def _is_file(name: str) -> bool:
    first, comma, _ = name.partition(",")
    return bool(comma) or Path(first).exists()


def construct(constructor: str) -> nn.Module:
    """Import ``module:callable`` and call it; ``ValueError`` if it cannot be imported or does not give a network.

    The working directory is searched last, so no file in it can stand in for an installed module.
    """
    from torch import nn

    match = _CONSTRUCTOR.fullmatch(constructor)
    if match is None:
        raise ValueError(f"constructor must be written module:callable, got {constructor!r}: for example mynets:small_resnet")
    sys.path.append(str(Path.cwd()))
    try:
        found: Any = importlib.import_module(match.group(1))
        for part in match.group(2).split("."):
            found = getattr(found, part)
        network = found()
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"constructor {constructor} must be importable and callable without arguments, got {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not isinstance(network, nn.Module):
        raise ValueError(f"constructor {constructor} must return a torch.nn.Module, got {type(network).__name__}: return the network")
    return network


def write_table(table: CertificateTable, folder: Path) -> None:
    """Write ``certificates.json``, ``.md`` and ``.tex``, and ``references.bib``; the folder is made if it is not there."""
    texts = {
        "certificates.json": json.dumps(table.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "certificates.md": table.markdown(),
        "certificates.tex": table.latex(),
        "references.bib": table.bibtex() + "\n",
    }
    for name in FILES:
        write_atomically(folder / name, texts[name])


@contextlib.contextmanager
def _working(*, shown: bool) -> Iterator[None]:
    """A spinner on stderr: the norms of a large network take a while."""
    if not shown:
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("measuring the network"):
        yield
