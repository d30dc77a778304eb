"""Pictures of filled scans."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AXES = ("frame", "row", "column")


def sections(data: NDArray[Any], before: NDArray[np.bool_], after: NDArray[np.bool_], title: str) -> Any:
    """Three sections through the peak with what is masked before, above, and after, below, the filling."""
    # pyplot also tells a notebook how figures are shown.
    import matplotlib.pyplot  # noqa: F401
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    peak = np.unravel_index(np.argmax(np.where(before, 0, data)), data.shape)
    norm = LogNorm(vmin=0.5, vmax=max(1.0, float(data[peak])))
    figure = Figure(figsize=(10, 6.6), layout="constrained")
    figure.suptitle(title)
    for place, axes in enumerate(figure.subplots(2, 3).flat):
        axis = place % 3
        cut = tuple(peak[axis] if each == axis else slice(None) for each in range(3))
        hidden = (before if place < 3 else after)[cut]
        shown = np.where(hidden, np.nan, np.maximum(data[cut], 0.5))
        axes.imshow(shown, norm=norm, cmap="magma", aspect="auto", interpolation="nearest")
        axes.set_facecolor("lightgrey")
        row, column = (name for index, name in enumerate(_AXES) if index != axis)
        axes.set(xlabel=column, ylabel=row, title=f"{_AXES[axis]} {peak[axis]}, {'before' if place < 3 else 'after'}")
    return figure


def png(figure: Any) -> bytes:
    """A figure's bytes as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    written = io.BytesIO()
    FigureCanvasAgg(figure).print_png(written)  # type: ignore[no-untyped-call]
    return written.getvalue()
