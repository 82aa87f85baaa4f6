/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "files.h"
#include "number.h"

#ifdef NBL_CLI_METRICS
#include "choice.h"
#endif

enum {
    LISTS = CLI_PAIRS | CLI_VERIFY,
    FRAMES = LISTS | CLI_METRICS,    /* commands that read files */
    WRITE = CLI_PAIRS | CLI_METRICS, /* and that write some */
    ALL = FRAMES | CLI_INFO,
    MOST_BINS = 65536,
    FIRST_LONG = 256, /* options without a letter get numbers above all characters */
};

enum id {
    CUTOFF = 'c',
    OUTPUT = 'o',
    THREADS = 't',
    QUIET = 'q',
    HELP = 'h',
    HALF = FIRST_LONG,
    INCLUSIVE,
    SELF,
    SORTED,
    DISJOINT,
    PBC,
    CELL,
    ALGORITHM,
    MAX_PAIRS,
    BATCH,
    HISTOGRAM,
    SVG,
    FORCE,
    JSON,
    TIMING,
    CSV,
    COV_SCALE,
    N_BINS,
    W_ATOM,
    W_SPATIAL,
    METRIC,
    FILTER,
    PER_ATOM
};

static const struct row {
    const char *name;
    const char *argument; /* NULL: none */
    const char *help;     /* a line feed starts a further line */
    int id;
    unsigned commands;
} rows[] = {
    {"cutoff", "RC[,RC]...",
     "list pairs closer than RC, in the unit of the files (required);\n"
     "several cutoffs make a list each, in one pass",
     CUTOFF, LISTS},
    {"cutoff", "RC",
     "atoms up to RC apart are neighbours; by default 3 times the median\n"
     "covalent radius of the frame, times --cov-scale",
     CUTOFF, CLI_METRICS},
    {"cov-scale", "S", "scale of the default cutoff, 1 if not given", COV_SCALE, CLI_METRICS},
    {"n-bins", "B", "bins of the histograms of distances, 20 if not given", N_BINS, CLI_METRICS},
    {"w-atom", "W", "weight of H_atom in H_total, 0.5 if not given", W_ATOM, CLI_METRICS},
    {"w-spatial", "W", "weight of H_spatial in H_total, 0.5 if not given", W_SPATIAL, CLI_METRICS},
    {"metric", "NAME[,NAME]...", "show only these, such as Q6,graph_lcc; default: all seventeen", METRIC,
     CLI_METRICS},
    {"filter", "NAME:MIN:MAX",
     "keep only frames whose metric lies in this range, ends included;\n"
     "- is an open end; several filters must all be passed",
     FILTER, CLI_METRICS},
    {"half", NULL, "each pair once, instead of in both directions", HALF, LISTS},
    {"inclusive", NULL, "also pairs exactly at RC", INCLUSIVE, LISTS},
    {"self", NULL, "also each atom as its own neighbour at distance 0", SELF, LISTS},
    {"sorted", NULL, "order the pairs of an atom by neighbour, then shift", SORTED, LISTS},
    {"disjoint", NULL, "each pair only in the list of the smallest cutoff that holds it", DISJOINT, LISTS},
    {"pbc", "FLAGS", "periodic axes, such as TTF, or T for all; instead of those of the files", PBC, FRAMES},
    {"cell", "NUMBERS",
     "lattice vectors, \"ax ay az bx by bz cx cy cz\", or \"a b c\" for an\n"
     "orthorhombic cell; instead of those of the files",
     CELL, FRAMES},
    {"algorithm", "NAME", "auto (default), brute or cells: never changes the set of pairs", ALGORITHM, FRAMES},
    {"max-pairs", "N",
     "refuse frames with more pairs, as after a typing error in the\n"
     "cutoff; 0 (default) = no limit",
     MAX_PAIRS, LISTS},
    {"batch", "N",
     "frames per call of the library; 0 (default) = as many as fit a\n"
     "bounded memory; never changes a result",
     BATCH, WRITE},
    {"output", "FILE",
     "write the pairs to FILE.csv or FILE.npz, or as CSV to standard\n"
     "output where FILE is -",
     OUTPUT, CLI_PAIRS},
    {"output", "FILE",
     "write the frames, with all they have and their metrics, to FILE.xyz,\n"
     ".extxyz, or either .gz; - is standard output",
     OUTPUT, CLI_METRICS},
    {"per-atom", NULL, "with --output or --json: also what each atom has", PER_ATOM, CLI_METRICS},
    {"plot", "FILE", "write histograms of the metrics over the frames to FILE, as SVG", SVG, CLI_METRICS},
    {"histogram", NULL, "draw the radial distribution and the coordination numbers", HISTOGRAM, CLI_PAIRS},
    {"svg", "FILE", "write both histograms to FILE as an SVG picture; - is standard output", SVG, CLI_PAIRS},
    {"force", NULL, "overwrite output files that exist", FORCE, WRITE},
    {"json", NULL, "print one JSON document instead of the table", JSON, WRITE},
    {"csv", NULL, "print CSV instead of the table", CSV, CLI_METRICS},
    {"timing", NULL, "with --json: times as well", TIMING, CLI_PAIRS},
    {"threads", "N", "number of threads, 0 (default) = all: never changes a result", THREADS, FRAMES},
    {"quiet", NULL, "no table and no progress; only what was asked for", QUIET, WRITE},
    {"quiet", NULL, "no progress; only frames with a difference", QUIET, CLI_VERIFY},
    {"help", NULL, "this help", HELP, ALL},
};

