/* SPDX-License-Identifier: MIT */
/*
 * Structs that carry their size and grow at the end, between programs and libraries of different age.
 * Invariant: nothing beyond the caller's size is read or written.
 */
#ifndef NBL_BASE_STRUCT_H
#define NBL_BASE_STRUCT_H

#include <stddef.h>

#include <nblist/nblist.h>

/*
 * The size of a struct whose last field is this one. What a release had is written down by the name of a field:
 * sizeof would move with every field that is appended, and refuse the programs that do not know it.
 */
#define NBL__THROUGH(type, field) (offsetof(type, field) + sizeof((((type *)0))->field))

/*
 * Copies the caller's struct over *own, which the caller of this function has set to defaults (size and
 * all). own_size: today's size; first_size: that of the first release. given NULL: defaults stay.
 * NBL_ESTRUCT: smaller than first_size, larger than 64 KiB, no multiple of a size_t, or with non-zero bytes
 * that are unknown here.
 */
nbl_status nbl__struct_read(void *own, size_t own_size, size_t first_size, const void *given);

/* NBL_ESTRUCT if the caller's struct cannot be written, because of its size. */
nbl_status nbl__struct_check(const void *given, size_t first_size);

/* Writes at most the caller's size bytes of *own; the size field stays as the caller set it. */
nbl_status nbl__struct_write(void *given, size_t first_size, void *own, size_t own_size);

#endif
