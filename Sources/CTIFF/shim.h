#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// Functions with a variable number of arguments, which Swift cannot call, and an open file with what libtiff says of it.

struct lacuna_tiff {
    TIFF *file;
    /// The last error, in libtiff's words; empty where there was none.
    char message[256];
};

/// What a directory of the file says of its image.
struct lacuna_tiff_image {
    uint32_t columns, rows;
    uint16_t bits, samples, format, photometric, orientation;
};

static inline int lacuna_tiff_note(TIFF *file, void *data, const char *module, const char *format, va_list arguments) {
    struct lacuna_tiff *tiff = (struct lacuna_tiff *)data;
    vsnprintf(tiff->message, sizeof tiff->message, format, arguments);
    return 1;
}

static inline int lacuna_tiff_ignore(TIFF *file, void *data, const char *module, const char *format,
                                     va_list arguments) {
    return 1;
}

/// Opens a file for reading, without mapping it into memory, where a file that gets shorter would end the program.
/// NULL when there is no memory; `file` is NULL when it cannot be opened.
static inline struct lacuna_tiff *lacuna_tiff_open(const char *path) {
    struct lacuna_tiff *tiff = (struct lacuna_tiff *)calloc(1, sizeof *tiff);
    TIFFOpenOptions *options = tiff ? TIFFOpenOptionsAlloc() : NULL;
    if (!options) return tiff;
    TIFFOpenOptionsSetErrorHandlerExtR(options, lacuna_tiff_note, tiff);
    TIFFOpenOptionsSetWarningHandlerExtR(options, lacuna_tiff_ignore, tiff);
    tiff->file = TIFFOpenExt(path, "rm", options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static inline void lacuna_tiff_close(struct lacuna_tiff *tiff) {
    if (tiff && tiff->file) TIFFClose(tiff->file);
    free(tiff);
}

static inline struct lacuna_tiff_image lacuna_tiff_describe(struct lacuna_tiff *tiff) {
    struct lacuna_tiff_image image = {0, 0, 1, 1, SAMPLEFORMAT_UINT, PHOTOMETRIC_MINISBLACK, ORIENTATION_TOPLEFT};
    TIFFGetField(tiff->file, TIFFTAG_IMAGEWIDTH, &image.columns);
    TIFFGetField(tiff->file, TIFFTAG_IMAGELENGTH, &image.rows);
    TIFFGetFieldDefaulted(tiff->file, TIFFTAG_BITSPERSAMPLE, &image.bits);
    TIFFGetFieldDefaulted(tiff->file, TIFFTAG_SAMPLESPERPIXEL, &image.samples);
    TIFFGetFieldDefaulted(tiff->file, TIFFTAG_SAMPLEFORMAT, &image.format);
    TIFFGetField(tiff->file, TIFFTAG_PHOTOMETRIC, &image.photometric);
    TIFFGetFieldDefaulted(tiff->file, TIFFTAG_ORIENTATION, &image.orientation);
    return image;
}

/// The text of a tag; NULL where it is not there. Valid until another directory is read.
static inline const char *lacuna_tiff_text(struct lacuna_tiff *tiff, uint32_t tag) {
    char *text = NULL;
    return TIFFGetField(tiff->file, tag, &text) == 1 ? text : NULL;
}

/// Whether the values of the current directory are not compressed.
static inline int lacuna_tiff_is_plain(struct lacuna_tiff *tiff) {
    uint16_t compression = COMPRESSION_NONE;
    TIFFGetFieldDefaulted(tiff->file, TIFFTAG_COMPRESSION, &compression);
    return compression == COMPRESSION_NONE;
}

/// Reads an image of `row_bytes` times `rows` bytes; 0 when it is damaged, shorter or longer.
static inline int lacuna_tiff_read(struct lacuna_tiff *tiff, uint8_t *output, size_t row_bytes, uint32_t rows) {
    TIFF *file = tiff->file;
    if (!TIFFIsTiled(file)) {
        if ((size_t)TIFFScanlineSize64(file) != row_bytes) return 0;
        uint32_t rows_per_strip = rows;
        TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
        if (rows_per_strip == 0 || rows_per_strip > rows) rows_per_strip = rows;
        uint32_t strip = 0;
        for (uint32_t row = 0; row < rows; row += rows_per_strip, strip++) {
            uint32_t count = rows - row < rows_per_strip ? rows - row : rows_per_strip;
            tmsize_t size = (tmsize_t)(count * row_bytes);
            if (TIFFReadEncodedStrip(file, strip, output + row * row_bytes, size) != size) return 0;
        }
        return 1;
    }
    uint32_t tile_columns = 0, tile_rows = 0, columns = 0;
    TIFFGetField(file, TIFFTAG_TILEWIDTH, &tile_columns);
    TIFFGetField(file, TIFFTAG_TILELENGTH, &tile_rows);
    TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &columns);
    if (!tile_columns || !tile_rows || !columns || (uint64_t)tile_columns * tile_rows > UINT32_MAX) return 0;
    size_t pixel = row_bytes / columns;
    tmsize_t tile_size = TIFFTileSize(file);
    if (tile_size != (tmsize_t)(pixel * tile_columns * tile_rows)) return 0;
    uint8_t *tile = (uint8_t *)malloc((size_t)tile_size);
    if (!tile) return 0;
    int is_whole = 1;
    for (uint32_t row = 0; row < rows && is_whole; row += tile_rows) {
        for (uint32_t column = 0; column < columns && is_whole; column += tile_columns) {
            uint32_t number = TIFFComputeTile(file, column, row, 0, 0);
            is_whole = TIFFReadEncodedTile(file, number, tile, tile_size) == tile_size;
            uint32_t height = rows - row < tile_rows ? rows - row : tile_rows;
            uint32_t width = columns - column < tile_columns ? columns - column : tile_columns;
            for (uint32_t line = 0; line < height && is_whole; line++)
                memcpy(output + (row + line) * row_bytes + column * pixel, tile + line * tile_columns * pixel,
                       width * pixel);
        }
    }
    free(tile);
    return is_whole;
}
