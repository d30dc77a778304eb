"""Counts that differ from frame to frame, with a peak, for detectors of any shape."""

import pathlib

import numpy


def counts(frames, rows, columns, kind="u4"):
    """A peak that comes and goes, cut by the middle lines, on a background of few counts."""
    numbers = numpy.random.default_rng(frames * rows + columns)
    frame, row, column = numpy.meshgrid(numpy.arange(frames), numpy.arange(rows), numpy.arange(columns),
                                        indexing="ij", sparse=True)
    def fringe(x, width):
        return numpy.sinc(x / width) ** 2
    expected = 0.3 + 3e3 * fringe(frame - frames / 2 + 0.5, 4) * fringe(row - rows / 2, 9) * fringe(column - columns / 2, 9)
    return numpy.minimum(numbers.poisson(expected), numpy.iinfo(kind).max - 2).astype(kind)


def keep(directory, name, values):
    """Keeps what was recorded under `name` for `check_recorded.py`."""
    numpy.save(pathlib.Path(directory) / f"{name}.npy", values)
