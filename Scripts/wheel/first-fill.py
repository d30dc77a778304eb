"""Fills a simulated pattern with the installed package. Arguments: modules that are imported first, in this order."""

import importlib
import pathlib
import sys
import tempfile
import threading

modules = [importlib.import_module(name) for name in sys.argv[1:]]

import h5py
import numpy as np

import lacuna_bcdi

frame, row, column = np.ogrid[:32, :516, :516]
radius = np.sqrt(((frame - 16) / 5) ** 2 + ((row - 230) / 40) ** 2 + ((column - 245) / 40) ** 2)
counts = np.random.default_rng(5).poisson(3e3 * np.exp(-4 * radius) * (1 + np.cos(9 * radius))).astype(np.uint32)

with tempfile.TemporaryDirectory() as directory:
    path = pathlib.Path(directory) / "scan.h5"
    filled = []
    filling = threading.Thread(
        target=lambda: filled.append(lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", progress=False)))
    filling.start()
    # This process's HDF5 is at work meanwhile, with the filters of hdf5plugin where it is there.
    filters = sys.modules["hdf5plugin"].Bitshuffle() if "hdf5plugin" in sys.modules else {"compression": "gzip"}
    while True:
        with h5py.File(path, "w") as file:
            file.create_dataset("entry/data/data", data=counts, chunks=(1, 516, 516), **filters)
        with h5py.File(path) as file:
            assert (file["entry/data/data"][...] == counts).all()
        if not filling.is_alive():
            break
    filling.join()
    (scan,) = filled
    measured = ~scan.inpainted & ~scan.mask
    assert scan.inpainted.any() and (scan.data[measured] == counts[measured]).all()
    # The program reads what h5py and its filters wrote, with its own HDF5.
    again = lacuna_bcdi.inpaint(path, detector="maxipix-2x2", progress=False)
    assert (again.data == scan.data).all()
    scan.save(pathlib.Path(directory) / "filled.h5")
    assert (lacuna_bcdi.load(pathlib.Path(directory) / "filled.h5").data == scan.data).all()
print(f"first-fill: {scan}")
