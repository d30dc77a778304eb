"""Memory of the daemon while somebody goes through every frame of a large scan on its page, and how long a section takes."""

import json
import statistics
import time
import urllib.error
import urllib.request

from daemon import Daemon, simulate, wait_until

PORT = 18394
LAYERS = "counts", "gaps", "uncertainty"


def measure(lacuna, directory):
    daemon = Daemon(
        lacuna, directory, watch="settle_seconds: 0", rest="processing: {method: linear, preview: false}",
        http=f"127.0.0.1:{PORT}")
    # Bright enough that no pixel is dark: pictures that compress badly.
    simulate(
        lacuna, daemon.data, "--detector", "id01-eiger2m", "--frames", 200, "--oversampling", 3, "--counts", "1e8")
    daemon.start_until_ready()
    wait_until(lambda: daemon.counts().get("done"))
    daemon.end()
    daemon.start_until_ready()
    wait_until(answers)
    before = daemon.resident_mib()
    seconds = {"frame": [], "row": [], "column": []}
    largest = 0
    indices = {"frame": range(200), "row": range(0, 2164, 100), "column": range(0, 1030, 50)}
    for axis, places in indices.items():
        for index in places:
            for layer in LAYERS:
                began = time.monotonic()
                largest = max(largest, len(get(f"/scan/1/{axis}/{index}/{layer}.png")))
                seconds[axis].append(time.monotonic() - began)
    assert json.loads(get("/scan/1/about"))["volume"]["frames"] == 200
    most = daemon.resident_mib("VmHWM")
    daemon.end()
    figure = "200x2164x1030 browsed frame by frame, then 22 rows and 21 columns, three layers each"
    yield f"{figure}: the daemon's memory grows by", "at most 50 MB", (
        f"{(most - before) * 1.048576:.1f} MB (from {before * 1.048576:.1f}; pictures up to {largest / 1e6:.1f} MB)")
    for axis, taken in seconds.items():
        yield f"a section by {axis}", "", f"{statistics.median(taken):.2f} s median, {max(taken):.2f} s longest"


def get(path):
    """As the page does: asks again where the daemon is busy, or the look takes longer than a request may."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code not in (503, 504):
                raise


def answers():
    try:
        return get("/status")
    except OSError:
        return False
