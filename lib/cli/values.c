/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "options.h"
#include "outputs.h"
#include "report.h"
#include "source.h"
#include "text.h"

/* Columns of CSV before the metrics. */
enum { FRAME, FILE_NUMBER, FRAME_IN_FILE, ATOMS, CUTOFF, N_FIXED };

static int width_of(int32_t metric)
{
    const int length = (int)strlen(nbl_metric_name(metric));
    return length < 10 ? 10 : length;
}

/* ---- table ---- */

static void put_value(const char *before, int width, double value)
{
    if (isnan(value))
        printf("%s%*s", before, width, "-");
    else
        printf("%s%*.6g", before, width, value);
}

static void put_head(const struct nbl__cli_values *values)
{
    printf("%6s %10s %10s", "frame", "atoms", "cutoff");
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (values->options->metrics & NBL_METRIC_BIT(m))
            printf(" %*s", width_of(m), nbl_metric_name(m));
    puts(values->options->n_files > 1 ? "  file" : "");
}

static void put_line(const struct nbl__cli_values *values, const struct nbl__cli_line *line)
{
    printf("%6lld %10lld", (long long)line->number, (long long)line->n_atoms);
    put_value(" ", 10, line->cutoff);
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (values->options->metrics & NBL_METRIC_BIT(m))
            put_value(" ", width_of(m), line->values[m]);
    if (values->options->n_files > 1) {
        fputs("  ", stdout);
        nbl__cli_put_plain(stdout, line->file);
    }
    putchar('\n');
}

static void put_alone(const struct nbl__cli_values *values, const struct nbl__cli_line *line)
{
    printf("%-21s %12lld\n%-21s %12lld\n%-21s %12s%c%c%c\n", "frame", (long long)line->number, "atoms",
           (long long)line->n_atoms, "pbc", "         ", line->pbc[0] ? 'T' : 'F', line->pbc[1] ? 'T' : 'F',
           line->pbc[2] ? 'T' : 'F');
    printf("%-21s", "cutoff");
    put_value(" ", 12, line->cutoff);
    putchar('\n');
    for (int32_t m = 0; m < CLI_N_METRICS; m++) {
        if (!(values->options->metrics & NBL_METRIC_BIT(m)))
            continue;
        printf("%-21s", nbl_metric_name(m));
        put_value(" ", 12, line->values[m]);
        putchar('\n');
    }
}

static void put_spreads(const struct nbl__cli_totals *totals)
{
    printf("\n%-21s %12s %12s %12s\n", "over all frames", "mean", "min", "max");
    for (int32_t m = 0; m < CLI_N_METRICS; m++) {
        const struct nbl__cli_spread *spread = &totals->spreads[m];
        const bool any = spread->n > 0;
        if (!(totals->shown & NBL_METRIC_BIT(m)))
            continue;
        printf("%-21s", nbl_metric_name(m));
        put_value(" ", 12, any ? spread->sum / (double)spread->n : (double)NAN);
        put_value(" ", 12, any ? spread->min : (double)NAN);
        put_value(" ", 12, any ? spread->max : (double)NAN);
        putchar('\n');
    }
}

static void put_table_end(const struct nbl__cli_values *values, const struct nbl__cli_totals *totals)
{
    if (values->n_lines == 1)
        put_alone(values, &values->first);
    else if (values->n_lines > 1)
        put_spreads(totals);
    printf("total: %lld frame%s, %lld atom%s", (long long)totals->n_frames, totals->n_frames == 1 ? "" : "s",
           (long long)totals->n_atoms, totals->n_atoms == 1 ? "" : "s");
    if (values->options->n_filters > 0)
        printf(", %lld filtered out", (long long)totals->n_filtered_out);
    printf(", %.3f ms\n", 1e3 * totals->seconds);
}

/* ---- JSON ---- */

/* JSON knows no NaN. */
static void put_json_real(double value)
{
    if (isfinite(value))
        printf("%.17g", value);
    else
        fputs("null", stdout);
}

static void put_json_item(const nbl_xyz_column *column, int64_t k)
{
    switch (column->type) {
    case NBL_XYZ_INTEGER:
        printf("%lld", (long long)((const int64_t *)column->data)[k]);
        return;
    case NBL_XYZ_LOGICAL:
        fputs(((const uint8_t *)column->data)[k] ? "true" : "false", stdout);
        return;
    case NBL_XYZ_STRING:
        nbl__cli_put_json(stdout, ((const char *const *)column->data)[k]);
        return;
    default:
        put_json_real(((const double *)column->data)[k]);
    }
}

static void put_json_atoms(const struct nbl__cli_atoms *atoms, int64_t n)
{
    fputs(",\n   \"per_atom\": {", stdout);
    for (int c = 0; c < CLI_N_ATOM_COLUMNS; c++) {
        printf("%s\"%s\": [", c > 0 ? ",\n    " : "", atoms->columns[c].name);
        for (int64_t k = 0; k < n; k++) {
            if (k > 0)
                fputs(", ", stdout);
            put_json_item(&atoms->columns[c], k);
        }
        putchar(']');
    }
    putchar('}');
}

