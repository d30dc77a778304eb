"""The program's progress as a bar of tqdm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tqdm

from lacuna_bcdi._program import Progress


@contextlib.contextmanager
def bar(wanted: bool) -> Iterator[Progress | None]:
    """A bar on the terminal or in the notebook; none where the output is neither."""
    if not wanted:
        yield None
        return
    with _bar() as shown:

        def show(stage: str, done: int, total: int) -> None:
            if shown.desc != stage or shown.total != total:
                shown.reset(total=total)
                shown.set_description_str(stage, refresh=False)
            shown.update(done - shown.n)

        yield None if shown.disable else show


def _bar() -> tqdm.tqdm:
    if not _is_notebook_with_widgets():
        return tqdm.tqdm(desc="lacuna", leave=False, disable=None)
    from tqdm.notebook import tqdm as notebook_bar

    return notebook_bar(desc="lacuna", leave=False)


def _is_notebook_with_widgets() -> bool:
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and "IPKernelApp" in shell.config
