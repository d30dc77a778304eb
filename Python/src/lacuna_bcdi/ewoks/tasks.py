"""The task that fills scans of a file."""

from __future__ import annotations

import pathlib
from typing import Any

from ewokscore import Task

from lacuna_bcdi._inpaint import fill
from lacuna_bcdi._queries import inspect


class InpaintScans(  # type: ignore[call-arg,misc]
    Task,  # type: ignore[misc]
    input_names=["filename", "output_directory"],
    optional_input_names=["scan_numbers", "detector", "method", "fine_tune", "threads", "overwrite", "icat"],
    output_names=["output_urls", "quality"],
):
    """Fills scans of one file, each into a NeXus file of the output directory.

    Inputs:
        filename: a file that Lacuna reads.
        output_directory: made where it is not there.
        scan_numbers: scans of a BLISS file; all that can be filled where none are given.
        detector: a name, "auto" (the default) or None.
        method, fine_tune, threads: as for ``lacuna_bcdi.inpaint``.
        overwrite: whether files of an earlier run are replaced.
        icat: registers the directory as processed data where it is given; see ``lacuna_bcdi.ewoks.icat.register``.

    Outputs:
        output_urls: ``file::/entry/data`` for each scan.
        quality: the quality figures of each scan.
    """

    def run(self) -> None:
        """Fills the scans one after another."""
        source = pathlib.Path(self.inputs.filename).absolute()
        directory = pathlib.Path(self.inputs.output_directory).absolute()
        directory.mkdir(parents=True, exist_ok=True)
        options = {
            name: self.get_input_value(name)
            for name in ("detector", "method", "fine_tune", "threads", "overwrite")
            if not self.missing_inputs[name]
        }
        numbers = self.get_input_value("scan_numbers", None) or fillable_scans(source)
        urls, quality = [], []
        for number in numbers:
            output = directory / output_name(source, number)
            report = fill(str(source), output, scan=number, **options)
            urls.append(f"{report['output']}::/entry/data")
            quality.append(report["quality"])
        icat = self.get_input_value("icat", None)
        if icat:
            from lacuna_bcdi.ewoks.icat import register

            register(directory, source, **icat)
        self.outputs.output_urls = urls
        self.outputs.quality = quality


def fillable_scans(source: pathlib.Path) -> list[int | None]:
    """The numbers of the scans that can be filled; None for the one scan of a file without numbers."""
    scans: list[dict[str, Any]] = inspect(source)["scans"]
    return [found.get("scan") for found in scans if found.get("shape") and not found.get("problem")]


def output_name(source: pathlib.Path, number: int | None) -> str:
    """The name that the program itself gives an output."""
    return f"{source.stem}{'' if number is None else f'_scan{number:04d}'}_inpainted.h5"
