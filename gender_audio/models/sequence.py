"""Learnt aggregation of the snippets of a song, given as probabilities or embeddings, to logits of the song.

Every network takes padded sequences [b, s, inputs], of which the first `lengths` [b] snippets are valid, and its
prediction does not depend on the length. A plain recurrent network could count snippets, as that of system D can.
Therefore the recurrent ones treat a song as a circle: they run over `STEPS` snippets from each snippet on and average
the final hidden states. A song that is padded or played twice gets the same prediction.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gender_audio.models.genre_song import valid_mask

STEPS = 4


class LinearCell(nn.Module):
    """System D's RNN: a recurrent layer without activation function.

    It is linear, so the average over all circular sequences depends on the mean of the snippets alone.

    Args:
        inputs: number of values of a snippet.
        hidden: size of the hidden state.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.cell = nn.Linear(inputs + hidden, hidden)

    def forward(self, sequences: Tensor) -> Tensor:
        """Sequences [n, steps, inputs] to final hidden states [n, hidden]."""
        state = sequences.new_zeros(len(sequences), self.hidden)
        for step in sequences.unbind(1):
            state = self.cell(torch.cat([step, state], 1))
        return state


class LSTM(nn.Module):
    """One LSTM layer; that of system D has 5 hidden values.

    Args:
        inputs: number of values of a snippet.
        hidden: size of the hidden state.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.layer = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, sequences: Tensor) -> Tensor:
        """Sequences [n, steps, inputs] to final hidden states [n, hidden]."""
        state: Tensor = self.layer(sequences)[1][0][0]
        return state


class Recurrent(nn.Module):
    """A recurrent layer over circular sequences of a song, and a linear layer on the mean of its final states.

    Args:
        layer: `LinearCell` or `LSTM`.
        inputs: number of values of a snippet: probabilities or an embedding.
        hidden: size of the hidden state.
        outputs: number of logits.
        steps: length of a circular sequence.
    """

    def __init__(
        self, layer: type[LinearCell] | type[LSTM], inputs: int, hidden: int, outputs: int, steps: int = STEPS
    ) -> None:
        super().__init__()
        self.layer = layer(inputs, hidden)
        self.line = nn.Linear(hidden, outputs)
        self.steps = steps

    def forward(self, snippets: Tensor, lengths: Tensor) -> Tensor:
        """Snippets [b, s, inputs], of which `lengths` [b] are valid, to logits [b, outputs]."""
        batch, length, inputs = snippets.shape
        sequences = circular_sequences(snippets, lengths, self.steps)
        states = self.layer(sequences.reshape(batch * length, self.steps, inputs))
        counts = valid_mask(lengths, length)[..., None]
        return self.line((states.view(batch, length, -1) * counts).sum(1) / lengths[:, None])


class Attention(nn.Module):
    """Attention pooling: a weighted mean of the snippets, with learnt weights, and a linear layer.

    Args:
        inputs: number of values of a snippet.
        hidden: units of the layer that computes the weights.
        outputs: number of logits.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.line = nn.Linear(inputs, outputs)

    def forward(self, snippets: Tensor, lengths: Tensor) -> Tensor:
        """Snippets [b, s, inputs], of which `lengths` [b] are valid, to logits [b, outputs]."""
        counts = valid_mask(lengths, snippets.shape[1])[..., None]
        share = self.weight(snippets).masked_fill(~counts, -torch.inf).softmax(1)
        return self.line((share * snippets).sum(1))


def circular_sequences(snippets: Tensor, lengths: Tensor, steps: int) -> Tensor:
    """Snippets [b, s, inputs] to `steps` snippets from each on, [b, s, steps, inputs]; the first follows the last."""
    positions = torch.arange(snippets.shape[1], device=snippets.device)
    orders = (positions[:, None] + torch.arange(steps, device=snippets.device)) % lengths[:, None, None]
    return torch.stack([song[order] for song, order in zip(snippets, orders, strict=True)])
