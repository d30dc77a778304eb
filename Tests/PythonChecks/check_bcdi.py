#!/usr/bin/env python3
"""Reloads a filled scan in the preprocessing of bcdi by the recipe of phasing.md.

Usage: check_bcdi.py EXPERIMENT.h5 ARCHIVE.npz

EXPERIMENT is the BLISS collection file of a scan by `lacuna simulate`, on the whole frames of a MAXIPIX, ARCHIVE that of
`lacuna inpaint --format pynx`. Needs bcdi 0.3.3 from its repository (Python 3.11 at most). Exit status: 0 when everything
holds, 1 with one line for each thing that does not.
"""

import glob
import os
import shutil
import sys
import tempfile
import tkinter
from tkinter import filedialog

import numpy as np
from bcdi.preprocessing.preprocessing_runner import run

import recipes


def answer_dialogs(*paths):
    """bcdi asks for the files that it reloads in windows, one after the other."""
    answers = iter(paths)
    filedialog.askopenfilename = lambda **_: next(answers)
    tkinter.Tk = type("Tk", (), {"withdraw": lambda self: None})


def preprocess(experiment, reload):
    """The data and the mask that bcdi hands to phase retrieval."""
    folder = os.path.abspath("reloaded" if reload else "raw")
    os.mkdir(folder)
    run(
        {
            "scans": [1],
            "root_folder": os.path.dirname(experiment) + "/",
            "data_dir": [os.path.dirname(experiment) + "/"],
            "save_dir": [folder + "/"],
            "sample_name": ["crystal_0001"],
            "template_imagefile": [os.path.basename(experiment)],
            "beamline": "ID01BLISS",
            "detector": "Maxipix",
            "detector_distance": 1.0,
            "energy": 9000,
            "inplane_angle": 0.1,
            "outofplane_angle": 36.2,
            "rocking_angle": "outofplane",
            "phasing_binning": [1, 1, 1],
            "centering_method": {"reciprocal_space": "max", "direct_space": "max_com"},
            "center_fft": "skip",
            "use_rawdata": True,
            "reload_previous": reload,
            "flag_interact": False,
            "multiprocessing": False,
            "backend": "Agg",
        }
    )
    data, mask = (glob.glob(f"{folder}/S1_{name}_*.npz")[0] for name in ("pynx", "maskpynx"))
    return np.load(data)["data"], np.load(mask)["mask"]


def problems(experiment, archive):
    raw, masked = preprocess(experiment, reload=False)
    answer_dialogs(*(os.path.abspath(f"scan_inpainted_{name}.npz") for name in ("data", "mask")))
    data, mask = preprocess(experiment, reload=True)
    # bcdi cuts what is left to sizes for the Fourier transform.
    filled, unusable = (archive[name][tuple(map(slice, data.shape))] for name in ("data", "mask"))
    if not np.array_equal(data, filled):
        yield "the data are not those of the archive"
    if not np.array_equal(mask, unusable):
        yield f"{mask.sum()} voxels are masked, expected {unusable.sum()}"
    if not masked.any() or not np.array_equal(data[masked == 0], raw[masked == 0]):
        yield "a measured voxel lies elsewhere than in what bcdi reads itself"


if __name__ == "__main__":
    experiment, archive = (os.path.abspath(path) for path in sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        shutil.copy(archive, "scan_inpainted.npz")
        recipes.run("bcdi")
        found = list(problems(experiment, np.load(archive)))
        os.chdir("/")
    print("\n".join(found))
    sys.exit(1 if found else 0)
