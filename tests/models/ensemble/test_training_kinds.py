"""Adam, schedules a network, stopping, families of samples and modules of any kind, against PyTorch one network at a time."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from genbounds.models.ensemble import (
    Adam,
    Ensemble,
    IndexSamples,
    ModuleEnsemble,
    Stopping,
    learning_curve,
    leave_one_out,
    noisy_pool,
    twins,
    with_label_noise,
)
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.randomness.streams import Stream

POOL, SIDE, CLASSES = 40, 5, 3
STREAM = Stream("tests", "kinds")


def pool() -> tuple[torch.Tensor, torch.Tensor]:
    inputs = STREAM.sub("pool").normal(range(POOL), 0, SIDE * SIDE)
    return inputs, (inputs[:, :CLASSES] + 0.3 * inputs[:, 3:6]).argmax(dim=1)


def vector(network: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def pytorch_run(network: nn.Module, inputs, labels, batches, optimiser, rates) -> torch.Tensor:
    for rows, rate in zip(batches, rates, strict=True):
        optimiser.param_groups[0]["lr"] = float(rate)
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(inputs[rows]), labels[rows]).backward()
        optimiser.step()
    return vector(network)


def batches_of(samples: IndexSamples, networks: list[int], steps: int, size: int) -> torch.Tensor:
    return BatchRows(samples, STREAM.sub("batches"), networks, "with_replacement").block(0, steps, size)


@pytest.mark.parametrize("decay", [0.0, 0.03])
@pytest.mark.parametrize("order", ["with_replacement", "full"])
def test_adam_is_pytorchs(order, decay):
    inputs, labels = pool()
    networks, adam = [3, 0], Adam(0.8, 0.95, 1e-6)
    samples = IndexSamples.draw(STREAM.sub("sample"), networks, POOL, 20)
    ensemble = Ensemble([25, 7, CLASSES], "tanh", networks=networks, stream=STREAM, dtype=torch.float64)
    starts = [ensemble.initial(k) for k in range(2)]
    settings = {"batch_size": 8, "learning_rate": 0.02, "adam": adam, "weight_decay": decay, "order": order}
    ensemble.train(inputs, labels, samples, steps=20, **settings)
    ensemble.train(inputs, labels, samples, steps=15, **settings)  # goes on with the moments and the count of steps
    for k, start in enumerate(starts):
        batches = [samples.indices[k]] * 35 if order == "full" else batches_of(samples, networks, 35, 8)[:, k]
        optimiser = torch.optim.Adam(start.parameters(), betas=(0.8, 0.95), eps=1e-6, weight_decay=decay)
        expected = pytorch_run(start, inputs, labels, batches, optimiser, [0.02] * 35)
        torch.testing.assert_close(vector(ensemble.extract(k)), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("setting", [{}, {"momentum": 0.7}, {"weight_decay": 0.05}, {"adam": Adam()}], ids=str)
def test_every_network_has_a_schedule_of_its_own(setting):
    inputs, labels = pool()
    samples = IndexSamples.draw(STREAM.sub("sample"), range(3), POOL, 20)
    schedule = STREAM.sub("schedule").uniform(range(3), 0, 12)
    ensemble = Ensemble([25, 6, CLASSES], networks=3, stream=STREAM, dtype=torch.float64)
    starts = [ensemble.initial(k) for k in range(3)]
    tiles = [slice(0, 1), slice(1, 3)]
    training = ensemble.train(
        inputs, labels, samples, steps=12, batch_size=5, learning_rate=0.05, schedule=schedule, tiles=tiles, **setting
    )
    for k, start in enumerate(starts):
        torch.testing.assert_close(training.step_sizes(k), 0.05 * schedule[k])
        decay, momentum = setting.get("weight_decay", 0.0), setting.get("momentum", 0.0)
        optimiser: torch.optim.Optimizer = torch.optim.SGD(start.parameters(), momentum=momentum, weight_decay=decay)
        if "adam" in setting:
            optimiser = torch.optim.Adam(start.parameters())
        expected = pytorch_run(start, inputs, labels, batches_of(samples, [0, 1, 2], 12, 5)[:, k], optimiser, 0.05 * schedule[k])
        torch.testing.assert_close(vector(ensemble.extract(k)), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("setting", [{}, {"adam": Adam()}, {"momentum": 0.9, "order": "permutation"}, {"order": "full"}], ids=str)
def test_a_network_stops_where_it_would_have_been(setting):
    """A network that stopped after t steps is the one that trains for t steps; before, its sample was not learnt yet."""
    inputs, labels = pool()
    networks = list(range(6))
    samples = IndexSamples.draw(STREAM.sub("sample"), networks, POOL, 12)
    settings = {"batch_size": 6, "learning_rate": 0.02, **setting}

    def fresh() -> Ensemble:
        return Ensemble([25, 8, CLASSES], networks=networks, stream=STREAM, dtype=torch.float64)

    stopped = fresh()
    training = stopped.train(inputs, labels, samples, steps=60, stopping=Stopping(every=4, errors=1), threads=2, **settings)
    taken = training.steps_taken
    assert len(set(taken.tolist())) > 1
    assert stopped.errors(inputs, labels, samples)[taken < 60].max() <= 1
    for k in range(6):
        steps = int(taken[k])
        other = fresh()
        other.train(inputs, labels, samples, steps=steps, **settings)
        torch.testing.assert_close(vector(stopped.extract(k)), vector(other.extract(k)), rtol=1e-9, atol=1e-11)
        assert len(training.step_sizes(k)) == steps
        if steps > 4:
            before = fresh()
            before.train(inputs, labels, samples, steps=steps - 4, **settings)
            assert int(before.errors(inputs, labels, samples)[k]) > 1


def test_stopping_at_a_loss():
    inputs, labels = pool()
    samples = IndexSamples(torch.arange(20))
    ensemble = Ensemble([25, 8, CLASSES], networks=4, stream=STREAM)
    seen = []
    training = ensemble.train(
        inputs, labels, samples, steps=400, batch_size=20, learning_rate=0.1, stopping=Stopping(10, loss=0.5),
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert bool((ensemble.mean_loss(inputs, labels, samples) <= 0.5 + 1e-6).all())
    assert int(training.steps_taken.max()) < 400
    assert seen[-1] == (1600, 1600)


def test_families_of_samples():
    sample = torch.tensor([7, 3, 3, 9])
    family = twins(sample, [2, 0], torch.tensor([1, 2])).indices
    assert (family != sample).sum(dim=1).tolist() == [0, 1, 1]
    left = leave_one_out(sample).as_counts(10)
    whole = IndexSamples(sample).as_counts(10)
    assert [row.nonzero().flatten().tolist() for row in whole - left] == [[7], [3], [3], [9]]
    assert learning_curve(sample, [1, 4], 10).sizes().tolist() == [1, 4]
    inputs, labels = pool()
    ensemble = Ensemble([25, 4, CLASSES], networks=[5] * 4, stream=STREAM, dtype=torch.float64)
    ensemble.train(inputs, labels, leave_one_out(sample), steps=9, batch_size=1, learning_rate=0.1, order="permutation")
    starts = [vector(ensemble.initial(k)) for k in range(4)]
    assert all(torch.equal(a, b) for a, b in pairwise(starts))
    assert torch.equal(vector(ensemble.extract(1)), vector(ensemble.extract(2)))  # the same example twice: the same sample without one
    for bad in (lambda: twins(sample, [4], torch.tensor([0])), lambda: leave_one_out(sample[:1]), lambda: learning_curve(sample, [5], 10)):
        with pytest.raises(ValueError, match="must"):
            bad()


def test_label_noise_is_of_the_draw_and_of_the_stream():
    """Rate .3 over 3 classes changes a fifth of 40 000 labels, within 6 sigma (2e-9); the other label is either, equally often."""
    inputs, labels = pool()
    clean = IndexSamples.draw(STREAM.sub("sample"), range(40), POOL, 1000)
    noisy = with_label_noise(clean, STREAM, range(40), 0.3, CLASSES, POOL)
    more_inputs, more_labels = noisy_pool(inputs, labels, CLASSES)
    assert torch.equal(more_inputs[noisy.indices], inputs[clean.indices])
    changed = more_labels[noisy.indices] != labels[clean.indices]
    sigma = (0.2 * 0.8 / changed.numel()) ** 0.5
    assert abs(float(changed.double().mean()) - 0.2) < 6 * sigma
    shifts = (noisy.indices // POOL)[changed]
    assert abs(float((shifts == 1).double().mean()) - 0.5) < 6 * (0.25 / len(shifts)) ** 0.5
    alone = with_label_noise(IndexSamples(clean.indices[[7]]), STREAM, [7], 0.3, CLASSES, POOL)
    assert torch.equal(alone.indices[0], noisy.indices[7])
    assert torch.equal(with_label_noise(clean, STREAM, range(40), 0.0, CLASSES, POOL).indices, clean.indices)
    with pytest.raises(ValueError, match="rate"):
        with_label_noise(clean, STREAM, range(40), 1.5, CLASSES, POOL)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


MODULES = {
    "convolutional": (lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(36, CLASSES)), (1, SIDE, SIDE)),
    "residual": (
        lambda: nn.Sequential(nn.Conv2d(1, 4, 3), Residual(), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(4, CLASSES)),
        (1, SIDE, SIDE),
    ),
    "normalised": (lambda: nn.Sequential(nn.Linear(25, 6), nn.LayerNorm(6), nn.Tanh(), nn.Linear(6, CLASSES)), (25,)),
}


@pytest.mark.parametrize("setting", [{}, {"momentum": 0.9, "weight_decay": 0.01}, {"adam": Adam()}, {"order": "full"}], ids=str)
@pytest.mark.parametrize("kind", MODULES)
def test_any_module_trains_as_pytorch_would_train_it_alone(kind, setting):
    make, shape = MODULES[kind]
    inputs, labels = pool()
    networks = [2, 11]
    samples = IndexSamples.draw(STREAM.sub("sample"), networks, POOL, 20)
    ensemble = ModuleEnsemble(make(), shape, CLASSES, networks=networks, stream=STREAM, dtype=torch.float64)
    starts = [ensemble.initial(k) for k in range(2)]
    ensemble.train(inputs, labels, samples, steps=12, batch_size=6, learning_rate=0.03, **setting)
    shaped = inputs.reshape(POOL, *shape)
    logits = torch.cat(list(ensemble.logits(inputs, chunk=17)), dim=1)
    for k, start in enumerate(starts):
        batches = [samples.indices[k]] * 12 if "order" in setting else batches_of(samples, networks, 12, 6)[:, k]
        plain = {name: value for name, value in setting.items() if name not in ("adam", "order")}
        optimiser = (torch.optim.Adam if "adam" in setting else torch.optim.SGD)(start.parameters(), **plain)
        expected = pytorch_run(start, shaped, labels, batches, optimiser, [0.03] * 12)
        network = ensemble.extract(k)
        torch.testing.assert_close(vector(network), expected, rtol=1e-9, atol=1e-10)
        torch.testing.assert_close(logits[k], network(shaped).detach(), rtol=1e-10, atol=1e-11)
        assert int(ensemble.errors(shaped, labels)[k]) == int((network(shaped).argmax(dim=1) != labels).sum())


def test_a_module_ensembles_draws_do_not_depend_on_the_company():
    make, shape = MODULES["convolutional"]
    together = ModuleEnsemble(make(), shape, CLASSES, networks=6, stream=STREAM)
    alone = ModuleEnsemble(make(), shape, CLASSES, networks=[4], stream=STREAM)
    drawn = [index for index, parameter in enumerate(alone.parameters) if parameter.dim() > 2]
    assert all(torch.equal(together.parameters[index][4], alone.parameters[index][0]) for index in drawn)


def test_bad_settings_are_named():
    inputs, labels = pool()
    ensemble = Ensemble([25, CLASSES], networks=2, stream=STREAM)
    settings = {"steps": 2, "batch_size": 2, "learning_rate": 0.1}
    for more, message in (
        ({"adam": Adam(), "momentum": 0.5}, "momentum"),
        ({"schedule": torch.ones(3, 2)}, "schedule"),
        ({"schedule": -torch.ones(2, 2)}, "schedule"),
    ):
        with pytest.raises(ValueError, match=message):
            ensemble.train(inputs, labels, IndexSamples(torch.arange(POOL)), **settings, **more)
    for bad, message in (
        (lambda: Adam(beta1=1.0), "adam"),
        (lambda: Stopping(0, errors=1), "every"),
        (lambda: Stopping(5), "errors or loss"),
        (lambda: Stopping(5, loss=0.0), "positive"),
        (lambda: ModuleEnsemble(nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)), (4,), 4, networks=1, stream=STREAM), "statistics"),
        (lambda: ModuleEnsemble(nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)), (4,), 4, networks=1, stream=STREAM), "dropout"),
        (lambda: ModuleEnsemble(nn.Linear(4, 4), (4,), 3, networks=1, stream=STREAM), "logits"),
        (lambda: ModuleEnsemble(nn.ReLU(), (4,), 4, networks=1, stream=STREAM), "parameters"),
    ):
        with pytest.raises(ValueError, match=message):
            bad()
    with pytest.raises(ValueError, match="row of the ensemble"):
        ModuleEnsemble(nn.Linear(4, 4), (4,), 4, networks=1, stream=STREAM).extract(1)


@pytest.mark.parametrize("limit", [0, 200])
@pytest.mark.parametrize("setting", [{}, {"momentum": 0.9}, {"order": "full"}], ids=str)
def test_products_of_either_library_train_the_same_networks(limit, setting, monkeypatch):
    """All products by torch (as on a GPU), some, or none: float64 parameters within 1e-9 after 50 steps."""
    inputs, labels = pool()
    samples = IndexSamples.draw(STREAM.sub("sample"), range(3), POOL, 20)
    trained = []
    monkeypatch.setattr("genbounds.models.ensemble.products._made_by_intel", lambda: False)
    for small in (10**6, limit):
        monkeypatch.setattr("genbounds.models.ensemble.products._SMALL", small)
        ensemble = Ensemble([25, 20, 20, CLASSES], "tanh", networks=3, stream=STREAM, residual=True, tau=0.5, dtype=torch.float64)
        ensemble.train(inputs, labels, samples, steps=50, batch_size=6, learning_rate=0.05, **setting)
        trained.append(ensemble)
    for one, other in zip(trained[0].parameters, trained[1].parameters, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)
