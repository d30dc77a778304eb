"""The program ``lacuna`` as a child process."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lacuna_bcdi._errors import failure

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is."""

_SHIPPED = pathlib.Path(__file__).parent / "_shipped"


@functools.lru_cache(maxsize=None)
def path() -> str:
    """The program: that of ``LACUNA_PROGRAM``, that of this package, or an installed one."""
    chosen = os.environ.get("LACUNA_PROGRAM")
    if chosen:
        return chosen
    shipped = _SHIPPED / "bin" / "lacuna"
    if shipped.exists():
        return str(shipped)
    installed = shutil.which("lacuna", path="/usr/local/bin:/usr/bin")
    if installed is None:
        raise FileNotFoundError("the program lacuna: neither in this package nor installed; LACUNA_PROGRAM may name it")
    return installed


def environment() -> dict[str, str]:
    """What the program of this package is to know: its own HDF5 plug-ins, which need not fit another HDF5 library's."""
    variables = dict(os.environ)
    plugins = _SHIPPED / "lib" / "lacuna" / "hdf5-plugins"
    if plugins.exists() and _SHIPPED in pathlib.Path(path()).parents:
        variables["HDF5_PLUGIN_PATH"] = str(plugins)
    return variables


def run(arguments: Sequence[str | os.PathLike[str]], progress: Progress | None = None) -> Any:
    """Runs the program and returns the JSON object that it prints, or its text where that is none.

    The child is ended when this call is interrupted or this process dies.
    """
    command = [path(), *(os.fspath(argument) for argument in arguments)]
    # Its standard input stays open until this process closes it or dies, which is how the program knows.
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment()) as child:
        with _ended_with_this_call(child):
            printed: list[bytes] = []
            reader = threading.Thread(target=_read_all, args=(child, printed), daemon=True)
            reader.start()
            message = _listen(child, progress)
            reader.join()
            status = child.wait()
    if status != 0:
        raise failure(status, message)
    text = b"".join(printed).decode(errors="replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _read_all(child: subprocess.Popen[bytes], printed: list[bytes]) -> None:
    assert child.stdout is not None
    printed.append(child.stdout.read())


def _listen(child: subprocess.Popen[bytes], progress: Progress | None) -> str:
    """Hands the child's progress on until it ends; returns what else it said."""
    assert child.stderr is not None
    said = []
    for raw in child.stderr:
        line = raw.decode(errors="replace").rstrip()
        event = _event(line)
        if event is None:
            said.append(line)
        elif progress is not None:
            progress(event["stage"], event["done"], event["total"])
    return "\n".join(said).removeprefix("lacuna: ")


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"progress":'):
        return None
    with contextlib.suppress(json.JSONDecodeError):
        event: dict[str, Any] = json.loads(line)["progress"]
        return event
    return None


@contextlib.contextmanager
def _ended_with_this_call(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends the child, which then removes what it began, when the block is left by an exception."""
    try:
        yield
    except BaseException:
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
        raise
