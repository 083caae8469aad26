"""What the members and the published networks say about many snippets, computed once and stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from gender_audio import separation, weights
from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.systems.combination import RATE, snippet_outputs
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published import PublishedNetwork
from gender_audio.systems.singing_features import SingingFeatures
from train.run_records import key


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers for n snippets.

    Attributes:
        logits: of every member, float32 [m, n, 4].
        outputs: name of a published network to its outputs, float32 [n, outputs].
    """

    logits: np.ndarray
    outputs: dict[str, np.ndarray]

    def ensemble(self, calibration: Calibration, weight: np.ndarray | None = None) -> np.ndarray:
        """Calibrated mean probabilities of the members, float [n, 4].

        Args:
            weight: of every member for every snippet, [m, n]; the sum over the members is 1. By default all are equal.
        """
        probabilities = torch.from_numpy(self.logits).softmax(-1).numpy()
        mean = probabilities.mean(0) if weight is None else (probabilities * weight[..., None]).sum(0)
        return calibration(mean)


def answer(
    snippets: Sequence[np.ndarray], separator: str, networks: Sequence[PublishedNetwork], cache: Path
) -> Answers:
    """Answers for snippets, float32 [48000] each at 16 kHz; read from `cache` if they are there.

    Each snippet passes through the separator and the features as a clip in the application does.
    """
    content = hashlib.sha256(b"".join(snippet.tobytes() for snippet in snippets)).hexdigest()
    members = _stored(
        cache / f"members-{key(content, separation.separator_fingerprint(separator), weights.fingerprint(SINGING.name))}",
        lambda: _member_logits(snippets, separator),
    )
    outputs = {
        network.name: _stored(
            cache / f"{network.name}-{key(content, weights.fingerprint(network.name), network.outputs)}",
            lambda network=network: np.concatenate(
                [snippet_outputs(network, snippet) for snippet in tqdm(snippets, desc=network.name, unit="snippet")]
            ),
        )
        for network in networks
    }
    return Answers(members, outputs)


@torch.inference_mode()
def _member_logits(snippets: Sequence[np.ndarray], separator: str) -> np.ndarray:
    """Logits of the members in `weights/singing`, float32 [m, n, 4]."""
    ensemble, separate = Ensemble.load(), separation.load(separator)
    features = SingingFeatures.from_card(weights.card(SINGING.name))
    logits = [
        ensemble(features.from_stems(separate(Clip(snippet[None], RATE))))
        for snippet in tqdm(snippets, desc="members", unit="snippet")
    ]
    return torch.cat(logits, 1).numpy()


def _stored(path: Path, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array in a file; computed and written first if there is none."""
    file = path.with_suffix(".npy")
    if not file.exists():
        array = compute()
        with atomic_write(file) as unfinished, unfinished.open("wb") as stream:
            np.save(stream, array)
    stored: np.ndarray = np.load(file)
    return stored
