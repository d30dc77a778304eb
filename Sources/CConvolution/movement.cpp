#include "CConvolution.h"
#include "bfloat16.hpp"
#include "parallel.hpp"

using lacuna::bfloat16;

namespace {

/// y = x, or y += x.
template <typename T>
[[gnu::always_inline]] inline void put(const T *__restrict x, T *__restrict y, int64_t n, bool accumulate) {
    if (accumulate) {
        for (int64_t i = 0; i < n; i++) y[i] = float(y[i]) + float(x[i]);
    } else {
        memcpy(y, x, n * sizeof(T));
    }
}

template <typename T>
[[gnu::always_inline]] inline void copy_channels_loop(
    const T *x, int64_t x_step, T *y, int64_t y_step, int64_t n, int64_t voxels, bool accumulate
) {
    for (int64_t voxel = 0; voxel < voxels; voxel++) put(x + voxel * x_step, y + voxel * y_step, n, accumulate);
}

/// One voxel of the coarse grid and the corner of its block in the fine one, as positions of voxels.
struct Corner { int64_t coarse, fine; };

/// Walks over the coarse voxels of some rows; row r is (n, d, h) flattened.
template <typename Body>
[[gnu::always_inline]] inline void each_corner(const LacunaBlocks &b, int64_t begin, int64_t end, const Body &body) {
    for (int64_t row = begin; row < end; row++) {
        int64_t h = row % b.coarse[1], d = row / b.coarse[1] % b.coarse[0], n = row / (b.coarse[1] * b.coarse[0]);
        int64_t fine = ((n * b.fine[0] + d * b.block[0]) * b.fine[1] + h * b.block[1]) * b.fine[2];
        for (int64_t w = 0; w < b.coarse[2]; w++) body(Corner{row * b.coarse[2] + w, fine + w * b.block[2]});
    }
}

/// Walks over the fine voxels of a block: `body(index within the block, distance from the corner)`.
template <typename Body>
[[gnu::always_inline]] inline void each_fine(const LacunaBlocks &b, const Body &body) {
    int64_t index = 0;
    for (int64_t d = 0; d < b.block[0]; d++)
        for (int64_t h = 0; h < b.block[1]; h++)
            for (int64_t w = 0; w < b.block[2]; w++) body(index++, (d * b.fine[1] + h) * b.fine[2] + w);
}

/// Between a fine grid of C channels and a coarse one of C times the block's voxels.
///
/// The voxels of a block that lie in one row are neighbours on both sides, and so are moved at once.
template <bool ToCoarse, typename T>
[[gnu::always_inline]] inline void regroup_loop(
    const LacunaBlocks &b, T *fine, T *coarse, bool accumulate, int64_t begin, int64_t end
) {
    int64_t c = b.channels, run = b.block[2] * c, lines = b.block[0] * b.block[1];
    each_corner(b, begin, end, [&](Corner corner) {
        for (int64_t line = 0; line < lines; line++) {
            int64_t d = line / b.block[1], h = line % b.block[1];
            T *fine_run = fine + (corner.fine + (d * b.fine[1] + h) * b.fine[2]) * c;
            T *coarse_run = coarse + (corner.coarse * lines + line) * run;
            ToCoarse ? put(fine_run, coarse_run, run, accumulate) : put(coarse_run, fine_run, run, accumulate);
        }
    });
}

template <typename T>
[[gnu::always_inline]] inline void upsample_loop(
    const LacunaBlocks &b, const T *coarse, T *fine, int64_t begin, int64_t end
) {
    int64_t c = b.channels;
    each_corner(b, begin, end, [&](Corner corner) {
        each_fine(b, [&](int64_t, int64_t offset) {
            put(coarse + corner.coarse * c, fine + (corner.fine + offset) * c, c, false);
        });
    });
}

template <typename T>
[[gnu::always_inline]] inline void sum_blocks_loop(
    const LacunaBlocks &b, const T *fine, T *coarse, bool accumulate, int64_t begin, int64_t end
) {
    int64_t c = b.channels;
    constexpr int64_t width = 32;  // channels summed at once, in registers
    each_corner(b, begin, end, [&](Corner corner) {
        for (int64_t first = 0; first < c; first += width) {
            int64_t n = std::min(width, c - first);
            float sums[width] = {};
            T *target = coarse + corner.coarse * c + first;
            if (accumulate)
                for (int64_t i = 0; i < n; i++) sums[i] = target[i];
            each_fine(b, [&](int64_t, int64_t offset) {
                const T *x = fine + (corner.fine + offset) * c + first;
                for (int64_t i = 0; i < n; i++) sums[i] += float(x[i]);
            });
            for (int64_t i = 0; i < n; i++) target[i] = sums[i];
        }
    });
}

template <typename T>
[[gnu::always_inline]] inline void max_pool_loop(
    const LacunaBlocks &b, const T *fine, T *coarse, int64_t begin, int64_t end
) {
    int64_t c = b.channels;
    each_corner(b, begin, end, [&](Corner corner) {
        T *__restrict y = coarse + corner.coarse * c;
        each_fine(b, [&](int64_t index, int64_t offset) {
            const T *__restrict x = fine + (corner.fine + offset) * c;
            if (index == 0) {
                for (int64_t i = 0; i < c; i++) y[i] = x[i];
            } else {
                // By value: a choice between places in memory would not become vector instructions.
                for (int64_t i = 0; i < c; i++) {
                    float known = y[i], next = x[i];
                    y[i] = next > known ? next : known;
                }
            }
        });
    });
}

template <typename T>
[[gnu::always_inline]] inline void max_pool_backward_loop(
    const LacunaBlocks &b, const T *fine, const T *coarse, const T *coarse_gradient, T *fine_gradient, int64_t begin,
    int64_t end
) {
    constexpr int64_t group = 64;
    int64_t c = b.channels;
    each_corner(b, begin, end, [&](Corner corner) {
        for (int64_t first = 0; first < c; first += group) {
            int64_t n = std::min(group, c - first);
            const T *__restrict y = coarse + corner.coarse * c + first;
            // The first of the largest takes the gradient, and leaves nothing to the others.
            float left[group];
            for (int64_t i = 0; i < n; i++) left[i] = coarse_gradient[corner.coarse * c + first + i];
            each_fine(b, [&](int64_t, int64_t offset) {
                int64_t at = (corner.fine + offset) * c + first;
                const T *__restrict x = fine + at;
                T *__restrict g = fine_gradient + at;
                for (int64_t i = 0; i < n; i++) {
                    float taken = float(x[i]) == float(y[i]) ? left[i] : 0.0f;
                    g[i] = float(g[i]) + taken;
                    left[i] -= taken;
                }
            });
        }
    });
}

// Each precision gets its own vectorised clones; templates themselves cannot be cloned.
#define LOOPS(T)                                                                                                      \
    LACUNA_VECTORISED void copy_channels(                                                                             \
        const T *x, int64_t xs, T *y, int64_t ys, int64_t n, int64_t voxels, bool accumulate                          \
    ) { copy_channels_loop(x, xs, y, ys, n, voxels, accumulate); }                                                    \
    LACUNA_VECTORISED void gather(const LacunaBlocks &b, T *f, T *c, bool accumulate, int64_t begin, int64_t end) {   \
        regroup_loop<true>(b, f, c, accumulate, begin, end);                                                          \
    }                                                                                                                 \
    LACUNA_VECTORISED void scatter(const LacunaBlocks &b, T *f, T *c, bool accumulate, int64_t begin, int64_t end) {  \
        regroup_loop<false>(b, f, c, accumulate, begin, end);                                                         \
    }                                                                                                                 \
    LACUNA_VECTORISED void upsample(const LacunaBlocks &b, const T *c, T *f, int64_t begin, int64_t end) {            \
        upsample_loop(b, c, f, begin, end);                                                                           \
    }                                                                                                                 \
    LACUNA_VECTORISED void sum_blocks(                                                                                \
        const LacunaBlocks &b, const T *f, T *c, bool accumulate, int64_t begin, int64_t end                          \
    ) { sum_blocks_loop(b, f, c, accumulate, begin, end); }                                                           \
    LACUNA_VECTORISED void max_pool(const LacunaBlocks &b, const T *f, T *c, int64_t begin, int64_t end) {            \
        max_pool_loop(b, f, c, begin, end);                                                                           \
    }                                                                                                                 \
    LACUNA_VECTORISED void max_pool_backward(                                                                         \
        const LacunaBlocks &b, const T *f, const T *c, const T *cg, T *fg, int64_t begin, int64_t end                 \
    ) { max_pool_backward_loop(b, f, c, cg, fg, begin, end); }
LOOPS(float)
LOOPS(bfloat16)

/// Runs `body(element type, first row, last row)` over the rows of the coarse grid on all threads.
template <typename Body>
void over_rows(const LacunaBlocks &b, const Body &body) {
    int64_t elements = b.block[0] * b.block[1] * b.block[2] * b.channels * b.coarse[2];
    lacuna::parallel_ranges(b.batch * b.coarse[0] * b.coarse[1], elements, [&](int64_t begin, int64_t end) {
        if (b.precision == LacunaBFloat16) {
            body(static_cast<bfloat16 *>(nullptr), begin, end);
        } else {
            body(static_cast<float *>(nullptr), begin, end);
        }
    });
}

template <typename T>
T *as(const void *pointer, T *) { return static_cast<T *>(const_cast<void *>(pointer)); }

}  // namespace

