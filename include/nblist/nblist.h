/* SPDX-License-Identifier: MIT */
/*
 * libnblist: neighbor lists for atomistic codes. The whole public interface of the core, to be read
 * from top to bottom.
 *
 * A neighbor list answers: which atoms lie within a cutoff of which, through which periodic image?
 *
 *     nbl_cell_list *list = NULL;
 *     nbl_result *result = NULL;
 *     nbl_cell_list_create(&list, NULL);
 *     nbl_result_create(&result, NULL);
 *
 *     nbl_cell_list_build(list, n, positions, cell, pbc, 6.0, NULL);   // once per set of positions
 *     nbl_cell_list_search(list, 6.0, NULL, result);                   // counts exactly
 *     int64_t m = nbl_result_n_pairs(result, 0);                       // allocate what is needed
 *
 *     nbl_outputs out = NBL_OUTPUTS_INIT;                              // into arrays that you own
 *     out.pair_capacity = m;
 *     out.i = i; out.j = j; out.shifts = shifts; out.distances = distances;
 *     nbl_result_fetch(result, 0, &out);
 *
 *     nbl_result_destroy(&result);
 *     nbl_cell_list_destroy(&list);
 *
 * (error checks left out here; every call returns a status). nbl_neighbors() does all of it in one call.
 * Many systems at once: nbl_batch_build(), nbl_batch_search(). Several cutoffs in one call: the _multi
 * searches. Neighbours without a list: nbl_cell_list_visit(), nbl_batch_visit().
 *
 * ## Words
 *
 * n atoms; positions r, shape [n][3]; cell h, shape [3][3], whose ROWS are the lattice vectors a, b, c;
 * pbc[3], one byte per axis, non-zero = periodic, zero = open; s, integer shift [3]; rc, cutoff.
 * Lengths carry the unit of the caller; the library has none of its own. Arrays are C-contiguous.
 *
 * ## A pair
 *
 * A pair is (i, j, s) with
 *
 *     d = (r[j] - r[i]) + s . h      and      |d| < rc      (NBL_INCLUSIVE: |d| <= rc).
 *
 * s refers to the positions as they are given: they need not lie inside the cell, and may lie any number
 * of cells away. All periodic images within the cutoff are listed, however large rc is against the cell.
 * An atom is left out of its own row only as itself (i == j and s == 0); two atoms at the same place are
 * neighbours. On an open axis the shift is always 0, and the lattice vector of that axis is never read: it
 * may be zero, NaN or parallel to another one. Cells may be left-handed, rotated and skewed in any way.
 *
 * A full list (the default) holds (i, j, s) and its mirror (j, i, -s). A half list (NBL_HALF) holds one of
 * the two: the one with i < j, or, where i == j, the one whose first non-zero shift component is positive.
 *
 * ## Exact
 *
 * The decision at the cutoff is one formula, every operation rounded once to binary64, for k = 0, 1, 2:
 *
 *     t[k] = (s[0]*h[0][k] + s[1]*h[1][k]) + s[2]*h[2][k]         terms of open axes left out
 *     d[k] = ((r[j][k] - r[i][k]) + t[k]) + 0.0
 *     d2   = (d[0]*d[0] + d[1]*d[1]) + d[2]*d[2],   |d| = sqrt(d2),   listed if |d| < rc.
 *
 * The set of pairs, and every returned vector and distance, are those of this formula to the last bit: for
 * every algorithm, number of threads and instruction set. No tolerance is ever added to rc. Mirrored pairs
 * are decided alike and have bit-opposite vectors. The library must be called with the floating-point
 * environment in its default state (round to nearest).
 *
 * ## Several cutoffs
 *
 * A search with K cutoffs makes K lists at once. List k is, byte for byte, what a search
 * at cutoffs[k] alone gives; cutoffs may stand in any order and repeat. With NBL_DISJOINT a pair is only in
 * the list of the smallest cutoff that holds it (of equal cutoffs, the first): the lists are shells, and
 * together they are the list of the largest cutoff.
 *
 * ## Batch
 *
 * A batch is B systems in concatenated arrays. Its result is that of the single systems, one behind the
 * other, byte for byte; atoms are numbered through the whole batch, or, on request, in each system. Systems
 * may be empty. A system that is refused has empty rows and a status of its own; the others are not harmed.
 *
 * ## Order
 *
 * Pairs come in rows: all pairs of atom 0, then of atom 1, ... With NBL_SORTED, inside a row by j, then by
 * s lexicographically. Without it, the order inside a row depends on positions, cell, pbc, the cutoff of
 * the build, the algorithm and the list flags only: never on threads, instruction set, limits or the
 * history of a handle.
 *
 * ## Errors
 *
 * Every function that can fail returns an nbl_status: NBL_OK (0) or a negative NBL_E... value. The handle
 * keeps a message that names the argument, the index and the value ("positions[17][2] is nan"). Nothing
 * aborts, exits or prints, and nothing is written to the caller's memory on failure, unless stated.
 *
 * ## Threads
 *
 * Handles are independent of each other; there is no global state to set. One handle is used by one host
 * thread at a time, with one exception: several host threads may search one built nbl_cell_list at once,
 * each into its own nbl_result. n_threads counts the OpenMP threads of one call: 0 = OpenMP's default, 1 =
 * never enters the OpenMP runtime, k = up to k threads; results are the same bytes for every value. A call
 * starts no more threads than it has work for, no more than four per processor, and no more than the system
 * grants: those of a team that grows are tried first, as an OpenMP runtime that cannot create a thread ends the
 * process. In a process forked after the library was loaded, everything runs on one thread.
 *
 * ## Structs
 *
 * Every struct starts with its size. Initialise it with its NBL_..._INIT macro (or zero it and set `size`),
 * then set what you need: in the structs of options, zero is the default of every other field. Newer
 * versions append fields; a program built against an older header keeps working.
 */