static void put_json_line(const struct nbl__cli_values *values, const struct nbl__cli_line *line,
                          const struct nbl__cli_atoms *atoms)
{
    const struct nbl__cli_frame frame = {.number = line->number,
                                         .number_in_file = line->number_in_file,
                                         .file = line->file,
                                         .pbc = {line->pbc[0], line->pbc[1], line->pbc[2]}};
    nbl__cli_report_open_frame(values->n_lines == 0, &frame);
    printf("\"atoms\": %lld, \"cutoff\": ", (long long)line->n_atoms);
    put_json_real(line->cutoff);
    for (int32_t m = 0; m < CLI_N_METRICS; m++) {
        if (!(values->options->metrics & NBL_METRIC_BIT(m)))
            continue;
        printf(", \"%s\": ", nbl_metric_name(m));
        put_json_real(line->values[m]);
    }
    if (atoms)
        put_json_atoms(atoms, line->n_atoms);
    putchar('}');
}

/* ---- CSV ---- */

static bool csv_good(struct nbl__cli_values *values, nbl_io_status status)
{
    if (status != NBL_IO_OK && !values->csv_failed)
        nbl__cli_write_failed(nbl_csv_writer_message(values->csv), status);
    values->csv_failed = values->csv_failed || status != NBL_IO_OK;
    return !values->csv_failed;
}

static bool open_csv(struct nbl__cli_values *values)
{
    const char *names[N_FIXED + CLI_N_METRICS] = {"frame", "file", "frame_in_file", "atoms", "cutoff"};
    int32_t dtypes[N_FIXED + CLI_N_METRICS] = {NBL_INT64, NBL_INT32, NBL_INT64, NBL_INT64, NBL_FLOAT64};
    int32_t n = N_FIXED;
    for (int32_t m = 0; m < CLI_N_METRICS; m++) {
        if (!(values->options->metrics & NBL_METRIC_BIT(m)))
            continue;
        names[n] = nbl_metric_name(m);
        dtypes[n++] = NBL_FLOAT64;
    }
    nbl_io_status status = nbl_csv_writer_create(&values->csv);
    if (status == NBL_IO_OK)
        status = nbl_csv_writer_open(values->csv, "-", 0, n, names, dtypes);
    return csv_good(values, status);
}

static bool put_csv_line(struct nbl__cli_values *values, const struct nbl__cli_line *line)
{
    const int32_t file = line->file_number;
    const void *data[N_FIXED + CLI_N_METRICS] = {&line->number, &file, &line->number_in_file, &line->n_atoms,
                                                 &line->cutoff};
    int n = N_FIXED;
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (values->options->metrics & NBL_METRIC_BIT(m))
            data[n++] = &line->values[m];
    return csv_good(values, nbl_csv_writer_rows(values->csv, 1, data, NULL));
}

/* ---- all ---- */

bool nbl__cli_values_begin(struct nbl__cli_values *values, const struct nbl__cli_options *options)
{
    *values = (struct nbl__cli_values){.options = options};
    if (options->json)
        values->style = CLI_VALUES_JSON;
    else if (options->csv)
        values->style = CLI_VALUES_CSV;
    else if (!options->quiet && !options->to_stdout)
        values->style = CLI_VALUES_TABLE;
    if (values->style == CLI_VALUES_JSON)
        putchar('[');
    return values->style != CLI_VALUES_CSV || open_csv(values);
}

bool nbl__cli_values_add(struct nbl__cli_values *values, const struct nbl__cli_line *line,
                         const struct nbl__cli_atoms *atoms)
{
    bool good = true;
    if (values->style == CLI_VALUES_JSON) {
        put_json_line(values, line, atoms);
    } else if (values->style == CLI_VALUES_CSV) {
        good = put_csv_line(values, line);
    } else if (values->style == CLI_VALUES_TABLE && values->n_lines == 0) {
        values->first = *line;
    } else if (values->style == CLI_VALUES_TABLE) {
        if (values->n_lines == 1) {
            put_head(values);
            put_line(values, &values->first);
        }
        put_line(values, line);
    }
    values->n_lines++;
    return good;
}

void nbl__cli_values_refused(struct nbl__cli_values *values, const struct nbl__cli_frame *frame,
                             const char *message)
{
    if (values->style != CLI_VALUES_JSON)
        return;
    nbl__cli_report_open_frame(values->n_lines == 0, frame);
    printf("\"atoms\": %lld, \"error\": ", (long long)frame->n);
    nbl__cli_put_json(stdout, message);
    putchar('}');
    values->n_lines++;
}

bool nbl__cli_values_end(struct nbl__cli_values *values, const struct nbl__cli_totals *totals)
{
    if (values->style == CLI_VALUES_JSON)
        puts(values->n_lines > 0 ? "\n]" : "]");
    else if (values->style == CLI_VALUES_TABLE)
        put_table_end(values, totals);
    else if (values->style == CLI_VALUES_CSV)
        return csv_good(values, nbl_csv_writer_close(values->csv));
    return true;
}

void nbl__cli_values_free(struct nbl__cli_values *values)
{
    nbl_csv_writer_destroy(&values->csv);
}
