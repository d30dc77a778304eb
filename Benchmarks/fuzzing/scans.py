"""Random scans of which everything is known: what was recorded, where, and what is a gap."""

import pathlib

import numpy

from layouts import Layouts
from storage import Storage

DETECTORS = """detectors:
  - {name: fuzz-quad, names: [fuzzquad, fuzzing quad], flag_values: [max], %(quad)s}
  - {name: fuzz-signed, names: [fuzzsigned, fuzzing signed], flag_values: [-1, -2, max], %(quad)s}
  - {name: fuzz-gain, names: [fuzzgain, fuzzing gain], flag_values: [65535], %(quad)s}
  - {name: fuzz-pair, names: [fuzzpair, fuzzing pair], flag_values: [max], sensor: Si, %(quad)s}
  - {name: fuzz-pair-cdte, names: [fuzzpair, fuzzing pair CdTe], flag_values: [max], sensor: CdTe, %(seams)s}
  - {name: fuzz-other, names: [fuzzother], shape: [40, 50], pixel_size_um: 55}
""" % {
    "quad": "shape: [48, 60], pixel_size_um: 55, modules: {size: [22, 28], gap: [4, 4]}",
    "seams": "shape: [48, 60], pixel_size_um: 55, "
             "modules: {size: [22, 28], gap: [4, 4], seams: {columns: ['13:15']}}"}
ROWS, COLUMNS = 48, 60


