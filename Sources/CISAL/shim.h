#include <isa-l.h>
#include <stddef.h>
#include <stdlib.h>

// The stream structures hold working memory of some 100 kB, which Swift cannot import, and must not lie on a stack.

struct lacuna_deflater {
    struct isal_zstream stream;
    uint8_t memory[ISAL_DEF_LVL3_DEFAULT];
};

static inline struct lacuna_deflater *lacuna_deflater_create(void) {
    return (struct lacuna_deflater *)calloc(1, sizeof(struct lacuna_deflater));
}

static inline void lacuna_deflater_free(struct lacuna_deflater *deflater) { free(deflater); }

/// Makes one zlib stream; 0 when it does not fit.
///
/// Of level 3: those of levels 1 and 2 of ISA-L 2.30 differ now and then for the same input, by the choice of matches.
static inline size_t lacuna_deflate(struct lacuna_deflater *deflater, const void *input, uint32_t count,
                                    void *output, uint32_t capacity) {
    struct isal_zstream *stream = &deflater->stream;
    isal_deflate_stateless_init(stream);
    stream->level = 3;
    stream->level_buf = deflater->memory;
    stream->level_buf_size = sizeof deflater->memory;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->end_of_stream = 1;
    stream->next_in = (uint8_t *)input;
    stream->avail_in = count;
    stream->next_out = (uint8_t *)output;
    stream->avail_out = capacity;
    return isal_deflate_stateless(stream) == COMP_OK ? stream->total_out : 0;
}

/// Undoes one zlib stream; the number of bytes it held, 0 when it is damaged or holds more than `capacity`.
static inline size_t lacuna_inflate(const void *input, uint32_t count, void *output, uint32_t capacity) {
    struct inflate_state *state = (struct inflate_state *)malloc(sizeof *state);
    if (!state) return 0;
    isal_inflate_init(state);
    state->crc_flag = ISAL_ZLIB;
    state->next_in = (uint8_t *)input;
    state->avail_in = count;
    state->next_out = (uint8_t *)output;
    state->avail_out = capacity;
    size_t size = isal_inflate_stateless(state) == ISAL_DECOMP_OK ? state->total_out : 0;
    free(state);
    return size;
}
