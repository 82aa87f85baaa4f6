/* SPDX-License-Identifier: MIT */
/* As released, without comments: for programs that are as old. */
#ifndef NBLIST_IO_H
#define NBLIST_IO_H
#include <nblist/nblist.h>
#ifdef __cplusplus
extern "C" {
#endif
#define NBL_IO_STATUS_MAP(X)                                                                                   \
    X(NBL_IO_OK, 0, "success")                                                                                 \
    X(NBL_IO_END, 1, "no more frames")                                                                         \
    X(NBL_IO_ENULL, -101, "a required pointer is NULL")                                                        \
    X(NBL_IO_ESIZE, -102, "a count or size is negative, too large, or does not match")                         \
    X(NBL_IO_ESTRUCT, -103, "a struct has an impossible size or unknown fields that are not zero")             \
    X(NBL_IO_EOPTION, -104, "a flag, data type or option has an unknown value")                                \
    X(NBL_IO_ESTATE, -105, "the handle is not open, or in the middle of something else")                       \
    X(NBL_IO_ENAME, -106, "a name is not allowed, given twice, or not there")                                  \
    X(NBL_IO_ENOMEM, -107, "out of memory")                                                                    \
    X(NBL_IO_EOPEN, -108, "the file cannot be opened")                                                         \
    X(NBL_IO_EEXIST, -109, "the file exists already")                                                          \
    X(NBL_IO_EREAD, -110, "reading failed")                                                                    \
    X(NBL_IO_EWRITE, -111, "writing failed")                                                                   \
    X(NBL_IO_EGZIP, -112, "the compressed data are corrupt, end too early or are followed by others")          \
    X(NBL_IO_ETRUNCATED, -113, "the file ends inside a frame")                                                 \
    X(NBL_IO_ECOUNT, -114, "a frame does not begin with its number of atoms")                                  \
    X(NBL_IO_EHEADER, -115, "the comment line of a frame is malformed")                                        \
    X(NBL_IO_ELATTICE, -116, "the lattice is malformed")                                                       \
    X(NBL_IO_EPBC, -117, "the periodic boundary flags are malformed")                                          \
    X(NBL_IO_ECOLUMNS, -118, "an atom line has too few or too many columns")                                   \
    X(NBL_IO_ENUMBER, -119, "a value is not of the type of its column")                                        \
    X(NBL_IO_EPOSITION, -120, "a position is NaN or infinite")                                                 \
    X(NBL_IO_EBINARY, -121, "the file holds NUL bytes: it is not text")                                        \
    X(NBL_IO_ELONG, -122, "a line is longer than the limit")
#define NBL_IO_STATUS_ENUM_(name, value, text) name = value,
enum nbl_io_status_code { NBL_IO_STATUS_MAP(NBL_IO_STATUS_ENUM_) NBL_IO_STATUS_MIN_ = -2147483647 };
#undef NBL_IO_STATUS_ENUM_
typedef int32_t nbl_io_status;
NBL_API const char *nbl_io_status_name(nbl_io_status status);
NBL_API const char *nbl_io_status_text(nbl_io_status status);
enum nbl_io_flag { NBL_IO_OVERWRITE = 1 };
typedef struct nbl_xyz_reader nbl_xyz_reader;
enum nbl_xyz_type { NBL_XYZ_STRING = 'S', NBL_XYZ_INTEGER = 'I', NBL_XYZ_REAL = 'R', NBL_XYZ_LOGICAL = 'L' };
typedef struct nbl_xyz_column {
    size_t size;
    const char *name;
    const void *data;
    int32_t type;
    int32_t width;
} nbl_xyz_column;
#define NBL_XYZ_COLUMN_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_xyz_column), NULL, NULL, 0, 0                                                               \
    }
typedef struct nbl_xyz_reader_options {
    size_t size;
    int64_t max_atoms;
    int64_t max_line;
    int64_t max_comment_line;
} nbl_xyz_reader_options;
#define NBL_XYZ_READER_OPTIONS_INIT                                                                            \
    {                                                                                                          \
        sizeof(nbl_xyz_reader_options), 0, 0, 0                                                                \
    }
typedef struct nbl_xyz_frame {
    size_t size;
    int64_t index;
    int64_t line;
    int64_t n;
    const double *positions;
    const int32_t *numbers;
    const char *const *labels;
    const char *comment;
    int64_t n_columns;
    int64_t n_pairs;
    double cell[9];
    uint8_t pbc[3];
    uint8_t has_cell;
    uint8_t has_pbc;
    uint8_t reserved[3];
} nbl_xyz_frame;
#define NBL_XYZ_FRAME_INIT                                                                                     \
    {                                                                                                          \
        sizeof(nbl_xyz_frame), 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0},  \
            0, 0,                                                                                              \
        {                                                                                                      \
            0, 0, 0                                                                                            \
        }                                                                                                      \
    }
NBL_API nbl_io_status nbl_xyz_reader_create(nbl_xyz_reader **reader);
NBL_API void nbl_xyz_reader_destroy(nbl_xyz_reader **reader);
NBL_API const char *nbl_xyz_reader_message(const nbl_xyz_reader *reader);
NBL_API nbl_io_status nbl_xyz_reader_open(nbl_xyz_reader *reader, const char *path,
                                          const nbl_xyz_reader_options *options);
