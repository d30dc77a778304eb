"""How long after the end of a live scan its output is there."""

import datetime
import statistics

import h5py

from daemon import Daemon, simulate, wait_until

REPEATS = 7


def measure(lacuna, directory):
    daemon = Daemon(lacuna, directory, watch="settle_seconds: 5", rest="processing: {method: linear}")
    daemon.start_until_ready()
    seconds = []
    for repeat in range(REPEATS):
        scan = simulate(lacuna, daemon.data / str(repeat), "--frames", 201, "--live", 2, "--seed", repeat)
        output = scan.with_name(f"{scan.stem}_scan0001_inpainted.h5")
        wait_until(output.exists)
        with h5py.File(scan) as file:
            end = datetime.datetime.fromisoformat(file["1.1/end_time"].asstr()[()])
        # A file's status changes when it is renamed.
        seconds.append(output.stat().st_ctime - end.timestamp())
        wait_until(lambda: daemon.counts() == {"done": repeat + 1})
    daemon.end()
    figure = f"end_time to output, 201x516x516, linear ({REPEATS} scans)"
    yield figure, "at most 5 s", f"{statistics.median(seconds):.2f} s median, {max(seconds):.2f} s max"
