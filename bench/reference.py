"""System A's inference, one snippet at a time: a numpy filter bank, then twenty full-width networks one by one.

System A separated its recordings beforehand, so the reference has no separator. The weights are random: they cost as
much as trained ones. `python -m bench.reference` prints its cost as JSON, measured in a process of its own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench.stopwatch import median_s
from gender_audio.models.torchvision_compat import prepare
from train.engine.memory import peak_bytes

RATE, SAMPLES, FRAME, HOP, FFT, BANDS = 16_000, 48_000, 400, 160, 1024, 40
MEMBERS = 20


@dataclass(frozen=True)
class Cost:
    """Seconds per snippet for filter bank and networks together, and the process's peak memory in bytes."""

    snippet_s: float
    peak_bytes: int


def filterbank(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """One snippet float64 [48000] at 16 kHz to its log filter bank [299, 40]; nothing is cached between calls."""
    emphasised = np.append(samples[0], samples[1:] - 0.97 * samples[:-1])
    count = -(-(SAMPLES - FRAME) // HOP) + 1
    padded = np.append(emphasised, np.zeros((count - 1) * HOP + FRAME - SAMPLES))
    positions = np.arange(FRAME)[None] + HOP * np.arange(count)[:, None]
    power = np.abs(np.fft.rfft(padded[positions] * np.hamming(FRAME), FFT)) ** 2 / FFT
    highest = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, highest, BANDS + 2) / 2595) - 1)
    edges = np.floor(FFT * hertz / RATE + 1e-9).astype(int)  # rounding must not lower the Nyquist edge
    filters = np.zeros((BANDS, FFT // 2 + 1))
    for band, (left, centre, right) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        filters[band, left:centre] = (np.arange(left, centre) - left) / (centre - left)
        filters[band, centre:right] = (right - np.arange(centre, right)) / (right - centre)
    energy = power @ filters.T
    return 20 * np.log10(np.where(energy == 0, np.finfo(float).eps, energy))


def network() -> nn.Module:
    """torchvision's ResNet-34 for one channel and four classes, float32."""
    prepare()
    from torchvision.models import resnet34

    resnet = resnet34()
    resnet.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    resnet.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(512, 4))
    return resnet.eval()


@torch.inference_mode()
def predict(members: list[nn.Module], samples: NDArray[np.float64]) -> int:
    """The class of one snippet: the highest mean of the members' logits."""
    feature = torch.from_numpy(filterbank(samples)).float()[None, None]
    return int(torch.stack([member(feature) for member in members]).mean(0).argmax())


def measure(runs: int = 3) -> Cost:
    """The cost of one prediction, as the median of `runs`."""
    members = [network() for _ in range(MEMBERS)]
    samples = np.random.default_rng(0).normal(0, 0.1, SAMPLES)
    snippet_s = median_s(lambda: predict(members, samples), runs)
    return Cost(snippet_s, peak_bytes())


if __name__ == "__main__":
    json.dump(asdict(measure()), sys.stdout)