#ifndef NBLIST_NBLIST_H
#define NBLIST_NBLIST_H

#include <stddef.h>
#include <stdint.h>

#include <nblist/version.h>

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

/* ------------------------------------------------------------------------------------------------------
 * Statuses
 * ---------------------------------------------------------------------------------------------------- */

/*
 * All statuses: name, value, text. Values never change; newer versions append.
 *
 *     #define ROW(name, value, text) { #name, value, text },
 *     NBL_STATUS_MAP(ROW)
 */
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

typedef int32_t nbl_status; /* one of enum nbl_status_code */

/*
 * The name ("NBL_ENULL") and the text ("a required pointer is NULL") of a status, without a handle.
 * Never NULL: for an unknown value "NBL_E?" and "unknown status". Static strings.
 * Thread-safety: any. Since: 0.1.
 */
NBL_API const char *nbl_status_name(nbl_status status);
NBL_API const char *nbl_status_text(nbl_status status);

/* ------------------------------------------------------------------------------------------------------
 * Library
 * ---------------------------------------------------------------------------------------------------- */

/* Instruction-set levels for nbl_handle_options.isa. A level caps; it never demands. */
enum nbl_isa {
    NBL_ISA_AUTO = 0,     /* best of this machine; environment variable NBLIST_ISA=<name> caps it */
    NBL_ISA_PORTABLE = 1, /* what every machine has: plain C, on x86-64 with SSE2 */
    NBL_ISA_AVX2 = 2,     /* x86: AVX2 with FMA */
    NBL_ISA_AVX512 = 3,   /* x86: AVX-512 F, VL, BW and DQ */
    NBL_ISA_NEON = 16     /* 64-bit ARM: Advanced SIMD */
};

/*
 * The version of the loaded library, as NBL_VERSION and as text ("0.1.0"), and how it was built, one
 * "key=value" per line. Static strings. Thread-safety: any. Since: 0.1.
 */
NBL_API int32_t nbl_version(void);
NBL_API const char *nbl_version_string(void);
NBL_API const char *nbl_build_info(void);

/*
 * The name of an instruction-set level ("portable"), or NULL where the library has no kernel of that
 * level; and the level that NBL_ISA_AUTO means on this machine (after the environment variable).
 * Thread-safety: any. Since: 0.1.
 */
NBL_API const char *nbl_isa_name(int32_t isa);
NBL_API int32_t nbl_isa_detect(void);

/* The most threads that n_threads = 0 means for a call made here and now. Thread-safety: any. Since: 0.1. */
NBL_API int32_t nbl_max_threads(void);

/* ------------------------------------------------------------------------------------------------------
 * Handles
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_cell_list nbl_cell_list; /* the atoms of one system, sorted into cells */
typedef struct nbl_batch nbl_batch;         /* the atoms of many systems */
typedef struct nbl_result nbl_result;       /* the pairs that a search found */

/*
 * Memory of a handle. `allocate` returns `size` > 0 bytes aligned to `alignment` (a power of two, at most
 * 4096), or NULL; `release` gets the same pointer and size back, never NULL. Both may be called from
 * several threads at once, also while the library holds a lock of its own: they must not call the library. They
 * must stay usable until every handle made with them, and every result that was searched from such a handle,
 * is destroyed.
 */
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
    const nbl_allocator *allocator; /* NULL = the C library's; copied */
    int32_t n_threads;              /* default for calls with this handle: 0, or 1 ... 65536 */
    int32_t isa;                    /* enum nbl_isa: highest level to use */
} nbl_handle_options;

#define NBL_HANDLE_OPTIONS_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_handle_options), NULL, 0, 0                                                                 \
    }

/*
 * Creates an empty cell list. options: NULL = defaults.
 * On error *list is NULL.
 * Statuses: NBL_ENULL, NBL_ESTRUCT, NBL_EOPTION, NBL_ESIZE (n_threads), NBL_ENOMEM.
 * Thread-safety: any. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_create(nbl_cell_list **list, const nbl_handle_options *options);

/*
 * Frees the cell list and sets *list to NULL. NULL and a pointer to NULL are fine. Results searched from
 * it stay valid handles whose fetches fail with NBL_ESTALE.
 * Thread-safety: no other call may use the handle. Since: 0.1.
 */