class Scan(Storage, Layouts):
    """One scan: `values` as recorded (frame, row, column), `recorded` where that is a measurement, `faults` by name."""

    def __init__(self, generator, directory):
        self.random, self.directory = generator, pathlib.Path(directory)
        # What may make a file be refused, what was chosen, and what the command is given.
        self.faults, self.notes, self.arguments = [], [], []
        # A refusal is the only right end.
        self.must_refuse = False
        self.given_mask = self.depth = None
        self.frames = generator.choice([6, 8, 12, 13, 20])
        self.kind = numpy.dtype(generator.choice([
            "u1", "i1", "u2", "u2", ">u2", "u4", "u4", ">u4", "i4", "i2", "u8", "i8", "f4", "f8", ">f4", "f2"]))
        self.bits = 8 * self.kind.itemsize - (self.kind.kind == "i")
        self.is_float = self.kind.kind == "f"
        self.choose_detector()
        self.make_counts()
        self.make_mask()
        self.make_flags()

    def chance(self, share):
        return self.random.random() < share

    def choose_detector(self):
        signed = self.kind.kind in "if"
        self.model = self.random.choice(["quad", "quad", "gain", "pair", "pair"] + ["signed"] * (3 if signed else 0))
        self.signed = self.model == "signed"
        self.is_cdte = self.model == "pair" and self.chance(0.5)
        self.gap = numpy.zeros((ROWS, COLUMNS), bool)
        self.gap[22:26] = self.gap[:, 28:32] = True
        if self.is_cdte:
            self.gap[:, 13:15] = self.gap[:, 45:47] = True
        self.device = f"fuzz{self.model}"
        self.material = None
        text = f"Fuzzing {self.model}"
        if self.model == "pair":
            told = "description" if self.chance(0.4) else "material"
            if told == "description" and self.is_cdte:
                text += " CdTe"
            elif told == "material":
                self.material = self.random.choice(
                    ["CdTe", "Cadmium Telluride", "cdte"] if self.is_cdte else ["Si", "Silicon", "silicon", "SILICON"])
            if self.chance(0.1):
                # What the file says of the sensor contradicts itself.
                text, self.material = f"Fuzzing pair {'Si' if self.is_cdte else 'CdTe'}", "CdTe" if self.is_cdte else "Si"
                self.must_refuse = True
                self.faults.append("materials")
        self.text = self.random.choice([
            text, text.upper(), text.lower(), text.replace(" ", "_"), text.replace(" ", "-"), f"Acme {text}",
            f"{text}, S/N 12-3456", f"  {text}  "])

    def make_counts(self):
        numbers = numpy.random.default_rng(self.random.getrandbits(32))
        frame, row, column = numpy.meshgrid(
            *[numpy.arange(n) for n in (self.frames, ROWS, COLUMNS)], indexing="ij", sparse=True)
        peak = {1: 100, 2: 3000}.get(self.kind.itemsize, 20000)
        centre = [self.frames / 2, self.random.uniform(15, 33), self.random.uniform(18, 42)]
        def fringe(x, width):
            return numpy.sinc(x / width) ** 2
        expected = peak * fringe(frame - centre[0], 3) * fringe(row - centre[1], 9) * fringe(column - centre[2], 9)
        counts = numbers.poisson(expected + self.random.choice([0.02, 0.2, 2])).astype("f8")
        if self.is_float and self.signed:
            counts += numbers.normal(0, 0.2, counts.shape)
        self.values = counts.astype(self.kind)
        self.recorded = numpy.ones(self.values.shape, bool)
        self.recorded[:, self.gap] = False
        # What nobody could know from the file.
        self.undecidable = numpy.zeros(self.values.shape, bool)

    def make_mask(self):
        """A mask of the file's own, in NeXus bits; `None` for none. One bit above 15 leaves a pixel usable."""
        self.mask = None
        if self.chance(0.5):
            self.mask = numpy.zeros((ROWS, COLUMNS), "u4")
            self.mask[self.gap] = 1
            for bit in (1, 2, 4, 8, 16, 64, 256):
                pixel = self.random.randrange(ROWS), self.random.randrange(COLUMNS)
                self.mask[pixel] |= bit
                self.recorded[(slice(None), *pixel)] = False
                self.values[(slice(None), *pixel)] = self.random.choice([0, 3, 100])
            self.mask[self.random.randrange(ROWS), self.random.randrange(COLUMNS)] |= 1 << 31

    def make_flags(self):
        """Flags in gaps and dead pixels; the depth is stated where the type does not tell it."""
        kind = self.random.choice(["none", "type", "stated", "stated", "nan", "negative", "own"])
        if self.kind == "f2" and kind == "stated":
            # It rounds most flags.
            return
        listed_top = self.model != "gain"
        below = 0
        if kind == "type" and not self.is_float and 16 <= self.bits and (listed_top or self.bits == 32):
            below = self.random.choice([1, 1, 2])
            flag = 2**self.bits - below
        elif kind == "stated" and listed_top:
            self.depth = self.random.choice([
                depth for depth in (4, 6, 8, 10, 12, 14, 16, 20, 24, 31, 32) if depth <= min(self.bits, 32)])
            if self.values.max() >= 2**self.depth - 2:
                # Not cut off: a plateau that is the same in every frame is no measurement.
                limit = numpy.array(2**self.depth - 2).astype(self.kind)
                self.values = numpy.where(self.values >= limit, self.values % limit, self.values).astype(self.kind)
            below = self.random.choice([1, 1, 2])
            flag = 2**self.depth - below
            if self.kind == "f4" and self.depth >= 31:
                flag = float(2**self.depth)
        elif kind == "nan" and self.is_float:
            flag = self.random.choice([numpy.nan, numpy.inf, -numpy.inf])
        elif kind == "negative" and self.signed:
            flag = self.random.choice([-1, -2])
        elif kind == "own" and self.model == "gain" and self.bits >= 16:
            flag = 65535
        else:
            return
        self.notes.append(f"flag {flag}")
        with numpy.errstate(all="ignore"):
            stored = numpy.array(flag).astype(self.kind)
        if not self.is_float and int(stored) != flag:
            return
        dead = [(self.random.randrange(ROWS), self.random.randrange(COLUMNS)) for _ in range(self.random.randrange(12))]
        for pixel in dead:
            self.values[(slice(None), *pixel)] = stored
            self.recorded[(slice(None), *pixel)] = False
        if self.chance(0.7):
            self.values[:, self.gap] = stored
        if self.chance(0.3):
            frame, row, column = [self.random.randrange(n) for n in self.values.shape]
            self.values[frame, row, column] = stored
            self.recorded[frame, row, column] = False
        # A float cannot hold −1 beside measured values near it for certain; there it is a flag by its exact value.

    def lose(self, frames, pixels=(slice(None), slice(None))):
        """These were not recorded, whatever the file makes of them."""
        self.recorded[(frames, *pixels)] = False

    def turn(self, change):
        """Changes how the frames lie, with all that is known of them; `change` works on the last two axes."""
        for name in ("values", "recorded", "undecidable", "gap", "mask"):
            array = getattr(self, name)
            if array is not None:
                setattr(self, name, numpy.ascontiguousarray(change(array)))

    @property
    def rows(self):
        return self.values.shape[1]

    @property
    def columns(self):
        return self.values.shape[2]

    def write(self):
        layout = self.random.choice(self.LAYOUTS)
        self.notes.insert(0, layout.__name__)
        return layout(self)

    def __str__(self):
        return ", ".join([
            *self.notes, f"“{self.text}”", str(self.kind), f"depth {self.depth}", f"{self.frames} frames", *self.faults])
