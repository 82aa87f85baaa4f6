/* SPDX-License-Identifier: MIT */
/* What all commands with output files share. */
#ifndef NBL_CLI_OUTPUTS_H
#define NBL_CLI_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include <nblist/io.h>

struct nbl__cli_options;

/* Whether an output, or NULL, is none of the inputs: --force must not cost the user the structures. False: an
   error message has been printed. */
bool nbl__cli_spares_inputs(const struct nbl__cli_options *options, const char *path);

/* The failure of a writer with this message, on standard error. */
void nbl__cli_write_failed(const char *message, nbl_io_status status);

/* What a picture of all inputs is called. */
void nbl__cli_title(const struct nbl__cli_options *options, char *title, size_t size);

#endif
