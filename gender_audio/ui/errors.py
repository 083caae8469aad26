"""What a visitor is told where something fails."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from gender_audio.audio import AudioError
from gender_audio.separation import SeparationError

LOG = logging.getLogger(__name__)


@contextmanager
def friendly_errors(failed: str) -> Iterator[None]:
    """Let nothing through but gr.Error with a sentence for the visitor.

    Args:
        failed: the sentence where it is not the recording that is at fault, nor the separator.
    """
    try:
        yield
    except gr.Error:
        raise
    except (AudioError, SeparationError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        # Only where it happened: messages may name the recording.
        LOG.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        raise gr.Error(failed, print_exception=False) from error
