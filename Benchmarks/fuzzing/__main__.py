"""Gives damaged files to the built program and says where it crashes, hangs or takes too much memory."""

import argparse
import collections
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from mutation import mutate
import pixels
import truth
from targets import PACKAGE, TARGETS

# Of processor time, so that a busy machine is not taken for a hang; a command that sleeps is given more on the clock.
PROCESSOR_SECONDS = 5
SECONDS = 60
MEMORY_MIB = 1024


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", default=[], help=f"of {', '.join(TARGETS)}; all by default. Or truth: scans of which everything is known; pixels: hot pixels and aliens")
    parser.add_argument("--lacuna", type=pathlib.Path, default=PACKAGE / ".build/release/lacuna")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--files", type=int, default=1000, help="of truth, scans of pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("fuzzing-finds"), help="where finds are kept")
    options = parser.parse_args()
    alone = {"truth": truth.fuzz, "pixels": pixels.rates}
    unknown = set(options.targets) - set(TARGETS) - set(alone)
    if unknown or alone.keys() & set(options.targets) and len(options.targets) > 1:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "truth and pixels go alone")
    os.environ |= {"OMP_WAIT_POLICY": "passive", "HDF5_USE_FILE_LOCKING": "FALSE", "SWIFT_BACKTRACE": "enable=no"}

    if options.targets and options.targets[0] in alone:
        return alone[options.targets[0]](options)
    print("| target | files | runs | ends by exit code | crashes | over 5 s | largest, MiB |")
    print("|---|---|---|---|---|---|---|")
    for name in options.targets or TARGETS:
        with tempfile.TemporaryDirectory(prefix="lacuna-") as directory:
            print(fuzz(name, options, pathlib.Path(directory)), flush=True)


def fuzz(name, options, directory):
    target = TARGETS[name](options.lacuna.resolve(), directory)
    generator = random.Random(f"{name} {options.seed}")
    codes, crashes, hangs, files, runs, largest = collections.Counter(), 0, 0, 0, 0, 0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        seed, data = generator.choice(target.seeds)
        path = directory / f"x_{seed}"
        path.write_bytes(mutate(data, generator, target.is_text))
        files += 1
        for command in target.commands(path):
            runs += 1
            status, errors, mebibytes = run(command, directory)
            largest = max(largest, mebibytes)
            if status is None:
                hangs += 1
            elif status < 0:
                crashes += 1
            else:
                codes[status] += 1
            if status not in target.statuses or mebibytes > MEMORY_MIB:
                find = options.keep / f"{name}-{options.seed}-{files}-{command[1]}-{status}-{seed}"
                find.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, find)
                find.with_name(find.name + ".txt").write_text(f"{' '.join(map(str, command))}\n{errors}")
    ends = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    return f"| {name} | {files} | {runs} | {ends} | {crashes} | {hangs} | {largest:.0f} |"


def run(command, directory):
    """The exit status, below 0 for a signal and `None` for a hang, the last words, and the peak memory in MiB."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))

    with tempfile.TemporaryFile(dir=directory) as errors:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors, preexec_fn=limit)
        executioner = threading.Timer(SECONDS, process.kill)
        executioner.start()
        _, status, usage = os.wait4(process.pid, 0)
        executioner.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        words = errors.read()[-2000:].decode(errors="replace")
    # Killed, or out of processor time.
    is_hang = process.returncode in (-signal.SIGKILL, -signal.SIGXCPU) or "does not end" in words
    return None if is_hang else process.returncode, words, usage.ru_maxrss / 1024



main()
