"""A daemon over a tree of 10 000 processed scans."""

import statistics
import time

import numpy

from daemon import Daemon, wait_until

SCANS = 10_000
STARTS = 5
REST_SECONDS = 60


def measure(lacuna, directory):
    processing = "processing: {method: linear, preview: false}"
    daemon = Daemon(lacuna, directory, watch="settle_seconds: 0", rest=processing)
    for index in range(SCANS):
        write_scan(daemon.data / f"sample{index // 1000}" / f"dataset{index // 100 % 10}" / f"scan{index}.npz")
    begin = time.monotonic()
    daemon.start("--once")
    daemon.process.wait()
    wall = time.monotonic() - begin
    assert daemon.counts() == {"done": SCANS}, daemon.counts()
    yield f"{SCANS} scans of 4x20x20 without pictures", "", f"{wall:.0f} s, {wall / SCANS * 1000:.0f} ms a scan"

    figure = f"tree of {SCANS} processed scans"
    for events, asked in ("auto", "below 0.2 %"), ("poll", ""):
        daemon.configure(f"settle_seconds: 0, events: {events}", processing)
        starts = []
        for start in range(STARTS):
            if start:
                daemon.end()
            starts.append(daemon.start_until_ready())
        # What is left to do right after the start is no idling.
        time.sleep(5)
        processor, begin = daemon.processor_seconds(), time.monotonic()
        time.sleep(REST_SECONDS)
        share = (daemon.processor_seconds() - processor) / (time.monotonic() - begin)
        name = f"{figure}, events: {events}"
        if events == "auto":
            yield (
                f"{name}: start to READY ({STARTS} starts)", "at most 3 s",
                f"{statistics.median(starts):.2f} s median, {max(starts):.2f} s max")
            yield f"{name}: resident, and at most", "at most 80 MiB", memory(daemon)
        yield f"{name}: processor over {REST_SECONDS} s", asked, f"{share * 100:.3f} %"

        works = daemon.query("SELECT COUNT(*) FROM transition WHERE state = 'processing'")[0][0]
        new = daemon.data / "sample3" / "dataset3" / f"new with {events}.npz"
        begin = time.monotonic()
        write_scan(new)
        wait_until(new.with_name(f"new with {events}_inpainted.h5").exists)
        yield f"{name}: a further scan to its output", "", f"{time.monotonic() - begin:.2f} s"
        wait_until(lambda: "processing" not in daemon.counts())
        daemon.end()
        daemon.start_until_ready()
        time.sleep(5)
        more = daemon.query("SELECT COUNT(*) FROM transition WHERE state = 'processing'")[0][0] - works - 1
        yield f"{name}: scans done again by a restart", "0", f"{more}"
        daemon.end()


def memory(daemon):
    return f"{daemon.resident_mib():.0f} MiB, {daemon.resident_mib('VmHWM'):.0f} MiB"


def write_scan(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = numpy.zeros((20, 20), "uint8")
    mask[:, 9:12] = 1
    data = numpy.arange(4 * 20 * 20, dtype="uint32").reshape(4, 20, 20) % 100
    # Under its name at once, as a file that was copied and renamed.
    hidden = path.with_name("." + path.name)
    with hidden.open("wb") as file:
        numpy.savez(file, data=data, mask=mask)
    hidden.rename(path)
