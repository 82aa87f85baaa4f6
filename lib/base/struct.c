/* SPDX-License-Identifier: MIT */
#include "base/struct.h"

#include <stdbool.h>
#include <string.h>

enum { SIZE_LIMIT = 65536 };

static size_t given_size(const void *given)
{
    size_t size;
    memcpy(&size, given, sizeof size);
    return size;
}

/* No struct that begins with a size_t ends amid a word of that type, so no pointer is read in part. */
static bool is_possible(size_t size, size_t first_size)
{
    return size >= first_size && size <= SIZE_LIMIT && size % sizeof size == 0;
}

nbl_status nbl__struct_read(void *own, size_t own_size, size_t first_size, const void *given)
{
    if (!given)
        return NBL_OK;
    size_t size = given_size(given);
    if (!is_possible(size, first_size))
        return NBL_ESTRUCT;
    for (size_t k = own_size; k < size; k++)
        if (((const unsigned char *)given)[k] != 0)
            return NBL_ESTRUCT;
    size_t known = size < own_size ? size : own_size;
    memcpy((char *)own + sizeof size, (const char *)given + sizeof size, known - sizeof size);
    return NBL_OK;
}

nbl_status nbl__struct_check(const void *given, size_t first_size)
{
    return is_possible(given_size(given), first_size) ? NBL_OK : NBL_ESTRUCT;
}

nbl_status nbl__struct_write(void *given, size_t first_size, void *own, size_t own_size)
{
    size_t size = given_size(given);
    if (nbl__struct_check(given, first_size) != NBL_OK)
        return NBL_ESTRUCT;
    size_t known = size < own_size ? size : own_size;
    memcpy(own, &size, sizeof size);
    memcpy(given, own, known);
    return NBL_OK;
}
