#pragma once
#include <cstdint>
#include <cstring>

namespace lacuna {

/// The upper half of a float, rounded to nearest even.
///
/// Always inlined, since a vectorised clone must not call what was compiled for older processors; `used`, since clang
/// otherwise forgets to emit what only clones call.
struct bfloat16 {
    uint16_t bits;

    [[gnu::always_inline, gnu::used]] bfloat16 &operator=(float value) {
        uint32_t word;
        memcpy(&word, &value, 4);
        bits = uint16_t((word + 0x7FFF + ((word >> 16) & 1)) >> 16);
        return *this;
    }
    [[gnu::always_inline, gnu::used]] operator float() const {
        uint32_t word = uint32_t(bits) << 16;
        float value;
        memcpy(&value, &word, 4);
        return value;
    }
};

}  // namespace lacuna

/// Compiles a function for several generations of processors and takes the best one at run time.
#if defined(__x86_64__)
#define LACUNA_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LACUNA_VECTORISED
#endif
