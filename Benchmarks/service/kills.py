"""200 scans dropped at once, and a daemon that is killed ten times."""

import random
import shutil
import signal
import time

import h5py

from daemon import Daemon, simulate, wait_until

KILLS = 10
# Copies of a tree with one scan, of one with three in a file, and of one with a bare archive.
COPIES = {"single": (110, 1), "triple": (20, 3), "archive": (30, 1)}
SCANS = sum(copies * scans for copies, scans in COPIES.values())


def measure(lacuna, directory):
    yield from run(lacuna, directory, seed=1)


def run(lacuna, directory, seed):
    random.seed(seed)
    rules = "settle_seconds: 0.2, output: {}/{}"
    undisturbed = Daemon(lacuna, directory, "undisturbed", rules.format(directory, "reference"))
    killed = Daemon(lacuna, directory, "killed", rules.format(directory, "outputs"))
    make_scans(lacuna, directory, undisturbed.data)

    begin = time.monotonic()
    undisturbed.start("--once")
    undisturbed.process.wait()
    wall = time.monotonic() - begin
    assert undisturbed.counts() == {"done": SCANS}, undisturbed.counts()

    for _ in range(KILLS):
        lines = len(killed.lines())
        killed.start()
        # Each scan is worth two lines, so that there is always work left.
        more = random.randint(1, 2 * SCANS // (KILLS + 2))
        wait_until(lambda: len(killed.lines()) >= lines + more)
        time.sleep(random.uniform(0, 0.1))
        killed.end(signal.SIGKILL)
    killed.start()
    wait_until(lambda: killed.counts().get("done", 0) == SCANS or killed.process.poll() is not None)
    killed.end()

    timelines = {}
    for scan, state in killed.query("SELECT scan_id, state FROM transition ORDER BY id"):
        timelines.setdefault(scan, []).append(state)
    repeated = sum(states.count("done") > 1 or states[-1] != "done" for states in timelines.values())
    interrupted = sum(states.count("processing") > 1 for states in timelines.values())
    expected = files(directory / "reference")
    found = files(directory / "outputs")
    different = sum(
        not is_same(directory / "reference" / name, directory / "outputs" / name) for name in expected & found)
    integrity = killed.query("PRAGMA integrity_check")[0][0]
    figure = f"{SCANS} scans at once, {KILLS} SIGKILL"
    yield f"{figure}: done", f"{SCANS}", f"{killed.counts().get('done', 0)}"
    yield f"{figure}: done twice", "0", f"{repeated} ({interrupted} scans were in work at a kill)"
    yield f"{figure}: outputs and pictures unlike those without kills", "0", f"{different} of {len(expected)}"
    yield f"{figure}: outputs missing, files left over", "0, 0", f"{len(expected - found)}, {len(found - expected)}"
    yield f"{figure}: ledger", "intact", integrity
    yield f"{SCANS} scans at once without kills", "", f"{wall:.1f} s, {wall / SCANS * 1000:.0f} ms a scan"


def make_scans(lacuna, directory, data):
    small = ["--frames", 6, "--roi", 64, 64]
    simulate(lacuna, directory / "single", *small, "--seed", 1)
    for seed in 2, 3, 4:
        simulate(lacuna, directory / "triple", *small, "--seed", seed)
    simulate(lacuna, directory / "archive", *small, "--layout", "npz")
    for name, (copies, _) in COPIES.items():
        for index in range(copies):
            shutil.copytree(directory / name, data / f"{name}{index}")


def files(directory):
    return {path.relative_to(directory) for path in directory.rglob("*") if path.is_file()}


def is_same(reference, output):
    if reference.suffix != ".h5":
        return reference.read_bytes() == output.read_bytes()
    return content(reference) == content(output)


def content(path):
    """All that is in a file but the time at which it was made."""
    found = {}

    def visit(name, item):
        value = item[()] if isinstance(item, h5py.Dataset) else None
        attributes = {key: str(value) for key, value in item.attrs.items()}
        if name != "entry/inpainting/date":
            # As bytes, since no NaN equals another.
            found[name] = (value.tobytes() if hasattr(value, "tobytes") else value, attributes)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found
