"""Networks as people write them by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from docs.architectures import own_layers as own
from docs.architectures.kinds import CLASSES, LENGTH, Architecture, tuple_of
from torch import nn
from torch.nn.utils import parametrizations
from torch.optim.swa_utils import AveragedModel


def _mlp(*middle: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(12, 8), *middle, nn.Linear(8, CLASSES))


def _cnn(*middle: nn.Module, channels: int = 8, size: int = 8) -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), *middle, nn.Flatten(), nn.Linear(channels * size * size, CLASSES))


def _tokens(*middle: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(8, 8), *middle, own.Function(lambda x: x.mean(1)), nn.Linear(8, CLASSES))


def _lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 8, 3),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(32, 16),
        nn.Tanh(),
        nn.Linear(16, CLASSES),
    )


def _separable() -> nn.Module:
    return nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8), nn.ReLU6())


MLPS = {
    "multilayer perceptron": lambda: _mlp(nn.ReLU(), nn.Linear(8, 8), nn.ReLU()),
    "with dropout and batch norm": lambda: _mlp(nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout()),
    "with layer norm": lambda: _mlp(nn.LayerNorm(8), nn.GELU()),
    "with a hand-written layer norm": lambda: _mlp(own.WrittenLayerNorm(8), nn.GELU()),
    "with RMS norm": lambda: _mlp(nn.RMSNorm(8), nn.SiLU()),
    "with a hand-written RMS norm": lambda: _mlp(own.WrittenRMSNorm(8), nn.SiLU()),
    "with PReLU": lambda: _mlp(nn.PReLU(8)),
    "with GroupSort": lambda: _mlp(own.GroupSort()),
    "maxout": lambda: nn.Sequential(own.Maxout(12, 8), nn.Linear(8, CLASSES)),
    "with SELU, ELU, Softplus, Mish, Hardswish": lambda: _mlp(
        nn.SELU(), nn.Linear(8, 8), nn.ELU(), nn.Linear(8, 8), nn.Softplus(), nn.Linear(8, 8), nn.Mish(), nn.Linear(8, 8), nn.Hardswish()
    ),
    "with sine units": lambda: _mlp(own.Function(torch.sin)),
    "with absolute values and clipping": lambda: _mlp(own.Function(lambda x: torch.clip(torch.absolute(x), 0, 2))),
    "with a Gaussian unit": lambda: _mlp(own.Function(lambda x: torch.exp(-(x**2)))),
    "with squares": lambda: _mlp(own.Function(lambda x: x * x)),
    "highway": lambda: _mlp(own.Highway(8)),
    "gated linear units": lambda: _mlp(own.Gated(8, nn.Sigmoid())),
    "SwiGLU": lambda: _mlp(own.Gated(8, nn.SiLU())),
    "F.glu": lambda: nn.Sequential(nn.Linear(12, 16), nn.GLU(), nn.Linear(8, CLASSES)),
    "weight norm": lambda: nn.Sequential(parametrizations.weight_norm(nn.Linear(12, 8)), nn.ReLU(), nn.Linear(8, CLASSES)),
    "spectral norm": lambda: nn.Sequential(parametrizations.spectral_norm(nn.Linear(12, 8)), nn.ReLU(), nn.Linear(8, CLASSES)),
    "orthogonal": lambda: nn.Sequential(parametrizations.orthogonal(nn.Linear(12, 12)), nn.ReLU(), nn.Linear(12, CLASSES)),
    "residual": lambda: _mlp(own.Residual(nn.Sequential(nn.Linear(8, 8), nn.Tanh()))),
    "Euler steps of a differential equation": lambda: _mlp(
        *(own.Residual(nn.Sequential(nn.Linear(8, 8), nn.Tanh(), own.Function(lambda x: 0.1 * x))) for _ in range(4))
    ),
    "softmax in the middle": lambda: _mlp(nn.Softmax(1)),
    "unit vectors (F.normalize)": lambda: _mlp(own.Function(lambda x: F.normalize(x, dim=1))),
    "a dictionary of logits": lambda: own.Outputs("dict"),
    "a tuple of logits": lambda: own.Outputs("tuple"),
    "DataParallel": lambda: nn.DataParallel(_mlp(nn.ReLU())),
    "AveragedModel": lambda: AveragedModel(_mlp(nn.ReLU())),
    "torch.compile": lambda: torch.compile(_mlp(nn.ReLU())),
    "one logit, squeezed": lambda: nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 1), own.Function(lambda x: x.squeeze(-1))),
    "a bilinear form": lambda: _mlp(own.Function(lambda x: torch.einsum("ni,nj->nij", x, x).flatten(1)[:, :8])),
    "data-dependent branch": lambda: _mlp(own.Function(lambda x: x if x.sum() > 0 else -x)),
    "hard rounding": lambda: _mlp(own.Function(torch.round)),
}
PICTURES = {
    "LeNet": _lenet,
    "convolution and max pooling": lambda: _cnn(nn.MaxPool2d(2), size=4),
    "pooling in ceil mode": lambda: _cnn(nn.MaxPool2d(3, 2, ceil_mode=True), size=4),
    "average pooling in ceil mode": lambda: _cnn(nn.AvgPool2d(3, 2, ceil_mode=True), size=4),
    "dilated and strided": lambda: _cnn(nn.Conv2d(8, 8, 3, 2, 2, 2), size=4),
    "transposed convolution": lambda: _cnn(nn.ConvTranspose2d(8, 8, 2, 2), size=16),
    "depthwise separable": lambda: _cnn(_separable()),
    "group norm": lambda: _cnn(nn.GroupNorm(2, 8)),
    "instance norm": lambda: _cnn(nn.InstanceNorm2d(8)),
    "residual block": lambda: _cnn(own.Residual(nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()))),
    "dense block": lambda: _cnn(own.Parallel(nn.Conv2d(8, 4, 3, padding=1), keep=True), channels=12),
    "inception block": lambda: _cnn(own.Parallel(nn.Conv2d(8, 4, 1), nn.Conv2d(8, 4, 3, padding=1), nn.AvgPool2d(3, 1, 1)), channels=16),
    "squeeze and excite": lambda: _cnn(own.SqueezeExcite(8)),
    "pixel shuffle": lambda: _cnn(nn.PixelShuffle(2), channels=2, size=16),
    "upsampling": lambda: _cnn(nn.Upsample(scale_factor=2), size=16),
    "bilinear upsampling": lambda: _cnn(nn.Upsample(scale_factor=2, mode="bilinear"), size=16),
    "reflection padding": lambda: _cnn(nn.ReflectionPad2d(1), size=10),
    "adaptive pooling": lambda: _cnn(nn.AdaptiveAvgPool2d(1), size=1),
    "local response norm": lambda: _cnn(nn.LocalResponseNorm(3)),
}
SEQUENCES = {
    "Elman": lambda: own.Last(nn.RNN(8, 8, batch_first=True), 8),
    "LSTM": lambda: own.Last(nn.LSTM(8, 8, batch_first=True), 8),
    "two-layer LSTM": lambda: own.Last(nn.LSTM(8, 8, 2, batch_first=True), 8),
    "bidirectional LSTM": lambda: own.Last(nn.LSTM(8, 8, batch_first=True, bidirectional=True), 16),
    "GRU": lambda: own.Last(nn.GRU(8, 8, batch_first=True), 8),
    "LSTM cells": lambda: own.Cells(nn.LSTMCell(8, 8)),
    "GRU cells": lambda: own.Cells(nn.GRUCell(8, 8)),
    "hand-written attention": lambda: _tokens(own.WrittenAttention(8, False)),
    "causal attention": lambda: _tokens(own.WrittenAttention(8, True)),
    "transformer encoder, norm first": lambda: own.Encoder(True),
    "transformer encoder, norm last": lambda: own.Encoder(False),
    "temporal convolution": lambda: _tokens(own.Function(lambda x: x.transpose(1, 2)), nn.Conv1d(8, 8, 3), own.Function(lambda x: x.mT)),
}
TEXTS = {
    "bag of embeddings": lambda: own.Text(nn.Identity()),
    "text convolution": lambda: own.Text(nn.Sequential(nn.Conv1d(8, 8, 3, padding=1), nn.ReLU()), turned=True),
    "embedding and attention": lambda: own.Text(own.WrittenAttention(8, True)),
    "embedding and encoder layer": lambda: own.Text(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)),
}


def architectures() -> tuple[Architecture, ...]:
    """All of them."""
    return (
        *tuple_of("hand-written", (12,), MLPS),
        *tuple_of("hand-written", (1, 8, 8), PICTURES),
        *tuple_of("hand-written", (LENGTH, 8), SEQUENCES),
        *tuple_of("hand-written", (LENGTH,), TEXTS, tokens=True),
    )
