"""Seeded damage to the bytes of a file."""

import struct

# Sizes, counts and addresses that programs stumble over.
NUMBERS = [0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1,
           1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
WORDS = [b"-1", b"0", b"1e308", b"nan", b"99999999999999999999", b"[", b"]", b"{", b"}", b":", b"- ", b"&a ", b"*a",
         b"!!binary ", b"null", b"~", b"\n", b"\t", b"'", b'"', b"\\u0000", b"\xff", b"<<: ", b"? ", b"|", b"#"]


def mutate(data, random, is_text=False):
    """One to eight changes, each at a place of its own."""
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 2, 3, 4, 8])):
        if not data:
            break
        random.choice(TEXT_CHANGES if is_text else CHANGES)(data, random)
    return bytes(data)


def place(data, random):
    """Anywhere, but more often near the beginning, where headers lie."""
    end = len(data) if random.random() < 0.5 else min(len(data), random.choice([64, 512, 4096]))
    return random.randrange(end)


def flip(data, random):
    data[place(data, random)] ^= 1 << random.randrange(8)


def put_byte(data, random):
    data[place(data, random)] = random.choice([0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)])


def put_number(data, random):
    kind = random.choice(["<H", "<I", "<Q", ">H", ">I", ">Q"])
    number = struct.pack(kind, random.choice(NUMBERS) & ((1 << 8 * struct.calcsize(kind)) - 1))
    start = place(data, random)
    data[start:start + len(number)] = number


def cut(data, random):
    del data[place(data, random):]


def remove(data, random):
    start = place(data, random)
    del data[start:start + random.choice([1, 2, 8, 64, 512])]


def repeat(data, random):
    start, end = sorted((place(data, random), place(data, random)))
    at = place(data, random)
    data[at:at] = data[start:min(end, start + 4096)]


def copy_over(data, random):
    start, target = place(data, random), place(data, random)
    piece = data[start:start + random.choice([1, 4, 8, 64])]
    data[target:target + len(piece)] = piece


def put_word(data, random):
    at = place(data, random)
    data[at:at + random.choice([0, 0, 1, 4])] = random.choice(WORDS)


def nest(data, random):
    at = place(data, random)
    data[at:at] = random.choice([b"[", b"{a: ", b"- ", b"? "]) * random.choice([10, 1_000, 50_000])


CHANGES = [flip, flip, put_byte, put_number, put_number, cut, remove, repeat, copy_over]
TEXT_CHANGES = [flip, put_byte, put_word, put_word, put_word, cut, remove, repeat, copy_over, nest]
