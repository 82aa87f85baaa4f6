/* SPDX-License-Identifier: MIT */
/*
 * An nbl_allocator that counts, checks and fails on demand. Every block carries its size and alignment
 * in front and a pattern behind: a release with another size, a foreign pointer, or a write past the
 * end is counted as a fault. Blocks have exactly the alignment that was asked for, no more, so that
 * code which relies on more is found out. May be called from several threads.
 */
#ifndef TESTS_SUPPORT_COUNT_ALLOC_H
#define TESTS_SUPPORT_COUNT_ALLOC_H

#include <stdatomic.h>
#include <stdint.h>

#include <nblist/nblist.h>

struct count_alloc {
    atomic_llong calls;      /* of allocate, failed ones included */
    atomic_llong live;       /* blocks out */
    atomic_llong live_bytes; /* their sizes */
    atomic_llong peak_bytes;
    atomic_llong faults;
    atomic_llong fail_at; /* this call (1 = the next after count_alloc_arm) returns NULL; 0 = none */
    int fail_rest;        /* and so do all after it */
};

/* The hooks for *c, which must outlive the handles. */
nbl_allocator count_alloc_hooks(struct count_alloc *c);

/* Counts from 0 again; the nth call from here fails (0: none), and with `rest` all later ones too. */
void count_alloc_arm(struct count_alloc *c, long long nth, int rest);

#endif
