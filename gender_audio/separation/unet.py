"""The embedded separator: a mask network on the 16 kHz STFT, in overlapping chunks."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.fingerprint import fingerprint
from gender_audio.models.unet import MaskNet
from gender_audio.separation import Stems
from gender_audio.separation.chunks import Chunks


@dataclass(frozen=True)
class Transform:
    """The spectrogram the mask lives on: square-root Hann windows, half overlapping, sizes in samples at `rate` Hz.

    Vocals are the mean of `views`, each with its frames one more share of a hop later: a mask errs differently on each.
    """

    rate: int = 16_000
    window: int = 1536
    hop: int = 768
    views: int = 2

    @property
    def fingerprint(self) -> str:
        """Names the transform in the separator's card."""
        return fingerprint("stft", asdict(self))

    def forward(self, samples: Tensor) -> Tensor:
        """Samples [..., n] to a complex spectrogram [..., window / 2 + 1, frames], at least 1 + n // hop frames."""
        rest = samples.shape[-1] % self.hop
        if rest > self.hop // 2:
            # The last samples would lie in the flank of one window only: the inverse would divide by almost nothing.
            samples = nn.functional.pad(samples, (0, self.hop - rest))
        spectrum = torch.stft(
            samples.flatten(end_dim=-2),
            self.window,
            self.hop,
            window=self._taper(samples),
            pad_mode="constant",
            return_complex=True,
        )
        return spectrum.unflatten(0, samples.shape[:-1])

    def inverse(self, spectrum: Tensor, length: int) -> Tensor:
        """The inverse of `forward`: [..., length]."""
        flat = spectrum.flatten(end_dim=-3)
        samples = torch.istft(flat, self.window, self.hop, window=self._taper(spectrum), length=length)
        return samples.unflatten(0, spectrum.shape[:-2])

    def _taper(self, beside: Tensor) -> Tensor:
        return torch.hann_window(self.window, device=beside.device).sqrt()


def vocals(network: nn.Module, samples: Tensor, transform: Transform) -> Tensor:
    """Mixtures [b, channels, n] to their vocals, of the same shape: one mask for all channels of a mixture.

    The mask comes from the mean of the channels, so the mean of the vocals is the vocals of the mean. The Nyquist bin
    always stays with the accompaniment.
    """
    found = torch.zeros_like(samples)
    for view in range(transform.views):
        late = view * transform.hop // transform.views
        spectrum = transform.forward(nn.functional.pad(samples, (late, 0)))
        mask = nn.functional.pad(network(spectrum[:, :, :-1].mean(1)), (0, 0, 0, 1))
        found += transform.inverse(mask[:, None] * spectrum, late + samples.shape[-1])[..., late:]
    return found / transform.views


class Unet:
    """Separates at 16 kHz, stereo where the clip is; memory grows with the clip only by the vocals themselves."""

    name = "unet"

    def __init__(self, network: MaskNet, transform: Transform = Transform(), chunks: Chunks = Chunks()) -> None:
        # A sixth faster than channels first; torch has no types for it.
        self.network: MaskNet = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.transform = transform
        self.chunks = chunks

    @classmethod
    def load(cls) -> Unet:
        """The separator with the weights of the repository."""
        card = weights.card("separator")
        network = MaskNet(**card.model)
        weights.fill(network, "separator", "unet")
        return cls(network, Transform(**card.feature))

    @torch.inference_mode()
    def __call__(self, clip: Clip) -> Stems:
        """Stems [2, n] of a stereo clip, else [1, n]."""
        mixture = clip.mono_or_stereo(self.transform.rate)
        if np.shares_memory(mixture, clip.samples):
            mixture = mixture.copy()

        def voice_of(piece: np.ndarray) -> np.ndarray:
            return vocals(self.network, torch.from_numpy(piece)[None], self.transform)[0].numpy()

        return Stems(self.chunks.apply(voice_of, mixture, self.transform.rate), clip, self.transform.rate)
