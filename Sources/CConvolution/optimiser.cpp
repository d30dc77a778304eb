#include "CConvolution.h"
#include "bfloat16.hpp"
#include "parallel.hpp"

namespace {

LACUNA_VECTORISED void adam(
    const LacunaAdamStep &s, const float *__restrict gradients, float *__restrict first, float *__restrict second,
    float *__restrict values, int64_t count
) {
    for (int64_t i = 0; i < count; i++) {
        float gradient = gradients[i] * s.gradient_scale;
        first[i] = s.beta1 * first[i] + (1 - s.beta1) * gradient;
        second[i] = s.beta2 * second[i] + (1 - s.beta2) * gradient * gradient;
        float move = s.rate * first[i] / (__builtin_elementwise_sqrt(second[i] * s.second_scale) + s.epsilon);
        values[i] = s.kept * values[i] - move;
    }
}

LACUNA_VECTORISED void blend(const float *__restrict x, float *__restrict y, float share, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] += share * (x[i] - y[i]);
}

/// Sixteen partial sums, so that the order of summation is fixed and yet several go at once.
LACUNA_VECTORISED float squares(const float *x, int64_t count) {
    float sums[16] = {};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int lane = 0; lane < 16; lane++) sums[lane] += x[i + lane] * x[i + lane];
    for (; i < count; i++) sums[i % 16] += x[i] * x[i];
    float total = 0;
    for (float sum : sums) total += sum;
    return total;
}

}  // namespace

void lacuna_adam(
    const LacunaAdamStep *step, const float *gradients, float *first_moment, float *second_moment, float *values,
    int64_t count
) {
    lacuna::parallel_ranges(count, 1, [&](int64_t begin, int64_t end) {
        adam(*step, gradients + begin, first_moment + begin, second_moment + begin, values + begin, end - begin);
    });
}

void lacuna_blend(const float *x, float *y, float share, int64_t count) {
    lacuna::parallel_ranges(count, 1, [&](int64_t begin, int64_t end) {
        blend(x + begin, y + begin, share, end - begin);
    });
}

double lacuna_sum_of_squares(const float *values, int64_t count) {
    // Parts of few numbers each: float alone loses digits over millions.
    constexpr int64_t part = 4096;
    double total = 0;
    for (int64_t i = 0; i < count; i += part) total += squares(values + i, std::min(part, count - i));
    return total;
}
