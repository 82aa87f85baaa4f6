/* SPDX-License-Identifier: MIT */
/*
 * The library's answer for a system, in the plainest form: build, search, fetch of int64 and float64
 * arrays into guarded buffers, turned into pairs. What belongs to every fetch is checked here: rows in
 * order, row pointer and counts in agreement with the pairs, nothing written in front of a buffer.
 */
#ifndef TESTS_SUPPORT_LISTING_H
#define TESTS_SUPPORT_LISTING_H

#include <nblist/nblist.h>

#include "guard.h"
#include "systems.h"

struct variant {
    int32_t algorithm;    /* enum nbl_algorithm */
    uint32_t flags;       /* enum nbl_search_flag */
    int32_t mode;         /* enum nbl_result_mode */
    int32_t n_threads;    /* 0 counts as 1: tests say when they want more */
    int64_t n_centers;    /* with NBL_CENTERS */
    double search_cutoff; /* 0 = that of the system, which is always the build cutoff */
};

enum { LISTING_BUFFERS = 7 };

struct listing {
    nbl_cell_list *list;
    nbl_result *result;
    struct guard buffers[LISTING_BUFFERS], positions, cell;
    char text[300]; /* why the last call failed */
};

/* 0, or -1 with text. options may be NULL. */
int listing_open(struct listing *l, const nbl_handle_options *options);
void listing_close(struct listing *l);

/* The steps one by one; 0, or -1 with text. */
int listing_build(struct listing *l, const struct system *s, const struct variant *v);
int listing_search(struct listing *l, double rc, const struct variant *v);
int listing_fetch(struct listing *l, struct pairs *out);

/* One of several lists, of a cell list or a batch. */
int listing_fetch_list(struct listing *l, int32_t list, struct pairs *out);

/* Build of a packed float64 system of any size, given by arrays. cell: [3][3] or NULL; pbc: [3] or NULL. */
int listing_build_arrays(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc,
                         double rc, const struct variant *v);

/* All three: the pairs are appended to *out in the order of the list. */
int listing_find(struct listing *l, const struct system *s, const struct variant *v, struct pairs *out);

/* "brute half inclusive" and so on, into text[80]. */
void variant_name(const struct variant *v, char text[80]);

#endif