NBL_API void nbl_cell_list_destroy(nbl_cell_list **list);

/*
 * The message of the last call on this handle that failed, "" if the last call succeeded; never NULL.
 * Valid until the next call on the handle. A failed search leaves its message in the result.
 * Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API const char *nbl_cell_list_message(const nbl_cell_list *list);

/*
 * The same for a batch, and for a result, which serves any number of searches in turn.
 * Statuses, thread-safety: as above. Since: 0.1.
 */
NBL_API nbl_status nbl_batch_create(nbl_batch **batch, const nbl_handle_options *options);
NBL_API void nbl_batch_destroy(nbl_batch **batch);
NBL_API const char *nbl_batch_message(const nbl_batch *batch);
NBL_API nbl_status nbl_result_create(nbl_result **result, const nbl_handle_options *options);
NBL_API void nbl_result_destroy(nbl_result **result);
NBL_API const char *nbl_result_message(const nbl_result *result);

/* ------------------------------------------------------------------------------------------------------
 * Build: atoms of one system
 * ---------------------------------------------------------------------------------------------------- */

enum nbl_dtype {
    NBL_DTYPE_DEFAULT = 0, /* the default of the field */
    NBL_INT8 = 1,
    NBL_INT32 = 2,
    NBL_INT64 = 3,
    NBL_FLOAT32 = 4,
    NBL_FLOAT64 = 5
};

enum nbl_algorithm {
    NBL_ALGORITHM_AUTO = 0,
    NBL_ALGORITHM_BRUTE = 1, /* all pairs of atoms; right choice for a handful of them */
    NBL_ALGORITHM_CELLS = 2  /* time proportional to the number of atoms; brute force all the same where
                                coordinates are so large that their rounding exceeds the cutoff */
};

enum nbl_build_flag {
    NBL_ALL_OR_NOTHING = 1 /* one bad system refuses the whole batch, in its build and in its searches */
};

typedef struct nbl_build_options {
    size_t size;
    int32_t positions_dtype;  /* NBL_FLOAT64 (default) or NBL_FLOAT32 */
    int32_t cell_dtype;       /* NBL_FLOAT64 (default) or NBL_FLOAT32 */
    int64_t positions_stride; /* bytes from one atom to the next; 0 = packed; no alignment needed */
    int32_t algorithm;        /* enum nbl_algorithm: changes time and unsorted order, never the set */
    int32_t n_threads;        /* 0 = the handle's */
    uint64_t max_bytes;       /* limit of the memory that the handle may hold; 0 = none */
    uint32_t flags;           /* enum nbl_build_flag, or-ed */
    int32_t reserved;         /* 0 */
} nbl_build_options;

#define NBL_BUILD_OPTIONS_INIT                                                                                 \
    {                                                                                                          \
        sizeof(nbl_build_options), 0, 0, 0, 0, 0, 0, 0, 0                                                      \
    }

/*
 * Builds the cell list of a system, ready for searches with any cutoff up to `cutoff`. Building again
 * reuses the memory of the handle: a build no larger than seen before allocates nothing.
 *
 * n          number of atoms, 0 ... 2^31 - 1; 0 is legal and gives empty results
 * positions  [n][3] float64, or as options say; float32 values mean the doubles that they convert to
 * cell       [3][3], rows a, b, c; or NULL: no cell, all axes open
 * pbc        [3], one byte per axis; or NULL: all periodic where a cell is given, all open where none is
 * cutoff     1e-100 <= cutoff <= 1e100
 * options    NULL = defaults
 *
 * Everything that is needed is copied: the arrays may be changed or freed afterwards. A build, failed or
 * not, makes results searched before stale; after a failed one the handle is unbuilt and can be used on.
 *
 * Statuses: NBL_ENULL (list; positions with n > 0), NBL_ESIZE (n, stride, n_threads), NBL_ESTRUCT,
 * NBL_EOPTION, NBL_ECUTOFF, NBL_ECELL (periodic axis without a cell; NaN), NBL_ESINGULAR (smallest height
 * below 1e-12 of the longest vector, after reduction, or a reduction that needs integers beyond 2^50),
 * NBL_ERANGE, NBL_EPOSITION, NBL_ESHIFT (an atom more than 2^30 cells from the origin cell; in a cell that is
 * skewed by 1e7 or more, possibly fewer), NBL_ELIMIT, NBL_ENOMEM.
 * Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_build(nbl_cell_list *list, int64_t n, const void *positions, const void *cell,
                                       const uint8_t *pbc, double cutoff, const nbl_build_options *options);

/* What a build made of its input: for logs and for curiosity. */
typedef struct nbl_cell_list_info {
    size_t size;
    int64_t n_atoms;
    int64_t n_images;  /* periodic copies that are stored beside the atoms */
    int64_t n_bins;    /* bins that the atoms are sorted into; 0 for brute force */
    uint64_t n_bytes;  /* memory that the handle holds */
    double cutoff;     /* of the build */
    int32_t algorithm; /* enum nbl_algorithm, as chosen; never AUTO */
    uint8_t pbc[4];    /* 0 or 1; the last entry is 0 */
} nbl_cell_list_info;

