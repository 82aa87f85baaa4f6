/* SPDX-License-Identifier: MIT */
/*
 * What the opaque handles are, and the tie between a result and what it was searched from. A cell list and a
 * batch are the same thing, a set of systems; a cell list has a set of one. Invariant: an anchor lives as long
 * as its handle or any result that refers to it, and says whether the systems that a result was made from are
 * still there.
 */
#ifndef NBL_API_HANDLE_H
#define NBL_API_HANDLE_H

#include <stdatomic.h>

#include "base/struct.h"
#include "batch/run.h"

enum { NBL__MESSAGE_BYTES = 320 };

/* The size in the first release of a struct that several files read. */
enum { NBL__BATCH_INPUT_FIRST = NBL__THROUGH(nbl_batch_input, reserved) };

typedef struct nbl__anchor {
    atomic_int references;
    atomic_ullong generation; /* of the current build; 0: the handle is gone */
    nbl__memory memory;       /* the hooks that the anchor itself came from */
} nbl__anchor;

/* What cell lists and batches have in common: all. */
typedef struct nbl__built {
    nbl__memory memory;
    nbl__set set;
    nbl__anchor *anchor;
    nbl__buffer first_memory; /* of a batch: where its systems begin */
    bool batch;
    int32_t n_threads;
    int32_t isa;
    char message[NBL__MESSAGE_BYTES];
} nbl__built;

struct nbl_cell_list {
    nbl__built built;
};

struct nbl_batch {
    nbl__built built;
};

struct nbl_result {
    nbl__memory memory;
    nbl__list list;
    nbl__query query;
    nbl__buffer cutoff_memory; /* query.cutoffs */
    nbl__anchor *anchor;       /* NULL: nothing searched */
    unsigned long long generation;
    const nbl__set *set; /* valid while the anchor has that generation */
    int64_t n_systems;
    bool batch;
    int32_t n_threads;
    int32_t isa;
    bool searched;
    bool centers;
    char message[NBL__MESSAGE_BYTES];
};

void nbl__anchor_hold(nbl__anchor *anchor);
void nbl__anchor_drop(nbl__anchor **anchor);

/* A handle of `size` bytes that begins with a nbl__built, and its end. */
nbl_status nbl__built_create(void **handle, size_t size, bool batch, const nbl_handle_options *options);
void nbl__built_destroy(nbl__built *built, size_t size);

/* What every build begins and ends with: the message, staleness, limits; then nbl__set_build(). */
void nbl__built_begin(nbl__built *built);
nbl_status nbl__built_build(nbl__built *built, nbl__input *input, const nbl_build_options *options);

/* The cutoffs of a search: [n_sets][n_lists]; NULL with n_sets = 0: those of the build. */
typedef struct nbl__cutoffs {
    int32_t n_lists;
    int64_t n_sets;
    const double *values;
    const char *lists_name, *sets_name; /* as the caller knows the counts */
} nbl__cutoffs;

/*
 * Any search or visit (visitor not NULL), with all checks; built is what was given as `name`. On failure the
 * result is empty and has the message.
 */
nbl_status nbl__search_any(const nbl__built *built, const char *name, const nbl__cutoffs *cutoffs,
                           const nbl_search_options *options, nbl_result *result, nbl_visitor *visitor,
                           void *user);

/* NBL_EUNBUILT, NBL_ESTALE, NBL_EARGUMENT with the message set, or NBL_OK. */
nbl_status nbl__result_check(nbl_result *result, int32_t list);

/* Sets the message of a handle (size bytes) and returns the status. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
nbl_status
nbl__say(char *message, nbl_status status, const char *format, ...);

/* The message for what a lower layer reported. */
nbl_status nbl__say_fault(char *message, nbl_status status, const nbl__fault *fault);

/* The same for one system; of a batch, the message names it. */
nbl_status nbl__say_refusal(char *message, const nbl__refusal *refusal, const nbl__set *set, bool batch);

/* Reads and checks the caller's description of one system; first: room for two. */
nbl_status nbl__read_input(nbl__input *input, int64_t n, const void *positions, const void *cell,
                           const uint8_t *pbc, const double *cutoff, const nbl_build_options *options,
                           int64_t first[2], char *message);

/* The same of a batch: *first is taken from the memory. */
nbl_status nbl__read_batch(nbl__input *input, const nbl_batch_input *given, const nbl_build_options *options,
                           nbl__memory *memory, nbl__buffer *first, char *message);

/* Options with their defaults; given may be NULL. */
nbl_status nbl__read_build_options(nbl_build_options *own, const nbl_build_options *given, char *message);
nbl_status nbl__read_search_options(nbl_search_options *own, const nbl_search_options *given, char *message);

/* A zeroed handle of `size` bytes from the hooks that it is to use, and its options. */
nbl_status nbl__handle_make(void **handle, size_t size, const nbl_handle_options *given,
                            nbl_handle_options *own, nbl__memory *memory);

/* Threads of a call: how many, and with how much work each at least. wanted 0: the default. */
int nbl__threads_of(int32_t wanted, int *least_pieces);

#endif
