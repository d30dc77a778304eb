"""Runs the recipes of Documentation/phasing.md as they stand there."""

import pathlib
import re

GUIDE = pathlib.Path(__file__).parents[2] / "Documentation/phasing.md"


def run(package, **names):
    """The variables after the first Python block of a package's section, run in the current directory."""
    exec(compile(block(package), f"phasing.md, {package}", "exec"), names)
    return names


def block(package):
    """The first Python block of a package's section."""
    section = GUIDE.read_text().split(f"\n## {package}\n")[1].split("\n## ")[0]
    return re.search(r"```python\n(.*?)```", section, re.DOTALL).group(1)
