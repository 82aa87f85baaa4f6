/* SPDX-License-Identifier: MIT */
#include "metrics/species.h"

#include <math.h>
#include <nblist/io.h>

/*
 * Pauling's scale has no value for these; the metrics need one for any structure. Noble gases as PASTED has
 * them; the last lanthanoid's and the heavier homologues' values for elements that nobody has measured.
 */
static const struct {
    int32_t number;
    double chi;
} stand_ins[] = {{2, 4.0}, {10, 4.0}, {18, 4.0}, {86, 4.0}, {103, 1.3}, {104, 1.3}, {105, 1.5}, {106, 2.36}};

enum { STAND_INS = sizeof stand_ins / sizeof *stand_ins };

void nbl__elements_default(nbl__elements *elements)
{
    for (int32_t z = 0; z < NBL__NUMBERS; z++) {
        elements->radius[z] = nbl_element_radius(z);
        elements->chi[z] = nbl_element_electronegativity(z);
    }
    for (int k = 0; k < STAND_INS; k++)
        if (isnan(elements->chi[stand_ins[k].number]))
            elements->chi[stand_ins[k].number] = stand_ins[k].chi;
}

/* Lists the numbers that occur; false if one is out of range. */
static bool count(nbl__species *species, int64_t n, const int32_t *numbers, nbl__species_scratch *s, int *found)
{
    *found = 0;
    for (int64_t k = 0; k < n; k++) {
        if (numbers[k] < 0 || numbers[k] >= NBL__NUMBERS) {
            species->lack = NBL__LACK_NUMBER;
            species->lack_atom = (int32_t)k;
            return false;
        }
        if (s->count[numbers[k]]++ == 0)
            s->found[(*found)++] = numbers[k];
    }
    return true;
}

/* Kinds are few: insertion sort, by key (NULL: the number itself), then number. */
static void sort(int32_t *found, int kinds, const double *key)
{
    for (int a = 1; a < kinds; a++) {
        const int32_t z = found[a];
        int b = a;
        for (; b > 0; b--) {
            const int32_t y = found[b - 1];
            /* cppcheck-suppress arrayIndexThenCheck; y < z orders equal keys, and bounds nothing */
            if (key ? key[y] < key[z] || (key[y] == key[z] && y < z) : y < z)
                break;
            found[b] = y;
        }
        found[b] = z;
    }
}

static int32_t first_of(int64_t n, const int32_t *numbers, const double *table)
{
    for (int64_t k = 0; k < n; k++)
        if (isnan(table[numbers[k]]))
            return (int32_t)k;
    return -1;
}

static bool complete(nbl__species *species, const double *table, int64_t n, const int32_t *numbers, int kinds,
                     const nbl__species_scratch *s, enum nbl__species_lack lack)
{
    for (int k = 0; k < kinds; k++)
        if (isnan(table[s->found[k]])) {
            species->lack = lack;
            species->lack_atom = first_of(n, numbers, table);
            return false;
        }
    return true;
}

static double entropy(int64_t n, int kinds, const nbl__species_scratch *s)
{
    double sum = 0;
    for (int k = 0; k < kinds && kinds > 1; k++) {
        const double p = (double)s->count[s->found[k]] / (double)n;
        sum -= p * log(p);
    }
    return sum;
}

/* The radius of rank `rank` among all atoms, by the sorted kinds. */
static double at_rank(int64_t rank, const double *radius, const nbl__species_scratch *s)
{
    int k = 0;
    for (int64_t seen = s->count[s->found[0]]; seen <= rank; seen += s->count[s->found[k]])
        k++;
    return radius[s->found[k]];
}

static double cutoff(int64_t n, int kinds, const double *radius, nbl__species_scratch *s)
{
    sort(s->found, kinds, radius);
    const double upper = at_rank(n / 2, radius, s);
    const double median = n % 2 ? upper : (at_rank(n / 2 - 1, radius, s) + upper) / 2;
    return 1.5 * 2 * median;
}

static void chi(nbl__species *species, int64_t n, int kinds, const double *table, const nbl__species_scratch *s)
{
    double sum = 0;
    species->chi_equal = true;
    for (int k = 0; k < kinds; k++) {
        sum += (double)s->count[s->found[k]] * table[s->found[k]];
        species->chi_equal = species->chi_equal && table[s->found[k]] == table[s->found[0]];
    }
    species->chi_mean = sum / (double)n;
    for (int k = 0; k < kinds; k++) {
        const double delta = table[s->found[k]] - species->chi_mean;
        species->chi_square += (double)s->count[s->found[k]] * (delta * delta);
    }
}

void nbl__species_of(nbl__species *species, const nbl__elements *elements, int64_t n, const int32_t *numbers,
                     bool need_radius, bool need_chi, nbl__species_scratch *scratch)
{
    int kinds;
    *species = (nbl__species){.cutoff = NAN};
    bool good = count(species, n, numbers, scratch, &kinds);
    good = good &&
           (!need_radius || complete(species, elements->radius, n, numbers, kinds, scratch, NBL__LACK_RADIUS));
    good = good && (!need_chi || complete(species, elements->chi, n, numbers, kinds, scratch, NBL__LACK_CHI));
    if (good && n > 0) {
        sort(scratch->found, kinds, NULL);
        species->entropy = entropy(n, kinds, scratch);
        if (need_chi)
            chi(species, n, kinds, elements->chi, scratch);
        if (need_radius)
            species->cutoff = cutoff(n, kinds, elements->radius, scratch);
    }
    for (int k = 0; k < kinds; k++)
        scratch->count[scratch->found[k]] = 0;
}