#define NBL_CELL_LIST_INFO_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_cell_list_info), 0, 0, 0, 0, 0, 0,                                                          \
        {                                                                                                      \
            0, 0, 0, 0                                                                                         \
        }                                                                                                      \
    }

/*
 * Fills *info, at most info->size bytes of it.
 * Statuses: NBL_ENULL, NBL_ESTRUCT, NBL_EUNBUILT. Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_get_info(nbl_cell_list *list, nbl_cell_list_info *info);

/* ------------------------------------------------------------------------------------------------------
 * Batch: atoms of many systems
 * ---------------------------------------------------------------------------------------------------- */

/*
 * B systems, concatenated: first all atoms of system 0, then of system 1, ... Which atom belongs to which
 * system is told by `ptr` or by `batch`, one of them. Cells, flags and cutoffs are looked up by the number
 * of the system; those of empty systems are not read. Array lengths n_cells, n_pbc, n_cutoffs: B (one per
 * system) or 1 (one for all); 0 where the array is NULL.
 *
 * As PyTorch Geometric has them, pos, batch, cell and pbc:
 *
 *     nbl_batch_input in = NBL_BATCH_INPUT_INIT;
 *     in.n_systems = B, in.n_atoms = n, in.positions = pos, in.batch = batch;
 *     in.cells = cell, in.n_cells = B, in.pbc = pbc, in.n_pbc = B;
 *     in.cutoffs = &rc, in.n_cutoffs = 1;
 */
typedef struct nbl_batch_input {
    size_t size;
    int64_t n_systems;       /* B, 0 ... 2^31 - 1 */
    int64_t n_atoms;         /* of all systems; at most 2^31 - 1 in each */
    const void *positions;   /* [n_atoms][3]; dtype and stride as the build options say */
    const void *ptr;         /* [B + 1]: atoms of system b are ptr[b] ... ptr[b + 1] - 1; ptr[0] = 0 */
    const void *batch;       /* [n_atoms]: system of each atom, never decreasing; ids may be skipped */
    const void *cells;       /* [n_cells][3][3]; NULL: no system has a cell */
    const uint8_t *has_cell; /* [n_cells]: zero where there is none; NULL: all have one */
    const uint8_t *pbc;      /* [n_pbc][3]; NULL: all periodic where a cell is, open where none is */
    const double *cutoffs;   /* [n_cutoffs]: the largest that will be searched; required */
    int64_t n_cells, n_pbc, n_cutoffs;
    int32_t ids_dtype; /* of ptr and batch: NBL_INT64 (default) or NBL_INT32 */
    int32_t reserved;  /* 0 */
} nbl_batch_input;

#define NBL_BATCH_INPUT_INIT                                                                                   \
    {                                                                                                          \
        sizeof(nbl_batch_input), 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0                 \
    }

/*
 * Builds all systems, ready for searches with any cutoff up to that of each system. Everything that is needed
 * is copied. A build, failed or not, makes results searched before stale. It allocates nothing where atoms,
 * systems, and for every k the k-th largest system (its atoms, images and bins) are no more than seen before.
 *
 * statuses: [B] or NULL. Written once the arrays as a whole are accepted: NBL_OK, or why that system was
 * refused: NBL_EPOSITION, NBL_ECELL, NBL_ESINGULAR, NBL_ERANGE, NBL_ECUTOFF, NBL_ESHIFT, NBL_ESIZE (more than
 * 2^31 - 1 atoms). Refused systems have empty rows in every result.
 *
 * Returns NBL_OK if all systems are good; NBL_EBATCH if some were refused, the others are built, and the
 * message names the lowest of them with atom and component: "system 3: positions[41][2] is nan (atom 5 of the
 * system)". With NBL_ALL_OR_NOTHING it returns the status of that system, with the same message, and nothing is
 * built. Statuses of the whole call: NBL_ENULL, NBL_ESIZE (n_systems, n_atoms, n_cells, n_pbc, n_cutoffs,
 * stride, n_threads), NBL_ESTRUCT, NBL_EOPTION, NBL_ECONFLICT (ptr and batch), NBL_EPTR, NBL_EIDS, NBL_ELIMIT,
 * NBL_ENOMEM; then the batch is unbuilt. Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_batch_build(nbl_batch *batch, const nbl_batch_input *input,
                                   const nbl_build_options *options, int32_t *statuses);

/* What a build made of its input. */
typedef struct nbl_batch_info {
    size_t size;
    int64_t n_systems;
    int64_t n_atoms;
    int64_t n_failed; /* systems that were refused */
    int64_t n_grids;  /* systems that are sorted into bins; the others are searched by brute force */
    uint64_t n_bytes; /* memory that the handle holds */
} nbl_batch_info;

