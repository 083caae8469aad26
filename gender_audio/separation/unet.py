"""The embedded separator: a network masks the STFT at 16 kHz, in overlapping chunks."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.fingerprint import fingerprint
from gender_audio.models.unet import MaskNet
from gender_audio.separation.base import Stems
from gender_audio.separation.chunks import Chunks


@dataclass(frozen=True)
class Transform:
    """The spectrogram that is masked: square-root Hann windows with half overlap. Sizes in samples at `rate` Hz.

    The vocals are the mean of `views` passes. Each pass shifts the frames by another part of a hop, so that the errors
    of the masks differ and average out.
    """

    rate: int = 16_000
    window: int = 1536
    hop: int = 768
    views: int = 2

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name the transform; the card of the separator carries it."""
        return fingerprint("stft", asdict(self))

    def forward(self, samples: Tensor) -> Tensor:
        """Samples [..., n] to a complex spectrogram [..., window / 2 + 1, frames], at least 1 + n // hop frames."""
        rest = samples.shape[-1] % self.hop
        if rest > self.hop // 2:
            # Only the edge of one window would cover the last samples: the inverse would divide by almost zero.
            samples = nn.functional.pad(samples, (0, self.hop - rest))
        spectrum = torch.stft(
            samples.flatten(end_dim=-2),
            self.window,
            self.hop,
            window=self._window(samples),
            pad_mode="constant",
            return_complex=True,
        )
        return spectrum.unflatten(0, samples.shape[:-1])

    def inverse(self, spectrum: Tensor, length: int) -> Tensor:
        """The inverse of `forward`: [..., length]."""
        flat = spectrum.flatten(end_dim=-3)
        samples = torch.istft(flat, self.window, self.hop, window=self._window(spectrum), length=length)
        return samples.unflatten(0, spectrum.shape[:-2])

    def _window(self, like: Tensor) -> Tensor:
        return torch.hann_window(self.window, device=like.device).sqrt()


def separate_vocals(network: nn.Module, samples: Tensor, transform: Transform) -> Tensor:
    """Mixtures [b, channels, n] to their vocals, of the same shape.

    All channels of a mixture share one mask, computed from their mean: the mean of the vocals is then the vocals of
    the mean. The Nyquist bin always belongs to the accompaniment.
    """
    vocals = torch.zeros_like(samples)
    for view in range(transform.views):
        delay = view * transform.hop // transform.views
        spectrum = transform.forward(nn.functional.pad(samples, (delay, 0)))
        mask = nn.functional.pad(network(spectrum[:, :, :-1].mean(1)), (0, 0, 0, 1))
        vocals += transform.inverse(mask[:, None] * spectrum, delay + samples.shape[-1])[..., delay:]
    return vocals / transform.views


class Unet:
    """Separates at 16 kHz; the vocals are stereo if the clip is. Its memory grows only with the vocals."""

    name = "unet"

    def __init__(self, network: MaskNet, transform: Transform = Transform(), chunks: Chunks = Chunks()) -> None:
        # Channels last saves a sixth of the time; torch has no types for it.
        self.network: MaskNet = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.transform = transform
        self.chunks = chunks

    @classmethod
    def load(cls) -> Unet:
        """The separator with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card("separator")
        network = MaskNet(**card.model)
        weights.fill(network, "separator", "unet")
        return cls(network, Transform(**card.feature))

    @torch.inference_mode()
    def __call__(self, clip: Clip) -> Stems:
        """Stems [2, n] of a stereo clip, otherwise [1, n]."""
        mixture = clip.mono_or_stereo(self.transform.rate)
        if np.shares_memory(mixture, clip.samples):
            mixture = mixture.copy()

        def separate(chunk: np.ndarray) -> np.ndarray:
            return separate_vocals(self.network, torch.from_numpy(chunk)[None], self.transform)[0].numpy()

        return Stems(self.chunks.apply(separate, mixture, self.transform.rate), clip, self.transform.rate)
