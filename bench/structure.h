/* SPDX-License-Identifier: MIT */
/* Structures of the user's own: all frames of an (extended) XYZ file, read with libnblist-io. */
#ifndef NBL_BENCH_STRUCTURE_H
#define NBL_BENCH_STRUCTURE_H

#include "systems.h"

#include <stddef.h>

/* False: message tells why, and the set holds the frames before the failure. */
bool nbl__bench_structure_read(bench_systems *set, const char *path, char *message, size_t size);

#endif
