/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "api/handle.h"

nbl_status nbl__say(char *message, nbl_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, NBL__MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    return status;
}

static nbl_status say_value(char *message, nbl_status status, const nbl__fault *fault)
{
    const char *array = fault->what == NBL__FAULT_CELL ? "cell" : "positions";
    const char *because = status == NBL_ERANGE ? ", beyond 1e100 in magnitude" : "";
    return nbl__say(message, status, "%s[%" PRId64 "][%d] is %g%s", array, fault->a, fault->k, fault->value,
                    because);
}

static nbl_status say_bytes(char *message, nbl_status status, const nbl__fault *fault)
{
    if (status == NBL_ELIMIT)
        return nbl__say(message, status, "max_bytes is %" PRIu64 ", at least %" PRIu64 " are needed",
                        fault->limit, fault->need);
    if (fault->need == UINT64_MAX)
        return nbl__say(message, status, "out of memory: the size does not fit the address space");
    return nbl__say(message, status, "out of memory: %" PRIu64 " bytes could not be allocated", fault->need);
}

nbl_status nbl__say_fault(char *message, nbl_status status, const nbl__fault *fault)
{
    switch (fault->what) {
    case NBL__FAULT_POSITION:
    case NBL__FAULT_CELL:
        return say_value(message, status, fault);
    case NBL__FAULT_ATOM:
        return nbl__say(message, status,
                        "positions[%" PRId64
                        "] lies %g cells from the origin cell along axis %d; the limit is 2^30",
                        fault->a, fault->value, fault->k);
    case NBL__FAULT_PAIR:
        return nbl__say(message, status,
                        "the shift of a pair of atoms %" PRId64 " and %" PRId64
                        " does not fit 32 bits: %g cells along axis %d",
                        fault->a, fault->b, fault->value, fault->k);
    case NBL__FAULT_CELL_SIZE:
        return nbl__say(
            message, status,
            "the cell is singular: its smallest height is %g of its longest vector, after reduction",
            fault->value);
    case NBL__FAULT_BYTES:
        return say_bytes(message, status, fault);
    case NBL__FAULT_ROW:
        return nbl__say(message, status, "an atom has more than %" PRIu64 " neighbours", fault->limit);
    case NBL__FAULT_PAIRS:
        return nbl__say(message, status, "more than max_pairs = %" PRIu64 " pairs", fault->limit);
    case NBL__FAULT_NONE:
        break;
    }
    return nbl__say(message, status, "%s", nbl_status_text(status));
}
