"""From the snippets of a song to the song, learnt: for probabilities or embeddings of any number of classes.

Every network here takes sequences of different length side by side, [b, s, inputs] of which `lengths` [b] snippets
count, and is blind to length. The recurrent ones would otherwise count snippets, as system D's can: they hear the
song as a circle, in rounds of `STEPS` snippets that start at each of its snippets, and answer with the mean over all
rounds. So a song played twice, or padded, gets the answer it had.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gender_audio.models.genre_song import valid_mask

STEPS = 4


class LinearCell(nn.Module):
    """System D's RNN: a recurrent layer without a squashing function.

    Being linear, it comes down to the mean of the snippets once all rounds are averaged; only the LSTM hears the order.

    Args:
        inputs: values of a snippet.
        hidden: values that it remembers.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.cell = nn.Linear(inputs + hidden, hidden)

    def forward(self, sequences: Tensor) -> Tensor:
        """Sequences [n, steps, inputs] to what is remembered at their end, [n, hidden]."""
        state = sequences.new_zeros(len(sequences), self.hidden)
        for step in sequences.unbind(1):
            state = self.cell(torch.cat([step, state], 1))
        return state


class LSTM(nn.Module):
    """One LSTM layer, read at its end; system D's has 5 hidden values.

    Args:
        inputs: values of a snippet.
        hidden: values that it remembers.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.layer = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, sequences: Tensor) -> Tensor:
        """Sequences [n, steps, inputs] to what is remembered at their end, [n, hidden]."""
        state: Tensor = self.layer(sequences)[1][0][0]
        return state


class Recurrent(nn.Module):
    """A recurrent layer over all rounds of a song, and a linear decision on the mean of what it remembers.

    Args:
        layer: `LinearCell` or `LSTM`.
        inputs: values of a snippet: as many as classes, or an embedding.
        hidden: values that the layer remembers.
        outputs: logits.
        steps: snippets in a round.
    """

    def __init__(
        self, layer: type[LinearCell] | type[LSTM], inputs: int, hidden: int, outputs: int, steps: int = STEPS
    ) -> None:
        super().__init__()
        self.layer = layer(inputs, hidden)
        self.line = nn.Linear(hidden, outputs)
        self.steps = steps

    def forward(self, snippets: Tensor, lengths: Tensor) -> Tensor:
        """Snippets [b, s, inputs] of which `lengths` [b] count, to logits [b, outputs]."""
        batch, places, inputs = snippets.shape
        states = self.layer(rounds(snippets, lengths, self.steps).reshape(batch * places, self.steps, inputs))
        counts = valid_mask(lengths, places)[..., None]
        return self.line((states.view(batch, places, -1) * counts).sum(1) / lengths[:, None])


class Attention(nn.Module):
    """Attention pooling: each snippet says how much it should count, then all decide together.

    Args:
        inputs: values of a snippet.
        hidden: values that its weight is computed from.
        outputs: logits.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.line = nn.Linear(inputs, outputs)

    def forward(self, snippets: Tensor, lengths: Tensor) -> Tensor:
        """Snippets [b, s, inputs] of which `lengths` [b] count, to logits [b, outputs]."""
        counts = valid_mask(lengths, snippets.shape[1])[..., None]
        share = self.weight(snippets).masked_fill(~counts, -torch.inf).softmax(1)
        return self.line((share * snippets).sum(1))


def rounds(snippets: Tensor, lengths: Tensor, steps: int) -> Tensor:
    """Snippets [b, s, inputs] to [b, s, steps, inputs]: from each one on, the first following the last."""
    places = torch.arange(snippets.shape[1], device=snippets.device)
    turn = (places[:, None] + torch.arange(steps, device=snippets.device)) % lengths[:, None, None]
    return torch.stack([song[order] for song, order in zip(snippets, turn, strict=True)])
