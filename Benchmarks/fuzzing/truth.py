"""Random scans of which everything is known, given to the built program: what stands as measured must be so."""

import collections
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

import h5py
import numpy

from scans import DETECTORS, Scan

# Seconds that a run may take, and another one after it.
PATIENCE = (300, 1200)


def fuzz(options):
    """Prints what became of the files, and keeps those whose output is wrong."""
    outcomes, kinds = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="lacuna-") as directory:
        detectors = pathlib.Path(directory) / "detectors"
        detectors.mkdir()
        (detectors / "fuzz.yaml").write_text(DETECTORS)
        for seed in range(options.seed, options.seed + options.files):
            place = pathlib.Path(directory) / str(seed)
            place.mkdir()
            scan = Scan(random.Random(seed), place)
            path = scan.write()
            outcome, words = judge(scan, path, detectors, options.lacuna)
            outcomes[outcome] += 1
            kinds[scan.notes[0], outcome] += 1
            if outcome in ("WRONG", "LOST", "CRASH", "TIMEOUT") or outcome == "refused" and not scan.faults:
                print(f"{seed}: {outcome}: {scan}: {words}", flush=True)
                if outcome != "refused":
                    shutil.copytree(place, options.keep / f"truth-{seed}", dirs_exist_ok=True)
            shutil.rmtree(place)
    names = sorted(outcomes)
    print("| layout |", " | ".join(names), "|")
    print("|---" * (len(names) + 1) + "|")
    for layout in sorted({layout for layout, _ in kinds}):
        print(f"| {layout} |", " | ".join(str(kinds[layout, name]) for name in names), "|")
    print(f"| all {sum(outcomes.values())} |", " | ".join(str(outcomes[name]) for name in names), "|")


def judge(scan, path, detectors, lacuna):
    """One word for what became of a scan, and why.

    right: what stands as measured was, and all that was measured stands, or a remark says why not. refused: with a
    reason. WRONG: something stands as measured that was not recorded so, something else changed on the disk, or a
    contradiction was taken. LOST: a measurement does not stand, and nothing says so, or nothing was wrong with it.
    CRASH: any other end. TIMEOUT: none.
    """
    command = [lacuna, "inpaint", path, "--detector-directory", detectors, "--method", "linear", "--threads", "1",
               "--json", *scan.arguments]
    if scan.given_mask:
        command += ["--mask", scan.given_mask]
    if scan.chance(0.5):
        command += ["--output", scan.directory / "out_inpainted.h5"]
    else:
        surround(scan, path)
    before = digests(scan.directory)
    end = run([str(word) for word in command])
    if end is None:
        return "TIMEOUT", f"no end after {' and '.join(map(str, PATIENCE))} s"
    after = digests(scan.directory)
    output = pathlib.Path(json.loads(end.stdout)["output"]) if end.returncode == 0 else None
    if output and output.name in before:
        return "WRONG", f"{output.name} was there before"
    if output:
        after.pop(output.name, None)
    if before != after:
        return "WRONG", f"other files changed: {sorted(set(before.items()) ^ set(after.items()))[0][0]}"
    if end.returncode:
        words = " ".join(end.stderr.split())[-300:]
        return ("refused" if end.returncode in (3, 4, 5) and words else "CRASH"), f"exit {end.returncode}: {words}"
    if scan.must_refuse:
        return "WRONG", f"taken in spite of one of {scan.faults}"
    return compare(scan, output, json.loads(end.stdout).get("remarks", []))


def run(command):
    """The program's end; `None` where it has none for too long, twice: the machine may be busy the first time."""
    for seconds in PATIENCE:
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    return None


def surround(scan, path):
    """Lays files beside the scan whose names collide with its own or with that of its output."""
    way = scan.random.choice(["none", "occupied", "twin", "both"])
    scan.notes.append(f"neighbours {way}")
    if way in ("occupied", "both"):
        for ending in ("_inpainted.h5", "_scan0001_inpainted.h5"):
            (path.with_name(path.stem + ending)).write_bytes(b"a user's own file")
        scan.faults.append("occupied")
    if way in ("twin", "both"):
        for ending in (".h5", ".nxs", ".cxi"):
            twin = path.with_suffix(ending)
            if not twin.exists():
                twin.write_bytes(b"\x89HDF\r\n\x1a\n")


def add(scan):
    """Makes sums of exposures of what is known; a flag in one of them is no measurement."""
    points = scan.frames // scan.added
    def group(array):
        return array[:points * scan.added].reshape(points, scan.added, *array.shape[1:])
    recorded = group(scan.recorded)
    values = numpy.where(recorded, group(scan.values), 0)
    scan.values = values.sum(1, dtype="f8" if scan.is_float else "i8")
    scan.recorded, scan.undecidable = recorded.all(1), group(scan.undecidable).any(1)
    scan.frames = points


def compare(scan, output, remarks):
    """The output against the truth."""
    with h5py.File(output) as file:
        data, estimated, unusable = [file[f"entry/data/{name}"][...] for name in ("data", "inpainted", "data_mask")]
    if scan.added > 1:
        add(scan)
    frames = len(data)
    if data.shape[1:] != scan.values.shape[1:] or frames > scan.frames:
        return "WRONG", f"the output is of {data.shape}, and {scan.values.shape} were recorded"
    if frames < scan.frames and not any("aborted" in remark for remark in remarks):
        return "LOST", f"{scan.frames - frames} frames without a word"
    measured = numpy.broadcast_to((estimated == 0) & (unusable == 0), data.shape)
    values, recorded = scan.values[:frames].astype(data.dtype), scan.recorded[:frames]
    decidable = ~scan.undecidable[:frames]
    wrong = measured & decidable & (~recorded | (data != values))
    if wrong.any():
        first = [int(axis[0]) for axis in wrong.nonzero()]
        return "WRONG", f"{wrong.sum()} voxels, the first {first}: {data[tuple(first)]} for {values[tuple(first)]}"
    lost = ~measured & decidable & recorded
    told = any("masked" in remark or "filled" in remark for remark in remarks)
    if lost.any() and (not told or not scan.faults and lost.mean() > 0.01):
        return "LOST", f"{lost.sum()} voxels, the first {[int(axis[0]) for axis in lost.nonzero()]}"
    return "right", ""


def digests(directory):
    return {path.name: hashlib.sha256(path.read_bytes()).digest() for path in directory.rglob("*") if path.is_file()}