#define NBL_BATCH_INFO_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_batch_info), 0, 0, 0, 0, 0                                                                  \
    }

/*
 * Fills *info, at most info->size bytes of it.
 * Statuses: NBL_ENULL, NBL_ESTRUCT, NBL_EUNBUILT. Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_batch_get_info(nbl_batch *batch, nbl_batch_info *info);

/* ------------------------------------------------------------------------------------------------------
 * Search: pairs within a cutoff
 * ---------------------------------------------------------------------------------------------------- */

enum nbl_search_flag {
    NBL_HALF = 1,      /* each pair once, instead of in both directions */
    NBL_INCLUSIVE = 2, /* |d| <= rc instead of |d| < rc */
    NBL_SELF = 4,      /* also the identity (i, i, 0), once per atom, in full and half lists alike */
    NBL_SORTED = 8,    /* rows ordered by j, then s */
    NBL_CENTERS = 16,  /* rows only for atoms 0 ... n_centers - 1, with j over all atoms; full lists only; not
                          for batches */
    NBL_DISJOINT = 32  /* several cutoffs: each pair only in the list of the smallest that holds it */
};

enum nbl_result_mode {
    NBL_MODE_AUTO = 0,  /* keep the pairs, or only counts where max_bytes would be exceeded */
    NBL_MODE_PAIRS = 1, /* keep the pairs, in compact form; NBL_ELIMIT where max_bytes would be exceeded.
                           Brute force keeps at most 4 MiB of them, then counts only */
    NBL_MODE_COUNTS = 2 /* keep row counts only: a fetch searches again and gives the same bytes */
};

typedef struct nbl_search_options {
    size_t size;
    uint32_t flags;     /* enum nbl_search_flag, or-ed */
    int32_t mode;       /* enum nbl_result_mode */
    int64_t n_centers;  /* read with NBL_CENTERS: 0 ... n */
    int64_t max_pairs;  /* refuse larger results with NBL_ELIMIT, while counting; 0 = no limit. Counts pairs of
                           all systems within the largest cutoff */
    uint64_t max_bytes; /* limit of the memory that the result may hold; 0 = none */
    int32_t n_threads;  /* 0 = the result's, then the list's or the batch's */
    uint32_t fields;    /* read by visits: enum nbl_row_field, or-ed; 0 = all */
} nbl_search_options;

#define NBL_SEARCH_OPTIONS_INIT                                                                                \
    {                                                                                                          \
        sizeof(nbl_search_options), 0, 0, 0, 0, 0, 0, 0                                                        \
    }

/*
 * Finds all pairs within `cutoff`, which may be at most the cutoff of the build, and puts them into the
 * result as its list 0. A search no larger than seen before in this result allocates nothing.
 *
 * The result refers to the list: when that is rebuilt or destroyed, fetches fail with NBL_ESTALE. A failed
 * search leaves the result empty and usable, its message in the result.
 *
 * Statuses: NBL_ENULL, NBL_EUNBUILT, NBL_ESTRUCT, NBL_EOPTION, NBL_ECONFLICT (NBL_CENTERS with NBL_HALF),
 * NBL_ESIZE (n_centers, max_pairs, n_threads), NBL_ECUTOFF, NBL_ECUTOFF_BUILD, NBL_ESHIFT (a pair whose
 * shift does not fit int32), NBL_ELIMIT, NBL_ENOMEM.
 * Thread-safety: several threads may search one list, each into its own result. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_search(const nbl_cell_list *list, double cutoff,
                                        const nbl_search_options *options, nbl_result *result);

/* Lists that one search may make. */
#define NBL_MAX_LISTS 255

/*
 * The same for several cutoffs in one call: list k of the result is the search at cutoffs[k], each fetched
 * on its own. cutoffs: [n_cutoffs], in any order, 1 ... NBL_MAX_LISTS of them.
 * Statuses: as above, and NBL_ESIZE (n_cutoffs). Thread-safety: as above. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_search_multi(const nbl_cell_list *list, int32_t n_cutoffs,
                                              const double *cutoffs, const nbl_search_options *options,
                                              nbl_result *result);

/*
 * All pairs of all systems of a batch: row a of the result is that of atom a of the concatenated arrays.
 *
 * cutoffs: [n_cutoffs], n_cutoffs = 1 (one for all systems) or B; NULL and 0: those of the build.
 *
 * Returns NBL_EBATCH where a system that was built is refused by the search (NBL_ECUTOFF, NBL_ECUTOFF_BUILD,
 * NBL_ESHIFT): it has empty rows and a status, nbl_result_system_status(), and the rest is valid; after a build
 * with NBL_ALL_OR_NOTHING that status is returned, and the result is empty. Systems that the build refused are
 * empty here, without further complaint.
 * Statuses of the whole call: NBL_ENULL, NBL_EUNBUILT, NBL_ESTRUCT, NBL_EOPTION, NBL_ECONFLICT (NBL_CENTERS),
 * NBL_ESIZE (n_cutoffs, max_pairs, n_threads), NBL_ELIMIT, NBL_ENOMEM.
 * Thread-safety: several threads may search one batch, each into its own result. Since: 0.1.
 */
