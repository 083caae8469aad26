"""Runs inside Spleeter's own interpreter: clips in on standard input, vocals out on standard output.

A message is the length of its header (four bytes, big-endian), the header (JSON: either `error`, or `shape` and
`dtype`) and the bytes of the array. The first answer comes unasked, when the checkpoint is loaded. The process ends
with its input, with its parent, or with the first answer if that is an error. Everything here works with Python 3.8
and NumPy 1, and nothing is imported from gender_audio.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO, Callable  # noqa: UP035, Python 3.8

import numpy as np

MODEL = "2stems"
LENGTH = struct.Struct(">I")


class RefusalError(Exception):
    """What the other side answered instead of an array."""


def send(stream: IO[bytes], array: np.ndarray) -> None:
    """Write an array as one message."""
    _write(stream, {"shape": array.shape, "dtype": array.dtype.str}, np.ascontiguousarray(array).data)


def refuse(stream: IO[bytes], reason: str) -> None:
    """Write a sentence instead of an array."""
    _write(stream, {"error": reason})


def receive(stream: IO[bytes]) -> np.ndarray:
    """Read one message.

    Raises:
        EOFError: the stream ended.
        RefusalError: the message is a sentence.
    """
    header = json.loads(_exactly(stream, LENGTH.unpack(_exactly(stream, LENGTH.size))[0]))
    if "error" in header:
        raise RefusalError(header["error"])
    kind, shape = np.dtype(header["dtype"]), tuple(header["shape"])
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    return np.frombuffer(_exactly(stream, size), kind).reshape(shape)


def _write(stream: IO[bytes], header: dict, body: bytes | memoryview = b"") -> None:
    text = json.dumps(header).encode()
    stream.write(LENGTH.pack(len(text)) + text)
    stream.write(body)
    stream.flush()


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    if stream.readinto(data) < size:  # type: ignore[attr-defined]
        raise EOFError
    return data


def watch(parent: int) -> None:
    """End with the parent, even in the middle of a clip. Linux could signal it, but that means the parent's thread."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def load(models: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Spleeter's network for two stems: mixtures float32 [2, n] at 44.1 kHz to vocals [2, n].

    Spleeter's own Separator gives the same, but reads the checkpoint again for every clip.

    Raises:
        RefusalError: the checkpoint is not one of two stems.
    """
    import tensorflow as tf
    from spleeter.model import EstimatorSpecBuilder, InputProviderFactory
    from spleeter.utils.configuration import load_configuration

    parameters = load_configuration(f"spleeter:{MODEL}")
    provider = InputProviderFactory.get(parameters)
    with tf.Graph().as_default():
        features = provider.get_input_dict_placeholders()
        voice = EstimatorSpecBuilder(features, parameters).outputs["vocals"]
        problem = mismatch(models / MODEL)
        if problem:
            raise RefusalError(f"The checkpoint in {models / MODEL} is not one of two stems: {problem}.")
        session = tf.compat.v1.Session()
        tf.compat.v1.train.Saver().restore(session, tf.train.latest_checkpoint(str(models / MODEL)))

    def vocals(mixture: np.ndarray) -> np.ndarray:
        return session.run(voice, provider.get_feed_dict(features, mixture.T, "")).T

    return vocals


def mismatch(folder: Path) -> str:
    """How a checkpoint differs from the network in the current graph, empty if it fits.

    TensorFlow looks for what the network needs and overlooks the rest, so that four stems would load as two.
    """
    import tensorflow as tf

    needed = {v.op.name: v.shape.as_list() for v in tf.compat.v1.global_variables()}
    try:
        found = dict(tf.train.list_variables(str(folder)))
    except (ValueError, tf.errors.OpError) as error:
        return f"TensorFlow cannot read it ({type(error).__name__})"
    wrong = sorted(name for name, shape in needed.items() if found.get(name) != shape)
    if wrong:
        return f"{wrong[0]} is missing or has another shape"
    more = sorted(name for name in found if name.endswith("/kernel") and name not in needed)
    return f"it has {more[0]} besides" if more else ""


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Python and TensorFlow print must not come between the answers
    threading.Thread(target=watch, args=(int(sys.argv[1]),), daemon=True).start()
    try:
        vocals = load(Path(os.environ["MODEL_PATH"]))
    except Exception as error:
        refuse(answers, str(error) if isinstance(error, RefusalError) else f"Spleeter cannot start: {error!r}.")
        return
    send(answers, np.empty(0, np.float32))
    while True:
        try:
            mixture = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            send(answers, vocals(mixture))
        except Exception as error:
            refuse(answers, f"Spleeter failed: {error!r}.")


if __name__ == "__main__":
    main()
