"""What the members and the published networks say about many snippets, computed once and stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, cpu_count, delayed
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

BLOCK = 100
"""Snippets that one process takes at a time."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers for n snippets.

    Attributes:
        logits: of every member, float32 [m, n, 4].
        outputs: name of a published network to its outputs, float32 [n, outputs].
    """

    logits: np.ndarray
    outputs: dict[str, np.ndarray]

    def ensemble(self, calibration: Calibration, weight: np.ndarray) -> np.ndarray:
        """Calibrated mean probabilities of the members, float [n, 4].

        Args:
            weight: of every member for every snippet, [m, n]; the sum over the members is 1.
        """
        probabilities = torch.from_numpy(self.logits).softmax(-1).numpy()
        return calibration((probabilities * weight[..., None]).sum(0))


def answer(
    snippets: Sequence[np.ndarray], separator: str, networks: Sequence[PublishedNetwork], cache: Path
) -> Answers:
    """Answers for snippets, float32 [48000] each at 16 kHz; read from `cache` if they are there.

    Each snippet passes through the separator and the features as a clip in the application does.
    """
    content = hashlib.sha256(b"".join(snippet.tobytes() for snippet in snippets)).hexdigest()
    networks_key = key(content, separation.separator_fingerprint(separator), weights.fingerprint(SINGING.name))
    logits = _stored(
        cache / f"members-{networks_key}.npy",
        partial(_in_blocks, partial(_member_logits, separator=separator), snippets, "members"),
    )
    outputs = {}
    for network in networks:
        path = cache / f"{network.name}-{key(content, weights.fingerprint(network.name), network.outputs)}.npy"
        compute = partial(_network_outputs, network=network)
        outputs[network.name] = _stored(path, partial(_in_blocks, compute, snippets, network.name))
    return Answers(logits.swapaxes(0, 1), outputs)


def _network_outputs(snippets: Sequence[np.ndarray], network: PublishedNetwork) -> np.ndarray:
    """The outputs of a published network, float32 [n, outputs]."""
    torch.set_num_threads(1)
    return np.concatenate([snippet_outputs(network, snippet) for snippet in snippets])


@torch.inference_mode()
def _member_logits(snippets: Sequence[np.ndarray], separator: str) -> np.ndarray:
    """Logits of the members in `weights/singing`, float32 [n, m, 4]."""
    torch.set_num_threads(1)
    ensemble, separate = Ensemble.load(), separation.load(separator)
    features = SingingFeatures.from_card(weights.card(SINGING.name))
    logits = [ensemble(features.from_stems(separate(Clip(snippet[None], RATE)))) for snippet in snippets]
    return torch.cat(logits, 1).transpose(0, 1).numpy()


def _in_blocks(
    compute: Callable[[Sequence[np.ndarray]], np.ndarray], snippets: Sequence[np.ndarray], name: str
) -> np.ndarray:
    """The arrays that `compute` returns for blocks of snippets, [n, ...], on all cores."""
    blocks = [snippets[start : start + BLOCK] for start in range(0, len(snippets), BLOCK)]
    parts = Parallel(cpu_count(), return_as="generator")(delayed(compute)(block) for block in blocks)
    return np.concatenate(list(tqdm(parts, total=len(blocks), desc=name, unit="block")))


def _stored(path: Path, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array in a file; computed and written first if there is none."""
    if not path.exists():
        array = compute()
        with atomic_write(path) as unfinished, unfinished.open("wb") as stream:
            np.save(stream, array)
    stored: np.ndarray = np.load(path)
    return stored
