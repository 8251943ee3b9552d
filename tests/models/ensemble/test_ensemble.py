"""Batched training against PyTorch's own modules, autograd and optimiser, one network at a time."""

import pytest
import torch
from torch import nn

from genbounds.models.ensemble import CountSamples, Ensemble, IndexSamples
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.randomness.streams import Stream

POOL, WIDTH = 60, 6


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def stream() -> Stream:
    return Stream("tests", "training")


def pool(outputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    inputs = Stream("tests", "pool").normal(range(POOL), 0, WIDTH)
    return inputs, Stream("tests", "labels").integers(range(POOL), 0, 1, max(2, outputs))[:, 0]


def torch_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    if logits.shape[1] == 1:
        losses = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], labels.to(logits.dtype), reduction="none")
    else:
        losses = nn.functional.cross_entropy(logits, labels, reduction="none")
    return losses.mean() if weights is None else (losses * weights).sum()


def parameters_of(ensemble: Ensemble, k: int) -> torch.Tensor:
    return torch.cat([p[k].flatten() for p in ensemble.parameters])


def vector_of(network: nn.Module) -> torch.Tensor:
    layers = list(network.layers)
    tensors = [layer.weight for layer in layers] + [layer.bias for layer in layers if layer.bias is not None]
    return torch.cat([t.detach().flatten() for t in tensors])


def reference_run(network, inputs, labels, batches, rates, momentum=0.0, weight_decay=0.0, radius=None, weights=None):
    """PyTorch's SGD on autograd's gradients; ``batches`` are rows of the pool, or None for the weighted full batch."""
    optimiser = torch.optim.SGD(network.parameters(), lr=1.0, momentum=momentum, weight_decay=weight_decay)
    for rows, rate in zip(batches, rates, strict=True):
        optimiser.param_groups[0]["lr"] = float(rate)
        optimiser.zero_grad()
        if rows is None:
            torch_loss(network(inputs), labels, weights).backward()
        else:
            torch_loss(network(inputs[rows]), labels[rows]).backward()
        optimiser.step()
        if radius is not None:
            with torch.no_grad():
                norm = vector_of(network).norm()
                for parameter in network.parameters():
                    parameter.mul_(torch.clamp(radius / norm, max=1.0))
    return vector_of(network)


ARCHITECTURES = [
    {"widths": [WIDTH, 7, 7, 3], "activation": "relu"},
    {"widths": [WIDTH, 7, 7, 3], "activation": "tanh", "residual": True, "tau": 0.4},
    {"widths": [WIDTH, WIDTH, 5, 1], "activation": "sigmoid", "residual": True, "bias": False},
    {"widths": [WIDTH, 8, 1], "activation": "elu"},
    {"widths": [WIDTH, 8, 2], "activation": "leaky_relu", "bias": False},
    {"widths": [WIDTH, WIDTH, 9, 9, 3], "activation": "leaky_relu", "residual": True, "tau": 0.4},
    {"widths": [WIDTH, 1]},
    {"widths": [WIDTH, 7, 7, 7], "activation": "relu", "residual": True},
]
SETTINGS = [
    {},
    {"momentum": 0.9, "weight_decay": 0.01},
    {"weight_decay": 0.05, "per_network": True},
    {"momentum": 0.5, "per_network": True, "order": "permutation", "scheduled": True},
    {"projection_radius": 1.5, "scheduled": True},
    {"order": "full"},
    {"order": "full", "momentum": 0.9, "weight_decay": 0.02, "per_network": True},
]


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_every_network_trains_as_pytorch_would_train_it_alone(architecture, setting, stream):
    setting = dict(setting)
    networks, steps, batch = [4, 0, 9], 25, 8
    inputs, labels = pool(architecture["widths"][-1])
    samples = IndexSamples.draw(stream.sub("sample"), networks, POOL, 20)
    rates = torch.tensor([0.1, 0.2, 0.05]) if setting.pop("per_network", False) else torch.full((3,), 0.1)
    rates = rates.to(torch.float64)
    scales = 1 / (1 + torch.arange(steps, dtype=torch.float64)) if setting.pop("scheduled", False) else None
    order = setting.get("order", "with_replacement")
    ensemble = Ensemble(networks=networks, stream=stream, dtype=torch.float64, **architecture)
    starts = [ensemble.initial(k) for k in range(3)]
    training = ensemble.train(inputs, labels, samples, steps=steps, batch_size=batch, learning_rate=rates, schedule=scales, **setting)
    batches = None
    if order != "full":
        batches = BatchRows(samples, stream.sub("batches"), networks, order).block(0, steps, batch)
    setting.pop("order", None)
    radius = setting.pop("projection_radius", None)
    for k in range(3):
        rows = [samples.indices[k]] * steps if batches is None else batches[:, k]
        expected = reference_run(starts[k], inputs, labels, rows, training.step_sizes(k), radius=radius, **setting)
        torch.testing.assert_close(parameters_of(ensemble, k), expected, rtol=1e-9, atol=1e-11)
        torch.testing.assert_close(vector_of(ensemble.extract(k)), parameters_of(ensemble, k), rtol=0, atol=0)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_counts_give_the_exact_weighted_gradient(momentum, stream):
    inputs, labels = pool(3)
    counts = stream.sub("counts").integers(range(2), 0, POOL, 10**7)
    ensemble = Ensemble([WIDTH, 7, 3], networks=2, stream=stream, dtype=torch.float64)
    starts = [ensemble.initial(k) for k in range(2)]
    ensemble.train(
        inputs,
        labels,
        CountSamples(counts),
        steps=20,
        learning_rate=0.3,
        momentum=momentum,
        order="full",
    )
    for k in range(2):
        weights = counts[k].double() / counts[k].sum()
        expected = reference_run(starts[k], inputs, labels, [None] * 20, [0.3] * 20, momentum, weights=weights)
        torch.testing.assert_close(parameters_of(ensemble, k), expected, rtol=1e-9, atol=1e-11)


