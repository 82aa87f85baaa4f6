/* SPDX-License-Identifier: MIT */
#include "metrics/cna.h"

#include <math.h>
#include <nblist/metrics.h>

#include "metrics/bonds.h"

enum { CLOSE_PACKED = 12, BODY_CENTRED = 14 };

/* Of masks of up to 16 bits. */
static int32_t count_bits(uint64_t mask)
{
    uint32_t m = (uint32_t)mask;
    m -= (m >> 1) & 0x5555;
    m = (m & 0x3333) + ((m >> 2) & 0x3333);
    m = (m + (m >> 4)) & 0x0f0f;
    return (int32_t)((m + (m >> 8)) & 0x1f);
}

static int32_t lowest_bit(uint64_t mask)
{
    return count_bits((mask & (~mask + 1)) - 1);
}

/* Bonds within a set of neighbours. */
static int32_t count_bonds(const uint64_t *bonds, uint64_t set)
{
    int32_t ends = 0;
    for (uint64_t rest = set; rest != 0; rest &= rest - 1)
        ends += count_bits(bonds[lowest_bit(rest)] & set);
    return ends / 2;
}

/* Bonds of the largest part of a set that hangs together, which for these signatures is the longest chain. */
static int32_t longest_chain(const uint64_t *bonds, uint64_t set)
{
    int32_t longest = 0;
    while (set != 0) {
        uint64_t part = 0, fresh = set & (~set + 1);
        while (fresh != 0) {
            uint64_t next = 0;
            part |= fresh;
            for (; fresh != 0; fresh &= fresh - 1)
                next |= bonds[lowest_bit(fresh)] & set;
            fresh = next & ~part;
        }
        int32_t n = count_bonds(bonds, part);
        longest = n > longest ? n : longest;
        set &= ~part;
    }
    return longest;
}

/* The class of n neighbours, 12 or 14, with these bonds among them; the first signature that none has ends it.
 */
static uint8_t classify(int32_t n, const uint64_t *bonds)
{
    int32_t n421 = 0, n422 = 0, n555 = 0, n444 = 0, n666 = 0;
    for (int32_t a = 0; a < n; a++) {
        const int32_t common = count_bits(bonds[a]);
        if (common < 4 || common > 6)
            return NBL_CNA_OTHER;
        const int32_t between = count_bonds(bonds, bonds[a]);
        const int32_t longest = longest_chain(bonds, bonds[a]);
        if (common == 4 && between == 2 && longest <= 2)
            *(longest == 1 ? &n421 : &n422) += 1;
        else if (common == between && between == longest)
            *(common == 4 ? &n444 : common == 5 ? &n555 : &n666) += 1;
        else
            return NBL_CNA_OTHER;
    }
    if (n == CLOSE_PACKED && n421 == 12)
        return NBL_CNA_FCC;
    if (n == CLOSE_PACKED && n421 == 6 && n422 == 6)
        return NBL_CNA_HCP;
    if (n == CLOSE_PACKED && n555 == 12)
        return NBL_CNA_ICOSAHEDRAL;
    if (n == BODY_CENTRED && n666 == 8 && n444 == 6)
        return NBL_CNA_BCC;
    return NBL_CNA_OTHER;
}

uint8_t nbl__cna_fixed(const nbl__row *row)
{
    uint64_t bonds[BODY_CENTRED];
    if (row->k != CLOSE_PACKED && row->k != BODY_CENTRED)
        return NBL_CNA_OTHER;
    nbl__bonds_fill(row, bonds);
    return classify(row->k, bonds);
}

/* The nearest neighbours in ascending order, at most 14; how many. */
static int32_t nearest(const nbl__row *row, int32_t *order)
{
    int32_t n = 0;
    for (int32_t e = 0; e < row->k; e++) {
        int32_t at = n < BODY_CENTRED ? n : BODY_CENTRED;
        while (at > 0 && row->d[order[at - 1]] > row->d[e]) {
            if (at < BODY_CENTRED)
                order[at] = order[at - 1];
            at--;
        }
        if (at < BODY_CENTRED)
            order[at] = e;
        n += n < BODY_CENTRED;
    }
    return n;
}

static uint8_t classify_within(const nbl__row *row, int32_t n, const int32_t *order, double cutoff)
{
    uint64_t bonds[BODY_CENTRED] = {0};
    for (int32_t a = 0; a < n; a++)
        for (int32_t b = a + 1; b < n; b++) {
            const double x = row->x[order[b]] - row->x[order[a]], y = row->y[order[b]] - row->y[order[a]];
            const double z = row->z[order[b]] - row->z[order[a]];
            if ((x * x + y * y) + z * z <= cutoff * cutoff) {
                bonds[a] |= UINT64_C(1) << b;
                bonds[b] |= UINT64_C(1) << a;
            }
        }
    return classify(n, bonds);
}

/*
 * Cutoffs half-way between the shells, as the paper has them, from mean distances of the shells in units of the
 * second-nearest distance of what would be perfect: fcc has shells at 1 and sqrt(2), so (1 + sqrt(2)) / 2; bcc
 * at sqrt(3) / 2, 1 and sqrt(2).
 */
uint8_t nbl__cna_adaptive(const nbl__row *row)
{
    const double half_way = (1 + sqrt(2.0)) / 2;
    int32_t order[BODY_CENTRED];
    const int32_t n = nearest(row, order);
    if (n < CLOSE_PACKED)
        return NBL_CNA_OTHER;
    double sum = 0;
    for (int32_t e = 0; e < CLOSE_PACKED; e++)
        sum += row->d[order[e]];
    uint8_t class = classify_within(row, CLOSE_PACKED, order, half_way * sum / CLOSE_PACKED);
    if (class != NBL_CNA_OTHER || n < BODY_CENTRED)
        return class;
    sum = 0;
    for (int32_t e = 0; e < BODY_CENTRED; e++)
        sum += e < 8 ? row->d[order[e]] * 2 / sqrt(3.0) : row->d[order[e]];
    return classify_within(row, BODY_CENTRED, order, half_way * sum / BODY_CENTRED);
}
