/* SPDX-License-Identifier: MIT */
/* As released, without comments: for programs that are as old. */
#ifndef NBLIST_NBLIST_H
#define NBLIST_NBLIST_H
#include <nblist/version.h>
#include <stddef.h>
#include <stdint.h>
#if defined(NBL_STATIC)
#define NBL_API
#elif defined(_WIN32)
#if defined(NBL_BUILDING)
#define NBL_API __declspec(dllexport)
#else
#define NBL_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define NBL_API __attribute__((visibility("default")))
#else
#define NBL_API
#endif
#ifdef __cplusplus
extern "C" {
#endif
#define NBL_STATUS_MAP(X)                                                                                      \
    X(NBL_OK, 0, "success")                                                                                    \
    X(NBL_ENULL, -1, "a required pointer is NULL")                                                             \
    X(NBL_ESIZE, -2, "a count, size or stride is negative or too large")                                       \
    X(NBL_ESTRUCT, -3, "a struct has an impossible size or unknown fields that are not zero")                  \
    X(NBL_EOPTION, -4, "an option has an unknown value")                                                       \
    X(NBL_ECONFLICT, -5, "options or outputs that exclude each other")                                         \
    X(NBL_EPOSITION, -6, "a position is NaN or infinite")                                                      \
    X(NBL_ECELL, -7, "the cell is missing, NaN or infinite on a periodic axis")                                \
    X(NBL_ESINGULAR, -8, "the periodic lattice vectors are zero or linearly dependent")                        \
    X(NBL_ERANGE, -9, "a position or cell entry exceeds 1e100 in magnitude")                                   \
    X(NBL_ECUTOFF, -10, "the cutoff is not a number between 1e-100 and 1e100")                                 \
    X(NBL_ECUTOFF_BUILD, -11, "the cutoff of the search exceeds the cutoff of the build")                      \
    X(NBL_ESHIFT, -12, "a shift does not fit: an atom or image lies too many cells away")                      \
    X(NBL_EUNBUILT, -13, "nothing has been built, or nothing searched, in this handle")                        \
    X(NBL_ESTALE, -14, "what the result was searched from has been rebuilt or destroyed")                      \
    X(NBL_EARGUMENT, -15, "an index argument is out of range")                                                 \
    X(NBL_ECAPACITY, -16, "a buffer is too small")                                                             \
    X(NBL_ENARROW, -17, "a value does not fit the data type of an output")                                     \
    X(NBL_ELIMIT, -18, "a limit that the caller set would be exceeded")                                        \
    X(NBL_ENOMEM, -19, "out of memory")                                                                        \
    X(NBL_EVERIFY, -20, "the result differs from the brute-force reference")                                   \
    X(NBL_EBATCH, -21, "some systems of the batch were refused; the others are valid")                         \
    X(NBL_EPTR, -22, "the atom pointer of a batch decreases or does not span the atoms")                       \
    X(NBL_EIDS, -23, "the system ids of a batch decrease or are out of range")                                 \
    X(NBL_ESTOP, -24, "the visitor asked to stop")
#define NBL_STATUS_ENUM_(name, value, text) name = value,
enum nbl_status_code { NBL_STATUS_MAP(NBL_STATUS_ENUM_) NBL_STATUS_MIN_ = -2147483647 };
#undef NBL_STATUS_ENUM_
typedef int32_t nbl_status;
NBL_API const char *nbl_status_name(nbl_status status);
NBL_API const char *nbl_status_text(nbl_status status);
enum nbl_isa {
    NBL_ISA_AUTO = 0,
    NBL_ISA_PORTABLE = 1,
    NBL_ISA_AVX2 = 2,
    NBL_ISA_AVX512 = 3,
    NBL_ISA_NEON = 16
};
NBL_API int32_t nbl_version(void);
NBL_API const char *nbl_version_string(void);
NBL_API const char *nbl_build_info(void);
NBL_API const char *nbl_isa_name(int32_t isa);
NBL_API int32_t nbl_isa_detect(void);
NBL_API int32_t nbl_max_threads(void);
typedef struct nbl_cell_list nbl_cell_list;
typedef struct nbl_batch nbl_batch;
typedef struct nbl_result nbl_result;
typedef struct nbl_allocator {
    size_t size;
    void *(*allocate)(void *user, size_t size, size_t alignment);
    void (*release)(void *user, void *pointer, size_t size);
    void *user;
} nbl_allocator;
#define NBL_ALLOCATOR_INIT                                                                                     \
    {                                                                                                          \
        sizeof(nbl_allocator), NULL, NULL, NULL                                                                \
    }
typedef struct nbl_handle_options {
    size_t size;
    const nbl_allocator *allocator;
    int32_t n_threads;
    int32_t isa;
} nbl_handle_options;
#define NBL_HANDLE_OPTIONS_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_handle_options), NULL, 0, 0                                                                 \
    }
