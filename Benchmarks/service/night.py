"""5000 scans in one run of the daemon: does it grow?"""

import os
import statistics
import time

from daemon import Daemon, wait_until
from storm import write_scan

SCANS = 5_000
FIRST = 500
AHEAD = 40
SAMPLES = 25


def measure(lacuna, directory):
    daemon = Daemon(
        lacuna, directory, watch="settle_seconds: 0", rest="processing: {method: linear, preview: false, threads: 1}")
    daemon.start_until_ready()
    begin = time.monotonic()
    memory, descriptors = {}, {}
    landed = 0
    for scans in FIRST, SCANS // 2, SCANS:
        while landed < scans:
            wait_until(lambda: landed - done(daemon) < AHEAD)
            for _ in range(AHEAD // 2):
                write_scan(daemon.data / f"dataset{landed // 100}" / f"scan{landed}.npz", (8, 32, 32), landed)
                landed += 1
        wait_until(lambda: daemon.counts() == {"done": landed})
        memory[scans], descriptors[scans] = rest(daemon)
    wall = time.monotonic() - begin
    daemon.end()
    growth = memory[SCANS] / memory[FIRST] - 1
    figure = f"{SCANS} scans in one run"
    yield (
        f"{figure}: resident after {FIRST}, {SCANS // 2}, {SCANS}", "within 5 %",
        ", ".join(f"{mebibytes:.1f}" for mebibytes in memory.values()) + f" MiB ({growth * 100:+.1f} %)")
    yield f"{figure}: open files after each", "constant", ", ".join(map(str, descriptors.values()))
    yield f"{figure}: peak", "", f"{daemon.peak:.1f} MiB"
    yield f"{figure}: time", "", f"{wall:.0f} s, {wall / SCANS * 1000:.0f} ms a scan"


def done(daemon):
    return daemon.counts().get("done", 0)


def rest(daemon):
    """Resident memory in MiB and open files of a daemon that has nothing to do."""
    samples = []
    for _ in range(SAMPLES):
        time.sleep(0.2)
        samples.append((daemon.resident_mib(), len(os.listdir(f"/proc/{daemon.process.pid}/fd"))))
    daemon.peak = daemon.resident_mib("VmHWM")
    return statistics.median(memory for memory, _ in samples), max(count for _, count in samples)
