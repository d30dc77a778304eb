"""``python -m lacuna_bcdi`` is the program ``lacuna``."""

from __future__ import annotations

import os
import sys

from lacuna_bcdi import _program


def main() -> None:
    """Becomes the program, with this process's arguments."""
    path = _program.path()
    os.execve(path, [path, *sys.argv[1:]], _program.environment())


if __name__ == "__main__":
    main()
