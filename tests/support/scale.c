/* SPDX-License-Identifier: MIT */
#include "scale.h"

#include <stdlib.h>

int64_t scale_count(int64_t count, int64_t least)
{
    const char *text = getenv("NBL_TEST_SCALE");
    double scale = text && *text ? atof(text) : 1;
    double scaled = (double)count * scale;
    if (!(scaled > (double)least))
        return least;
    return scaled < 1e15 ? (int64_t)scaled : (int64_t)1e15;
}

uint64_t scale_seed(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}
