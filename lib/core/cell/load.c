/* SPDX-License-Identifier: MIT */
#include "cell/load.h"

#include <math.h>
#include <string.h>

static const double largest = 1e100; /* contract */

static double load(const char *from, bool narrow)
{
    if (narrow) {
        float value;
        memcpy(&value, from, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, from, sizeof value);
    return value;
}

static nbl_status refuse(nbl__fault *fault, enum nbl__fault_what what, int64_t a, int k, double value)
{
    *fault = (nbl__fault){.what = what, .a = a, .k = k, .value = value};
    if (isfinite(value))
        return NBL_ERANGE;
    return what == NBL__FAULT_CELL ? NBL_ECELL : NBL_EPOSITION;
}

static inline uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/*
 * Packed doubles, the common case: one loop without branches, in integers, of which compilers make vectors.
 * Without signs, numbers are in the order of their bits, and what is no number comes last. The first bad value
 * is looked for afterwards.
 */
static bool load_packed(double *restrict r, int64_t n, const double *restrict from)
{
    const uint64_t most = bits_of(largest);
    uint64_t room = 0; /* the highest bit: below zero somewhere */
    for (int64_t k = 0; k < n; k++) {
        r[k] = from[k];
        room |= most - bits_of(fabs(from[k]));
    }
    return room >> 63 == 0;
}

nbl_status nbl__load_positions(double (*r)[3], int64_t n, const void *positions, int32_t dtype, int64_t stride,
                               nbl__fault *fault)
{
    const bool narrow = dtype == NBL_FLOAT32;
    const size_t item = narrow ? sizeof(float) : sizeof(double);
    const size_t step = stride != 0 ? (size_t)stride : 3 * item;
    const char *from = positions;
    const bool packed = !narrow && step == 3 * item && (uintptr_t)positions % sizeof(double) == 0;
    if (packed && n > 0 && load_packed(r[0], 3 * n, positions))
        return NBL_OK;
    for (int64_t i = 0; i < n; i++, from += step)
        for (int k = 0; k < 3; k++) {
            double value = load(from + (size_t)k * item, narrow);
            if (!(value <= largest && value >= -largest))
                return refuse(fault, NBL__FAULT_POSITION, i, k, value);
            r[i][k] = value;
        }
    return NBL_OK;
}

nbl_status nbl__load_cell(double h[3][3], const void *cell, int32_t dtype, const uint8_t pbc[3],
                          nbl__fault *fault)
{
    const bool narrow = dtype == NBL_FLOAT32;
    const size_t item = narrow ? sizeof(float) : sizeof(double);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) {
            h[a][k] = 0.0;
            if (!pbc[a])
                continue;
            h[a][k] = load((const char *)cell + (size_t)(3 * a + k) * item, narrow);
            if (!(fabs(h[a][k]) <= largest))
                return refuse(fault, NBL__FAULT_CELL, a, k, h[a][k]);
        }
    return NBL_OK;
}
