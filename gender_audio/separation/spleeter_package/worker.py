"""Runs inside Spleeter's interpreter: reads mixtures from standard input and writes vocals to standard output.

A message is the length of its header (four bytes, big-endian), the header (JSON: either `error`, or `shape` and
`dtype`) and the bytes of the array. The worker sends its first answer, without a request, when the checkpoint is
loaded; if that answer is an error, the process ends. It also ends when its input or its parent process ends. This
module must work with Python 3.8 and NumPy 1, and must not import anything from gender_audio.
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


class WorkerError(Exception):
    """The other side answered with this error message instead of an array."""


def send(stream: IO[bytes], array: np.ndarray) -> None:
    """Write an array as one message."""
    _write(stream, {"shape": array.shape, "dtype": array.dtype.str}, np.ascontiguousarray(array).data)


def send_error(stream: IO[bytes], reason: str) -> None:
    """Write an error message instead of an array."""
    _write(stream, {"error": reason})


def receive(stream: IO[bytes]) -> np.ndarray:
    """Read one message.

    Raises:
        EOFError: the stream ended.
        WorkerError: the message is an error.
    """
    header = json.loads(_read_exactly(stream, LENGTH.unpack(_read_exactly(stream, LENGTH.size))[0]))
    if "error" in header:
        raise WorkerError(header["error"])
    kind, shape = np.dtype(header["dtype"]), tuple(header["shape"])
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    return np.frombuffer(_read_exactly(stream, size), kind).reshape(shape)


def _write(stream: IO[bytes], header: dict, body: bytes | memoryview = b"") -> None:
    text = json.dumps(header).encode()
    stream.write(LENGTH.pack(len(text)) + text)
    stream.write(body)
    stream.flush()


def _read_exactly(stream: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    if stream.readinto(data) < size:  # type: ignore[attr-defined]
        raise EOFError
    return data


def watch(parent: int) -> None:
    """End this process when its parent has ended, even during a clip.

    Linux can send a signal instead, but it sends it when the thread of the parent ends.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def load(models: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Spleeter's network for two stems: maps mixtures, float32 [2, n] at 44.1 kHz, to vocals [2, n].

    Spleeter's own Separator gives the same vocals, but reads the checkpoint again for every clip.

    Raises:
        WorkerError: the checkpoint does not belong to the model with two stems.
    """
    import tensorflow as tf
    from spleeter.model import EstimatorSpecBuilder, InputProviderFactory
    from spleeter.utils.configuration import load_configuration

    parameters = load_configuration(f"spleeter:{MODEL}")
    provider = InputProviderFactory.get(parameters)
    with tf.Graph().as_default():
        features = provider.get_input_dict_placeholders()
        output = EstimatorSpecBuilder(features, parameters).outputs["vocals"]
        problem = mismatch(models / MODEL)
        if problem:
            raise WorkerError(f"The checkpoint in {models / MODEL} is not one of two stems: {problem}.")
        session = tf.compat.v1.Session()
        tf.compat.v1.train.Saver().restore(session, tf.train.latest_checkpoint(str(models / MODEL)))

    def vocals(mixture: np.ndarray) -> np.ndarray:
        return session.run(output, provider.get_feed_dict(features, mixture.T, "")).T

    return vocals


def mismatch(folder: Path) -> str:
    """How a checkpoint differs from the network in the current graph; empty if it fits.

    TensorFlow ignores variables that the network does not have, so a checkpoint for four stems would load as well.
    """
    import tensorflow as tf

    needed = {v.op.name: v.shape.as_list() for v in tf.compat.v1.global_variables()}
    try:
        stored = dict(tf.train.list_variables(str(folder)))
    except (ValueError, tf.errors.OpError) as error:
        return f"TensorFlow cannot read it ({type(error).__name__})"
    wrong = sorted(name for name, shape in needed.items() if stored.get(name) != shape)
    if wrong:
        return f"{wrong[0]} is missing or has another shape"
    extra = sorted(name for name in stored if name.endswith("/kernel") and name not in needed)
    return f"it also has {extra[0]}" if extra else ""


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keep what Python and TensorFlow print out of the answers
    threading.Thread(target=watch, args=(int(sys.argv[1]),), daemon=True).start()
    try:
        vocals = load(Path(os.environ["MODEL_PATH"]))
    except Exception as error:
        send_error(answers, str(error) if isinstance(error, WorkerError) else f"Spleeter cannot start: {error!r}.")
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
            send_error(answers, f"Spleeter failed: {error!r}.")


if __name__ == "__main__":
    main()
