#include "weights_gradient.hpp"

#include "bfloat16.hpp"
#include "parallel.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define MATRIX_UNITS __attribute__((target("amx-tile,amx-bf16,avx512f")))
#endif

namespace lacuna {

namespace {

constexpr int64_t tile = 16;          // rows of a tile, and columns of a tile of float
constexpr int64_t depth = 32;         // bfloat16 numbers in a row of a tile
constexpr int64_t chunk_depth = 256;  // voxels multiplied before the next part of the kernel: they stay in the cache

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

/// Samples so that `columns` of each fill blocks of `depth`.
int64_t padded_samples(int64_t batch, int64_t columns) {
    int64_t samples = round_up(batch, 2);
    while (samples * columns % depth != 0) samples += 2;
    return samples;
}

/// The calling thread's room, which grows to the largest layer's need and stays.
void *scratch(size_t bytes) {
    static thread_local std::vector<char> room;
    if (room.size() < bytes + 64) room.resize(bytes + 64);
    return reinterpret_cast<void *>((reinterpret_cast<uintptr_t>(room.data()) + 63) / 64 * 64);
}

#if defined(__x86_64__)

/// Linux grants the matrix units to those who ask.
bool has_matrix_units() {
    static const bool granted = [] {
        constexpr int request_permission = 0x1023, tile_data = 18;
        return __builtin_cpu_supports("amx-bf16") && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
    }();
    return granted;
}

/// Transposes 8 rows of 8 numbers of 16 bits.
void transpose8(const uint16_t *from, int64_t from_step, uint16_t *to, int64_t to_step) {
    __m128i a[8], b[8];
    for (int i = 0; i < 8; i++) a[i] = _mm_loadu_si128((const __m128i *)(from + i * from_step));
    for (int i = 0; i < 4; i++) {
        b[i] = _mm_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
        b[i + 4] = _mm_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
    }
    for (int half = 0; half < 2; half++) {
        __m128i *in = b + 4 * half;
        __m128i low0 = _mm_unpacklo_epi32(in[0], in[1]), low1 = _mm_unpacklo_epi32(in[2], in[3]);
        __m128i high0 = _mm_unpackhi_epi32(in[0], in[1]), high1 = _mm_unpackhi_epi32(in[2], in[3]);
        uint16_t *out = to + 4 * half * to_step;
        _mm_storeu_si128((__m128i *)out, _mm_unpacklo_epi64(low0, low1));
        _mm_storeu_si128((__m128i *)(out + to_step), _mm_unpackhi_epi64(low0, low1));
        _mm_storeu_si128((__m128i *)(out + 2 * to_step), _mm_unpacklo_epi64(high0, high1));
        _mm_storeu_si128((__m128i *)(out + 3 * to_step), _mm_unpackhi_epi64(high0, high1));
    }
}

/// Interleaves 16 numbers of two rows: a0 b0 a1 b1 ...
void interleave16(const uint16_t *a, const uint16_t *b, uint16_t *to) {
    for (int half = 0; half < 2; half++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(a + 8 * half));
        __m128i y = _mm_loadu_si128((const __m128i *)(b + 8 * half));
        _mm_storeu_si128((__m128i *)(to + 16 * half), _mm_unpacklo_epi16(x, y));
        _mm_storeu_si128((__m128i *)(to + 16 * half + 8), _mm_unpackhi_epi16(x, y));
    }
}

/// All eight tiles whole: 16 rows of 64 bytes.
MATRIX_UNITS void configure_tiles() {
    alignas(64) struct {
        uint8_t palette = 1, start_row = 0, reserved[14] = {};
        uint16_t row_bytes[16] = {};
        uint8_t rows[16] = {};
    } configuration;
    for (int i = 0; i < 8; i++) {
        configuration.row_bytes[i] = 64;
        configuration.rows[i] = tile;
    }
    _tile_loadconfig(&configuration);
}

MATRIX_UNITS void release_tiles() { _tile_release(); }

/// The operands of one product: x holds rows of `x_step` numbers, y whole tiles one after the other.
struct Operand {
    const uint16_t *x, *y;
};

/// sums (32 inputs, 32 outputs; or 16 where `wide` is false) += x · y over some rows of voxels.
template <bool WideInput, bool WideOutput>
MATRIX_UNITS void multiply_tiles(
    const Operand *operands, int64_t count, int64_t blocks, int64_t x_step, int64_t y_step, float *sums,
    int64_t sums_step
) {
    float *lower = sums + tile * sums_step;
    int64_t sums_bytes = sums_step * 4, x_bytes = x_step * 2;
    _tile_loadd(0, sums, sums_bytes);
    if (WideOutput) _tile_loadd(1, sums + tile, sums_bytes);
    if (WideInput) _tile_loadd(2, lower, sums_bytes);
    if (WideInput && WideOutput) _tile_loadd(3, lower + tile, sums_bytes);
    for (int64_t i = 0; i < count; i++) {
        const uint16_t *x = operands[i].x, *y = operands[i].y;
        for (int64_t block = 0; block < blocks; block++) {
            _tile_loadd(4, x, x_bytes);
            _tile_loadd(6, y, 64);
            _tile_dpbf16ps(0, 4, 6);
            if (WideOutput) {
                _tile_loadd(7, y + tile * depth, 64);
                _tile_dpbf16ps(1, 4, 7);
            }
            if (WideInput) {
                _tile_loadd(5, x + tile * x_step, x_bytes);
                _tile_dpbf16ps(2, 5, 6);
                if (WideOutput) _tile_dpbf16ps(3, 5, 7);
            }
            x += depth;
            y += y_step;
        }
    }
    _tile_stored(0, sums, sums_bytes);
    if (WideOutput) _tile_stored(1, sums + tile, sums_bytes);
    if (WideInput) _tile_stored(2, lower, sums_bytes);
    if (WideInput && WideOutput) _tile_stored(3, lower + tile, sums_bytes);
}

#endif

LACUNA_VECTORISED void add_rows(const bfloat16 *x, int64_t rows, int64_t channels, float *sums) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < channels; i++) sums[i] += float(x[row * channels + i]);
}