def test_small_chunks_of_a_full_batch_add_up(stream, monkeypatch):
    monkeypatch.setattr("genbounds.models.ensemble.training._CHUNK_ELEMENTS", 3 * 7 * 2)
    inputs, labels = pool(3)
    samples = IndexSamples(torch.arange(POOL)[:25])
    ensemble = Ensemble([WIDTH, 7, 3], networks=3, stream=stream, dtype=torch.float64)
    start = ensemble.initial(1)
    ensemble.train(inputs, labels, samples, steps=5, batch_size=1, learning_rate=0.3, order="full")
    expected = reference_run(start, inputs, labels, [torch.arange(25)] * 5, [0.3] * 5)
    torch.testing.assert_close(parameters_of(ensemble, 1), expected, rtol=1e-9, atol=1e-11)


def test_the_same_network_in_any_company(stream):
    """Draws bit for bit, parameters within 1e-9 after 50 steps, alone, in other tiles, on other threads, as a twin."""
    inputs, labels = pool(2)
    everyone = list(range(40))
    indices = IndexSamples.draw(stream.sub("sample"), everyone, POOL, 30).indices
    settings = {"steps": 50, "batch_size": 10, "learning_rate": 0.1}

    def run(networks: list[int], **more: object) -> Ensemble:
        ensemble = Ensemble([WIDTH, 16, 16, 2], networks=networks, stream=stream, dtype=torch.float64)
        ensemble.train(inputs, labels, IndexSamples(indices[networks]), **settings, **more)
        return ensemble

    together = run(everyone)
    for other, row in (
        (run([23]), 0),
        (run([5, 23, 23]), 2),
        (run(everyone, tiles=[slice(0, 7), slice(7, 40)]), 23),
        (run(everyone, tiles=[slice(0, 20), slice(20, 40)], threads=2), 23),
    ):
        torch.testing.assert_close(parameters_of(other, row), parameters_of(together, 23), rtol=1e-9, atol=1e-12)
    rows = BatchRows(IndexSamples(indices), stream.sub("batches"), everyone, "with_replacement").block(0, 50, 10)
    alone = BatchRows(IndexSamples(indices[[23]]), stream.sub("batches"), [23], "with_replacement").block(0, 50, 10)
    assert torch.equal(rows[:, 23], alone[:, 0])


