/* SPDX-License-Identifier: MIT */
#include "base/struct.h"

#include <string.h>

enum { SIZE_LIMIT = 65536 };

static size_t given_size(const void *given)
{
    size_t size;
    memcpy(&size, given, sizeof size);
    return size;
}

nbl_status nbl__struct_read(void *own, size_t own_size, size_t first_size, const void *given)
{
    if (!given)
        return NBL_OK;
    size_t size = given_size(given);
    if (size < first_size || size > SIZE_LIMIT)
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
    size_t size = given_size(given);
    return size < first_size || size > SIZE_LIMIT ? NBL_ESTRUCT : NBL_OK;
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
