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

/* A cutoff: alone, or one of several. */
static nbl_status say_cutoff(char *message, nbl_status status, const nbl__fault *fault)
{
    char name[40] = "cutoff";
    if (fault->b > 1)
        snprintf(name, sizeof name, "cutoffs[%" PRId64 "]", fault->a);
    if (fault->what == NBL__FAULT_CUTOFF)
        return nbl__say(message, status, "%s is %g, not between 1e-100 and 1e100", name, fault->value);
    return nbl__say(message, status, "%s is %.17g, that of the build %.17g", name, fault->value, fault->other);
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
    case NBL__FAULT_CUTOFF:
    case NBL__FAULT_CUTOFFS:
        return say_cutoff(message, status, fault);
    case NBL__FAULT_NO_CELL:
        return nbl__say(message, status, "cell is NULL, but pbc[%d] is %" PRId64, fault->k, fault->b);
    case NBL__FAULT_ATOMS:
        return nbl__say(message, status, "%" PRId64 " atoms in one system, more than 2^31 - 1", fault->a);
    case NBL__FAULT_NONE:
        break;
    }
    return nbl__say(message, status, "%s", nbl_status_text(status));
}

/* Atoms of the whole batch, as the caller's arrays have them; pairs are named by their place in the system. */
nbl_status nbl__say_refusal(char *message, const nbl__refusal *refusal, const nbl__set *set, bool batch)
{
    char what[NBL__MESSAGE_BYTES];
    const bool of_atom = refusal->fault.what == NBL__FAULT_POSITION || refusal->fault.what == NBL__FAULT_ATOM;
    nbl__say_fault(what, refusal->status, &refusal->fault);
    if (!batch)
        return nbl__say(message, refusal->status, "%s", what);
    if (!of_atom)
        return nbl__say(message, refusal->status, "system %" PRId64 ": %.250s", refusal->system, what);
    return nbl__say(message, refusal->status, "system %" PRId64 ": %.220s (atom %" PRId64 " of the system)",
                    refusal->system, what, refusal->fault.a - set->first[refusal->system]);
}
