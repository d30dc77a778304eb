"""Lacuna in Ewoks workflows: the task ``lacuna_bcdi.ewoks.tasks.InpaintScans`` and the workflow ``inpaint.json``."""