NBL_API nbl_status nbl_cell_list_create(nbl_cell_list **list, const nbl_handle_options *options);
NBL_API void nbl_cell_list_destroy(nbl_cell_list **list);
NBL_API const char *nbl_cell_list_message(const nbl_cell_list *list);
NBL_API nbl_status nbl_batch_create(nbl_batch **batch, const nbl_handle_options *options);
NBL_API void nbl_batch_destroy(nbl_batch **batch);
NBL_API const char *nbl_batch_message(const nbl_batch *batch);
NBL_API nbl_status nbl_result_create(nbl_result **result, const nbl_handle_options *options);
NBL_API void nbl_result_destroy(nbl_result **result);
NBL_API const char *nbl_result_message(const nbl_result *result);
enum nbl_dtype {
    NBL_DTYPE_DEFAULT = 0,
    NBL_INT8 = 1,
    NBL_INT32 = 2,
    NBL_INT64 = 3,
    NBL_FLOAT32 = 4,
    NBL_FLOAT64 = 5
};
enum nbl_algorithm { NBL_ALGORITHM_AUTO = 0, NBL_ALGORITHM_BRUTE = 1, NBL_ALGORITHM_CELLS = 2 };
enum nbl_build_flag { NBL_ALL_OR_NOTHING = 1 };
typedef struct nbl_build_options {
    size_t size;
    int32_t positions_dtype;
    int32_t cell_dtype;
    int64_t positions_stride;
    int32_t algorithm;
    int32_t n_threads;
    uint64_t max_bytes;
    uint32_t flags;
    int32_t reserved;
} nbl_build_options;
#define NBL_BUILD_OPTIONS_INIT                                                                                 \
    {                                                                                                          \
        sizeof(nbl_build_options), 0, 0, 0, 0, 0, 0, 0, 0                                                      \
    }
NBL_API nbl_status nbl_cell_list_build(nbl_cell_list *list, int64_t n, const void *positions, const void *cell,
                                       const uint8_t *pbc, double cutoff, const nbl_build_options *options);
typedef struct nbl_cell_list_info {
    size_t size;
    int64_t n_atoms;
    int64_t n_images;
    int64_t n_bins;
    uint64_t n_bytes;
    double cutoff;
    int32_t algorithm;
    uint8_t pbc[4];
} nbl_cell_list_info;
#define NBL_CELL_LIST_INFO_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_cell_list_info), 0, 0, 0, 0, 0, 0,                                                          \
        {                                                                                                      \
            0, 0, 0, 0                                                                                         \
        }                                                                                                      \
    }
NBL_API nbl_status nbl_cell_list_get_info(nbl_cell_list *list, nbl_cell_list_info *info);
typedef struct nbl_batch_input {
    size_t size;
    int64_t n_systems;
    int64_t n_atoms;
    const void *positions;
    const void *ptr;
    const void *batch;
    const void *cells;
    const uint8_t *has_cell;
    const uint8_t *pbc;
    const double *cutoffs;
    int64_t n_cells, n_pbc, n_cutoffs;
    int32_t ids_dtype;
    int32_t reserved;
} nbl_batch_input;
#define NBL_BATCH_INPUT_INIT                                                                                   \
    {                                                                                                          \
        sizeof(nbl_batch_input), 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0                 \
    }
NBL_API nbl_status nbl_batch_build(nbl_batch *batch, const nbl_batch_input *input,
                                   const nbl_build_options *options, int32_t *statuses);
typedef struct nbl_batch_info {
    size_t size;
    int64_t n_systems;
    int64_t n_atoms;
    int64_t n_failed;
    int64_t n_grids;
    uint64_t n_bytes;
} nbl_batch_info;
#define NBL_BATCH_INFO_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_batch_info), 0, 0, 0, 0, 0                                                                  \
    }
NBL_API nbl_status nbl_batch_get_info(nbl_batch *batch, nbl_batch_info *info);
enum nbl_search_flag {
    NBL_HALF = 1,
    NBL_INCLUSIVE = 2,
    NBL_SELF = 4,
    NBL_SORTED = 8,
    NBL_CENTERS = 16,
    NBL_DISJOINT = 32
};
enum nbl_result_mode { NBL_MODE_AUTO = 0, NBL_MODE_PAIRS = 1, NBL_MODE_COUNTS = 2 };
typedef struct nbl_search_options {
    size_t size;
    uint32_t flags;
    int32_t mode;
    int64_t n_centers;
    int64_t max_pairs;
    uint64_t max_bytes;
    int32_t n_threads;
    uint32_t fields;
} nbl_search_options;
#define NBL_SEARCH_OPTIONS_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_search_options), 0, 0, 0, 0, 0, 0, 0                                                        \
    }
NBL_API nbl_status nbl_cell_list_search(const nbl_cell_list *list, double cutoff,
                                        const nbl_search_options *options, nbl_result *result);
#define NBL_MAX_LISTS 255
NBL_API nbl_status nbl_cell_list_search_multi(const nbl_cell_list *list, int32_t n_cutoffs,
                                              const double *cutoffs, const nbl_search_options *options,
                                              nbl_result *result);
