"""The program as a child: progress, interruption, death."""

import fcntl
import os
import pathlib
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

import numpy as np
import pytest

import lacuna_bcdi
from lacuna_bcdi import _program

LONG = """
import signal, sys, numpy as np, lacuna_bcdi
signal.signal(signal.SIGINT, signal.default_int_handler)  # Whoever runs the tests in the background has it ignored.
counts = np.random.default_rng(1).poisson(20, size=(60, 516, 516)).astype(np.uint32)
print("begins", flush=True)
try:
    lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", fine_tune="always", progress=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def children(process):
    listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in listed]


def wait_for(condition):
    for _ in range(400):
        if found := condition():
            return found
        time.sleep(0.05)
    pytest.fail("waited for 20 seconds")


@pytest.fixture
def working():
    """A Python whose program is in the midst of a scan, and the program's process."""
    process = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        process.stdout.readline()
        child = wait_for(lambda: children(process))[0]
        # Its output is begun.
        wait_for(lambda: list(pathlib.Path("/dev/shm").glob("lacuna-bcdi-*/.*.partial")))
        yield process, child
    finally:
        process.kill()
        process.wait()


def is_gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_an_interrupt_ends_the_child_and_leaves_nothing(working):
    process, child = working
    # To Python alone, as Jupyter sends it.
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    wait_for(lambda: is_gone(child))
    assert process.wait() == 0


def test_a_killed_python_takes_its_child_along_and_the_next_call_cleans_up(working):
    process, child = working
    process.kill()
    process.wait()
    wait_for(lambda: is_gone(child))
    left = list(pathlib.Path("/dev/shm").glob("lacuna-bcdi-*"))
    assert left
    for directory in left:
        os.utime(directory, (0, 0))
    lacuna_bcdi.inpaint(np.ones((4, 516, 516)), detector="maxipix-2x2", method="linear", progress=False)
    assert not any(directory.exists() for directory in left)


def test_a_killed_child_is_an_internal_error(working):
    with pytest.raises(lacuna_bcdi.InternalError, match="SIGKILL"):
        raise lacuna_bcdi._errors.failure(-9, "")
    process, child = working
    os.kill(child, signal.SIGKILL)
    assert process.wait() == 1


def test_progress_comes_by_stages(counts, tmp_path):
    seen = []
    np.save(tmp_path / "scan.npy", counts)
    _program.run(
        ["inpaint", tmp_path / "scan.npy", "--detector", "maxipix-2x2", "--piped", "--json"]
        + ["--output", tmp_path / "filled.h5"],
        lambda *event: seen.append(event),
    )
    assert ("inpaint", 12, 12) in seen
    assert seen[-1] == ("write", 1, 1)


def test_a_terminal_gets_a_bar(counts, tmp_path):
    np.save(tmp_path / "scan.npy", counts)
    call = f"import lacuna_bcdi; lacuna_bcdi.inpaint({str(tmp_path / 'scan.npy')!r}, detector='maxipix-2x2')"
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    subprocess.run([sys.executable, "-c", call], stderr=terminal, check=True)
    os.close(terminal)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert "inpaint" in shown and "%" in shown


def test_the_module_is_the_program():
    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "lacuna_bcdi", *arguments], capture_output=True, text=True)

    pyproject = (pathlib.Path(__file__).parents[1] / "pyproject.toml").read_text()
    assert f'version = "{run("--version").stdout.strip()}"' in pyproject
    assert run("inpaint", "/no/scan.h5").returncode == 3


def test_queries():
    assert "maxipix-2x2" in [found["name"] for found in lacuna_bcdi.detectors()]
    assert lacuna_bcdi.mask("maxipix-2x2").sum() == 6156
    with pytest.raises(lacuna_bcdi.InputError, match="neither a known detector nor a file"):
        lacuna_bcdi.mask("eiger9")
