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

/// Undoes gzip streams that follow one another, piece by piece.
struct lacuna_gunzip {
    struct inflate_state state;
    int is_damaged;
};

/// `input` must stay where it is as long as this lives.
static inline struct lacuna_gunzip *lacuna_gunzip_create(const void *input, uint32_t count) {
    struct lacuna_gunzip *gunzip = (struct lacuna_gunzip *)malloc(sizeof *gunzip);
    if (!gunzip) return NULL;
    isal_inflate_init(&gunzip->state);
    gunzip->state.crc_flag = ISAL_GZIP;
    gunzip->state.next_in = (uint8_t *)input;
    gunzip->state.avail_in = count;
    gunzip->is_damaged = 0;
    return gunzip;
}

static inline void lacuna_gunzip_free(struct lacuna_gunzip *gunzip) { free(gunzip); }

static inline int lacuna_gunzip_is_damaged(const struct lacuna_gunzip *gunzip) { return gunzip->is_damaged; }

/// Fills `output` as far as the streams go; the number of bytes, fewer than `capacity` at their end and where they are
/// cut short or damaged.
static inline size_t lacuna_gunzip_read(struct lacuna_gunzip *gunzip, void *output, uint32_t capacity) {
    struct inflate_state *state = &gunzip->state;
    state->next_out = (uint8_t *)output;
    state->avail_out = capacity;
    while (state->avail_out > 0 && !gunzip->is_damaged) {
        if (state->block_state == ISAL_BLOCK_FINISH) {
            if (state->avail_in == 0) break;
            isal_inflate_reset(state);
        }
        uint32_t left = state->avail_out, input = state->avail_in;
        int result = isal_inflate(state);
        int has_moved = state->avail_out != left || state->avail_in != input;
        if (result != ISAL_DECOMP_OK || (!has_moved && state->block_state != ISAL_BLOCK_FINISH)) gunzip->is_damaged = 1;
    }
    return capacity - state->avail_out;
}
