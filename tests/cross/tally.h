/* SPDX-License-Identifier: MIT */
/*
 * What the library returns, as three numbers. Knows results and outputs, nothing of inputs. Hashes are made of
 * values, never of memory, so that the order of bytes in it does not count.
 *
 *   values    of every list: the sum over its pairs, in whatever order they stand, and what is per row
 *   sorted    of sorted lists, pair after pair
 *   sequence  of the other lists, pair after pair
 */
#ifndef TESTS_CROSS_TALLY_H
#define TESTS_CROSS_TALLY_H

#include <stdint.h>

#include <nblist/nblist.h>

struct tally {
    uint64_t values, sorted, sequence;
    int64_t lists, pairs;
};

/* A number that the library returned, such as a status. */
void tally_number(struct tally *t, int64_t number);

/*
 * One list of a result, fetched into several sets of outputs: 64-bit indices from 0, and, as chosen by the bits
 * of `ways`, packed types from 1 (bit 0) and the dense layout (bit 1). `has_reverse`: it is a full list of all
 * atoms. Ends the process with 1 where a fetch fails.
 */
void tally_list(struct tally *t, nbl_result *result, int32_t list, uint32_t flags, unsigned ways,
                int has_reverse);

/* Rows as a visitor gets them. `rows` goes in as the user's pointer of tally_visit(). */
enum { TALLY_THREADS = 8 };

struct tally_rows {
    struct tally of[TALLY_THREADS];
};

nbl_visitor tally_visit;
void tally_visited(struct tally *t, const struct tally_rows *rows, uint32_t flags);

#endif
