/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "files.h"
#include "options.h"

bool nbl__cli_spares_inputs(const struct nbl__cli_options *options, const char *path)
{
    for (int k = 0; path && k < options->n_files; k++) {
        if (nbl__cli_is_input(path, options->files[k])) {
            nbl__cli_error("%s: is an input file", path);
            return false;
        }
    }
    return true;
}

void nbl__cli_write_failed(const char *message, nbl_io_status status)
{
    nbl__cli_error("%s%s", message[0] ? message : nbl_io_status_text(status),
                   status == NBL_IO_EEXIST ? " (--force overwrites it)" : "");
}

void nbl__cli_title(const struct nbl__cli_options *options, char *title, size_t size)
{
    const char *first = options->files[0], *slash = strrchr(first, '/');
    const int more = options->n_files - 1;
    snprintf(title, size, more > 0 ? "%.200s and %d more" : "%.200s",
             nbl__cli_is_dash(first) ? "standard input"
             : slash                 ? slash + 1
                                     : first,
             more);
}
