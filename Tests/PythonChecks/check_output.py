#!/usr/bin/env python3
"""Opens a file that Lacuna wrote with the packages its readers use, and looks at what they see.

Exit status: 0 when everything holds, 1 with one line for each thing that does not, 2 for wrong usage.
"""

import argparse
import contextlib
import io
import sys

import h5py
import numpy as np
from nexusformat.nexus import nxload
from silx.io import nxdata

ENTRY = "/entry/data"
PYNX = "/entry_1/instrument_1/detector_1"


def check_tree(file):
    """The datasets of the contract, in plain h5py."""
    data = file[f"{ENTRY}/data"]
    if data.ndim != 3 or data.dtype not in (np.float32, np.float64):
        yield f"data: expected a float volume, found {data.dtype} {data.shape}"
    if data.chunks != (1, *data.shape[1:]):
        yield f"data: expected one frame to a chunk, found {data.chunks}"
    if data.attrs.get("units") != "counts":
        yield "data: its units are not counts"
    errors = file[f"{ENTRY}/data_errors"]
    if errors.shape != data.shape or errors.dtype != np.float32:
        yield f"data_errors: expected float32 {data.shape}, found {errors.dtype} {errors.shape}"
    for name in ("data_mask", "inpainted"):
        mask = file[f"{ENTRY}/{name}"]
        if mask.dtype != np.uint8 or mask.shape != data.shape:
            yield f"{name}: found {mask.dtype} {mask.shape} for data of {data.shape}"
        elif mask[()].max(initial=0) > 1:
            yield f"{name}: holds other values than 0 and 1"
    for path, kind in (
        ("/entry", "NXentry"),
        (ENTRY, "NXdata"),
        ("/entry/instrument/detector", "NXdetector"),
        ("/entry/inpainting", "NXprocess"),
        ("/entry/inpainting/source", "NXnote"),
    ):
        if path not in file or file[path].attrs.get("NX_class") != kind:
            yield f"{path}: expected an {kind}"


def check_default_plot(file):
    """What silx shows on opening."""
    default = nxdata.get_default(file)
    if default is None:
        yield "silx finds no default plot"
    elif not default.is_valid:
        yield f"silx: the default plot is not valid: {'; '.join(default.issues)}"
    elif default.signal.name != f"{ENTRY}/data":
        yield f"silx: the default plot is {default.signal.name}"


def check_nexus(path):
    """The NeXus base classes, as nxcheck sees them."""
    report = io.StringIO()
    with contextlib.redirect_stdout(report), contextlib.redirect_stderr(report):
        _, errors = nxload(path).check()
    if errors:
        yield f"nxcheck: {errors} errors\n{report.getvalue()}"


def check_pynx(file):
    """What PyNX opens when it is given no path."""
    data, mask = file[f"{PYNX}/data"], file[f"{PYNX}/mask"]
    if data[0].shape != data.shape[1:] or data != file[f"{ENTRY}/data"]:
        yield f"{PYNX}/data: is not the data"
    unusable, estimates = file[f"{ENTRY}/data_mask"][()], file[f"{ENTRY}/inpainted"][()]
    if np.any(mask[()] < unusable) or np.any(mask[()] > (unusable | estimates)):
        yield f"{PYNX}/mask: is not what is unusable, with some or all estimates"


def check_measured(file, raw_path, mask_path):
    """Measured voxels, bit for bit, and their uncertainties."""
    data, errors = file[f"{ENTRY}/data"], file[f"{ENTRY}/data_errors"]
    raw = np.load(raw_path, mmap_mode="r")
    mask = np.load(mask_path, mmap_mode="r").astype(bool)
    if raw.shape != data.shape or mask.shape not in (raw.shape, raw.shape[1:]):
        yield f"the raw data are {raw.shape}, their mask is {mask.shape}, the output is {data.shape}"
        return
    inpainted = file[f"{ENTRY}/inpainted"]
    integer = np.dtype(f"u{data.dtype.itemsize}")
    for index in range(len(data)):
        measured = ~(mask[index] if mask.ndim == 3 else mask)
        expected = raw[index][measured].astype(data.dtype)
        found = data[index][measured]
        different = np.count_nonzero(expected.view(integer) != found.view(integer))
        if different:
            yield f"frame {index}: {different} measured voxels are not as recorded"
        if not np.allclose(errors[index][measured], np.sqrt(expected), rtol=1e-6, atol=0):
            yield f"frame {index}: the uncertainty of measured voxels is not that of counts"
        if inpainted[index][measured].any():
            yield f"frame {index}: measured voxels are marked as inpainted"


def problems(options):
    try:
        with h5py.File(options.file) as file:
            yield from check_tree(file)
            yield from check_default_plot(file)
            yield from check_pynx(file)
            if options.raw:
                yield from check_measured(file, options.raw, options.mask)
        yield from check_nexus(options.file)
    except (OSError, KeyError) as error:
        yield f"cannot be read: {error}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE", help="the output file")
    parser.add_argument("--raw", metavar="NPY", help="the frames as they were recorded")
    parser.add_argument("--mask", metavar="NPY", help="2D or 3D, non-zero where a voxel was to be filled")
    options = parser.parse_args()
    if bool(options.raw) != bool(options.mask):
        parser.error("--raw and --mask belong together")

    found = list(problems(options))
    for problem in found:
        print(f"{options.file}: {problem}", file=sys.stderr)
    if not found:
        print(f"{options.file}: h5py, silx, nexusformat and PyNX's path find what they expect")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
