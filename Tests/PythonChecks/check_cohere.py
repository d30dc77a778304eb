#!/usr/bin/env python3
"""Hands a filled scan to cohere by the recipe of phasing.md, and phases it with cohere.

Usage: check_cohere.py ARCHIVE.npz

ARCHIVE is that of `lacuna inpaint --format pynx`. Needs cohere_core 4.5.4. Exit status: 0 when everything holds, 1 with
one line for each thing that does not.
"""

import os
import shutil
import sys
import tempfile

import numpy as np

import recipes

RECONSTRUCTION = {
    "algorithm_sequence": "20*ER+60*HIO+20*ER",
    "initial_support_area": [0.5, 0.5, 0.5],
    "shrink_wrap_trigger": [1, 2],
    "shrink_wrap_type": "GAUSS",
    "shrink_wrap_threshold": 0.1,
    "shrink_wrap_gauss_sigma": 1.0,
}


def far_field(path):
    """The amplitudes of what cohere finds from random phases, in the order of its data."""
    from cohere_core.controller import phasing

    np.random.seed(0)
    reconstruction = phasing.create_rec(dict(RECONSTRUCTION), path, "np", -1, debug=True)
    reconstruction.iterate()
    reconstruction.save_res("results")
    image = np.load("results/image.npy")
    return np.abs(np.fft.fftshift(np.fft.ifftn(np.fft.ifftshift(image))))


def problems(data):
    import cohere_core.utilities as cohere

    amplitudes = cohere.read_tif("phasing_data/data.tif")
    # cohere counts its axes as column, row, frame and puts the peak into the middle.
    expected = np.sqrt(data.transpose(2, 1, 0))
    middle = np.array(expected.shape) // 2
    shift = middle - np.unravel_index(expected.argmax(), expected.shape)
    if not np.array_equal(amplitudes, np.roll(expected, shift, (0, 1, 2)).astype(np.float32)):
        yield "data.tif: expected the square roots of all counts, ordered column, row, frame"
    correlation = np.corrcoef(far_field("phasing_data/data.tif").ravel(), amplitudes.ravel())[0, 1]
    if correlation < 0.99:
        yield f"the far field of the reconstruction correlates with the data by {correlation:.3f}"


if __name__ == "__main__":
    archive = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        os.mkdir("preprocessed_data")
        os.mkdir("phasing_data")
        shutil.copy(archive, "scan_inpainted.npz")
        recipes.run("cohere")
        found = list(problems(np.load(archive)["data"]))
        os.chdir("/")
    print("\n".join(found))
    sys.exit(1 if found else 0)