NBL_API nbl_status nbl_batch_search(const nbl_batch *batch, int64_t n_cutoffs, const double *cutoffs,
                                    const nbl_search_options *options, nbl_result *result);

/*
 * The same for several cutoffs. cutoffs: [n_sets][n_lists], n_sets = 1 (one set for all systems) or B; list k
 * of the result holds the pairs of every system within its k-th cutoff. Statuses: as above, and NBL_ESIZE
 * (n_lists, n_sets). Thread-safety: as above. Since: 0.1.
 */
NBL_API nbl_status nbl_batch_search_multi(const nbl_batch *batch, int32_t n_lists, int64_t n_sets,
                                          const double *cutoffs, const nbl_search_options *options,
                                          nbl_result *result);

/* ------------------------------------------------------------------------------------------------------
 * Result: sizes, then arrays
 * ---------------------------------------------------------------------------------------------------- */

/*
 * Sizes of a result, or a negative status: NBL_ENULL, NBL_EUNBUILT (no successful search yet),
 * NBL_EARGUMENT (no such list).
 *   n_lists    number of lists: one per cutoff of the search
 *   n_systems  number of systems: 1 for that of a cell list
 *   n_rows     number of rows: atoms, or n_centers
 *   n_pairs    number of pairs of a list
 *   max_count  pairs of its longest row: the width that the dense layout needs
 *   n_bytes    memory that the result holds
 *   mode       NBL_MODE_PAIRS or NBL_MODE_COUNTS
 * They stay readable when the result is stale. Thread-safety: one thread per result. Since: 0.1.
 */
NBL_API int32_t nbl_result_n_lists(const nbl_result *result);
NBL_API int64_t nbl_result_n_systems(const nbl_result *result);
NBL_API int64_t nbl_result_n_rows(const nbl_result *result);
NBL_API int64_t nbl_result_n_pairs(const nbl_result *result, int32_t list);
NBL_API int64_t nbl_result_max_count(const nbl_result *result, int32_t list);
NBL_API int64_t nbl_result_n_bytes(const nbl_result *result);
NBL_API int32_t nbl_result_mode(const nbl_result *result);

/*
 * NBL_OK, or why a system of the batch has empty rows: refused by the build or by the search.
 * NBL_ENULL, NBL_EUNBUILT, NBL_EARGUMENT (no such system). Thread-safety: one thread per result. Since: 0.1.
 */
NBL_API nbl_status nbl_result_system_status(const nbl_result *result, int64_t system);

enum nbl_layout {
    NBL_LAYOUT_PAIRS = 0, /* one entry per pair, row after row */
    NBL_LAYOUT_DENSE = 1  /* one row of dense_width entries per atom, the rest filled */
};

/*
 * Where a fetch writes, and how. Every pointer is optional; arrays are owned by the caller, contiguous,
 * aligned for their type, and must not overlap. m = pairs of the list, rows = nbl_result_n_rows().
 *
 *                layout PAIRS             layout DENSE (w = dense_width)      type
 *   i            [m]                      -                                   index_dtype
 *   j            [m]                      [rows][w], rest dense_fill          index_dtype
 *   edge_index   [2][edge_index_stride]   -                                   index_dtype   row 0: i, 1: j
 *   pairs        [m][2]                   -                                   index_dtype   i, j interleaved
 *   shifts       [m][3]                   [rows][w][3], rest 0                shift_dtype
 *   vectors      [m][3]                   [rows][w][3], rest 0                real_dtype
 *   distances    [m]                      [rows][w], rest 0                   real_dtype
 *   row_ptr      [rows + 1]               [rows + 1]                          offset_dtype
 *   counts       [rows]                   [rows]                              offset_dtype  neighbours per atom
 *   reverse      [m]                      -                                   offset_dtype  of the mirror
 *   batch        [m]                      -                                   index_dtype   system of the pair
 *   edge_ptr     [systems + 1]            [systems + 1]                       offset_dtype  of pairs of systems
 *   atom_ptr     [systems + 1]            [systems + 1]                       offset_dtype  of rows of systems
 *
 * The list of a cell list is that of a batch of one system. With local_indices, i, j, edge_index and pairs
 * count the atoms of each system from its own first one; everything else still counts through the batch.
 *
 * index_base (0 or 1) is added to every index and offset (i, j, edge_index, pairs, batch, row_ptr, edge_ptr,
 * atom_ptr, reverse), never to counts, shifts or dense_fill. reverse[e] is the number of the pair (j, i, -s)
 * for pair e = (i, j, s) in the same list; it needs a full list of all atoms. float32 outputs are the float64
 * values rounded to nearest: a distance may become equal to (float)rc, and values beyond the range of float32
 * infinite.
 */
