"""Turns errors into messages for visitors."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from gender_audio.audio import AudioError

LOG = logging.getLogger(__name__)


@contextmanager
def friendly_errors(message: str) -> Iterator[None]:
    """Raise every error as `gr.Error`.

    Args:
        message: shown for unexpected errors. Errors of the recording show their own message.
    """
    try:
        yield
    except gr.Error:
        raise
    except AudioError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        # The log has no error messages, because they may name the recording.
        LOG.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        raise gr.Error(message, print_exception=False) from error
