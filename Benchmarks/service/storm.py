"""1000 scans that land within a minute while the daemon is killed and the disk of its outputs runs full.

A disk to fill has to be mounted, which takes root.
"""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time

import numpy

from daemon import Daemon, wait_until
from kills import files, is_same

SCANS = 1_000
LANDING_SECONDS = 60
KILLS = 20
FULL_DISKS = 5
FULL_SECONDS = 3
# What is left of a full disk: enough to begin an output, too little to end it.
REST_BYTES = 40 << 10


def measure(lacuna, directory):
    if os.geteuid() != 0:
        yield "storm", "", "left out: only root can mount a disk to fill"
        return
    random.seed(1)
    with mounted(directory / "disk") as disk:
        yield from run(lacuna, directory, disk)


def run(lacuna, directory, disk):
    rules, rest = "settle_seconds: 0.2, output: {}", """
processing: {method: linear, preview: false, threads: 1}
retries: {attempts: 3, backoff_seconds: 1}
"""
    daemon = Daemon(lacuna, directory, "disturbed", rules.format(disk / "outputs"), rest, free_space=0)
    daemon.start_until_ready()
    landing = threading.Thread(target=land, args=[daemon.data], daemon=True)
    begin = time.monotonic()
    landing.start()
    disturb(daemon, disk)
    landing.join()
    wait_until(lambda: settled(daemon) == SCANS, 3_600)
    wall = time.monotonic() - begin
    daemon.end()

    calm = Daemon(lacuna, directory, "calm", rules.format(directory / "reference"), rest)
    calm.start("--once")
    calm.process.wait()

    expected, found = files(directory / "reference"), files(disk / "outputs")
    different = sum(
        not is_same(directory / "reference" / name, disk / "outputs" / name) for name in expected & found)
    timelines = {}
    for scan, state, reason in daemon.query("SELECT scan_id, state, reason FROM transition ORDER BY id"):
        timelines.setdefault(scan, []).append((state, reason or ""))
    repeated = sum([state for state, _ in line].count("done") > 1 for line in timelines.values())
    full = sum("No space left" in reason for line in timelines.values() for _, reason in line)
    interrupted = sum("daemon was ended" in reason for line in timelines.values() for _, reason in line)
    figure = f"{SCANS} scans within {LANDING_SECONDS} s, {KILLS} SIGKILL, {FULL_DISKS} full disks"
    yield f"{figure}: done", f"{SCANS}", f"{daemon.counts().get('done', 0)} in {wall:.0f} s"
    yield f"{figure}: done twice", "0", f"{repeated} ({interrupted} killed in work, {full} found the disk full)"
    yield f"{figure}: outputs unlike those of a calm run", "0", f"{different} of {len(expected)}"
    yield f"{figure}: outputs missing, files left over", "0, 0", f"{len(expected - found)}, {len(found - expected)}"
    yield f"{figure}: ledger", "ok", daemon.query("PRAGMA integrity_check")[0][0]


def disturb(daemon, disk):
    """Kills the daemon and fills the disk, each when so many scans are done."""
    troubles = [kill] * KILLS + [fill] * FULL_DISKS
    random.shuffle(troubles)
    places = sorted(random.sample(range(5, SCANS - 50), len(troubles)))
    for place, trouble in zip(places, troubles):
        wait_until(lambda: settled(daemon) >= place, 3_600)
        time.sleep(random.uniform(0, 0.3))
        trouble(daemon, disk)


def kill(daemon, _):
    daemon.end(signal.SIGKILL)
    daemon.start_until_ready()


def fill(_, disk):
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        # Again until no output took some of the room meanwhile.
        while True:
            space = os.statvfs(disk)
            with contextlib.suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - REST_BYTES)
                break
    time.sleep(FULL_SECONDS)
    ballast.unlink()


def settled(daemon):
    counts = daemon.counts()
    return sum(counts.get(state, 0) for state in ("done", "skipped", "quarantined", "stale"))


def land(data):
    for index in range(SCANS):
        write_scan(data / f"dataset{index // 100}" / f"scan{index}.npz", (16, 64, 64), index)
        time.sleep(LANDING_SECONDS / SCANS)


def write_scan(path, shape, seed):
    """A bare archive of a peak with a gap through it, under its name at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = numpy.meshgrid(*[numpy.linspace(-1, 1, extent) for extent in shape], indexing="ij")
    peak = 1_000 * numpy.exp(-20 * sum(axis * axis for axis in axes))
    mask = numpy.zeros(shape[1:], "uint8")
    middle = shape[2] // 2
    mask[:, middle + 3:middle + 6] = 1
    hidden = path.with_name("." + path.name)
    with hidden.open("wb") as file:
        numpy.savez(file, data=numpy.random.default_rng(seed).poisson(peak).astype("uint16"), mask=mask)
    hidden.rename(path)


@contextlib.contextmanager
def mounted(disk):
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
