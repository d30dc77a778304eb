"""Scans of the simulated detector of `ophyd-async`, as Bluesky has them written: HDF5 in SWMR that grows frame by frame.

    python3 with_ophyd.py DIRECTORY TRUTH

DIRECTORY gets a scan that ends, one that is stopped before its end, and one whose writer is killed.
"""

import asyncio
import os
import pathlib
import sys

import h5py
from counts import keep
from ophyd_async.core import StaticFilenameProvider, StaticPathProvider, TriggerInfo
from ophyd_async.sim import SimBlobDetector

FRAMES = 9


async def acquire(directory, name, recorded=FRAMES, is_killed=False):
    """One scan of FRAMES, of which so many are recorded."""
    detector = SimBlobDetector(StaticPathProvider(StaticFilenameProvider(name), directory), name="blob")
    await detector.connect()
    await detector.stage()
    await detector.prepare(TriggerInfo(number_of_events=FRAMES, livetime=1.0, deadtime=0.01))
    # The simulation waits a second for each frame.
    generator = detector.pattern_generator
    generator._period = 0.1
    await detector.kickoff()
    while await generator.images_written.get_value() < recorded:
        # Other positions, so that no two frames are alike.
        generator.set_x(await generator.images_written.get_value() / 3)
        await asyncio.sleep(0.02)
    if is_killed:
        os._exit(0)
    await detector.unstage()


async def main(directory, truth):
    directory = pathlib.Path(directory)
    for name, recorded in (("whole", FRAMES), ("stopped", 5)):
        await acquire(directory, name, recorded)
        with h5py.File(directory / f"{name}.h5") as file:
            keep(truth, name, file["entry/data/data"][...])
    await acquire(directory, "killed", 4, is_killed=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
