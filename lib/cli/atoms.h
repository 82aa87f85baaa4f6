/* SPDX-License-Identifier: MIT */
/* What --per-atom tells of each atom, as named columns. */
#ifndef NBL_CLI_ATOMS_H
#define NBL_CLI_ATOMS_H

#include <stdbool.h>

#include <nblist/io.h>
#include <nblist/metrics.h>

#include "buffer.h"
#include "measure.h"

enum { CLI_N_ATOM_COLUMNS = CLI_N_ATOM_ARRAYS - 3 + 3 * CLI_N_L };

struct nbl__cli_atoms {
    nbl_xyz_column columns[CLI_N_ATOM_COLUMNS];
    struct nbl__cli_buffer data[CLI_N_ATOM_COLUMNS];
};

/* Makes the columns those of n atoms. False: out of memory. A zeroed struct is empty. */
bool nbl__cli_atoms_fill(struct nbl__cli_atoms *atoms, int64_t n, const nbl_metrics_outputs *arrays);
void nbl__cli_atoms_free(struct nbl__cli_atoms *atoms);

/* Whether there is a column of that name, whose place in a file it takes. */
bool nbl__cli_atoms_have(const char *name);

#endif
