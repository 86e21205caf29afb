import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signals.sound import laid_out


def ramp(first: int, size: int) -> np.ndarray:
    """Samples whose value is their true index (plus one, so that none is silence)."""
    return np.arange(first + 1, first + size + 1, dtype=np.float32)


def test_gap_is_silence_and_overlap_is_trimmed() -> None:
    parts = [(0, ramp(0, 10)), (15, ramp(15, 5)), (None, ramp(20, 5)), (18, ramp(18, 10))]
    out = np.concatenate(list(laid_out(parts, block=7)))
    expected = ramp(0, 28)
    expected[10:15] = 0
    assert out.tolist() == expected.tolist()


def test_sound_from_before_the_picture_is_left_out() -> None:
    out = np.concatenate(list(laid_out([(-30, ramp(-30, 20)), (None, ramp(-10, 20))], block=4)))
    assert out.tolist() == ramp(0, 10).tolist()


def test_nothing_gives_nothing() -> None:
    assert list(laid_out([], block=10)) == []
    assert list(laid_out([(0, ramp(0, 0))], block=10)) == []


def test_a_gap_of_hours_comes_in_blocks() -> None:
    sizes = {block.size for block in laid_out([(16_000 * 3600 * 3, ramp(0, 1))], block=160_000)}
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
    blocks = list(laid_out(parts, block=block))
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