LACUNA_VECTORISED void add_numbers(const float *x, float *sums, int64_t count) {
    for (int64_t i = 0; i < count; i++) sums[i] += x[i];
}

}  // namespace

WeightsGradient::WeightsGradient(const LacunaConvolutionShape &shape) : shape(shape) {
    zeros.resize(size_t(shape.output_channels));
    samples = padded_samples(shape.batch, shape.output[2]);
    inputs = round_up(shape.input_channels, tile);
    outputs = round_up(shape.output_channels, tile);
    auto padded = [&](int axis) {
        return (shape.output[axis] - 1) * shape.stride[axis] + (shape.kernel[axis] - 1) * shape.dilation[axis] + 1;
    };
    frames = padded(0);
    rows = padded(1);
    columns = shape.output[2] + (shape.kernel[2] - 1) * shape.dilation[2] / shape.stride[2];
    row_length = shape.stride[2] * columns * samples;
    blocks = shape.output[2] * samples / depth;
}

#if defined(__x86_64__)

bool WeightsGradient::fits(const LacunaConvolutionShape &shape) {
    return shape.precision == LacunaBFloat16 && !shape.transposed && has_matrix_units()
        && padded_samples(shape.batch, shape.output[2]) * 3 <= shape.batch * 4;
}

void WeightsGradient::pack_input(const uint16_t *x, uint16_t *packed) const {
    int64_t channels = shape.input_channels, whole_samples = shape.batch / 8 * 8, whole_channels = channels / 8 * 8;
    int64_t sample_step = shape.input[0] * shape.input[1] * shape.input[2] * channels;
    parallel_ranges(frames * rows, inputs * row_length, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; line++) {
            uint16_t *target = packed + line * inputs * row_length;
            memset(target, 0, inputs * row_length * 2);
            int64_t frame = line / rows - shape.pad_before[0], row = line % rows - shape.pad_before[1];
            if (frame < 0 || frame >= shape.input[0] || row < 0 || row >= shape.input[1]) continue;
            for (int64_t place = 0; place < shape.stride[2] * columns; place++) {
                int64_t column = place % columns * shape.stride[2] + place / columns - shape.pad_before[2];
                if (column < 0 || column >= shape.input[2]) continue;
                const uint16_t *from = x + ((frame * shape.input[1] + row) * shape.input[2] + column) * channels;
                uint16_t *to = target + place * samples;
                for (int64_t c = 0; c < whole_channels; c += 8)
                    for (int64_t n = 0; n < whole_samples; n += 8)
                        transpose8(from + n * sample_step + c, sample_step, to + c * row_length + n, row_length);
                for (int64_t n = 0; n < shape.batch; n++)
                    for (int64_t c = n < whole_samples ? whole_channels : 0; c < channels; c++)
                        to[c * row_length + n] = from[n * sample_step + c];
            }
        }
    });
}

void WeightsGradient::pack_output(const uint16_t *y, uint16_t *packed) const {
    int64_t channels = shape.output_channels, line_length = blocks * outputs * depth;
    int64_t sample_step = shape.output[0] * shape.output[1] * shape.output[2] * channels;
    parallel_ranges(shape.output[0] * shape.output[1], line_length, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; line++) {
            for (int64_t pair = 0; pair < blocks * tile; pair++) {
                int64_t column = 2 * pair / samples, n = 2 * pair % samples;
                const uint16_t *first = y + n * sample_step + (line * shape.output[2] + column) * channels;
                const uint16_t *a = n < shape.batch ? first : zeros.data();
                const uint16_t *b = n + 1 < shape.batch ? first + sample_step : zeros.data();
                uint16_t *to = packed + line * line_length + pair / tile * outputs * depth + pair % tile * depth;
                for (int64_t c = 0; c < outputs; c += tile, to += tile * depth) {
                    if (c + tile <= channels) {
                        interleave16(a + c, b + c, to);
                        continue;
                    }
                    for (int64_t i = 0; i < tile; i++) {
                        to[2 * i] = c + i < channels ? a[c + i] : 0;
                        to[2 * i + 1] = c + i < channels ? b[c + i] : 0;
                    }
                }
            }
        }
    });
}

