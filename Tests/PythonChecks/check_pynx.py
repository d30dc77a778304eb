#!/usr/bin/env python3
"""Reads an archive of `lacuna inpaint --format pynx` as phase retrieval does, and compares it with the NeXus output.

Usage: check_pynx.py OUTPUT.h5 ARCHIVE.npz

Exit status: 0 when everything holds, 1 with one line for each thing that does not.
"""

import sys

import h5py
import numpy as np


def decode(iobs):
    """Counts, estimated and unknown voxels, by the ranges of values that PyNX's kernels tell them apart by."""
    unknown = iobs <= -1e38
    estimated = (iobs <= -1e19) & ~unknown
    counts = np.where(estimated, -iobs / np.float32(1e19) - 1, iobs)
    return np.where(unknown, 0, counts), estimated, unknown


def problems(output, archive):
    with h5py.File(output) as file:
        group = file["/entry/data"]
        data, errors = group["data"][()], group["data_errors"][()]
        unusable = np.broadcast_to(group["data_mask"][()] != 0, data.shape)
        inpainted = np.broadcast_to(group["inpainted"][()] != 0, data.shape) & ~unusable
    arrays = np.load(archive)
    counts, estimated, unknown = decode(arrays["iobs"])
    measured = ~unusable & ~inpainted
    if sorted(arrays.files) != ["confidence_interval", "data", "errors", "iobs", "mask"]:
        yield f"holds {arrays.files}"
    if arrays["iobs"].dtype != np.float32 or not np.isfinite(arrays["iobs"]).all():
        yield "iobs: expected finite float32"
    if not np.array_equal(unknown, unusable) or not np.array_equal(estimated, inpainted):
        yield "iobs: other voxels are estimated or unknown"
    if not np.array_equal(counts[measured], data[measured].astype(np.float32)):
        yield "iobs: a measured voxel is not bit-identical"
    if not np.allclose(counts[inpainted], data[inpainted], rtol=1e-6, atol=1e-6):
        yield "iobs: an estimate is not that of the output"
    if not np.array_equal(arrays["mask"], unusable) or arrays["mask"].dtype != np.uint8:
        yield "mask: not that of the output as uint8"
    if not np.array_equal(arrays["data"], np.where(unusable, 0, data).astype(np.float32)):
        yield "data: not that of the output"
    if not np.array_equal(arrays["errors"], errors, equal_nan=True):
        yield "errors: not those of the output"
    lower, upper = arrays["confidence_interval"]
    stated = inpainted & np.isfinite(errors)
    estimates, margins = data[stated].astype(float), 2 * errors[stated].astype(float)
    if estimates.sum() > 0:
        bounds = np.maximum(0, estimates - margins).sum(), (estimates + margins).sum()
        if not np.allclose((lower, upper), bounds / estimates.sum(), rtol=1e-4):
            yield f"confidence_interval: {lower} ... {upper}, not that of two uncertainties"
    if not 0 <= lower < 1 < upper:
        yield f"confidence_interval: {lower} ... {upper}"


if __name__ == "__main__":
    found = list(problems(*sys.argv[1:]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