def test_the_same_run_twice_is_the_same_to_the_last_bit(stream):
    inputs, labels = pool(2)
    samples = IndexSamples.draw(stream.sub("sample"), range(5), POOL, 30)
    runs = []
    for _ in range(2):
        ensemble = Ensemble([WIDTH, 16, 2], networks=5, stream=stream)
        ensemble.train(inputs, labels, samples, steps=30, batch_size=10, learning_rate=0.1)
        runs.append(ensemble)
    assert all(torch.equal(a, b) for a, b in zip(runs[0].parameters, runs[1].parameters, strict=True))


@pytest.mark.parametrize("order", ["with_replacement", "permutation", "full"])
def test_two_calls_are_one(order, stream):
    inputs, labels = pool(2)
    samples = IndexSamples.draw(stream.sub("sample"), range(2), POOL, 13)
    settings = {
        "batch_size": 4,
        "learning_rate": 0.1,
        "momentum": 0.9,
        "order": order,
        "schedule": lambda t: 1 / (1 + t),
    }
    once, twice = (Ensemble([WIDTH, 5, 2], networks=2, stream=stream, dtype=torch.float64) for _ in range(2))
    once.train(inputs, labels, samples, steps=20, **settings)
    twice.train(inputs, labels, samples, steps=7, **settings)
    twice.train(inputs, labels, samples, steps=13, **settings)
    for a, b in zip(once.parameters, twice.parameters, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)


def test_permutation_visits_each_example_once_an_epoch(stream):
    samples = IndexSamples(torch.arange(100, 113).expand(3, -1).contiguous())
    rows = BatchRows(samples, stream, range(3), "permutation").block(0, 13, 4)  # four epochs of 13
    sequence = rows.transpose(0, 1).reshape(3, 4, 13)
    assert torch.equal(sequence.sort(dim=2).values, torch.arange(100, 113).expand(3, 4, 13))
    assert not torch.equal(sequence[:, 0], sequence[:, 1])
    later = BatchRows(samples, stream, range(3), "permutation").block(10, 5, 4)
    assert torch.equal(later.transpose(0, 1).reshape(3, -1), sequence.reshape(3, -1)[:, 10:30])


def test_drawing_from_counts_is_drawing_from_the_expanded_sample(stream):
    counts = torch.tensor([[3, 0, 1, 6], [0, 0, 10, 0]])
    expanded = torch.stack([torch.arange(4).repeat_interleave(row) for row in counts])
    ours = BatchRows(CountSamples(counts), stream, range(2), "with_replacement").block(5, 40, 3)
    theirs = BatchRows(IndexSamples(expanded), stream, range(2), "with_replacement").block(5, 40, 3)
    assert torch.equal(ours, theirs)


