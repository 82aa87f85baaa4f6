/* SPDX-License-Identifier: MIT */
/* What the tests of the public functions share: a pair of handles and one small, ordinary system. */
#ifndef TESTS_API_API_H
#define TESTS_API_API_H

#include <math.h>

#include "check.h"
#include "compare.h"

/* 40 atoms in a triclinic cell, cutoff 3: enough for rows of different length. */
struct api {
    nbl_cell_list *list;
    nbl_result *result;
    struct system s;
};

int api_open(void **state);
int api_close(void **state);

/* Builds and searches the ordinary system; the test fails if that fails. */
void api_build(struct api *a);
void api_search(struct api *a, uint32_t flags, int32_t mode);

/* Status and message of a failed call; the message must contain every part given (NULL: no more). */
void api_refused(nbl_status found, nbl_status expected, const char *message, const char *part,
                 const char *more);

#endif
