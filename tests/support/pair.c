/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair *pairs_push(struct pairs *p)
{
    if (p->n == p->capacity) {
        int64_t capacity = p->capacity ? 2 * p->capacity : 256;
        struct pair *at = realloc(p->at, (size_t)capacity * sizeof *at);
        if (!at) {
            fprintf(stderr, "no memory for %lld pairs\n", (long long)capacity);
            exit(99);
        }
        p->at = at;
        p->capacity = capacity;
    }
    return &p->at[p->n++];
}

void pairs_free(struct pairs *p)
{
    free(p->at);
    memset(p, 0, sizeof *p);
}

int pair_order(const struct pair *a, const struct pair *b)
{
    if (a->i != b->i)
        return a->i < b->i ? -1 : 1;
    if (a->j != b->j)
        return a->j < b->j ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (a->s[k] != b->s[k])
            return a->s[k] < b->s[k] ? -1 : 1;
    return 0;
}

static int order(const void *a, const void *b)
{
    return pair_order(a, b);
}

void pairs_sort(struct pairs *p)
{
    if (p->n > 1)
        qsort(p->at, (size_t)p->n, sizeof *p->at, order);
}

int pair_same_reals(const struct pair *a, const struct pair *b)
{
    return memcmp(a->d, b->d, sizeof a->d) == 0 && memcmp(&a->r, &b->r, sizeof a->r) == 0;
}