void lacuna_copy_channels(
    const void *source, int64_t source_channels, int64_t source_first, void *target, int64_t target_channels,
    int64_t target_first, int64_t channels, int64_t voxels, bool accumulate, LacunaPrecision precision
) {
    lacuna::parallel_ranges(voxels, channels, [=](int64_t begin, int64_t end) {
        auto copy = [&](auto *t) {
            copy_channels(
                as(source, t) + begin * source_channels + source_first, source_channels,
                as(target, t) + begin * target_channels + target_first, target_channels, channels, end - begin,
                accumulate);
        };
        precision == LacunaBFloat16 ? copy(static_cast<bfloat16 *>(nullptr)) : copy(static_cast<float *>(nullptr));
    });
}

void lacuna_space_to_depth(const LacunaBlocks *blocks, const void *fine, void *coarse, bool accumulate) {
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        gather(*blocks, as(fine, t), as(coarse, t), accumulate, begin, end);
    });
}

void lacuna_depth_to_space(const LacunaBlocks *blocks, const void *coarse, void *fine, bool accumulate) {
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        scatter(*blocks, as(fine, t), as(coarse, t), accumulate, begin, end);
    });
}

void lacuna_upsample(const LacunaBlocks *blocks, const void *coarse, void *fine) {
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        upsample(*blocks, as(coarse, t), as(fine, t), begin, end);
    });
}

void lacuna_sum_blocks(const LacunaBlocks *blocks, const void *fine, void *coarse, bool accumulate) {
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        sum_blocks(*blocks, as(fine, t), as(coarse, t), accumulate, begin, end);
    });
}

void lacuna_max_pool(const LacunaBlocks *blocks, const void *fine, void *coarse) {
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        max_pool(*blocks, as(fine, t), as(coarse, t), begin, end);
    });
}

void lacuna_max_pool_backward(
    const LacunaBlocks *blocks, const void *fine, const void *coarse, const void *coarse_gradient, void *fine_gradient,
    bool accumulate
) {
    if (!accumulate) {
        int64_t size = blocks->precision == LacunaBFloat16 ? 2 : 4;
        int64_t voxels = blocks->batch * blocks->fine[0] * blocks->fine[1] * blocks->fine[2];
        memset(fine_gradient, 0, voxels * blocks->channels * size);
    }
    over_rows(*blocks, [=](auto *t, int64_t begin, int64_t end) {
        max_pool_backward(
            *blocks, as(fine, t), as(coarse, t), as(coarse_gradient, t), as(fine_gradient, t), begin, end);
    });
}
