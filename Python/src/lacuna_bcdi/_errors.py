"""The program's failures as exceptions, one class for each of its exit codes."""

from __future__ import annotations

import signal


class LacunaError(Exception):
    """The program failed; the text is its message."""

    exit_code: int | None = None


class InternalError(LacunaError):
    """The program itself failed, or was ended from outside."""

    exit_code = 1


class UsageError(LacunaError, ValueError):
    """An argument that cannot be understood, or that contradicts another."""

    exit_code = 2


class InputError(LacunaError, ValueError):
    """The scan cannot be read, is not supported, or contradicts itself."""

    exit_code = 3


class IncompleteScanError(InputError):
    """The scan is not complete."""

    exit_code = 4


class OutputError(LacunaError):
    """The output cannot be written."""

    exit_code = 5


_CLASSES = {kind.exit_code: kind for kind in (InternalError, UsageError, InputError, IncompleteScanError, OutputError)}


def failure(status: int, message: str) -> LacunaError:
    """The exception for an exit status of the program, negative where a signal ended it."""
    if status < 0:
        message = message or f"lacuna was ended by {signal.Signals(-status).name}"
    return _CLASSES.get(status, InternalError)(message or f"lacuna ended with the status {status}")
