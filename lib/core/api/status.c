/* SPDX-License-Identifier: MIT */
#include <nblist/nblist.h>

static const struct {
    nbl_status status;
    const char *name;
    const char *text;
} table[] = {
#define ROW(name, value, text) {value, #name, text},
    NBL_STATUS_MAP(ROW)
#undef ROW
};

static const char *find(nbl_status status, int text, const char *otherwise)
{
    for (unsigned k = 0; k < sizeof table / sizeof *table; k++)
        if (table[k].status == status)
            return text ? table[k].text : table[k].name;
    return otherwise;
}

const char *nbl_status_name(nbl_status status)
{
    return find(status, 0, "NBL_E?");
}

const char *nbl_status_text(nbl_status status)
{
    return find(status, 1, "unknown status");
}
