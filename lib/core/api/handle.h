/* SPDX-License-Identifier: MIT */
/*
 * What the opaque handles are, and the tie between a result and the cell list that it was searched from.
 * Invariant: an anchor lives as long as its cell list or any result that refers to it, and says whether the
 * system that a result was made from is still there.
 */
#ifndef NBL_API_HANDLE_H
#define NBL_API_HANDLE_H

#include <stdatomic.h>

#include "batch/run.h"

enum { NBL__MESSAGE_BYTES = 320 };

typedef struct nbl__anchor {
    atomic_int references;
    atomic_ullong generation; /* of the current build; 0: the list is gone */
    nbl__memory memory;       /* the hooks that the anchor itself came from */
} nbl__anchor;

struct nbl_cell_list {
    nbl__memory memory;
    nbl__system system;
    nbl__anchor *anchor;
    int32_t n_threads;
    int32_t isa;
    char message[NBL__MESSAGE_BYTES];
};

struct nbl_result {
    nbl__memory memory;
    nbl__list list;
    nbl__query query;
    nbl__anchor *anchor; /* NULL: nothing searched */
    unsigned long long generation;
    const nbl__system *system; /* valid while the anchor has that generation */
    int32_t n_threads;
    int32_t isa;
    bool searched;
    bool centers;
    char message[NBL__MESSAGE_BYTES];
};

void nbl__anchor_hold(nbl__anchor *anchor);
void nbl__anchor_drop(nbl__anchor **anchor);

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

/* Reads and checks the caller's description of a system. */
nbl_status nbl__read_input(nbl__input *input, int64_t n, const void *positions, const void *cell,
                           const uint8_t *pbc, const nbl_build_options *options, char *message);

/* Options with their defaults; given may be NULL. */
nbl_status nbl__read_build_options(nbl_build_options *own, const nbl_build_options *given, char *message);
nbl_status nbl__read_search_options(nbl_search_options *own, const nbl_search_options *given, char *message);

/* A zeroed handle of `size` bytes from the hooks that it is to use, and its options. */
nbl_status nbl__handle_make(void **handle, size_t size, const nbl_handle_options *given,
                            nbl_handle_options *own, nbl__memory *memory);
nbl_status nbl__check_cutoff(double cutoff, char *message);

#endif
