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

from scans import DETECTOR, Scan


def fuzz(options):
    """Prints what became of the files, and keeps those whose output is wrong."""
    outcomes, kinds = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="lacuna-") as directory:
        detectors = pathlib.Path(directory) / "detectors"
        detectors.mkdir()
        (detectors / "fuzz.yaml").write_text(DETECTOR)
        for seed in range(options.seed, options.seed + options.files):
            place = pathlib.Path(directory) / str(seed)
            place.mkdir()
            scan = Scan(random.Random(seed), place)
            path = scan.write()
            outcome, words = judge(scan, path, detectors, options.lacuna)
            outcomes[outcome] += 1
            kinds[scan.notes[0], outcome] += 1
            if outcome in ("WRONG", "LOST", "CRASH") or outcome == "refused" and not scan.faults:
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
    reason. WRONG: something stands as measured that was not recorded so, or something else changed on the disk. LOST: a
    measurement does not stand, and nothing says so. CRASH: any other end.
    """
    before = digests(scan.directory)
    output = scan.directory / "out_inpainted.h5"
    command = [lacuna, "inpaint", path, "--output", output, "--detector-directory", detectors, "--method", "linear",
               "--threads", "1", "--json"]
    if scan.given_mask:
        command += ["--mask", scan.given_mask]
    end = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    after = digests(scan.directory)
    after.pop(output.name, None)
    if before != after:
        return "WRONG", "other files changed"
    if end.returncode:
        words = end.stderr.strip()[-300:]
        return ("refused" if end.returncode in (3, 4) and words else "CRASH"), f"exit {end.returncode}: {words}"
    remarks = json.loads(end.stdout).get("remarks", [])
    with h5py.File(output) as file:
        data, estimated, unusable = [file[f"entry/data/{name}"][...] for name in ("data", "inpainted", "data_mask")]
    frames = len(data)
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
    if lost.any() and not any("masked" in remark or "filled" in remark for remark in remarks):
        return "LOST", f"{lost.sum()} voxels, the first {[int(axis[0]) for axis in lost.nonzero()]}"
    return "right", ""


def digests(directory):
    return {path.name: hashlib.sha256(path.read_bytes()).digest() for path in directory.rglob("*") if path.is_file()}