typedef struct nbl_outputs {
    size_t size;
    int32_t layout;            /* enum nbl_layout */
    int32_t index_base;        /* 0 or 1 */
    int32_t index_dtype;       /* NBL_INT64 (default) or NBL_INT32 */
    int32_t offset_dtype;      /* NBL_INT64 (default) or NBL_INT32 */
    int32_t shift_dtype;       /* NBL_INT32 (default) or NBL_INT8 */
    int32_t real_dtype;        /* NBL_FLOAT64 (default) or NBL_FLOAT32: rounded to nearest */
    int64_t pair_capacity;     /* pairs that the arrays of layout PAIRS have room for */
    int64_t row_capacity;      /* rows that row_ptr (one entry more), counts and dense arrays have room for */
    int64_t edge_index_stride; /* entries from i to j rows of edge_index; 0 = pair_capacity */
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
    int64_t system_capacity; /* systems that edge_ptr and atom_ptr (one entry more each) have room for */
    int32_t local_indices;   /* 1: atoms are numbered in each system; 0: through the batch */
    int32_t reserved;        /* 0 */
    void *batch;
    void *edge_ptr;
    void *atom_ptr;
} nbl_outputs;

#define NBL_OUTPUTS_INIT                                                                                       \
    {                                                                                                          \
        sizeof(nbl_outputs), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,  \
            NULL, NULL, 0, 0, 0, NULL, NULL, NULL                                                              \
    }

/*
 * Writes list number `list` of the result into the arrays of *outputs. Any number of fetches, with
 * different outputs, may follow one search. All checks are made before the first byte is written; nothing
 * is ever written past a capacity.
 *
 * Statuses: NBL_ENULL, NBL_EUNBUILT, NBL_ESTALE, NBL_EARGUMENT (list), NBL_ESTRUCT, NBL_EOPTION (layout,
 * base, a type), NBL_ESIZE (a size that is negative or overflows), NBL_ECONFLICT (output that the layout or the
 * list does not have), NBL_ECAPACITY (the message tells the size that is needed), NBL_ENARROW (index, offset,
 * fill or shift does not fit its type), NBL_ENOMEM and NBL_ELIMIT (`reverse` takes up to 8 bytes per pair, and
 * 16 per pair of the longest row; searching again takes room for that row). Thread-safety: one thread per
 * result. Since: 0.1.
 */
NBL_API nbl_status nbl_result_fetch(nbl_result *result, int32_t list, const nbl_outputs *outputs);

/* ------------------------------------------------------------------------------------------------------
 * Visit: rows on the fly, without a list
 * ---------------------------------------------------------------------------------------------------- */

enum nbl_row_field {
    NBL_ROW_SHIFTS = 1,
    NBL_ROW_VECTORS = 2,
    NBL_ROW_D2 = 4,
    NBL_ROW_SHELLS = 8,
    NBL_ROW_INDICES = 16 /* i, row_ptr and j, which are there anyway: alone, nothing else is computed */
};

/*
 * Some complete rows of one system, as a visitor gets them: row k is that of atom i[k] and has the pairs
 * row_ptr[k] ... row_ptr[k + 1] - 1, in number, content and order those of the list. Atoms are numbered in
 * their system, from 0. All arrays belong to the library and are valid during the call. Arrays of fields that
 * were not asked for are NULL, as is `shells` with one cutoff.
 */
typedef struct nbl_rows {
    size_t size;
    int64_t system;         /* 0 for a cell list */
    int64_t first_atom;     /* of the system within the batch: i[k] + first_atom counts through the batch */
    int32_t thread;         /* that calls: 0 ... n_threads - 1 */
    int32_t n_rows;         /* at least 1 */
    const int32_t *i;       /* [n_rows] */
    const int64_t *row_ptr; /* [n_rows + 1]; row_ptr[0] = 0 */
    const int32_t *j;       /* [m], m = row_ptr[n_rows] */
    const int32_t *shifts;  /* [m][3] */
    const double *vectors;  /* [m][3], from i to j */
    const double *d2;       /* [m], squared distances: |d| = sqrt(d2) */
    const uint8_t *shells; /* [m]: number of the smallest cutoff that holds the pair; of equal ones the first */
} nbl_rows;

/* Returns 0 to go on, anything else to stop. */
typedef int nbl_visitor(void *user, const nbl_rows *rows);

/*
 * Calls visitor(user, rows) until it has seen the row of every atom (with NBL_CENTERS, of every centre) exactly
 * once, empty rows too, in blocks of some rows and in no order between the blocks; from several threads at once
 * unless n_threads is 1. Within one row the pairs stand in the order of the list, so that what is summed over a
 * row has the same bits for every number of threads. Memory is that of a few
 * times the longest row, and at least 64 KiB, per thread.
 *
 * With several cutoffs, rows are those of the largest, and `shells` tells for each pair the smallest cutoff
 * that holds it (in the order given): the pair is in list k if cutoffs[k] >= cutoffs[shell].
 *
 * The result lends its memory and its message; it is empty afterwards. options: flags, n_centers, max_pairs,
 * max_bytes, n_threads and fields are read, mode is not; NBL_DISJOINT changes nothing. The visitor may call the
 * library on other handles, but not on this list, batch or result.
 *
 * A visitor that returns non-zero stops the visit: no new block is begun, and NBL_ESTOP is returned. Other
 * statuses: those of the search; a batch with refused systems visits the others and returns NBL_EBATCH where
 * the search would. NBL_ELIMIT and NBL_ENOMEM may come after some blocks were visited. Thread-safety: as the
 * search. Since: 0.1.
 */