NBL_API nbl_io_status nbl_xyz_reader_next(nbl_xyz_reader *reader, nbl_xyz_frame *frame);
NBL_API nbl_io_status nbl_xyz_reader_column(nbl_xyz_reader *reader, const char *name, nbl_xyz_column *column);
NBL_API nbl_io_status nbl_xyz_reader_column_at(nbl_xyz_reader *reader, int64_t number, nbl_xyz_column *column);
NBL_API const char *nbl_xyz_reader_value(const nbl_xyz_reader *reader, const char *key);
NBL_API void nbl_xyz_reader_pair_at(const nbl_xyz_reader *reader, int64_t number, const char **key,
                                    const char **value);
NBL_API void nbl_xyz_reader_progress(const nbl_xyz_reader *reader, int64_t *done, int64_t *total);
typedef struct nbl_xyz_writer nbl_xyz_writer;
typedef struct nbl_xyz_pair {
    const char *key;
    const char *value;
} nbl_xyz_pair;
typedef struct nbl_xyz_output {
    size_t size;
    int64_t n;
    const double *positions;
    const int32_t *numbers;
    const char *const *labels;
    const double *cell;
    const uint8_t *pbc;
    const nbl_xyz_column *columns;
    int64_t n_columns;
    const nbl_xyz_pair *pairs;
    int64_t n_pairs;
} nbl_xyz_output;
#define NBL_XYZ_OUTPUT_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_xyz_output), 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0                              \
    }
NBL_API nbl_io_status nbl_xyz_writer_create(nbl_xyz_writer **writer);
NBL_API void nbl_xyz_writer_destroy(nbl_xyz_writer **writer);
NBL_API const char *nbl_xyz_writer_message(const nbl_xyz_writer *writer);
NBL_API const char *nbl_xyz_writer_part(const nbl_xyz_writer *writer);
NBL_API nbl_io_status nbl_xyz_writer_open(nbl_xyz_writer *writer, const char *path, uint32_t flags);
NBL_API nbl_io_status nbl_xyz_writer_write(nbl_xyz_writer *writer, const nbl_xyz_output *frame);
NBL_API nbl_io_status nbl_xyz_writer_close(nbl_xyz_writer *writer);
typedef struct nbl_npz_writer nbl_npz_writer;
NBL_API nbl_io_status nbl_npz_writer_create(nbl_npz_writer **writer);
NBL_API void nbl_npz_writer_destroy(nbl_npz_writer **writer);
NBL_API const char *nbl_npz_writer_message(const nbl_npz_writer *writer);
NBL_API const char *nbl_npz_writer_part(const nbl_npz_writer *writer);
NBL_API nbl_io_status nbl_npz_writer_open(nbl_npz_writer *writer, const char *path, uint32_t flags);
NBL_API nbl_io_status nbl_npz_writer_begin(nbl_npz_writer *writer, const char *name, int32_t dtype,
                                           int32_t ndim, const int64_t *shape);
NBL_API nbl_io_status nbl_npz_writer_write(nbl_npz_writer *writer, int64_t n_items, const void *items);
NBL_API nbl_io_status nbl_npz_writer_end(nbl_npz_writer *writer);
NBL_API nbl_io_status nbl_npz_writer_add(nbl_npz_writer *writer, const char *name, int32_t dtype, int32_t ndim,
                                         const int64_t *shape, const void *items);
NBL_API nbl_io_status nbl_npz_writer_close(nbl_npz_writer *writer);
typedef struct nbl_csv_writer nbl_csv_writer;
NBL_API nbl_io_status nbl_csv_writer_create(nbl_csv_writer **writer);
NBL_API void nbl_csv_writer_destroy(nbl_csv_writer **writer);
NBL_API const char *nbl_csv_writer_message(const nbl_csv_writer *writer);
NBL_API const char *nbl_csv_writer_part(const nbl_csv_writer *writer);
NBL_API nbl_io_status nbl_csv_writer_open(nbl_csv_writer *writer, const char *path, uint32_t flags,
                                          int32_t n_columns, const char *const *names, const int32_t *dtypes);
NBL_API nbl_io_status nbl_csv_writer_rows(nbl_csv_writer *writer, int64_t n_rows, const void *const *data,
                                          const int64_t *strides);
NBL_API nbl_io_status nbl_csv_writer_close(nbl_csv_writer *writer);
typedef struct nbl_text_writer nbl_text_writer;
NBL_API nbl_io_status nbl_text_writer_create(nbl_text_writer **writer);
NBL_API void nbl_text_writer_destroy(nbl_text_writer **writer);
NBL_API const char *nbl_text_writer_message(const nbl_text_writer *writer);
NBL_API const char *nbl_text_writer_part(const nbl_text_writer *writer);
NBL_API nbl_io_status nbl_text_writer_open(nbl_text_writer *writer, const char *path, uint32_t flags);
NBL_API nbl_io_status nbl_text_writer_write(nbl_text_writer *writer, int64_t size, const void *text);
NBL_API nbl_io_status nbl_text_writer_close(nbl_text_writer *writer);
NBL_API const char *nbl_element_symbol(int32_t number);
NBL_API const char *nbl_element_name(int32_t number);
NBL_API double nbl_element_mass(int32_t number);
NBL_API double nbl_element_covalent_radius(int32_t number);
NBL_API double nbl_element_electronegativity(int32_t number);
NBL_API int32_t nbl_element_from_symbol(const char *symbol);
NBL_API int32_t nbl_element_from_label(const char *label);
#ifdef __cplusplus
}
#endif
#endif
