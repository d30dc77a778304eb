#include <cmath>

#include "CConvolution.h"
#include "bfloat16.hpp"
#include "parallel.hpp"

using lacuna::bfloat16;

// The loops are written once as templates; the overloads below give each precision its own vectorised clones, because
// templates themselves cannot be cloned.
namespace {

template <typename From, typename To>
[[gnu::always_inline]] inline void convert_loop(const From *x, To *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] = float(x[i]);
}
template <typename T>
[[gnu::always_inline]] inline void add_loop(const T *__restrict a, const T *b, T *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] = float(a[i]) + float(b[i]);
}
template <typename T>
[[gnu::always_inline]] inline void leaky_loop(const T *x, T *y, int64_t n, float slope) {
    for (int64_t i = 0; i < n; i++) y[i] = float(x[i]) * (float(x[i]) > 0 ? 1.0f : slope);
}
template <typename T>
[[gnu::always_inline]] inline void leaky_backward_loop(const T *__restrict y, T *g, int64_t n, float slope) {
    for (int64_t i = 0; i < n; i++) g[i] = float(g[i]) * (float(y[i]) > 0 ? 1.0f : slope);
}
template <typename T>
[[gnu::always_inline]] inline void sigmoid_backward_loop(const T *__restrict y, T *g, int64_t n, float gain) {
    for (int64_t i = 0; i < n; i++) g[i] = float(g[i]) * gain * float(y[i]) * (1 - float(y[i]));
}

#define LOOPS(T)                                                                                                     \
    LACUNA_VECTORISED void add(const T *a, const T *b, T *y, int64_t n) { add_loop(a, b, y, n); }                    \
    LACUNA_VECTORISED void leaky(const T *x, T *y, int64_t n, float slope) { leaky_loop(x, y, n, slope); }           \
    LACUNA_VECTORISED void leaky_backward(const T *y, T *g, int64_t n, float s) { leaky_backward_loop(y, g, n, s); } \
    LACUNA_VECTORISED void sigmoid_backward(const T *y, T *g, int64_t n, float k) { sigmoid_backward_loop(y, g, n, k); }
LOOPS(float)
LOOPS(bfloat16)

LACUNA_VECTORISED void convert(const float *x, bfloat16 *y, int64_t n) { convert_loop(x, y, n); }
LACUNA_VECTORISED void convert(const bfloat16 *x, float *y, int64_t n) { convert_loop(x, y, n); }

/// Calls `body` with a null pointer of the element's type.
template <typename Body>
void with_element(LacunaPrecision precision, const Body &body) {
    if (precision == LacunaBFloat16) {
        body(static_cast<bfloat16 *>(nullptr));
    } else {
        body(static_cast<float *>(nullptr));
    }
}

template <typename T>
const T *as(const void *pointer, T *) { return static_cast<const T *>(pointer); }
template <typename T>
T *as(void *pointer, T *) { return static_cast<T *>(pointer); }

/// Runs `body(element type, begin, end)` over the range on all threads.
template <typename Body>
void over(int64_t count, LacunaPrecision precision, const Body &body) {
    with_element(precision, [&](auto *element) {
        lacuna::parallel_ranges(count, 1, [&](int64_t begin, int64_t end) { body(element, begin, end); });
    });
}

}  // namespace

void lacuna_set_threads(int count) { omp_set_num_threads(count); }
int lacuna_available_threads(void) { return omp_get_num_procs(); }

void lacuna_convert(const void *source, LacunaPrecision from, void *target, LacunaPrecision to, int64_t count) {
    lacuna::parallel_ranges(count, 1, [=](int64_t begin, int64_t end) {
        auto wide = static_cast<const float *>(source);
        auto narrow = static_cast<const bfloat16 *>(source);
        if (from == to) {
            int64_t size = from == LacunaBFloat16 ? 2 : 4;
            memcpy((char *)target + begin * size, (const char *)source + begin * size, (end - begin) * size);
        } else if (to == LacunaBFloat16) {
            convert(wide + begin, static_cast<bfloat16 *>(target) + begin, end - begin);
        } else {
            convert(narrow + begin, static_cast<float *>(target) + begin, end - begin);
        }
    });
}

void lacuna_add(const void *x, void *y, int64_t count, bool accumulate, LacunaPrecision precision) {
    if (!accumulate) {
        lacuna_convert(x, precision, y, precision, count);
        return;
    }
    lacuna_sum(x, y, y, count, precision);
}

void lacuna_sum(const void *a, const void *b, void *y, int64_t count, LacunaPrecision precision) {
    over(count, precision, [=](auto *t, int64_t begin, int64_t end) {
        add(as(a, t) + begin, as(b, t) + begin, as(y, t) + begin, end - begin);
    });
}

void lacuna_leaky(const void *x, void *y, int64_t count, float slope, LacunaPrecision precision) {
    over(count, precision, [=](auto *t, int64_t begin, int64_t end) {
        leaky(as(x, t) + begin, as(y, t) + begin, end - begin, slope);
    });
}

void lacuna_leaky_backward(const void *y, void *g, int64_t count, float slope, LacunaPrecision precision) {
    over(count, precision, [=](auto *t, int64_t begin, int64_t end) {
        leaky_backward(as(y, t) + begin, as(g, t) + begin, end - begin, slope);
    });
}

void lacuna_sigmoid(const void *x, void *y, int64_t count, float gain, LacunaPrecision precision) {
    over(count, precision, [=](auto *t, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) as(y, t)[i] = 1 / (1 + std::exp(-gain * float(as(x, t)[i])));
    });
}

void lacuna_sigmoid_backward(const void *y, void *g, int64_t count, float gain, LacunaPrecision precision) {
    over(count, precision, [=](auto *t, int64_t begin, int64_t end) {
        sigmoid_backward(as(y, t) + begin, as(g, t) + begin, end - begin, gain);
    });
}
