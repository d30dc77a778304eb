#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>

/// Keeps this process on the first `count` of the processor cores it may use; 0 on success.
static inline int lacuna_use_cores(int count) {
    cpu_set_t available, chosen;
    if (sched_getaffinity(0, sizeof available, &available) != 0) return -1;
    CPU_ZERO(&chosen);
    for (int core = 0; core < CPU_SETSIZE && count > 0; core++)
        if (CPU_ISSET(core, &available)) {
            CPU_SET(core, &chosen);
            count--;
        }
    return sched_setaffinity(0, sizeof chosen, &chosen);
}

#include <malloc.h>

/// Lets freed memory be used again by this process, instead of fetching fresh pages for each large block.
static inline void lacuna_keep_freed_memory(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
}
