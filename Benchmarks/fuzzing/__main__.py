"""Gives damaged files to the built program and says where it crashes, hangs or takes too much memory."""

import argparse
import collections
import os
import pathlib
import random
import resource
import shutil
import subprocess
import tempfile
import time

from mutation import mutate
from targets import PACKAGE, TARGETS

# Of processor time, so that a busy machine is not taken for a hang; a command that sleeps is given more on the clock.
PROCESSOR_SECONDS = 5
SECONDS = 60
MEMORY = 1 << 30


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", default=[], help=f"of {', '.join(TARGETS)}; all by default")
    parser.add_argument("--lacuna", type=pathlib.Path, default=PACKAGE / ".build/release/lacuna")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("fuzzing-finds"), help="where finds are kept")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    os.environ |= {"OMP_WAIT_POLICY": "passive", "HDF5_USE_FILE_LOCKING": "FALSE", "SWIFT_BACKTRACE": "enable=no"}

    print("| target | files | runs | ends by exit code | crashes | over 5 s | finds |\n|---|---|---|---|---|---|---|")
    for name in options.targets or TARGETS:
        with tempfile.TemporaryDirectory(prefix="lacuna-") as directory:
            print(fuzz(name, options, pathlib.Path(directory)), flush=True)


def fuzz(name, options, directory):
    target = TARGETS[name](options.lacuna.resolve(), directory)
    generator = random.Random(f"{name} {options.seed}")
    codes, crashes, hangs, files, runs = collections.Counter(), 0, 0, 0, 0
    kept = []
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        seed, data = generator.choice(target.seeds)
        path = directory / f"x_{seed}"
        path.write_bytes(mutate(data, generator, target.is_text))
        files += 1
        for command in target.commands(path):
            runs += 1
            status, errors = run(command, directory)
            if status is None:
                hangs += 1
            elif status < 0:
                crashes += 1
            else:
                codes[status] += 1
            if status not in target.statuses:
                find = options.keep / f"{name}-{options.seed}-{files}-{command[1]}-{status}-{seed}"
                find.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, find)
                find.with_name(find.name + ".txt").write_text(f"{' '.join(map(str, command))}\n{errors}")
                kept.append(find.name)
    ends = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    return f"| {name} | {files} | {runs} | {ends} | {crashes} | {hangs} | {len(kept)} |"


def run(command, directory):
    """The exit status, below 0 for a signal and `None` for a hang, and the last words."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    try:
        result = subprocess.run(
            [str(word) for word in command], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=SECONDS, preexec_fn=limit)
    except subprocess.TimeoutExpired as failure:
        return None, failure.stderr
    errors = result.stderr[-2000:].decode(errors="replace")
    # SIGXCPU or SIGKILL: the processor time is spent.
    return (None if result.returncode in (-24, -9) else result.returncode), errors


main()
