"""A daemon over a tree of 10 000 processed scans.

A thousand of them are processed. The others are copies with copies of their rows in the ledger, which the daemon cannot
tell from its own: a row that did not fit its file would have the file looked at again, and that is counted.
"""

import os
import shutil
import sqlite3
import statistics
import time

import numpy

from daemon import Daemon, wait_until

PROCESSED = 1_000
COPIES = 9
SCANS = PROCESSED * (1 + COPIES)
STARTS = 5
REST_SECONDS = 60


def measure(lacuna, directory):
    processing = "processing: {method: linear, preview: false}"
    daemon = Daemon(lacuna, directory, watch="settle_seconds: 0", rest=processing)
    for index in range(PROCESSED):
        write_scan(daemon.data / "sample0" / f"dataset{index // 100}" / f"scan{index}.npz")
    begin = time.monotonic()
    daemon.start("--once")
    daemon.process.wait()
    wall = time.monotonic() - begin
    yield f"{PROCESSED} scans of 4x20x20 without pictures", "", f"{wall:.0f} s, {wall / PROCESSED * 1000:.0f} ms a scan"
    for number in range(1, 1 + COPIES):
        copy_sample(daemon, f"sample{number}")
    assert daemon.counts() == {"done": SCANS}, daemon.counts()

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
        yield f"{name}: scans done again by a restart", "0", f"{more} of {daemon.counts()['done']}"
        daemon.end()


def memory(daemon):
    return f"{daemon.resident_mib():.0f} MiB, {daemon.resident_mib('VmHWM'):.0f} MiB"


def copy_sample(daemon, name):
    """Copies the first sample with its outputs and its rows."""
    shutil.copytree(daemon.data / "sample0", daemon.data / name)

    def moved(value):
        return value.replace("/sample0/", f"/{name}/") if isinstance(value, str) else value

    with sqlite3.connect(daemon.state / "ledger.sqlite") as ledger:
        ledger.row_factory = sqlite3.Row

        def insert(table, row):
            places = ", ".join("?" * len(row))
            statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
            return ledger.execute(statement, list(row.values())).lastrowid

        def rows(table):
            column = {"file": "path", "scan": "file"}[table]
            return ledger.execute(f"SELECT * FROM {table} WHERE {column} LIKE '%/sample0/%'").fetchall()

        for row in rows("file"):
            path = moved(row["path"])
            insert("file", dict(row) | {"path": path, "inode": os.stat(path).st_ino})
        for row in rows("scan"):
            scan = insert("scan", {key: moved(row[key]) for key in row.keys() if key != "id"})
            for step in ledger.execute("SELECT * FROM transition WHERE scan_id = ?", [row["id"]]).fetchall():
                insert("transition", {key: step[key] for key in step.keys() if key != "id"} | {"scan_id": scan})


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
