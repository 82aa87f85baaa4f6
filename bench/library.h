/* SPDX-License-Identifier: MIT */
/*
 * The library under test, and the ways to use it. A way is a number of steps, each of them one build, one
 * search and one fetch (or what stands for these); a pass is all steps. Handles and buffers are reused from
 * step to step and from pass to pass.
 */
#ifndef NBL_BENCH_LIBRARY_H
#define NBL_BENCH_LIBRARY_H

#include "digest.h"
#include "harness.h"
#include "systems.h"

#include <nblist/nblist.h>

#include <stddef.h>

enum { BENCH_MAX_CUTOFFS = 16 };

/* What is to be done, whichever way. */
typedef struct bench_work {
    const bench_systems *set;
    double cutoff; /* of the build */
    int32_t n_cutoffs;
    double cutoffs[BENCH_MAX_CUTOFFS]; /* of the searches, ascending */
} bench_work;

/* With what it is done, whichever way. */
typedef struct bench_manner {
    int32_t n_threads;
    int32_t isa;                    /* enum nbl_isa: the highest level to use */
    bool narrow;                    /* int32 i and j where the way fetches int64 ones */
    const nbl_allocator *allocator; /* NULL: the library's own */
} bench_manner;

typedef struct bench_library bench_library;
typedef bool bench_step(bench_library *library, int64_t step);

/* Bytes per pair of every array that a way fetches; 0: not fetched. Their sum is what the way writes. */
typedef struct bench_bytes {
    int i, j, shifts, vectors, distances;
} bench_bytes;

typedef struct bench_way {
    const char *name;
    bench_bytes bytes;
    uint32_t flags; /* of the search: enum nbl_search_flag */
    bool disjoint;  /* the block has to hold all lists together: its borrower finds them as one */
    bool ours;      /* not for peers, who make no such list */
    int64_t (*steps)(const bench_work *work);
    bool (*prepare)(bench_library *library); /* before the passes and not timed; NULL: nothing to do */
    bool (*ready)(bench_library *library);   /* the same before each pass: the work is never the same twice */
    bench_step *build;                       /* NULL: prepare has built */
    bench_step *search;
    bench_step *fetch; /* NULL: the search leaves nothing to be fetched */
    /* Fingerprints what the step has left behind. */
    bool (*digest)(bench_library *library, int64_t step, bench_digest *digest);
} bench_way;

/*
 * One system after another, each with calls of its own. Each is written over the one before, so that large
 * sets of pairs cost this way less memory traffic than a batch, which writes them one behind the other.
 */
extern const bench_way nbl__bench_loop;

/* The same with vectors and distances; in order against any order; half lists against full ones. */
extern const bench_way nbl__bench_vectors;
extern const bench_way nbl__bench_sorted;
extern const bench_way nbl__bench_unsorted;
extern const bench_way nbl__bench_half;
extern const bench_way nbl__bench_full;

/* All systems in one build, one search and one fetch. */
extern const bench_way nbl__bench_batch;

/*
 * The same atoms again and again, each time moved a little: with handles that have done it before, against
 * handles that are new, in a process that has no memory at hand.
 */
extern const bench_way nbl__bench_moved;
extern const bench_way nbl__bench_first;

/*
 * Several cutoffs of one system or of a batch, built and then found in one search, against a search each.
 */
extern const bench_way nbl__bench_lists;
extern const bench_way nbl__bench_list_each;
extern const bench_way nbl__bench_batch_lists;
extern const bench_way nbl__bench_batch_each;

/*
 * Several cutoffs, the build left out: lists or shells by one search and a fetch of each list, against a
 * search and a fetch per cutoff. The singles of shells are full lists all the same; what their fingerprint
 * holds is the shells.
 */
extern const bench_way nbl__bench_multi;
extern const bench_way nbl__bench_singles;
extern const bench_way nbl__bench_shells;
extern const bench_way nbl__bench_shell_singles;

/*
 * Neighbours consumed on the fly, the build left out, against a list that is stored first and then read:
 * coordination numbers by distance, and Lennard-Jones energies and forces of two species. And a visitor that
 * does nothing, against the search that only counts: the difference is the overhead of a row.
 */
extern const bench_way nbl__bench_visit_coordination;
extern const bench_way nbl__bench_stored_coordination;
extern const bench_way nbl__bench_visit_lj;
extern const bench_way nbl__bench_stored_lj;
extern const bench_way nbl__bench_visit_nothing;
extern const bench_way nbl__bench_count;

struct bench_library {
    bench_work work;
    const bench_way *way;
    bench_manner manner;
    bench_bytes bytes; /* the way's, narrowed if so asked */
    nbl_search_options search;
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    unsigned char *block; /* the arrays of the outputs, one behind the other */
    size_t block_size;
    bool borrowed; /* the block is another library's */
    nbl_outputs outputs;
    int64_t *rows;     /* row pointer of a stored list, or counts of a visitor: [n_atoms + 1] */
    double *values;    /* what a consumer of neighbours found: [n_atoms][4] */
    double *moved;     /* positions that take the place of those of the set; NULL: they do not move */
    uint64_t moves;    /* how often they have been moved */
    uint8_t *species;  /* [n_atoms] */
    char message[256]; /* of the call that failed */
};

/* Bytes that are written per pair. */
int nbl__bench_bytes_sum(const bench_bytes *bytes);

/* With int32 i and j; the same where there are no int64 ones. */
bench_bytes nbl__bench_bytes_narrow(bench_bytes bytes);

/*
 * Sizes the outputs by a pass that only counts, maps their pages, then starts with fresh handles. With a
 * `lender` that finds as many pairs in the same work, its block is used instead, where the arrays fit into
 * it. False: message tells why; in either case close.
 */
bool nbl__bench_library_open(bench_library *library, const bench_way *way, const bench_work *work,
                             const bench_manner *manner, const bench_library *lender);
void nbl__bench_library_close(bench_library *library);

/* Handles as after opening, in memory that the system has to give anew. */
bool nbl__bench_library_renew(bench_library *library);

/* A bench_pass over all steps; the context is the library. */
bool nbl__bench_library_pass(void *context, double *phases);

/* The library as one that is to be measured. */
bench_contender nbl__bench_library_contender(bench_library *library);

/* One more pass, which fingerprints what it finds. */
bool nbl__bench_library_digest(bench_library *library, bench_digest *digest);

/*
 * How often handles take memory in some passes that follow the first: those of another library, which does
 * the same and borrows the block. False: message of `library` tells why.
 */
enum { BENCH_COUNTED_PASSES = 5 };
bool nbl__bench_library_allocations(bench_library *library, int64_t *count);

/* For the ways: true if the status is NBL_OK; otherwise composes the message. */
bool nbl__bench_good(bench_library *library, int64_t step, nbl_status status, const char *message);
bool nbl__bench_list_build(bench_library *library, int64_t system);
bool nbl__bench_batch_build(bench_library *library, int64_t step);
bool nbl__bench_fetch(bench_library *library, int32_t list);
int64_t nbl__bench_one_step(const bench_work *work);

/* The pairs of a list that has been fetched. */
bench_pairs nbl__bench_fetched(const bench_library *library, int32_t list);

/* Adds those of a batch, whose indices count through all systems, as systems first, first + 1, ... */
void nbl__bench_digest_batch(bench_digest *digest, int64_t first, const bench_systems *set, bench_pairs pairs);

#endif
