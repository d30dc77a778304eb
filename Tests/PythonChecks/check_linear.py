#!/usr/bin/env python3
"""Compares a scan filled by `--method linear` with a computation of its own, in NumPy.

Usage: check_linear.py SCAN TRUTH OUTPUT

SCAN is the BLISS file (entry 1.1), TRUTH holds /counts without gaps, OUTPUT is Lacuna's. The gaps are a cross of one
band of rows and one of columns. Ends with status 1 unless every measured voxel is bit-identical and the Pearson
correlation of log(1+I) over the gap equals that of the computation here to 1e-6.
"""

import sys

import h5py
import hdf5plugin  # noqa: F401  (registers the compression filters)
import numpy as np


def across(values, gap):
    """Straight lines of log(1+I) along the last axis, from the pixel before to the pixel after the gap."""
    before, after = values[..., gap[0] - 1], values[..., gap[-1] + 1]
    position = (gap - (gap[0] - 1)) / (len(gap) + 1.0)
    return before[..., None] * (1 - position) + after[..., None] * position


def linear(counts, rows, columns):
    filled = np.log1p(counts.astype(np.float64))
    free_rows = np.setdiff1d(np.arange(counts.shape[1]), rows)
    free_columns = np.setdiff1d(np.arange(counts.shape[2]), columns)
    filled[np.ix_(range(len(counts)), free_rows, columns)] = across(filled[:, free_rows], columns)
    turned = filled.swapaxes(1, 2)
    turned[np.ix_(range(len(counts)), free_columns, rows)] = across(turned[:, free_columns], rows)
    # Where the bands cross, both directions are equally good, and their sides are filled by now.
    along_rows = across(filled[:, rows], columns)
    along_columns = across(turned[:, columns], rows).swapaxes(1, 2)
    filled[np.ix_(range(len(counts)), rows, columns)] = (along_rows + along_columns) / 2
    return filled


def main(scan, truth, output):
    with h5py.File(output) as file:
        result = file["entry/data/data"][()]
        inpainted = file["entry/data/inpainted"][0].astype(bool)  # the same in every frame
    with h5py.File(scan) as file:
        (counts,) = [item[()] for item in file["1.1/measurement"].values() if item.ndim == 3]
    with h5py.File(truth) as file:
        true_counts = file["counts"][()]

    measured = ~inpainted
    if result.dtype != np.float32 or not np.array_equal(result[:, measured], counts[:, measured].astype(np.float32)):
        sys.exit("measured voxels differ from the raw counts")

    rows = np.flatnonzero(inpainted.all(axis=1))
    columns = np.flatnonzero(inpainted.all(axis=0))
    expected = linear(counts, rows, columns)[:, inpainted]
    true_log = np.log1p(true_counts[:, inpainted].astype(np.float64))
    ours = np.corrcoef(true_log.ravel(), np.log1p(result[:, inpainted].astype(np.float64)).ravel())[0, 1]
    theirs = np.corrcoef(true_log.ravel(), expected.ravel())[0, 1]
    print(f"{measured.sum() * len(result)} measured voxels bit-identical; PCC in the gap {ours:.9f}, here {theirs:.9f}")
    if abs(ours - theirs) > 1e-6:
        sys.exit(f"the correlations differ by {abs(ours - theirs):.2e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