def test_a_hundred_million_draws_train(stream):
    """n = 1e8 as counts: batches of a quarter each, within 6 sigma (1e-8)."""
    counts = CountSamples(torch.full((POOL,), 10**8 // POOL))
    rows = BatchRows(counts, stream, range(4), "with_replacement").block(0, 600, 10).flatten()
    shares = torch.bincount(rows, minlength=POOL) / len(rows)
    assert float((shares - 1 / POOL).abs().max()) < 6 * (1 / POOL / len(rows)) ** 0.5
    inputs, labels = pool(2)
    ensemble = Ensemble([WIDTH, 5, 2], networks=4, stream=stream)
    before = ensemble.mean_loss(inputs, labels, counts)
    ensemble.train(inputs, labels, counts, steps=200, batch_size=20, learning_rate=0.2)
    assert bool((ensemble.mean_loss(inputs, labels, counts) < before).all())


@pytest.mark.parametrize("outputs", [1, 3])
def test_measurements_against_single_networks(outputs, stream):
    inputs, labels = pool(outputs)
    indices = IndexSamples.draw(stream.sub("sample"), range(3), POOL, 25)
    # tanh: an output that is exactly zero (dead ReLUs) would be a tie, which argmax does not call an error.
    ensemble = Ensemble([WIDTH, 5, outputs], "tanh", networks=3, stream=stream, dtype=torch.float64)
    logits = torch.cat(list(ensemble.logits(inputs, chunk=7)), dim=1)
    counts = CountSamples(indices.as_counts(POOL))
    errors, own = ensemble.errors(inputs, labels), ensemble.errors(inputs, labels, indices)
    assert torch.equal(own, ensemble.errors(inputs, labels, counts))
    assert errors.dtype == torch.int64
    means = ensemble.mean_loss(inputs, labels, indices)
    torch.testing.assert_close(means, ensemble.mean_loss(inputs, labels, counts))
    for k in range(3):
        with torch.no_grad():
            expected = ensemble.extract(k)(inputs)
        torch.testing.assert_close(logits[k], expected, rtol=1e-12, atol=1e-13)
        predicted = (expected[:, 0] > 0).long() if outputs == 1 else expected.argmax(dim=1)
        assert int(errors[k]) == int((predicted != labels).sum())
        assert int(own[k]) == int((predicted != labels)[indices.indices[k]].sum())
        row = indices.indices[k]
        assert float(means[k]) == pytest.approx(float(torch_loss(expected[row], labels[row])), rel=1e-12)


def test_small_tiles_and_chunks_measure_the_same(stream, monkeypatch):
    inputs, labels = pool(3)
    samples = IndexSamples.draw(stream.sub("sample"), range(7), POOL, 25)
    ensemble = Ensemble([WIDTH, 5, 3], "tanh", networks=7, stream=stream, dtype=torch.float64)

    def measure() -> list[torch.Tensor]:
        return [
            ensemble.errors(inputs, labels),
            ensemble.errors(inputs, labels, samples),
            ensemble.errors(inputs, labels, CountSamples(samples.as_counts(POOL))),
            ensemble.mistakes(inputs, labels),
            ensemble.margins(inputs, labels),
            ensemble.mean_loss(inputs, labels, samples),
        ]

    whole = measure()
    monkeypatch.setattr("genbounds.models.ensemble.measuring._ELEMENTS", 6 * 13 * 2)
    monkeypatch.setattr("genbounds.models.ensemble.measuring._EXAMPLES", 9)
    for a, b in zip(whole, measure(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-13)


def test_ties_and_nan_are_errors(stream):
    inputs, labels = pool(3)
    ensemble = Ensemble([WIDTH, 3], networks=2, stream=stream)
    ensemble.weights[0][0] = 0
    ensemble.weights[0][1] = float("nan")
    assert ensemble.errors(inputs, labels).tolist() == [POOL, POOL]


def test_logistic_labels_in_either_coding_agree(stream):
    inputs, labels = pool(1)
    settings = {"steps": 10, "batch_size": 5, "learning_rate": 0.1}
    runs = [Ensemble([WIDTH, 4, 1], networks=2, stream=stream) for _ in range(2)]
    runs[0].train(inputs, labels, IndexSamples(torch.arange(POOL)), **settings)
    runs[1].train(inputs, 2 * labels - 1, IndexSamples(torch.arange(POOL)), **settings)
    assert torch.equal(runs[0].weights[0], runs[1].weights[0])
    assert torch.equal(runs[0].errors(inputs, labels), runs[0].errors(inputs, 2 * labels - 1))


def test_projection_keeps_every_network_in_the_ball(stream):
    inputs, labels = pool(1)
    for dtype in (torch.float32, torch.float64):
        ensemble = Ensemble([WIDTH, 1], networks=20, stream=stream, dtype=dtype, bias=False)
        ensemble.train(
            inputs,
            labels,
            IndexSamples(torch.arange(POOL)),
            steps=300,
            batch_size=1,
            learning_rate=3.0,
            projection_radius=0.7,
        )
        for k in range(20):
            assert float(parameters_of(ensemble, k).to(torch.float64).norm()) <= 0.7


def test_training_restores_the_thread_count_and_reports_progress(stream):
    torch.set_num_threads(2)
    seen = []
    inputs, labels = pool(2)
    ensemble = Ensemble([WIDTH, 4, 2], networks=6, stream=stream)
    ensemble.train(
        inputs,
        labels,
        IndexSamples(torch.arange(POOL)),
        steps=9,
        batch_size=5,
        learning_rate=0.1,
        threads=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert torch.get_num_threads() == 2
    assert seen[-1] == (54, 54)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@pytest.mark.slow
def test_an_interrupted_progress_call_stops_the_run(stream):
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    inputs, labels = pool(2)
    ensemble = Ensemble([WIDTH, 4, 2], networks=6, stream=stream)
    for threads in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            ensemble.train(
                inputs,
                labels,
                IndexSamples(torch.arange(POOL)),
                steps=10**6,
                batch_size=5,
                learning_rate=0.1,
                threads=threads,
                progress=interrupt,
            )


def settings(**changes: object) -> dict[str, object]:
    return {"steps": 2, "batch_size": 3, "learning_rate": 0.1} | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps"),
        ({"batch_size": None}, "batch_size"),
        ({"schedule": lambda t: -1.0}, "schedule"),
        ({"batch_size": 1.5}, "batch_size"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": torch.ones(7)}, "learning_rate"),
        ({"schedule": torch.ones(1)}, "schedule"),
        ({"momentum": 1.0}, "momentum"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"order": "random"}, "order"),
        ({"projection_radius": 0.0}, "projection_radius"),
        ({"loss": "hinge"}, "loss"),
        ({"loss": "logistic"}, "logistic"),
    ],
)
def test_bad_settings_are_named(changes, message, stream):
    inputs, labels = pool(2)
    ensemble = Ensemble([WIDTH, 4, 2], networks=2, stream=stream)
    with pytest.raises(ValueError, match=message):
        ensemble.train(inputs, labels, IndexSamples(torch.arange(POOL)), **settings(**changes))


def test_bad_data_are_named(stream):
    inputs, labels = pool(2)
    samples = IndexSamples(torch.arange(POOL))
    ensemble = Ensemble([WIDTH, 4, 2], networks=2, stream=stream)
    broken = inputs.clone()
    broken[3, 2] = float("nan")
    for bad_inputs, bad_labels, bad_samples, message in (
        (inputs[:, :3], labels, samples, "inputs must have shape"),
        (inputs[:0], labels[:0], samples, "labels|inputs"),
        (broken, labels, samples, "finite"),
        (inputs, labels[:5], samples, "labels must be as many"),
        (inputs, labels + 1, samples, "labels must lie"),
        (inputs, labels.float(), samples, "whole numbers"),
        (inputs, labels, IndexSamples(torch.tensor([POOL])), "indices must lie"),
        (inputs, labels, IndexSamples(torch.zeros((3, 5), dtype=torch.int64)), "one row for each"),
        (inputs, labels, CountSamples(torch.ones(POOL + 1, dtype=torch.int64)), "one column"),
    ):
        with pytest.raises(ValueError, match=message):
            ensemble.train(bad_inputs, bad_labels, bad_samples, **settings())
    counts = CountSamples(torch.ones(POOL, dtype=torch.int64))
    with pytest.raises(ValueError, match="IndexSamples"):
        ensemble.train(inputs, labels, counts, **settings(order="permutation"))
    for bad_counts in (torch.tensor([1, -1, 3]), torch.tensor([0, 0]), torch.tensor([2**31, 1]), torch.tensor([0.5])):
        with pytest.raises(ValueError, match="counts"):
            CountSamples(bad_counts)
    for bad_indices in (torch.tensor([0.0]), torch.zeros(0, dtype=torch.int64)):
        with pytest.raises(ValueError, match="indices"):
            IndexSamples(bad_indices)
    with pytest.raises(ValueError, match="row of the ensemble"):
        ensemble.extract(2)
    with pytest.raises(ValueError, match="networks"):
        Ensemble([WIDTH, 2], networks=0, stream=stream)
    with pytest.raises(ValueError, match="dtype"):
        Ensemble([WIDTH, 2], networks=1, stream=stream, dtype=torch.float16)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("order", ["with_replacement", "permutation", "full"])
def test_a_gpu_trains_the_same_networks(order, stream):
    inputs, labels = pool(3)
    samples = IndexSamples.draw(stream.sub("sample"), range(4), POOL, 30)
    results = []
    for device in ("cpu", "cuda"):
        ensemble = Ensemble([WIDTH, 8, 8, 3], networks=4, stream=stream, dtype=torch.float64, device=device)
        ensemble.train(inputs, labels, samples, steps=50, batch_size=6, learning_rate=0.1, momentum=0.9, order=order)
        results.append([vector_of(ensemble.extract(k)) for k in range(4)])
    for cpu, gpu in zip(*results, strict=True):
        torch.testing.assert_close(gpu, cpu, rtol=1e-9, atol=1e-11)
