"""System A's way of answering: snippet by snippet, a numpy feature and twenty full-width networks in turn.

Its separation ran beforehand and by hand, so the reference is spared it. Random weights cost as much.
Run as a module, it prints what it measured as JSON, so that its memory is that of a process of its own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench.measure import median_s, peak_bytes
from gender_audio.models.torchvision_compat import prepare

RATE, SAMPLES, FRAME, HOP, FFT, BANDS = 16_000, 48_000, 400, 160, 1024, 40
MEMBERS = 20
RUNS = 3


@dataclass(frozen=True)
class Cost:
    """Seconds for one snippet, filter bank and networks together; the process's peak memory in bytes."""

    snippet_s: float
    peak_bytes: int


def filterbank(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """One snippet float64 [48000] at 16 kHz to its log filter bank [299, 40], everything computed anew."""
    emphasised = np.append(samples[0], samples[1:] - 0.97 * samples[:-1])
    count = -(-(SAMPLES - FRAME) // HOP) + 1
    padded = np.append(emphasised, np.zeros((count - 1) * HOP + FRAME - SAMPLES))
    positions = np.arange(FRAME)[None] + HOP * np.arange(count)[:, None]
    power = np.abs(np.fft.rfft(padded[positions] * np.hamming(FRAME), FFT)) ** 2 / FFT
    highest = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, highest, BANDS + 2) / 2595) - 1)
    edges = np.floor(FFT * hertz / RATE + 1e-9).astype(int)  # rounding must not push the Nyquist edge down
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
def answer(members: list[nn.Module], samples: NDArray[np.float64]) -> int:
    """The class of one snippet by the mean of the members' logits."""
    feature = torch.from_numpy(filterbank(samples)).float()[None, None]
    return int(torch.stack([member(feature) for member in members]).mean(0).argmax())


def measure() -> Cost:
    """What one answer costs here and now."""
    members = [network() for _ in range(MEMBERS)]
    samples = np.random.default_rng(0).normal(0, 0.1, SAMPLES)
    snippet_s = median_s(lambda: answer(members, samples), RUNS)
    return Cost(snippet_s, peak_bytes())


if __name__ == "__main__":
    json.dump(asdict(measure()), sys.stdout)
