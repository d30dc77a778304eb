#!/usr/bin/env python3
"""Hands a filled scan to the pipeline of cdiutils by the recipe of phasing.md.

Usage: check_cdiutils.py EXPERIMENT.h5 ARCHIVE.npz

EXPERIMENT is the BLISS collection file of a scan by `lacuna simulate`, on the whole frames of a MAXIPIX, ARCHIVE that of
`lacuna inpaint --format pynx`. Needs cdiutils 0.2.1; PyNX is not started. Exit status: 0 when everything holds, 1 with
one line for each thing that does not.
"""

import os
import shutil
import sys
import tempfile

import numpy as np
from cdiutils.pipeline import BcdiPipeline

import recipes


class Pipeline(BcdiPipeline):
    """The pipeline up to the start of PyNX, which remembers what it wrote for it before the recipe."""

    before = {}

    def preprocess(self):
        super().preprocess()
        self.before = self.written()

    def written(self):
        """The data and the mask for PyNX."""
        names = {name: f"{self.pynx_phasing_dir}S{self.scan}_pynx_input_{name}.npz" for name in ("data", "mask")}
        return {name: np.load(path)["data"] for name, path in names.items()}

    def _run_cmd(self, cmd, cwd):
        pass


def problems(pipeline):
    before, after = pipeline.before, pipeline.written()
    masked = before["mask"] != 0
    if after["data"].shape != before["data"].shape or after["mask"].shape != before["mask"].shape:
        yield f"shapes {after['data'].shape} and {after['mask'].shape}, expected {before['data'].shape}"
    elif not masked.any() or after["mask"].any():
        yield f"{masked.sum()} voxels were masked, {after['mask'].sum()} are now"
    elif not np.array_equal(before["data"][~masked], after["data"][~masked]):
        yield "a measured voxel lies elsewhere than in the pipeline's own data"
    elif not after["data"][masked].any():
        yield "the gaps are empty"
    with open(f"{pipeline.pynx_phasing_dir}pynx-cdi-inputs.txt") as file:
        lines = file.read().splitlines()
    for name in ("data", "mask"):
        if f"{name} = {pipeline.pynx_phasing_dir}S1_pynx_input_{name}.npz" not in lines:
            yield f"PyNX would read another {name}"


if __name__ == "__main__":
    experiment, archive = (os.path.abspath(path) for path in sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        shutil.copy(archive, "scan_inpainted.npz")
        pipeline = Pipeline(
            {
                "beamline_setup": "id01",
                "experiment_file_path": experiment,
                "sample_name": "crystal_0001",
                "scan": 1,
                "dump_dir": directory,
                "preprocess_shape": (24, 120, 120),
            }
        )
        recipes.run("cdiutils", pipeline=pipeline)
        found = list(problems(pipeline))
        os.chdir("/")
    print("\n".join(found))
    sys.exit(1 if found else 0)
