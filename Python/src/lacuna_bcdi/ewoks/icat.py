"""Registration of filled scans in ESRF's data portal."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Sequence
from typing import Any


def register(
    directory: pathlib.Path,
    source: pathlib.Path,
    *,
    beamline: str,
    proposal: str,
    dataset: str,
    metadata_urls: Sequence[str],
    sample: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Tells ICAT, through its STOMP brokers, that a directory holds data processed from the directory of a raw file."""
    from pyicat_plus.client.main import IcatClient

    client = IcatClient(metadata_urls=list(metadata_urls))
    try:
        client.store_processed_data(
            beamline=beamline,
            proposal=proposal,
            dataset=dataset,
            path=str(directory),
            metadata={"Sample_name": sample or dataset, **(metadata or {})},
            raw=[str(source.parent)],
        )
        client.disconnect()
    except Exception as error:
        # Where there is no connection, ending it fails, too, and would hide the reason.
        with contextlib.suppress(Exception):
            client.disconnect()
        brokers = ", ".join(metadata_urls)
        raise ConnectionError(f"ICAT was not told of {directory} through {brokers}: {error}") from error
