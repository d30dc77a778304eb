#!/usr/bin/env python3
"""Has Lacuna fill scans that fabio and tifffile wrote as one file for each frame, or as one file for all, and compares
every voxel that stands as measured with what was written.

Exit status: 0 when everything holds, 1 with one line for each thing that does not.
"""

import json
import subprocess
import sys
from pathlib import Path

import fabio
import h5py
import numpy as np
import tifffile

SHAPE = (6, 24, 32)


def counts(dtype):
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE) % 251 * 7 % 127
    return (values - 20 if np.dtype(dtype).kind in "if" else values).astype(dtype)


def edf(ending):
    def write(directory, data):
        for number, frame in enumerate(data):
            fabio.edfimage.EdfImage(data=frame, header={"title": "a; b"}).write(
                str(directory / f"crystal_{number:04d}{ending}"))
        return directory
    return write


def edf_stack(directory, data):
    image = fabio.edfimage.EdfImage(data=data[0])
    for frame in data[1:]:
        image.append_frame(data=frame)
    image.write(str(directory / "crystal.edf"))
    return directory / "crystal.edf"


def tiff(**options):
    def write(directory, data):
        for number, frame in enumerate(data):
            tifffile.imwrite(directory / f"crystal_{number:05d}.tif", frame, **options)
        return directory
    return write


def tiff_stack(**options):
    def write(directory, data):
        tifffile.imwrite(directory / "crystal.tif", data, photometric="minisblack", **options)
        return directory / "crystal.tif"
    return write


CASES = {
    **{f"edf {dtype}": (dtype, edf(".edf"))
       for dtype in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]},
    "edf.gz": ("u2", edf(".edf.gz")),
    "edf stack": ("i4", edf_stack),
    **{f"tiff {dtype}": (dtype, tiff())
       for dtype in ["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"]},
    "tiff, big-endian": ("u2", tiff(byteorder=">")),
    "tiff, big-endian, deflate, predictor": ("u4", tiff(byteorder=">", compression="zlib", predictor=True)),
    "tiff, LZMA": ("u2", tiff(compression="lzma")),
    "tiff, tiles": ("u2", tiff(tile=(16, 16))),
    "tiff, tiles, deflate": ("u2", tiff(tile=(16, 16), compression="zlib")),
    "tiff, strips": ("u2", tiff(rowsperstrip=5)),
    "bigtiff": ("u2", tiff(bigtiff=True)),
    "tiff stack": ("u2", tiff_stack()),
    "tiff stack of ImageJ": ("u2", tiff_stack(imagej=True)),
    "ome-tiff stack": ("u2", tiff_stack(ome=True)),
}


def check(lacuna, root, name, dtype, write):
    directory = root / name.replace(" ", "_").replace(",", "")
    directory.mkdir()
    data = counts(dtype)
    path = write(directory, data)
    mask = np.zeros(SHAPE[1:], np.uint8)
    mask[11:13] = 1
    np.save(root / "mask.npy", mask)
    command = [lacuna, "inpaint", path, "--detector", "none", "--mask", root / "mask.npy", "--method", "linear", "--json"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        yield f"{name}: {result.stderr.strip()}"
        return
    output = json.loads(result.stdout)["output"]
    if output != str(directory / "crystal_inpainted.h5"):
        yield f"{name}: the output is {output}"
    with h5py.File(output) as file:
        found = file["/entry/data/data"][()]
    measured = mask == 0
    if not np.array_equal(found[:, measured], data[:, measured].astype(found.dtype)):
        yield f"{name}: {np.count_nonzero(found[:, measured] != data[:, measured])} measured voxels differ"


def main():
    lacuna, root = sys.argv[1], Path(sys.argv[2])
    problems = [problem for name, (dtype, write) in CASES.items() for problem in check(lacuna, root, name, dtype, write)]
    print("\n".join(problems) or f"{len(CASES)} kinds of files are right")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