#define N_ROWS (sizeof rows / sizeof *rows)

static const struct {
    enum nbl__cli_command command;
    const char *name, *arguments, *text;
} commands[] = {
    {CLI_PAIRS, "pairs", " --cutoff RC[,RC]... [OPTION]... FILE...",
     "Lists the pairs of atoms within a cutoff, for every frame of the (extended) XYZ files,\n"
     "gzip-compressed or not; FILE - is standard input."},
    {CLI_METRICS, "metrics", " [OPTION]... FILE...",
     "Tells how disordered the structure of every frame is: seventeen metrics of the (extended) XYZ\n"
     "files, gzip-compressed or not; FILE - is standard input. Lengths are in Angstrom."},
    {CLI_VERIFY, "verify", " --cutoff RC[,RC]... [OPTION]... FILE...",
     "Compares the list of every frame with a brute-force reference: equal, or the first wrong pair.\n"
     "Exit status 1 if any frame differs. The time grows with the square of the number of atoms."},
    {CLI_INFO, "info", "", "Prints version, build options, instruction-set levels and threads."},
};

void nbl__cli_options_help(enum nbl__cli_command command)
{
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
        if (commands[k].command == command)
            printf("Usage: nblist %s%s\n\n%s\n\nOptions:\n", commands[k].name, commands[k].arguments,
                   commands[k].text);
    for (const struct row *row = rows; row < rows + N_ROWS; row++) {
        char left[40];
        if (!(row->commands & (unsigned)command))
            continue;
        if (row->id < FIRST_LONG)
            snprintf(left, sizeof left, "-%c, --%s %s", row->id, row->name, row->argument ? row->argument : "");
        else
            snprintf(left, sizeof left, "    --%s %s", row->name, row->argument ? row->argument : "");
        printf("  %-23s ", left);
        for (const char *c = row->help; *c; c++) {
            putchar(*c);
            if (*c == '\n')
                printf("%26s", "");
        }
        putchar('\n');
    }
}

/* A value that is wrong: "--cutoff: '5x' is not a number". */
static bool check(const char *name, const char *text, const char *complaint)
{
    if (complaint)
        nbl__cli_usage("--%s: '%s' %s", name, text, complaint);
    return complaint == NULL;
}

static const char *picture_name(enum nbl__cli_command command)
{
    return command == CLI_METRICS ? "plot" : "svg";
}

static bool add_cutoff(struct nbl__cli_options *options, const char *text)
{
    double value = 0;
    const char *complaint = nbl__cli_parse_real(text, &value);
    if (!complaint && !(value > 0))
        complaint = "is not a positive number";
    if (!complaint && !(value >= 1e-100 && value <= 1e100))
        complaint = "does not lie between 1e-100 and 1e100";
    if (!check("cutoff", text, complaint))
        return false;
    if (options->n_cutoffs == NBL_MAX_LISTS) {
        nbl__cli_usage("--cutoff: more than %d cutoffs", NBL_MAX_LISTS);
        return false;
    }
    if (options->n_cutoffs == 0 || value > options->cutoffs[options->largest])
        options->largest = options->n_cutoffs;
    options->cutoffs[options->n_cutoffs++] = value;
    return true;
}

/* The text is cut at its commas and mended: memory for a copy could be missing, which is no usage error. */
static bool set_cutoffs(struct nbl__cli_options *options, char *text)
{
    bool good = true;
    options->n_cutoffs = 0;
    for (char *word = text; good && word;) {
        char *comma = strchr(word, ',');
        if (comma)
            *comma = '\0';
        good = add_cutoff(options, word);
        if (comma)
            *comma++ = ',';
        word = comma;
    }
    return good;
}

