"""Kriging in NumPy, as simple as it can be and without regard to time: what Lacuna's fills are held against.

log(1+I) less a local background is taken as a stationary Gaussian field. Its power spectrum is that of the tile as it is
filled so far, and the gap moves to its conditional mean by conjugate gradients. Photon noise is white: its share of the
field's variance is added to the spectrum. Tiles overlap by two thirds and are blended by Hann windows.
"""
import numpy
from scipy import fft, ndimage, stats

PADDING = 4
ROUNDS = 3
STEPS = 15


def noise_table():
    """What log(1+N) is on average, and its variance, for Poisson counts N of many expectations."""
    means, variances = [], []
    for expectation in numpy.geomspace(1e-3, 1e4, 200):
        spread = 12 * expectation**0.5 + 12
        counts = numpy.arange(max(0, int(expectation - spread)), int(expectation + spread + 12))
        chances, logs = stats.poisson.pmf(counts, expectation), numpy.log1p(counts)
        means.append(chances @ logs)
        variances.append(chances @ (logs - means[-1]) ** 2)
    return numpy.array(means), numpy.array(variances)


NOISE = noise_table()


def local_mean(values):
    for _ in range(2):
        values = ndimage.uniform_filter(values, 11, mode="constant")
    return values


def smoothed(spectrum):
    """The half spectrum of a real field, averaged over neighbouring bins."""
    for axis, mode in enumerate(["wrap", "wrap", "reflect"]):
        spectrum = ndimage.gaussian_filter1d(spectrum, 0.7, axis, mode=mode)
    return spectrum


def krige(logs, measured, start):
    """log(1+I) of a tile whose gap is filled; `start` is a first guess."""
    inside = tuple(slice(PADDING, -PADDING) for _ in range(3))
    known = numpy.pad(measured, PADDING).astype("f4")
    values = numpy.pad(logs, PADDING) * known
    background = local_mean(values) / numpy.maximum(local_mean(known), 0.01)
    field = (values - background) * known
    free = 1 - known
    guess = numpy.zeros_like(field)
    guess[inside] = start - background[inside]
    noise = numpy.interp(ndimage.uniform_filter(values, 3)[known > 0], *NOISE).mean()
    floor = max(0.1, 1.5 * noise / max((field[known > 0] ** 2).mean(), 1e-6))
    gap = guess * free
    for _ in range(ROUNDS):
        spectrum = smoothed(numpy.abs(fft.rfftn(field + gap)) ** 2)
        precision = 1 / (spectrum / spectrum.mean() + floor)

        def multiplied(values):
            return fft.irfftn(fft.rfftn(values) * precision, values.shape) * free

        residual = -multiplied(field + gap)
        direction, square = residual.copy(), numpy.vdot(residual, residual)
        for _ in range(STEPS):
            product = multiplied(direction)
            step = square / max(numpy.vdot(direction, product), 1e-12)
            gap += step * direction
            residual -= step * product
            last, square = square, numpy.vdot(residual, residual)
            direction = residual + square / max(last, 1e-12) * direction
    return (field + gap + background)[inside]


def starts(extent, tile, step):
    return sorted({*range(0, extent - tile, step), extent - tile})


def fill(counts, columns):
    """Counts whose gap, some columns of all frames, is filled; (frame, row, column)."""
    width = columns.stop - columns.start
    logs = numpy.log1p(counts.astype("f4"))
    measured = numpy.ones(counts.shape, bool)
    measured[:, :, columns] = False
    share = numpy.arange(1, width + 1) / (width + 1)
    linear = logs.copy()
    linear[:, :, columns] = (
        logs[:, :, columns.start - 1, None] * (1 - share) + logs[:, :, columns.stop, None] * share)
    tile = min(48 if width <= 12 else 64 if width <= 20 else 96, *counts.shape)
    window = numpy.hanning(tile + 2)[1:-1].astype("f4")
    window = (window[:, None] * window)[:, :, None]
    first = max(0, min(columns.start - (tile - width) // 2, counts.shape[2] - tile))
    sums, weights = numpy.zeros_like(logs), numpy.zeros_like(logs)
    for frame in starts(counts.shape[0], tile, tile // 3):
        for row in starts(counts.shape[1], tile, tile // 3):
            box = (slice(frame, frame + tile), slice(row, row + tile), slice(first, first + tile))
            has_signal = (counts[box][measured[box]] > 0).mean() > 0.02
            filled = krige(logs[box], measured[box], linear[box]) if has_signal else linear[box]
            sums[box] += filled * window
            weights[box] += window
    kriged = numpy.where(weights > 0, sums / numpy.maximum(weights, 1e-6), linear)
    return numpy.where(measured, counts, numpy.expm1(numpy.maximum(kriged, 0)))