/// Multiplies the items `begin` ..< `end`, each a place of the kernel, 32 inputs and 32 outputs.
void WeightsGradient::multiply(const uint16_t *x, const uint16_t *y, float *sums, int64_t begin, int64_t end) const {
    int64_t places = shape.kernel[0] * shape.kernel[1] * shape.kernel[2];
    int64_t input_pairs = (inputs + 31) / 32;
    int64_t lines = shape.output[0] * shape.output[1];
    int64_t lines_at_once = std::max(int64_t(1), chunk_depth / (blocks * depth));
    Operand operands[chunk_depth / depth];
    configure_tiles();
    for (int64_t first = 0; first < lines; first += lines_at_once) {
        int64_t count = std::min(lines_at_once, lines - first);
        for (int64_t item = begin; item < end; item++) {
            int64_t place = item % places, input = item / places % input_pairs * 32;
            int64_t output = item / places / input_pairs * 32;
            int64_t kd = place / (shape.kernel[1] * shape.kernel[2]) * shape.dilation[0];
            int64_t kh = place / shape.kernel[2] % shape.kernel[1] * shape.dilation[1];
            int64_t kw = place % shape.kernel[2] * shape.dilation[2];
            int64_t shift = (kw % shape.stride[2] * columns + kw / shape.stride[2]) * samples;
            for (int64_t i = 0; i < count; i++) {
                int64_t d = (first + i) / shape.output[1] * shape.stride[0] + kd;
                int64_t h = (first + i) % shape.output[1] * shape.stride[1] + kh;
                operands[i].x = x + ((d * rows + h) * inputs + input) * row_length + shift;
                operands[i].y = y + (first + i) * blocks * outputs * depth + output * depth;
            }
            auto kernel = inputs - input > tile
                ? (outputs - output > tile ? multiply_tiles<true, true> : multiply_tiles<true, false>)
                : (outputs - output > tile ? multiply_tiles<false, true> : multiply_tiles<false, false>);
            kernel(
                operands, count, blocks, row_length, outputs * depth,
                sums + (place * inputs + input) * outputs + output, outputs);
        }
    }
    release_tiles();
}

#else

bool WeightsGradient::fits(const LacunaConvolutionShape &) { return false; }

#endif

void WeightsGradient::add_bias(const void *y, float *partial, float *bias) const {
    int64_t channels = shape.output_channels, voxels = shape.output[0] * shape.output[1] * shape.output[2];
    memset(partial, 0, size_t(shape.batch * channels) * sizeof(float));
    parallel_ranges(shape.batch, voxels * channels, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; n++)
            add_rows(
                static_cast<const bfloat16 *>(y) + n * voxels * channels, voxels, channels, partial + n * channels);
    });
    for (int64_t n = 0; n < shape.batch; n++) add_numbers(partial + n * channels, bias, channels);
}

void WeightsGradient::add(const void *x, const void *y_gradient, float *weights, float *bias) const {
    int64_t places = shape.kernel[0] * shape.kernel[1] * shape.kernel[2];
    int64_t x_size = round_up(frames * rows * inputs * row_length, 32);
    int64_t y_size = shape.output[0] * shape.output[1] * blocks * outputs * depth;
    int64_t sums_size = places * inputs * outputs;
    auto packed_x = static_cast<uint16_t *>(
        scratch(size_t((x_size + y_size) * 2 + (sums_size + shape.batch * shape.output_channels) * 4)));
    auto packed_y = packed_x + x_size;
    auto sums = reinterpret_cast<float *>(packed_y + y_size);

    pack_input(static_cast<const uint16_t *>(x), packed_x);
    pack_output(static_cast<const uint16_t *>(y_gradient), packed_y);
    int64_t items = places * ((inputs + 31) / 32) * ((outputs + 31) / 32);
    parallel_ranges(sums_size, 1, [&](int64_t begin, int64_t end) {
        memset(sums + begin, 0, size_t(end - begin) * sizeof(float));
    });
    parallel_ranges(items, 1 << 20, [&](int64_t begin, int64_t end) {
        multiply(packed_x, packed_y, sums, begin, end);
    });
    int64_t channels = shape.output_channels;
    parallel_ranges(places * shape.input_channels, channels, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; line++) {
            int64_t place = line / shape.input_channels, input = line % shape.input_channels;
            add_numbers(sums + (place * inputs + input) * outputs, weights + line * channels, channels);
        }
    });
    add_bias(y_gradient, sums + sums_size, bias);
}

}  // namespace lacuna