static bool set_algorithm(struct nbl__cli_options *options, const char *text)
{
    static const struct {
        const char *name;
        int32_t value;
    } names[] = {{"auto", NBL_ALGORITHM_AUTO}, {"brute", NBL_ALGORITHM_BRUTE}, {"cells", NBL_ALGORITHM_CELLS}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (strcmp(text, names[k].name) == 0) {
            options->algorithm = names[k].value;
            return true;
        }
    }
    return check("algorithm", text, "is not one of auto, brute, cells");
}

static bool set_threads(struct nbl__cli_options *options, const char *text)
{
    int64_t value = 0;
    if (!check("threads", text, nbl__cli_parse_integer(text, 0, 65536, &value)))
        return false;
    options->n_threads = (int32_t)value;
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static bool set_structure_output(struct nbl__cli_options *options, const char *text)
{
    static const char *const ends[] = {".xyz", ".extxyz", ".xyz.gz", ".extxyz.gz"};
    bool known = nbl__cli_is_dash(text);
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        known = known || ends_with(text, ends[k]);
    options->format = CLI_XYZ;
    return known || check("output", text, "does not end in .xyz, .extxyz, .xyz.gz or .extxyz.gz");
}

static bool set_output(struct nbl__cli_options *options, enum nbl__cli_command command, const char *text)
{
    options->output = text;
    if (command == CLI_METRICS)
        return set_structure_output(options, text);
    if (strcmp(text, "-") == 0 || ends_with(text, ".csv"))
        options->format = CLI_CSV;
    else if (ends_with(text, ".npz"))
        options->format = CLI_NPZ;
    else
        return check("output", text, "does not end in .csv or .npz");
    return true;
}

/* A number that may be anything finite; of scales, above 0. */
static bool set_real(const char *name, const char *text, bool positive, double *value)
{
    const char *complaint = nbl__cli_parse_real(text, value);
    if (!complaint && positive && !(*value > 0))
        complaint = "is not a positive number";
    return check(name, text, complaint);
}

static bool set_bins(struct nbl__cli_options *options, const char *text)
{
    int64_t value = 0;
    if (!check("n-bins", text, nbl__cli_parse_integer(text, 1, MOST_BINS, &value)))
        return false;
    options->n_bins = (int32_t)value;
    return true;
}

#ifdef NBL_CLI_METRICS
static bool apply_choice(struct nbl__cli_options *options, int id, const char *text)
{
    char message[160];
    const bool good = id == METRIC ? nbl__cli_choose_metrics(options, text, message)
                                   : nbl__cli_add_filter(options, text, message);
    if (!good)
        nbl__cli_usage("--%s: %s", id == METRIC ? "metric" : "filter", message);
    return good;
}
#else
/* The command that has these options is not there. */
static bool apply_choice(struct nbl__cli_options *options, int id, const char *text)
{
    (void)options;
    (void)text;
    return id < 0;
}
#endif

static bool apply(struct nbl__cli_options *options, enum nbl__cli_command command, int id, char *text)
{
    switch (id) {
    case CUTOFF:
        return set_cutoffs(options, text);
    case HALF:
        options->flags |= NBL_HALF;
        return true;
    case INCLUSIVE:
        options->flags |= NBL_INCLUSIVE;
        return true;
    case SELF:
        options->flags |= NBL_SELF;
        return true;
    case SORTED:
        options->flags |= NBL_SORTED;
        return true;
    case DISJOINT:
        options->flags |= NBL_DISJOINT;
        return true;
    case PBC:
        options->has_pbc = true;
        return check("pbc", text, nbl__cli_parse_pbc(text, options->pbc));
    case CELL:
        options->has_cell = true;
        return check("cell", text, nbl__cli_parse_cell(text, options->cell));
    case ALGORITHM:
        return set_algorithm(options, text);
    case MAX_PAIRS:
        return check("max-pairs", text, nbl__cli_parse_integer(text, 0, INT64_MAX, &options->max_pairs));
    case BATCH:
        return check("batch", text, nbl__cli_parse_integer(text, 0, INT32_MAX, &options->batch));
    case OUTPUT:
        return set_output(options, command, text);
    case HISTOGRAM:
        options->histogram = true;
        return true;
    case SVG:
        options->svg = text;
        return *text ? true : check(picture_name(command), text, "is not the name of a file");
    case FORCE:
        options->force = true;
        return true;
    case JSON:
        options->json = true;
        return true;
    case TIMING:
        options->timing = true;
        return true;
    case THREADS:
        return set_threads(options, text);
    case CSV:
        options->csv = true;
        return true;
    case COV_SCALE:
        return set_real("cov-scale", text, true, &options->cov_scale);
    case W_ATOM:
        return set_real("w-atom", text, false, &options->w_atom);
    case W_SPATIAL:
        return set_real("w-spatial", text, false, &options->w_spatial);
    case N_BINS:
        return set_bins(options, text);
    case METRIC:
    case FILTER:
        return apply_choice(options, id, text);
    case PER_ATOM:
        options->per_atom = true;
        return true;
    default:
        options->quiet = true;
        return true;
    }
}

/* Which of the outputs that go to standard output there is no room for; NULL: none. */
static const char *crowded_out(const struct nbl__cli_options *options)
{
    return options->json ? "json" : options->histogram ? "histogram" : options->csv ? "csv" : NULL;
}

static bool complete_metrics(struct nbl__cli_options *options)
{
    options->numbers = true;
    options->extras = options->output != NULL;
    if (options->n_cutoffs > 1)
        nbl__cli_usage("--cutoff: metrics have one cutoff");
    else if (options->json && options->csv)
        nbl__cli_usage("--json leaves no room on standard output for --csv");
    else if (options->per_atom && !options->json && !options->output)
        nbl__cli_usage("--per-atom belongs to --output or --json");
    else
        return true;
    return false;
}

/* What only the whole command line shows. */
static bool complete(struct nbl__cli_options *options, enum nbl__cli_command command)
{
    const bool output_there = options->output && nbl__cli_is_dash(options->output);
    const bool svg_there = options->svg && nbl__cli_is_dash(options->svg);
    const char *picture = picture_name(command);
    int n_stdin = 0;
    options->to_stdout = output_there || svg_there;
    if (command == CLI_INFO) {
        if (options->n_files > 0)
            nbl__cli_usage("'%s' is one argument too many", options->files[0]);
        return options->n_files == 0;
    }
    for (int k = 0; k < options->n_files; k++)
        n_stdin += nbl__cli_is_dash(options->files[k]);
    if (options->n_files == 0)
        nbl__cli_usage("no file is given (- is standard input)");
    else if (options->n_cutoffs == 0 && command != CLI_METRICS)
        nbl__cli_usage("--cutoff is missing");
    else if (n_stdin > 1)
        nbl__cli_usage("standard input (-) can be read only once");
    else if (options->timing && !options->json)
        nbl__cli_usage("--timing belongs to --json; the table shows times anyway");
    else if (output_there && svg_there)
        nbl__cli_usage("--output - leaves no room on standard output for --%s -", picture);
    else if (options->to_stdout && crowded_out(options))
        nbl__cli_usage("--%s - leaves no room on standard output for --%s", output_there ? "output" : picture,
                       crowded_out(options));
    else if (options->output && options->svg && nbl__cli_same_output(options->output, options->svg))
        nbl__cli_usage("--output and --%s name the same file", picture);
    else
        return command != CLI_METRICS || complete_metrics(options);
    return false;
}

/* getopt() is silent here: its messages would lack the subcommand and the hint. */
static void complain(int code, enum nbl__cli_command command, char **argv)
{
    const char *word = argv[optind - 1];
    for (size_t k = 0; k < N_ROWS; k++) {
        if (rows[k].id != optopt || !(rows[k].commands & (unsigned)command))
            continue;
        nbl__cli_usage(code == ':' ? "option '--%s' needs a value" : "option '--%s' takes no value",
                       rows[k].name);
        return;
    }
    if (optopt)
        nbl__cli_usage("unknown option '-%c'", optopt);
    else
        nbl__cli_usage("unknown or ambiguous option '%s'", word);
}

bool nbl__cli_options_parse(struct nbl__cli_options *options, enum nbl__cli_command command, int argc,
                            char **argv, int *status)
{
    struct option longs[N_ROWS + 1];
    char letters[2 * N_ROWS + 2] = ":";
    size_t n = 0, length = 1;
    int id;

    for (const struct row *row = rows; row < rows + N_ROWS; row++) {
        if (!(row->commands & (unsigned)command))
            continue;
        longs[n++] = (struct option){row->name, row->argument ? required_argument : no_argument, NULL, row->id};
        if (row->id < FIRST_LONG) {
            letters[length++] = (char)row->id;
            if (row->argument)
                letters[length++] = ':';
        }
    }
    longs[n] = (struct option){NULL, 0, NULL, 0};
    letters[length] = '\0';

    *options = (struct nbl__cli_options){.cov_scale = 1, .w_atom = 0.5, .w_spatial = 0.5, .n_bins = 20};
    *status = CLI_INPUT;
    opterr = 0;
    while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (id == '?' || id == ':') {
            complain(id, command, argv);
            return false;
        }
        if (id == HELP) {
            nbl__cli_options_help(command);
            *status = nbl__cli_stdout_good() ? CLI_OK : CLI_FAILED;
            return false;
        }
        if (!apply(options, command, id, optarg))
            return false;
    }
    options->files = argv + optind;
    options->n_files = argc - optind;
    return complete(options, command);
}
