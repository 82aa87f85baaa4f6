/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <string.h>

static void describe(const char *what, const struct pair *p, char text[COMPARE_TEXT])
{
    snprintf(text, COMPARE_TEXT, "%s: i=%lld j=%lld s=(%lld %lld %lld) |d|=%.17g", what, (long long)p->i,
             (long long)p->j, (long long)p->s[0], (long long)p->s[1], (long long)p->s[2], p->r);
}

int compare_pairs(const struct pairs *expected, struct pairs *found, int sorted, char text[COMPARE_TEXT])
{
    for (int64_t e = 1; sorted && e < found->n; e++)
        if (pair_order(&found->at[e - 1], &found->at[e]) >= 0) {
            describe("not in sorted order", &found->at[e], text);
            return 1;
        }
    pairs_sort(found);
    for (int64_t e = 0; e < expected->n || e < found->n; e++) {
        int order = e >= expected->n ? 1 : e >= found->n ? -1 : pair_order(&expected->at[e], &found->at[e]);
        if (order < 0)
            describe("missing pair", &expected->at[e], text);
        else if (order > 0)
            describe(e > 0 && pair_order(&found->at[e - 1], &found->at[e]) == 0 ? "pair listed twice"
                                                                                : "extra pair",
                     &found->at[e], text);
        else if (!pair_same_reals(&expected->at[e], &found->at[e]))
            describe("vector or distance not that of the formula", &found->at[e], text);
        else
            continue;
        return 1;
    }
    return 0;
}

int compare_variant(struct listing *l, const struct system *s, const struct pairs *all, const struct variant *v,
                    char text[COMPARE_TEXT])
{
    struct pairs expected = {0, 0, NULL}, found = {0, 0, NULL};
    unsigned flags = (v->flags & NBL_HALF ? ORACLE_HALF : 0u) | (v->flags & NBL_SELF ? ORACLE_SELF : 0u) |
                     (v->flags & NBL_INCLUSIVE ? ORACLE_INCLUSIVE : 0u);
    double rc = v->search_cutoff != 0 ? v->search_cutoff : s->rc;
    int differs = 1;
    if (listing_find(l, s, v, &found) != 0) {
        snprintf(text, COMPARE_TEXT, "%s", l->text);
    } else {
        oracle_select(all, rc, flags, v->flags & NBL_CENTERS ? v->n_centers : s->n, &expected);
        differs = compare_pairs(&expected, &found, (v->flags & NBL_SORTED) != 0, text);
    }
    pairs_free(&expected);
    pairs_free(&found);
    return differs;
}

int compare_system(const struct system *s, const struct variant *v, char text[COMPARE_TEXT])
{
    struct oracle_input in = system_input(s);
    struct pairs all = {0, 0, NULL};
    struct listing l;
    int64_t n_close;
    int differs = 1;
    if (oracle_find(&in, &all, &n_close) != 0)
        snprintf(text, COMPARE_TEXT, "the oracle cannot search this system");
    else if (listing_open(&l, NULL) != 0)
        snprintf(text, COMPARE_TEXT, "%s", l.text);
    else {
        differs = compare_variant(&l, s, &all, v, text);
        listing_close(&l);
    }
    pairs_free(&all);
    return differs;
}

static int try_system(struct system *s, const struct system *smaller,
                      int (*differs)(const struct system *s, void *context), void *context)
{
    if (!differs(smaller, context))
        return 0;
    *s = *smaller;
    return 1;
}

int64_t compare_shrink(struct system *s, int (*differs)(const struct system *s, void *context), void *context)
{
    struct system smaller;
    int64_t dropped = 0, before = -1;
    while (dropped != before) {
        before = dropped;
        for (int64_t i = s->n - 1; i >= 0; i--) {
            smaller = *s;
            memmove(smaller.r[i], smaller.r[i + 1], (size_t)(s->n - 1 - i) * sizeof smaller.r[0]);
            smaller.n--;
            dropped += try_system(s, &smaller, differs, context);
        }
    }
    smaller = *s;
    smaller.stride = 0;
    try_system(s, &smaller, differs, context);
    smaller = *s;
    smaller.positions_f32 = smaller.cell_f32 = 0;
    try_system(s, &smaller, differs, context);
    return dropped;
}

static int still_differs(const struct system *s, void *context)
{
    char text[COMPARE_TEXT];
    const struct variant *v = context;
    struct variant fitted = *v;
    if (fitted.n_centers > s->n)
        fitted.n_centers = s->n;
    return compare_system(s, &fitted, text);
}

void compare_report(const struct system *s, const struct variant *v, const char *text, FILE *file)
{
    char name[80], small_text[COMPARE_TEXT];
    struct system small = *s;
    struct variant fitted = *v;
    variant_name(v, name);
    fprintf(file, "seed %llu, %s: %s\n", (unsigned long long)s->seed, name, text);
    if (!still_differs(s, &fitted)) {
        fprintf(file, "not seen again with fresh handles: it depends on what the handles did before\n");
        system_print(s, file);
        return;
    }
    int64_t dropped = compare_shrink(&small, still_differs, &fitted);
    if (fitted.n_centers > small.n)
        fitted.n_centers = small.n;
    if (!compare_system(&small, &fitted, small_text))
        snprintf(small_text, sizeof small_text, "not seen again after shrinking");
    fprintf(file, "smallest reproducer, %lld atoms dropped: %s\n", (long long)dropped, small_text);
    system_print(&small, file);
}
