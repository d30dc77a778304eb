"""A scan of an EIGER2 as Diamond writes it: an NXmx file of `nexgen` beside the files of the detector.

    python3 with_nexgen.py DIRECTORY TRUTH

The NXmx file comes first, with a virtual dataset over files that are still to come, and gets its `end_time` last.
"""

import datetime
import pathlib
import sys
import time

import h5py
import hdf5plugin
import numpy
from counts import counts, keep
from nexgen.beamlines.I19_2_params import I19_2Eiger
from nexgen.nxs_utils import Attenuator, Beam, Detector, EigerDetector, Goniometer, Source
from nexgen.nxs_write.nxmx_writer import NXmxFileWriter

FRAMES, ROWS, COLUMNS = 8, 512, 1028


def acquire(directory, name, values, recorded=FRAMES, pause=0.1, wait=0):
    """One scan; ended once all frames are there."""
    directory = pathlib.Path(directory)
    start = datetime.datetime.now(datetime.timezone.utc)
    # The file of the images' description, as the detector's server writes it.
    gap = numpy.zeros((ROWS, COLUMNS), "u4")
    gap[:, 513:515] = 1
    gap[100, 200] = 2
    with h5py.File(directory / f"{name}_meta.h5", "w") as meta:
        meta["mask"], meta["flatfield"] = gap, numpy.ones((ROWS, COLUMNS), "f4")
        for field, value in (("flatfield_correction_applied", 1), ("pixel_mask_applied", 1), ("bit_depth_image", 16),
                             ("detector_readout_time", 1e-7), ("threshold_energy", 6e3), ("photon_energy", 12e3),
                             ("software_version", "1.8.0"), ("ntrigger", 1)):
            meta[f"_dectris/{field}"] = value
    params = EigerDetector("Eiger2 X CdTe 500K", (ROWS, COLUMNS), "CdTe", 50649, -1)
    axes = list(I19_2Eiger.gonio)
    axes[0].increment, axes[0].num_steps = 0.01, FRAMES
    arm = list(I19_2Eiger.det_axes)
    arm[-1].start_pos = 1500.0
    detector = Detector(params, arm, [500.0, 500.0], 0.1, [I19_2Eiger.fast_axis, I19_2Eiger.slow_axis])
    writer = NXmxFileWriter(directory / f"{name}.nxs", Goniometer(axes), detector, Source("I13-1"), Beam(1.0),
                            Attenuator(None), FRAMES)
    writer.write(image_filename=name, start_time=start.strftime("%Y-%m-%dT%H:%M:%SZ"))
    writer.write_vds()
    time.sleep(wait)
    with h5py.File(directory / f"{name}_000001.h5", "w") as file:
        data = file.create_dataset("data", (0, ROWS, COLUMNS), "u2", maxshape=(None, ROWS, COLUMNS),
                                   chunks=(1, ROWS, COLUMNS), **hdf5plugin.Bitshuffle())
        for index in range(recorded):
            data.resize(index + 1, axis=0)
            data[index] = numpy.where(gap > 0, 65535, values[index])
            file.flush()
            time.sleep(pause)
    if recorded == FRAMES:
        end = datetime.datetime.now(datetime.timezone.utc)
        writer.update_timestamps(end.strftime("%Y-%m-%dT%H:%M:%SZ"))


def main(directory, truth):
    values = counts(FRAMES, ROWS, COLUMNS, "u2")
    acquire(directory, "whole", values)
    keep(truth, "whole", values)
    acquire(directory, "stopped", values + 1, recorded=5)
    keep(truth, "stopped", (values + 1)[:5])


if __name__ == "__main__":
    main(*sys.argv[1:])
