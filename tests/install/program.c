/* SPDX-License-Identifier: MIT */
/* What users of an installation compile: says nothing and returns 0 where both libraries do what they should.
 */
#include <nblist/io.h>
#include <nblist/nblist.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const double position[3] = {0, 0, 0};
    const double cell[3][3] = {{0, 1.5, 1.5}, {1.5, 0, 1.5}, {1.5, 1.5, 0}};
    int64_t n_pairs = -1;
    char message[200];

    /* One atom, face-centred cubic with an edge of 3: 12 neighbours at 2.12, 6 at 3, 24 at 3.67. */
    nbl_status status =
        nbl_neighbors(1, position, cell, NULL, 3.4, NULL, NULL, NULL, &n_pairs, message, sizeof message);
    if (status != NBL_OK || n_pairs != 18) {
        fprintf(stderr, "nbl_neighbors: %s, %s, %lld pairs\n", nbl_status_name(status), message,
                (long long)n_pairs);
        return 1;
    }
    if (nbl_version() != NBL_VERSION || strcmp(nbl_version_string(), NBL_VERSION_STRING) != 0) {
        fprintf(stderr, "library %s, header %s\n", nbl_version_string(), NBL_VERSION_STRING);
        return 1;
    }
    const char *symbol = nbl_element_symbol(14);
    if (!symbol || strcmp(symbol, "Si") != 0) {
        fprintf(stderr, "element 14 is %s\n", symbol ? symbol : "nothing");
        return 1;
    }
    return 0;
}
