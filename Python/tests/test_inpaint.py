"""inpaint() against the program run by hand."""

from types import SimpleNamespace

import h5py
import numpy as np
import pytest

import lacuna_bcdi


def test_gives_the_same_numbers_as_the_command(counts, command, tmp_path):
    np.save(tmp_path / "scan.npy", counts)
    command("inpaint", tmp_path / "scan.npy", "--detector", "maxipix-2x2", "--output", tmp_path / "filled.h5")

    filled = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", progress=False)

    with h5py.File(tmp_path / "filled.h5") as file:
        group = file["entry/data"]
        np.testing.assert_array_equal(filled.data, group["data"])
        np.testing.assert_array_equal(filled.errors, group["data_errors"])
        np.testing.assert_array_equal(filled.inpainted, group["inpainted"])
        np.testing.assert_array_equal(filled.mask, group["data_mask"])
        assert filled.quality["pcc"] == group.parent["inpainting/quality/pcc"][()]
    assert filled.detector == "maxipix-2x2"
    assert filled.inpainted.shape == counts.shape
    measured = ~filled.inpainted & ~filled.mask
    np.testing.assert_array_equal(filled.data[measured], counts[measured])


@pytest.mark.parametrize(
    "change",
    [
        lambda counts: counts.astype(">u4"),
        np.asfortranarray,
        lambda counts: counts.astype(np.float64),
        lambda counts: counts[:, ::-1][:, ::-1],
    ],
    ids=["big-endian", "fortran", "float64", "strided"],
)
def test_takes_numbers_however_they_lie_in_memory(counts, change):
    expected = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="linear", progress=False)
    filled = lacuna_bcdi.inpaint(change(counts), detector="maxipix-2x2", method="linear", progress=False)
    np.testing.assert_array_equal(filled.data, expected.data)


def test_counts_above_2_to_the_24_stay_exact(counts):
    large = counts.copy()
    large[6, 200, 200] = 2**24 + 1
    filled = lacuna_bcdi.inpaint(large, detector="maxipix-2x2", method="linear", progress=False)
    assert filled.data.dtype == np.float64
    assert filled.data[6, 200, 200] == 2**24 + 1


def test_takes_a_mask_for_each_frame(counts):
    mask = np.zeros((12, 64, 64), dtype=np.int64)
    mask[3, 10:12, 20:22] = 7
    filled = lacuna_bcdi.inpaint(counts[:, 200:264, 200:264], mask=mask, detector=None, method="linear", progress=False)
    np.testing.assert_array_equal(filled.inpainted | filled.mask, mask != 0)


def test_reads_one_scan_of_a_file(bliss):
    filled = lacuna_bcdi.inpaint(bliss, scan=1, method="linear", progress=False)
    assert (filled.detector, filled.data.shape, filled.report["scan"]) == ("maxipix-2x2", (12, 516, 516), 1)


def test_arrays_outlive_the_exchange_and_cannot_be_changed(counts):
    data = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="linear", progress=False).data
    assert data.sum() > 0
    with pytest.raises(ValueError, match="read-only"):
        data[0, 0, 0] = 1


def test_uses_temporary_files_where_shared_memory_is_short(counts, monkeypatch):
    monkeypatch.setattr(lacuna_bcdi._exchange.shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    filled = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="linear", progress=False)
    assert not filled.report["output"].startswith("/dev/shm")


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"detector": "eiger9"}, lacuna_bcdi.UsageError, "no detector is called “eiger9”"),
        ({"detector": "maxipix-2x2", "method": "magic"}, lacuna_bcdi.UsageError, "magic"),
        ({"detector": None}, lacuna_bcdi.InputError, "nothing to fill"),
        ({"detector": "eiger2-4m"}, lacuna_bcdi.InputError, "516x516"),
        ({"detector": None, "mask": "/no/mask.npy"}, lacuna_bcdi.InputError, "/no/mask.npy"),
    ],
)
def test_failures_are_exceptions_with_the_message(counts, arguments, kind, message):
    with pytest.raises(kind, match=message):
        lacuna_bcdi.inpaint(counts, progress=False, **arguments)


def test_a_file_that_is_not_there_is_an_input_error():
    with pytest.raises(lacuna_bcdi.InputError, match="/no/scan.h5") as caught:
        lacuna_bcdi.inpaint("/no/scan.h5", progress=False)
    assert caught.value.exit_code == 3


def test_complex_numbers_are_refused():
    with pytest.raises(lacuna_bcdi.InputError, match="expected numbers"):
        lacuna_bcdi.inpaint(np.ones((4, 8, 8), dtype=complex), detector=None, progress=False)
