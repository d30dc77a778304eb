// OpenMP's threads without OpenMP's compiler support, which Swift's clang lacks: libgomp's documented entry points.
#pragma once
#include <algorithm>
#include <cstdint>

extern "C" {
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
int omp_get_num_procs(void);
void omp_set_num_threads(int);
}

namespace lacuna {

/// Calls `body(thread, threads)` once on each thread, oneDNN's own, so that never two teams compete for the cores.
template <typename Body>
void on_all_threads(const Body &body) {
    auto entry = [](void *data) {
        (*static_cast<const Body *>(data))(omp_get_thread_num(), omp_get_num_threads());
    };
    GOMP_parallel(entry, const_cast<Body *>(&body), 0, 0);
}

/// Splits 0 ..< count evenly over the threads and calls `body(begin, end)` on each; small work stays on one.
template <typename Body>
void parallel_ranges(int64_t count, int64_t elements_each, const Body &body) {
    if (count * elements_each < 16384 || omp_get_max_threads() == 1) {
        body(int64_t(0), count);
        return;
    }
    on_all_threads([&](int64_t thread, int64_t threads) {
        int64_t begin = count * thread / threads, end = count * (thread + 1) / threads;
        if (begin < end) body(begin, end);
    });
}

}  // namespace lacuna
