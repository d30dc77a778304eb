#!/usr/bin/env python3
"""Phases a filled scan with PyNX by the recipe of phasing.md.

Usage: check_pynx_recipe.py ARCHIVE.npz

ARCHIVE is that of `lacuna inpaint --format pynx`, of at least 64 frames of 96 by 96 pixels around the peak. Needs PyNX
2025.1 (on Debian: python3-pynx) and a device for OpenCL; where there is but the processor, pocl-opencl-icd. Exit status:
0 when everything holds, 1 with one line for each thing that does not.
"""

import os
import shutil
import sys
import tempfile

import numpy as np
import pyopencl
from pynx.processing_unit import opencl_device

import recipes


def allow_the_processor():
    """PyNX never chooses PoCL, OpenCL on the processor; where there is nothing else, it shall."""
    devices = [device for platform in pyopencl.get_platforms() for device in platform.get_devices()]
    if not any(device.type & pyopencl.device_type.GPU for device in devices):
        opencl_device.available_gpu_speed = lambda *_, **__: [(devices[0], 1.0)]


def problems(names):
    measured = names["archive"]["iobs"][names["window"]]
    far_field = np.abs(np.fft.fftshift(np.fft.fftn(np.fft.fftshift(names["cdi"].get_obj()))))
    known = measured >= 0
    correlation = np.corrcoef(far_field[known], np.sqrt(measured[known]))[0, 1]
    if correlation < 0.99:
        yield f"the far field of the reconstruction correlates with what was measured by {correlation:.3f}"
    if not os.path.exists("scan_reconstruction.cxi"):
        yield "no reconstruction was written"


if __name__ == "__main__":
    archive = os.path.abspath(sys.argv[1])
    allow_the_processor()
    np.random.seed(0)
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        shutil.copy(archive, "scan_inpainted.npz")
        found = list(problems(recipes.run("PyNX")))
        os.chdir("/")
    print("\n".join(found))
    sys.exit(1 if found else 0)
