/* SPDX-License-Identifier: MIT */
#include "field.h"

int field_open(void **state)
{
    static struct listing l;
    *state = &l;
    return listing_open(&l, NULL);
}

int field_close(void **state)
{
    listing_close(*state);
    return 0;
}

void field_find(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc, double rc,
                const struct variant *v, struct pairs *out)
{
    out->n = 0;
    if (listing_build_arrays(l, n, r, h, pbc, rc, v) != 0 || listing_search(l, rc, v) != 0 ||
        listing_fetch(l, out) != 0)
        fail_msg("%s", l->text);
}

int64_t field_against_oracle(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc,
                             double rc)
{
    struct oracle_input in = {n, r, h, {0, 0, 0}, rc};
    struct pairs all = {0, 0, NULL}, expected = {0, 0, NULL}, found = {0, 0, NULL};
    int64_t n_close, strict = 0;
    char text[COMPARE_TEXT], name[80];
    for (int a = 0; a < 3; a++)
        in.pbc[a] = pbc ? pbc[a] != 0 : h != NULL;
    check_int(oracle_find(&in, &all, &n_close), 0);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++)
        for (uint32_t flags = 0; flags < 4; flags++) {
            struct variant v = {algorithm, flags, 0, 1, 0, 0};
            unsigned wanted =
                (flags & NBL_HALF ? ORACLE_HALF : 0u) | (flags & NBL_INCLUSIVE ? ORACLE_INCLUSIVE : 0u);
            expected.n = 0;
            oracle_select(&all, rc, wanted, n, &expected);
            field_find(l, n, r, h, pbc, rc, &v, &found);
            if (flags == 0)
                strict = found.n;
            if (compare_pairs(&expected, &found, 0, text) != 0) {
                variant_name(&v, name);
                fail_msg("%s: %s", name, text);
            }
        }
    pairs_free(&all);
    pairs_free(&expected);
    pairs_free(&found);
    return strict;
}
