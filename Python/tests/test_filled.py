"""What can be done with a filled scan."""

import h5py
import numpy as np
import pytest

import lacuna_bcdi


@pytest.fixture(scope="module")
def filled(counts):
    return lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="kriging", progress=False)


def everything(path):
    """All names of a file with their values and attributes."""
    found = {}

    def visit(name, member):
        value = member[()] if isinstance(member, h5py.Dataset) else None
        found[name] = (value, {key: np.asarray(each).tolist() for key, each in member.attrs.items()})

    with h5py.File(path) as file:
        file.visititems(visit)
        found["/"] = (None, {key: np.asarray(each).tolist() for key, each in file.attrs.items()})
        for name in ("data", "mask"):
            link = file["entry_1/instrument_1/detector_1"].get(name, getlink=True)
            found["link of " + name] = (getattr(link, "path", "hard"), {})
    return found


def test_saves_what_the_command_writes(counts, filled, command, tmp_path):
    np.save(tmp_path / "array.npy", counts)
    command(
        "inpaint", tmp_path / "array.npy", "--detector", "maxipix-2x2", "--method", "kriging", "--output",
        tmp_path / "by-command.h5",
    )  # fmt: skip
    filled.save(tmp_path / "saved.h5")

    expected, found = everything(tmp_path / "by-command.h5"), everything(tmp_path / "saved.h5")
    assert found.keys() == expected.keys()
    for name, (value, attributes) in expected.items():
        assert found[name][1] == attributes, name
        if name.endswith(("date", "modification_time", "command", "directory", "frame_files", "frame_file_sizes")):
            continue
        np.testing.assert_array_equal(found[name][0], value, err_msg=name)
    assert (tmp_path / "saved.h5").stat().st_size < 1.3 * (tmp_path / "by-command.h5").stat().st_size


def test_a_saved_file_loads_as_it_was(filled, tmp_path):
    filled.save(tmp_path / "saved.h5")
    loaded = lacuna_bcdi.load(tmp_path / "saved.h5")
    for name in ("data", "errors", "inpainted", "mask"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(filled, name))
    assert loaded.detector == "maxipix-2x2"
    assert loaded.quality["pcc"] == filled.quality["pcc"]
    loaded.save(tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "saved.h5").read_bytes()


def test_nothing_but_the_file_is_left_where_it_is_saved(filled, tmp_path):
    filled.save(tmp_path / "saved.h5")
    filled.save(tmp_path / "saved.h5")
    assert [found.name for found in tmp_path.iterdir()] == ["saved.h5"]


def test_the_preview_is_a_picture(filled):
    picture = filled._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert len(filled.preview().axes) == 6
    assert "maxipix-2x2, kriging, PCC" in repr(filled)


def test_the_archive_for_pynx_is_that_of_the_command(counts, filled, command, tmp_path):
    np.save(tmp_path / "array.npy", counts)
    command(
        "inpaint", tmp_path / "array.npy", "--detector", "maxipix-2x2", "--method", "kriging", "--format", "pynx",
        "--output", tmp_path / "by-command.h5",
    )  # fmt: skip
    filled.save(tmp_path / "saved.npz")
    expected, found = np.load(tmp_path / "by-command.npz"), np.load(tmp_path / "saved.npz")
    assert sorted(found) == sorted(expected)
    for name in expected:
        assert found[name].dtype == expected[name].dtype
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-6, err_msg=name)


def test_bcdi_gets_two_files_whose_first_array_it_takes(filled, tmp_path):
    data, mask = lacuna_bcdi.export.bcdi(filled, tmp_path / "scan")
    np.testing.assert_array_equal(next(iter(np.load(data).values())), np.where(filled.mask, 0, filled.data))
    np.testing.assert_array_equal(next(iter(np.load(mask).values())), filled.mask)


def test_cohere_gets_its_image(filled, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    filled.save(tmp_path / "saved.h5")
    image = lacuna_bcdi.export.cohere(tmp_path / "saved.h5", tmp_path / "experiment")
    np.testing.assert_array_equal(tifffile.imread(image), np.where(filled.mask, 0, filled.data))
    pytest.importorskip("cohere_core")
    prepared = tifffile.imread(tmp_path / "experiment/phasing_data/data.tif")
    assert prepared.max() == pytest.approx(np.sqrt(filled.data.max()))


def test_convexad_gets_the_peak_in_the_centre(filled, tmp_path):
    lacuna_bcdi.export.convexad(filled, tmp_path / "convexad.npz", shape=(8, 101, 4000))
    intensities = np.load(tmp_path / "convexad.npz")["I"]
    peak = np.unravel_index(filled.data.argmax(), filled.data.shape)
    assert intensities.dtype == np.float32
    assert intensities.shape[:2] == (8, 100) and intensities.shape[2] == 2 * min(peak[2], 516 - peak[2])
    assert np.unravel_index(intensities.argmax(), intensities.shape) == tuple(size // 2 for size in intensities.shape)
    corner = tuple(at - size // 2 for at, size in zip(peak, intensities.shape))
    cut = tuple(slice(start, start + size) for start, size in zip(corner, intensities.shape))
    np.testing.assert_array_equal(intensities, filled.data[cut])