NBL_API nbl_status nbl_cell_list_visit(const nbl_cell_list *list, int32_t n_cutoffs, const double *cutoffs,
                                       const nbl_search_options *options, nbl_result *result,
                                       nbl_visitor *visitor, void *user);
NBL_API nbl_status nbl_batch_visit(const nbl_batch *batch, int32_t n_lists, int64_t n_sets,
                                   const double *cutoffs, const nbl_search_options *options, nbl_result *result,
                                   nbl_visitor *visitor, void *user);

/* ------------------------------------------------------------------------------------------------------
 * One call
 * ---------------------------------------------------------------------------------------------------- */

/*
 * Builds, searches and fetches in one call, without handles: count, then fill my arrays.
 *
 * *n_pairs (required) is set to the number of pairs whenever the search succeeded, also where the outputs
 * are too small: call with outputs = NULL to count, allocate, call again; or offer arrays that are probably
 * large enough and call again after NBL_ECAPACITY. In a loop, handles are faster: they keep their memory.
 *
 * message (may be NULL) receives the message, cut to message_size bytes with its terminating zero; "" on
 * success. Statuses: those of build, search and fetch.
 * Thread-safety: any. Since: 0.1.
 */
NBL_API nbl_status nbl_neighbors(int64_t n, const void *positions, const void *cell, const uint8_t *pbc,
                                 double cutoff, const nbl_build_options *build_options,
                                 const nbl_search_options *search_options, const nbl_outputs *outputs,
                                 int64_t *n_pairs, char *message, size_t message_size);

/* ------------------------------------------------------------------------------------------------------
 * Verify: do not trust, check
 * ---------------------------------------------------------------------------------------------------- */

enum nbl_verdict {
    NBL_VERIFY_EQUAL = 0,
    NBL_VERIFY_MISSING = 1, /* a pair of the reference is not in the result */
    NBL_VERIFY_EXTRA = 2,   /* a pair of the result is not in the reference, or is there twice */
    NBL_VERIFY_WRONG = 3    /* vector or distance of a pair, or the order of a row, is wrong */
};

typedef struct nbl_verify_report {
    size_t size;
    int32_t verdict;      /* enum nbl_verdict */
    int32_t shift[3];     /* of the first pair in question, as are the following */
    int64_t i, j;         /* 0-based */
    double distance;      /* by the formula at the head of this file */
    double distance_long; /* the same in long double, rounded: tells whether rounding decided */
    int64_t n_pairs;      /* pairs that were compared */
    int64_t n_close;      /* pairs of atoms within 4 ulp of the cutoff on either side, listed or not */
    int64_t system;       /* of the first pair in question; i and j are numbered in it */
} nbl_verify_report;

#define NBL_VERIFY_REPORT_INIT                                                                                 \
    {                                                                                                          \
        sizeof(nbl_verify_report), 0, {0, 0, 0}, 0, 0, 0, 0, 0, 0, 0                                           \
    }

/*
 * Compares list number `list` of a result with a brute-force reference that shares no grid and no kernel
 * with the search, on the caller's own input: pass what was passed to the build. Time n^2 times images;
 * memory of the longest row. Returns NBL_OK if equal, NBL_EVERIFY if not; either way *report (may be NULL)
 * is filled, and the message names the first missing, extra or wrong pair. Made for bug reports.
 *
 * Other statuses: those of build, NBL_EUNBUILT, NBL_ESTALE, NBL_EARGUMENT, NBL_ECONFLICT (the result of a
 * batch: nbl_verify_batch() is for that), NBL_ELIMIT, NBL_ENOMEM; then
 * *report is not written. Thread-safety: one thread per result. Since: 0.1.
 */
NBL_API nbl_status nbl_verify(nbl_result *result, int32_t list, int64_t n, const void *positions,
                              const void *cell, const uint8_t *pbc, const nbl_build_options *options,
                              nbl_verify_report *report);

/*
 * The same for the result of a batch: system by system, those that were refused left out. input is what was
 * passed to the build. On NBL_EVERIFY report and message name the first system that differs.
 * Statuses, thread-safety: as above, and NBL_ECONFLICT (the result is not of a batch with as many atoms and
 * systems). Since: 0.1.
 */
NBL_API nbl_status nbl_verify_batch(nbl_result *result, int32_t list, const nbl_batch_input *input,
                                    const nbl_build_options *options, nbl_verify_report *report);

#ifdef __cplusplus
}
#endif

#endif
