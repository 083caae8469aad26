"""Random effects for snippets of three seconds. They do not change the label.

All functions take and return float32 [n] at 16 kHz; all randomness comes from the generator `rng`. Equaliser, delay,
reverb and compressor come from pedalboard, which is deterministic.
"""

from __future__ import annotations

import io

import librosa
import numpy as np
import scipy.fft
import scipy.ndimage
import soundfile
from pedalboard import Compressor, Delay, HighShelfFilter, LowShelfFilter, PeakFilter, Plugin, Reverb

from train.data.decoding import RATE

WINDOW = 1024
LIFTER = 28
"""Cepstral samples that make the spectral envelope. The pitch of the highest voices lies above, at 16 kHz / 500 Hz."""
FORMANT_SHIFT = (0.94, 1.06)
"""Range of the factor of the formants. Together with the playback speeds, it is less than the gap between classes."""
PITCH_SHIFT = (-3.0, 3.0)
"""Range of the pitch shift, in semitones."""
FAR_PITCH_SHIFT = {"male": (3.0, 5.0), "female": (-4.0, -3.0)}
"""Range of the pitch shift of a high male and of a low female voice."""
FAR = 0.3
"""How often a pitch is shifted that far."""
HARMONY_SEMITONES = (-12, -9, -8, -7, -5, -4, -3, 0, 3, 4, 5, 7, 8, 9, 12)
"""Intervals of a second voice."""
HARMONY_FORMANT_SHIFT = (0.85, 1.18)
"""Range of the factor of the formants of a second voice, which may be of another class."""
UNISON_FORMANT_SHIFT = (1.09, 1.18)
"""Range of the factor, or of its inverse, of a second voice in unison: the same formants would be a doubled voice."""
DOUBLING_S, DOUBLING_CENTS, DOUBLING_DB = (0.01, 0.04), (-12.0, 12.0), (-8.0, 0.0)
"""Ranges of delay, detuning and level of the second take of one voice."""
HARMONISER_DB = (-20.0, -12.0)
"""Range of the level of a harmoniser below its voice."""
LOW_PASS_HZ = (3_400.0, 8_000.0)
"""Range of the upper end of a band."""
TELEPHONE, TELEPHONE_HZ = 0.15, (300.0, 3_400.0)
"""How often the band is that of a telephone, and that band."""
ALTERNATE_SWITCHES, ALTERNATE_S, ALTERNATE_FADE_S, ALTERNATE_SHARE = 2, 0.7, 0.05, 0.15
"""Most switches between two voices, the shortest time of each, the length of a crossfade, and the smallest share of the
energy of a voice that is heard."""
EQ_LOWEST_HZ, EQ_BANDS, EQ_Q = 60.0, 8, 1.4
"""Octave bands of the equaliser: shelves at both ends, peaks between them."""
EQ_DEVIATION_DB = 4.0
COMPRESSOR_THRESHOLD_DB = -30.0
AUDIBLE = 1e-4
"""Amplitude above which the gain of a compressor can be measured."""
CODECS = (("MP3", "MPEG_LAYER_III"), ("OGG", "OPUS"), ("OGG", "VORBIS"))
"""Container and codec. None of them shifts the sound in time."""
MAX_COMPRESSION = 0.99
"""libsndfile rounds higher levels of MP3 to a bit rate that does not exist."""


def normalise_rms(samples: np.ndarray) -> np.ndarray:
    """Scale to unit RMS. Silence stays silence."""
    return samples / (np.sqrt(np.mean(np.square(samples))) + 1e-9)


def coloured_noise(rng: np.random.Generator, length: int) -> np.ndarray:
    """Noise at unit RMS whose power falls by 0 to 6 dB per octave."""
    spectrum = scipy.fft.rfft(rng.standard_normal(length).astype(np.float32))
    slope = np.maximum(np.arange(len(spectrum)), 30.0).astype(np.float32) ** -rng.uniform(0, 1)
    return normalise_rms(scipy.fft.irfft(spectrum * slope, length))


