"""Deezer's Spleeter with two stems (Hennequin et al. 2020): two networks share every bin of the STFT at 44.1 kHz."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.fingerprint import fingerprint
from gender_audio.models.spleeter import MULTIPLE, StemNet
from gender_audio.separation.base import Stems
from gender_audio.separation.chunks import Chunks

SYSTEM = "spleeter"
STEMS = ("vocals", "accompaniment")
"""Names of the weights of the two networks."""
EPSILON = 1e-10
CHUNKS = Chunks(length_s=11.7)
"""A chunk is one segment of 512 frames, the length that Spleeter was trained on."""


@dataclass(frozen=True)
class Transform:
    """The spectrogram that is masked: periodic Hann windows. Sizes in samples at `rate` Hz.

    Attributes:
        bins: the lowest ones, which the networks see; everything above 11 kHz belongs to the accompaniment, as in
            Spleeter by default.
        multiple: the number of frames is padded to a multiple of this. Spleeter pads to 512, with which a snippet of
            three seconds takes as long as one of twelve, for the same quality.
        edge_s: seconds of mirrored sound before and after a clip, where Spleeter has silence. They fit into the
            padding of a snippet of three seconds, and improve its vocals by 0.8 dB.
    """

    rate: int = 44_100
    window: int = 4096
    hop: int = 1024
    bins: int = 1024
    multiple: int = MULTIPLE
    edge_s: float = 0.65

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name the transform; the card of the weights carries it."""
        return fingerprint("spleeter-stft", asdict(self))

    def forward(self, samples: Tensor) -> Tensor:
        """Samples [c, n] to a complex spectrogram [c, window / 2 + 1, frames], with an empty frame in front."""
        length = samples.shape[-1]
        frames = -(-(length + self.window) // self.hop)
        frames += -frames % self.multiple
        before = self.window // 2  # torch.stft adds as much again
        padded = nn.functional.pad(samples, (before, (frames - 1) * self.hop - length - before))
        return torch.stft(
            padded, self.window, self.hop, window=self._hann(samples), pad_mode="constant", return_complex=True
        )

    def inverse(self, spectrum: Tensor, length: int) -> Tensor:
        """The inverse of `forward`: [c, length]."""
        before = self.window // 2
        samples = torch.istft(spectrum, self.window, self.hop, window=self._hann(spectrum), length=before + length)
        return samples[:, before:]

    def _hann(self, like: Tensor) -> Tensor:
        return torch.hann_window(self.window, device=like.device)


class Spleeter:
    """Separates at 44.1 kHz; the vocals are stereo if the clip is. Its memory grows only with the vocals.

    Args:
        vocals, accompaniment: networks that estimate the magnitudes of a stem.
    """

    name = SYSTEM

    def __init__(self, vocals: nn.Module, accompaniment: nn.Module, transform: Transform = Transform()) -> None:
        # Channels last saves two fifths of the time; torch has no types for it.
        self.networks = [
            network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            for network in (vocals, accompaniment)
        ]
        self.transform = transform

    @classmethod
    def load(cls) -> Spleeter:
        """The separator with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        transform = Transform(**weights.card(SYSTEM).feature)
        vocals, accompaniment = load_networks()
        return cls(vocals, accompaniment, transform)

    @torch.inference_mode()
    def __call__(self, clip: Clip) -> Stems:
        """Stems [2, n] of a stereo clip, otherwise [1, n]."""
        rate = self.transform.rate
        edge = round(self.transform.edge_s * rate)
        padded = np.pad(clip.mono_or_stereo(rate), ((0, 0), (edge, edge)), mode="reflect")
        inside = slice(edge, padded.shape[1] - edge)

        def separate(chunk: np.ndarray) -> np.ndarray:
            return self.separate_vocals(torch.from_numpy(chunk)).numpy()

        return Stems(CHUNKS.apply(separate, padded, rate)[:, inside], clip, rate)

    def separate_vocals(self, samples: Tensor) -> Tensor:
        """A mixture [c, n] to its vocals, of the same shape; one channel is heard on both sides.

        The mask of the vocals is their share of the estimated energy of both stems.
        """
        bins, spectrum = self.transform.bins, self.transform.forward(samples)
        magnitude = spectrum[:, :bins].abs().mT.expand(2, -1, -1)[None].contiguous(memory_format=torch.channels_last)
        vocals, accompaniment = (network(magnitude).square() for network in self.networks)
        mask = ((vocals + EPSILON / 2) / (vocals + accompaniment + EPSILON))[0].mT
        mask = mask if len(samples) == 2 else mask.mean(0, keepdim=True)
        above = spectrum.shape[1] - bins
        return self.transform.inverse(spectrum * nn.functional.pad(mask, (0, 0, 0, above)), samples.shape[1])


def load_networks() -> list[StemNet]:
    """The networks of the vocals and of the accompaniment, with the weights of the repository.

    Raises:
        WeightsError: the weights are missing or damaged.
    """
    networks = [StemNet() for _ in STEMS]
    for network, name in zip(networks, STEMS, strict=True):
        weights.fill(network, SYSTEM, name)
    return networks
