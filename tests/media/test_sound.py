import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.media.sound import Changes, laid_out, pieces

RATE = 48_000
NOISE = np.random.default_rng(1).normal(0, 0.1, (3, 5 * RATE)).astype(np.float32)


def frames_of(channels: np.ndarray) -> list[tuple[float, av.AudioFrame]]:
    """Frames of 1024 samples with their seconds."""
    timed = []
    for start in range(0, channels.shape[1], 1024):
        part = np.ascontiguousarray(channels[:, start : start + 1024])
        frame = av.AudioFrame.from_ndarray(part, "fltp", {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)])
        frame.sample_rate = RATE
        timed.append((start / RATE, frame))
    return timed


def mixed(channels: np.ndarray, changes: Changes) -> np.ndarray:
    parts = pieces(frames_of(channels), lambda: pytest.fail("broken"), changes)
    return np.concatenate(list(laid_out(parts, changes, block=RATE)))


def added(channels: np.ndarray) -> np.ndarray:
    """FFmpeg's own mixture."""
    resampler = av.AudioResampler("fltp", "mono", 16_000, options={"rematrix_maxval": "1.0"})
    frames = [frame for _, frame in frames_of(channels)]
    return np.concatenate([out.to_ndarray()[0] for frame in [*frames, None] for out in resampler.resample(frame)])


SILENCE = np.zeros_like(NOISE[0])
ORDINARY = {
    "mono": NOISE[:1],
    "one voice": NOISE[[0, 0]],
    "two voices": NOISE[:2],
    "a dead channel": np.stack([NOISE[0], SILENCE]),
    "a weak channel of opposite polarity": np.stack([NOISE[0], -0.5 * NOISE[0]]),
    "one voice 2 ms later": np.stack([NOISE[0], np.roll(NOISE[0], 96)]),
    "more in common than not, of opposite polarity": np.stack([NOISE[0] + NOISE[1], NOISE[2] - NOISE[0]]),
    "opposite and too quiet to tell": np.stack([NOISE[0], -NOISE[0]]) * np.float32(1e-3),
    "opposite offsets in a pause": np.stack([SILENCE + np.float32(0.1), SILENCE - np.float32(0.1)]),
    "the centre of six": np.stack([SILENCE, SILENCE, NOISE[0], SILENCE, SILENCE, SILENCE]),
}


@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_sound_is_added_up(case: str) -> None:
    changes = Changes()
    out, expected = mixed(ORDINARY[case], changes), added(ORDINARY[case])
    assert np.array_equal(out[: expected.size], expected)
    assert out.size == expected.size
    assert changes == Changes()


def test_polarity_is_followed_where_it_changes() -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(5 * RATE) / RATE).astype(np.float32)
    turned = tone.copy()
    turned[2 * RATE : 4 * RATE] *= -1
    changes = Changes()
    out, expected = mixed(np.stack([tone, turned]), changes), added(tone[None])
    assert changes.inverted_s == pytest.approx(2.0, abs=1024 / RATE)
    steady = np.abs(np.arange(out.size) / 16_000 % 2 - 1) < 0.98  # not where it turns, at 2 and 4 s
    assert out[steady] == pytest.approx(expected[steady], abs=0.05)  # half a sample of 16 kHz
    assert out.size == expected.size


def test_polarity_is_kept_through_a_pause() -> None:
    """Noise of its own on each channel, half as strong as the voice, does not turn it back."""
    voice = NOISE[0].copy()
    voice[2 * RATE : 3 * RATE] = 0
    hiss = 0.15 * NOISE[1:]
    changes = Changes()
    out = mixed(np.stack([voice + hiss[0], hiss[1] - voice]), changes)
    expected = added(np.stack([voice + hiss[0], voice - hiss[1]]))
    assert changes.inverted_s == 0.0
    assert out == pytest.approx(expected, abs=1e-5)


def ramp(first: int, size: int) -> np.ndarray:
    """Samples whose value is their true index (plus one, so that none is silence)."""
    return np.arange(first + 1, first + size + 1, dtype=np.float32)


def test_gap_is_silence_and_overlap_is_trimmed() -> None:
    parts = [(0, ramp(0, 10)), (15, ramp(15, 5)), (None, ramp(20, 5)), (18, ramp(18, 10))]
    out = np.concatenate(list(laid_out(parts, Changes(), block=7)))
    expected = ramp(0, 28)
    expected[10:15] = 0
    assert out.tolist() == expected.tolist()


def test_sound_from_before_the_picture_is_left_out() -> None:
    out = np.concatenate(list(laid_out([(-30, ramp(-30, 20)), (None, ramp(-10, 20))], Changes(), block=4)))
    assert out.tolist() == ramp(0, 10).tolist()


def test_nothing_gives_nothing() -> None:
    assert list(laid_out([], Changes(), block=10)) == []
    assert list(laid_out([(0, ramp(0, 0))], Changes(), block=10)) == []


def test_a_gap_of_hours_comes_in_blocks() -> None:
    sizes = {block.size for block in laid_out([(16_000 * 3600 * 3, ramp(0, 1))], Changes(), block=160_000)}
    assert max(sizes) == 160_000


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.lists(st.integers(0, 40), max_size=4)), max_size=8),
    st.integers(1, 64),
)
def test_every_sample_lies_at_its_index(stretches: list[tuple[int, list[int]]], block: int) -> None:
    parts: list[tuple[int | None, np.ndarray]] = []
    end = 0
    for jump, sizes in stretches:
        start = at = end + jump
        parts.append((start, ramp(start, 0)))
        for size in sizes:
            parts.append((None, ramp(at, size)))
            at += size
        end = max(end, at)
    blocks = list(laid_out(parts, Changes(), block=block))
    out = np.concatenate(blocks) if blocks else np.zeros(0)
    filled = np.flatnonzero(out)
    assert out[filled].tolist() == (filled + 1).tolist()
    assert all(part.size == block for part in blocks[:-1])
    assert set(filled.tolist()) == _not_yet_laid_out(parts)


def _not_yet_laid_out(parts: list[tuple[int | None, np.ndarray]]) -> set[int]:
    """Indices at which sound must be heard: those of every piece that lie beyond all earlier ones."""
    heard, at, end = set(), 0, 0
    for start, samples in parts:
        at = at if start is None else start
        heard |= set(range(max(at, end), at + samples.size))
        end = max(end, at + samples.size, at)
        at += samples.size
    return heard
