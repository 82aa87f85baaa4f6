/* SPDX-License-Identifier: MIT */
#include "structures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/io.h>

#include "atoms.h"
#include "cli.h"
#include "extras.h"
#include "interrupt.h"
#include "options.h"
#include "outputs.h"
#include "source.h"
#include "values.h"

static const char cutoff_key[] = "metrics_cutoff";

struct nbl__cli_structures {
    const struct nbl__cli_options *options;
    nbl_xyz_writer *writer;
    int guard;
    struct nbl__cli_buffer columns, pairs;
    char texts[CLI_N_METRICS + 1][32]; /* the values, and the cutoff */
};

static bool out_of_memory(void)
{
    nbl__cli_error("out of memory");
    return false;
}

static bool failed(const struct nbl__cli_structures *structures, nbl_io_status status)
{
    nbl__cli_write_failed(nbl_xyz_writer_message(structures->writer), status);
    return false;
}

struct nbl__cli_structures *nbl__cli_structures_open(const struct nbl__cli_options *options)
{
    struct nbl__cli_structures *structures = calloc(1, sizeof *structures);
    if (!structures || nbl_xyz_writer_create(&structures->writer) != NBL_IO_OK) {
        out_of_memory();
        free(structures);
        return NULL;
    }
    structures->options = options;
    nbl__cli_interrupt_hold(true);
    nbl_io_status status =
        nbl_xyz_writer_open(structures->writer, options->output, options->force ? NBL_IO_OVERWRITE : 0);
    structures->guard = nbl__cli_interrupt_guard(nbl_xyz_writer_part(structures->writer));
    nbl__cli_interrupt_hold(false);
    if (status != NBL_IO_OK) {
        failed(structures, status);
        nbl__cli_structures_close(structures);
        return NULL;
    }
    return structures;
}

/* In 15 digits where these give the number back, in the 17 that always do elsewhere. Many values are whole. */
static const char *real_text(char text[32], double value)
{
    if (value >= -999 && value <= 999 && value - (int)value >= 0 && value - (int)value <= 0) {
        snprintf(text, 32, "%d", (int)value);
        return text;
    }
    snprintf(text, 32, "%.15g", value);
    const double back = strtod(text, NULL);
    if (back < value || back > value)
        snprintf(text, 32, "%.17g", value);
    return text;
}

static bool is_written_anew(const struct nbl__cli_options *options, const char *key)
{
    const int32_t metric = nbl_metric_find(key);
    return strcmp(key, cutoff_key) == 0 || (metric >= 0 && (options->metrics & NBL_METRIC_BIT(metric)));
}

static bool set_pairs(struct nbl__cli_structures *structures, const struct nbl__cli_extras *extras,
                      const struct nbl__cli_line *line, nbl_xyz_output *out)
{
    const struct nbl__cli_options *options = structures->options;
    nbl_xyz_pair *pairs =
        nbl__cli_buffer_get(&structures->pairs, extras->n_pairs + CLI_N_METRICS + 1, sizeof *pairs);
    int64_t n = 0;
    if (!pairs)
        return out_of_memory();
    for (int64_t k = 0; k < extras->n_pairs; k++)
        if (!is_written_anew(options, extras->pairs[k].key))
            pairs[n++] = extras->pairs[k];
    pairs[n++] = (nbl_xyz_pair){cutoff_key, real_text(structures->texts[CLI_N_METRICS], line->cutoff)};
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (options->metrics & NBL_METRIC_BIT(m))
            pairs[n++] = (nbl_xyz_pair){nbl_metric_name(m), real_text(structures->texts[m], line->values[m])};
    out->pairs = pairs;
    out->n_pairs = n;
    return true;
}

static bool set_columns(struct nbl__cli_structures *structures, const struct nbl__cli_extras *extras,
                        const struct nbl__cli_atoms *atoms, nbl_xyz_output *out)
{
    nbl_xyz_column *columns =
        nbl__cli_buffer_get(&structures->columns, extras->n_columns + CLI_N_ATOM_COLUMNS, sizeof *columns);
    int64_t n = 0;
    if (!columns)
        return out_of_memory();
    for (int64_t k = 0; k < extras->n_columns; k++)
        if (!atoms || !nbl__cli_atoms_have(extras->columns[k].name))
            columns[n++] = extras->columns[k];
    for (int c = 0; atoms && c < CLI_N_ATOM_COLUMNS; c++)
        columns[n++] = atoms->columns[c];
    out->columns = columns;
    out->n_columns = n;
    return true;
}

bool nbl__cli_structures_add(struct nbl__cli_structures *structures, const struct nbl__cli_frame *frame,
                             const struct nbl__cli_line *line, const struct nbl__cli_atoms *atoms)
{
    nbl_xyz_output out = NBL_XYZ_OUTPUT_INIT;
    out.n = frame->n;
    out.positions = frame->positions;
    out.numbers = frame->numbers;
    out.labels = frame->extras->labels;
    out.cell = frame->cell;
    out.pbc = frame->pbc;
    if (!set_pairs(structures, frame->extras, line, &out) ||
        !set_columns(structures, frame->extras, atoms, &out))
        return false;
    nbl_io_status status = nbl_xyz_writer_write(structures->writer, &out);
    return status == NBL_IO_OK ? true : failed(structures, status);
}

bool nbl__cli_structures_finish(struct nbl__cli_structures *structures)
{
    nbl_io_status status = nbl_xyz_writer_close(structures->writer);
    return status == NBL_IO_OK ? true : failed(structures, status);
}

void nbl__cli_structures_close(struct nbl__cli_structures *structures)
{
    if (!structures)
        return;
    nbl_xyz_writer_destroy(&structures->writer);
    nbl__cli_interrupt_release(structures->guard);
    nbl__cli_buffer_free(&structures->columns);
    nbl__cli_buffer_free(&structures->pairs);
    free(structures);
}