NBL_API nbl_status nbl_batch_search(const nbl_batch *batch, int64_t n_cutoffs, const double *cutoffs,
                                    const nbl_search_options *options, nbl_result *result);
NBL_API nbl_status nbl_batch_search_multi(const nbl_batch *batch, int32_t n_lists, int64_t n_sets,
                                          const double *cutoffs, const nbl_search_options *options,
                                          nbl_result *result);
NBL_API int32_t nbl_result_n_lists(const nbl_result *result);
NBL_API int64_t nbl_result_n_systems(const nbl_result *result);
NBL_API int64_t nbl_result_n_rows(const nbl_result *result);
NBL_API int64_t nbl_result_n_pairs(const nbl_result *result, int32_t list);
NBL_API int64_t nbl_result_max_count(const nbl_result *result, int32_t list);
NBL_API int64_t nbl_result_n_bytes(const nbl_result *result);
NBL_API int32_t nbl_result_mode(const nbl_result *result);
NBL_API nbl_status nbl_result_system_status(const nbl_result *result, int64_t system);
enum nbl_layout { NBL_LAYOUT_PAIRS = 0, NBL_LAYOUT_DENSE = 1 };
typedef struct nbl_outputs {
    size_t size;
    int32_t layout;
    int32_t index_base;
    int32_t index_dtype;
    int32_t offset_dtype;
    int32_t shift_dtype;
    int32_t real_dtype;
    int64_t pair_capacity;
    int64_t row_capacity;
    int64_t edge_index_stride;
    int64_t dense_width;
    int64_t dense_fill;
    void *i;
    void *j;
    void *edge_index;
    void *pairs;
    void *shifts;
    void *vectors;
    void *distances;
    void *row_ptr;
    void *counts;
    void *reverse;
    int64_t system_capacity;
    int32_t local_indices;
    int32_t reserved;
    void *batch;
    void *edge_ptr;
    void *atom_ptr;
} nbl_outputs;
#define NBL_OUTPUTS_INIT                                                                                       \
    {                                                                                                          \
        sizeof(nbl_outputs), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,  \
            NULL, NULL, 0, 0, 0, NULL, NULL, NULL                                                              \
    }
NBL_API nbl_status nbl_result_fetch(nbl_result *result, int32_t list, const nbl_outputs *outputs);
enum nbl_row_field {
    NBL_ROW_SHIFTS = 1,
    NBL_ROW_VECTORS = 2,
    NBL_ROW_D2 = 4,
    NBL_ROW_SHELLS = 8,
    NBL_ROW_INDICES = 16
};
typedef struct nbl_rows {
    size_t size;
    int64_t system;
    int64_t first_atom;
    int32_t thread;
    int32_t n_rows;
    const int32_t *i;
    const int64_t *row_ptr;
    const int32_t *j;
    const int32_t *shifts;
    const double *vectors;
    const double *d2;
    const uint8_t *shells;
} nbl_rows;
typedef int nbl_visitor(void *user, const nbl_rows *rows);
NBL_API nbl_status nbl_cell_list_visit(const nbl_cell_list *list, int32_t n_cutoffs, const double *cutoffs,
                                       const nbl_search_options *options, nbl_result *result,
                                       nbl_visitor *visitor, void *user);
NBL_API nbl_status nbl_batch_visit(const nbl_batch *batch, int32_t n_lists, int64_t n_sets,
                                   const double *cutoffs, const nbl_search_options *options, nbl_result *result,
                                   nbl_visitor *visitor, void *user);
NBL_API nbl_status nbl_neighbors(int64_t n, const void *positions, const void *cell, const uint8_t *pbc,
                                 double cutoff, const nbl_build_options *build_options,
                                 const nbl_search_options *search_options, const nbl_outputs *outputs,
                                 int64_t *n_pairs, char *message, size_t message_size);
enum nbl_verdict { NBL_VERIFY_EQUAL = 0, NBL_VERIFY_MISSING = 1, NBL_VERIFY_EXTRA = 2, NBL_VERIFY_WRONG = 3 };
typedef struct nbl_verify_report {
    size_t size;
    int32_t verdict;
    int32_t shift[3];
    int64_t i, j;
    double distance;
    double distance_long;
    int64_t n_pairs;
    int64_t n_close;
    int64_t system;
} nbl_verify_report;
#define NBL_VERIFY_REPORT_INIT                                                                                 \
    {                                                                                                          \
        sizeof(nbl_verify_report), 0, {0, 0, 0}, 0, 0, 0, 0, 0, 0, 0                                           \
    }
NBL_API nbl_status nbl_verify(nbl_result *result, int32_t list, int64_t n, const void *positions,
                              const void *cell, const uint8_t *pbc, const nbl_build_options *options,
                              nbl_verify_report *report);
NBL_API nbl_status nbl_verify_batch(nbl_result *result, int32_t list, const nbl_batch_input *input,
                                    const nbl_build_options *options, nbl_verify_report *report);
#ifdef __cplusplus
}
#endif
#endif
