"""Fills the gaps of X-ray detectors in Bragg coherent diffraction scans.

>>> import numpy as np
>>> import lacuna_bcdi
>>> counts = np.random.default_rng(1).poisson(20, size=(12, 516, 516)).astype(np.uint32)
>>> filled = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="linear", progress=False)
>>> filled.data.shape
(12, 516, 516)
>>> bool((filled.data == counts)[~filled.inpainted & ~filled.mask].all())   # measured voxels are never changed
True
"""

from lacuna_bcdi import export
from lacuna_bcdi._errors import (
    IncompleteScanError,
    InputError,
    InternalError,
    LacunaError,
    OutputError,
    UsageError,
)
from lacuna_bcdi._filled import Filled, load
from lacuna_bcdi._inpaint import inpaint
from lacuna_bcdi._queries import detectors, inspect, mask

__all__ = [
    "Filled",
    "IncompleteScanError",
    "InputError",
    "InternalError",
    "LacunaError",
    "OutputError",
    "UsageError",
    "detectors",
    "export",
    "inpaint",
    "inspect",
    "load",
    "mask",
]