def random_eq(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Equaliser with a random gain in each of eight octave bands from 60 Hz to 8 kHz."""
    lowest, *middle, highest = rng.normal(0, EQ_DEVIATION_DB, EQ_BANDS)
    peaks = [PeakFilter(EQ_LOWEST_HZ * 2**octave, gain, EQ_Q) for octave, gain in enumerate(middle, 1)]
    shelf_hz = EQ_LOWEST_HZ * 2 ** (EQ_BANDS - 1.5)
    return _process(samples, LowShelfFilter(EQ_LOWEST_HZ, lowest), *peaks, HighShelfFilter(shelf_hz, highest))


def formant_shift(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Shift the formants by a random factor in `FORMANT_SHIFT`. The pitch stays."""
    return shift_formants(samples, rng.uniform(*FORMANT_SHIFT))


def shift_formants(samples: np.ndarray, factor: float) -> np.ndarray:
    """Stretch the spectral envelope so that the formants move to `factor` times their frequency."""
    spectrum = librosa.stft(samples, n_fft=WINDOW)
    magnitude = np.abs(spectrum)
    envelope = _envelope(np.log(magnitude + 1e-5 * magnitude.max() + 1e-12))
    bins = np.minimum(np.arange(len(envelope)) / factor, len(envelope) - 1)
    below = np.minimum(bins.astype(int), len(envelope) - 2)
    share = (bins - below)[:, None]
    stretched = (1 - share) * envelope[below] + share * envelope[below + 1]
    gain = np.exp(np.clip(stretched - envelope, -2.3, 2.3))
    return librosa.istft(spectrum * gain, length=len(samples), dtype=np.float32)


def _envelope(log_spectrum: np.ndarray, iterations: int = 8) -> np.ndarray:
    """True envelope of log spectra [bins, frames] by iterated cepstral smoothing (Roebel and Rodet 2005)."""
    target = log_spectrum
    for _ in range(iterations):
        cepstrum = scipy.fft.irfft(target, axis=0)
        cepstrum[LIFTER : WINDOW - LIFTER + 1] = 0
        smooth = scipy.fft.rfft(cepstrum, axis=0).real
        target = np.maximum(log_spectrum, smooth)
    return smooth


def shift_pitch(samples: np.ndarray, semitones: float, factor: float = 1.0) -> np.ndarray:
    """Shift the pitch, and the formants to `factor` times their frequency. The duration stays."""
    shifted = librosa.effects.pitch_shift(
        samples, sr=RATE, n_steps=semitones, res_type="soxr_mq", n_fft=WINDOW, hop_length=WINDOW // 4
    )
    return shift_formants(shifted, factor / 2 ** (semitones / 12))


def pitch_shift(rng: np.random.Generator, samples: np.ndarray, voice: str) -> np.ndarray:
    """Shift the pitch of a `male` or `female` voice by a random interval, like a high tenor or a low alto.

    The formants stay: the voice is resampled, which leaves no artefacts, and its formants are shifted back. A faster
    voice is padded.
    """
    semitones = rng.uniform(*FAR_PITCH_SHIFT[voice]) if rng.random() < FAR else rng.uniform(*PITCH_SHIFT)
    factor = 2 ** (semitones / 12)
    return shift_formants(_stretch(samples, factor), 1 / factor)


def harmony(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Another voice that sings the same words at another pitch, or in unison."""
    interval = rng.choice(HARMONY_SEMITONES)
    factor = rng.uniform(*HARMONY_FORMANT_SHIFT)
    if interval == 0:
        factor = rng.uniform(*UNISON_FORMANT_SHIFT) ** rng.choice((-1, 1))
    return shift_pitch(samples, interval + rng.normal(0, 0.1), factor)


def doubling(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Add a second take of the same voice: a little later, out of tune and less loud."""
    second = _stretch(samples, 2 ** (rng.uniform(*DOUBLING_CENTS) / 1200))
    later = round(rng.uniform(*DOUBLING_S) * RATE)
    gain = np.float32(10 ** (rng.uniform(*DOUBLING_DB) / 20))
    doubled: np.ndarray = samples + gain * np.pad(second, (later, 0))[: len(samples)]
    return doubled


def harmoniser(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Add the same voice at another pitch, 12 to 20 dB below."""
    shifted = shift_pitch(samples, rng.choice([interval for interval in HARMONY_SEMITONES if interval]))
    quiet: np.ndarray = samples + np.float32(10 ** (rng.uniform(*HARMONISER_DB) / 20)) * shifted
    return quiet


def alternate(rng: np.random.Generator, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two voices [n] each that sing in turns. They stay as they are if one of them would hardly be heard."""
    parts = int(rng.integers(1, ALTERNATE_SWITCHES + 1)) + 1
    spare = len(first) / RATE - parts * ALTERNATE_S
    lengths_s = ALTERNATE_S + spare * rng.dirichlet(np.ones(parts))
    switches = np.cumsum(lengths_s[:-1]) * RATE
    phase = np.searchsorted(switches, np.arange(len(first))) % 2
    fade = round(ALTERNATE_FADE_S * RATE)
    gate = scipy.ndimage.uniform_filter1d(phase.astype(np.float32), fade)
    for own in (gate, 1 - gate):
        turns = first * own, second * (1 - own)
        if all(
            _power(turn) > ALTERNATE_SHARE * _power(whole) for turn, whole in zip(turns, (first, second), strict=True)
        ):
            return turns
    return first, second


def operatic(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Operatic voice: a vibrato of 30 to 120 cents, and a singer's formant near 3 kHz."""
    angular_rate = 2 * np.pi * rng.uniform(4.5, 7.0)
    depth_s = (2 ** (rng.uniform(30, 120) / 1200) - 1) / angular_rate
    time_s = np.arange(len(samples)) / RATE
    warped_s = time_s + depth_s * np.sin(angular_rate * time_s + rng.uniform(0, 2 * np.pi))
    vibrato = scipy.ndimage.map_coordinates(samples, warped_s[None] * RATE, order=3, mode="nearest")
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 1) / rng.uniform(2400, 3400))
    formant = 10 ** (rng.uniform(0, 12) / 20 * np.exp(-np.square(octaves / 0.25)))
    return scipy.fft.irfft(scipy.fft.rfft(vibrato) * formant.astype(np.float32), len(samples))


def delay(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Add echoes 0.06 to 0.45 s apart, each 6 to 20 dB below the one before."""
    seconds, gain = rng.uniform(0.06, 0.45), 10 ** (rng.uniform(-20, -6) / 20)
    return _process(samples, Delay(seconds, feedback=gain, mix=gain / (1 + gain))) * np.float32(1 + gain)


def reverb(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Add a reverb with a decay time (RT60) of 0.5 to 2.4 s, 4 to 18 dB below the dry sound."""
    wet = _process(samples, Reverb(room_size=rng.uniform(0, 0.75), damping=rng.random(), wet_level=1.0, dry_level=0.0))
    gain = 10 ** (rng.uniform(-18, -4) / 20) * np.sqrt(np.mean(np.square(samples)))
    return samples + normalise_rms(wet) * np.float32(gain)


def compression_gain(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The gains, float32 [n], of a compressor that acts on the samples. Multiply every stem by them."""
    attack_ms, release_ms = rng.uniform(5, 50), rng.uniform(50, 200)
    compressor = Compressor(COMPRESSOR_THRESHOLD_DB, rng.uniform(1.25, 2.5), attack_ms, release_ms)
    compressed = _process(samples, compressor)
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE)
    if not len(audible):
        return np.ones(len(samples), np.float32)
    gains = compressed[audible] / samples[audible]
    return np.interp(np.arange(len(samples)), audible, gains).astype(np.float32)


def bandwidth(rng: np.random.Generator, stems: np.ndarray) -> np.ndarray:
    """Keep one random band of stems [stems, n], the same for all: low-pass, sometimes a telephone's."""
    low_hz, high_hz = 0.0, float(np.exp(rng.uniform(*np.log(LOW_PASS_HZ))))
    if rng.random() < TELEPHONE:
        low_hz, high_hz = TELEPHONE_HZ
    hertz = np.fft.rfftfreq(stems.shape[-1], 1 / RATE)
    # Raised cosines: a fifth of an octave at the upper end, an octave at the lower end.
    upper = np.clip(1 - np.log2(np.maximum(hertz, 1) / high_hz) * 5, 0, 1)
    lower = np.clip(1 + np.log2(np.maximum(hertz, 1) / low_hz), 0, 1) if low_hz else 1.0
    gain = (np.sin(np.pi / 2 * upper) * np.sin(np.pi / 2 * lower)) ** 2
    return scipy.fft.irfft(scipy.fft.rfft(stems) * gain.astype(np.float32), stems.shape[-1])


def codec(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Encode and decode samples within full scale with MP3, Opus or Vorbis at a random quality."""
    container, name = CODECS[rng.integers(len(CODECS))]
    file = io.BytesIO()
    compression = min(rng.uniform(0.3, 1), MAX_COMPRESSION)
    soundfile.write(file, samples, RATE, name, format=container, compression_level=compression)
    file.seek(0)
    decoded: np.ndarray = soundfile.read(file, dtype="float32")[0]
    return decoded[: len(samples)]


def _power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples)))


def _stretch(samples: np.ndarray, factor: float) -> np.ndarray:
    """Play samples faster by a factor, padded or cut to the same length."""
    resampled = librosa.resample(samples, orig_sr=RATE * factor, target_sr=RATE, res_type="soxr_mq")
    return librosa.util.fix_length(resampled, size=len(samples))


def _process(samples: np.ndarray, *plugins: Plugin) -> np.ndarray:
    for plugin in plugins:
        samples = plugin(samples.astype(np.float32), RATE)
    return samples
