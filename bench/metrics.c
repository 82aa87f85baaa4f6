/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include "json.h"
#include "random.h"
#include "systems.h"
#include "table.h"

#include <nblist/metrics.h>

#include <stdlib.h>
#include <string.h>

/*
 * The original: the single-pass C++ kernel of PASTED 0.4.5 with all its metrics, or its Steinhardt parameters
 * alone, on one core of a 2.1 GHz Xeon, for about as many neighbours; its authors' kind of structure, not ours.
 */
static const char original[] = "original, 2.1 GHz Xeon";

#define STEINHARDT                                                                                             \
    (NBL_METRIC_BIT(NBL_METRIC_Q4) | NBL_METRIC_BIT(NBL_METRIC_Q6) | NBL_METRIC_BIT(NBL_METRIC_Q8))

enum shape { BALLS, CUBE };

typedef struct metrics_case {
    const char *name, *text;
    uint32_t metrics;
    enum shape shape; /* `count` open balls, or one periodic cube */
    int64_t count, n; /* structures, and atoms of each */
    double size;      /* radius or edge: 17 digits, which every compiler reads alike */
    double cutoff;
    double original; /* seconds; 0: not known */
    bool large;
} metrics_case;

/* Balls have 0.112 atoms per cubic Angstrom, cubes 0.095: in both about 17 neighbours within 3.5. */
static const metrics_case cases[] = {
    {"all-1000-k17", "17 metrics", NBL_METRICS_ALL, BALLS, 1, 1000, 12.869582433377410, 3.5, 6.9e-3, false},
    {"all-1000-k5", "17 metrics", NBL_METRICS_ALL, BALLS, 1, 1000, 12.869582433377410, 2.25, 1.3e-3, false},
    {"all-5000-k17", "17 metrics", NBL_METRICS_ALL, BALLS, 1, 5000, 22.006676404848324, 3.5, 45e-3, false},
    {"all-5000-k5", "17 metrics", NBL_METRICS_ALL, BALLS, 1, 5000, 22.006676404848324, 2.25, 9.4e-3, false},
    {"steinhardt-1000-k17", "Q4, Q6, Q8 alone", STEINHARDT, BALLS, 1, 1000, 12.869582433377410, 3.5, 1.3e-3,
     false},
    {"batch-10000x20", "17 metrics, one call", NBL_METRICS_ALL, BALLS, 10000, 20, 3.493342127537999, 3.5, 0,
     false},
    {"cube-100", "17 metrics, periodic", NBL_METRICS_ALL, CUBE, 1, 100, 10.172447681911008, 3.5, 0, false},
    {"cube-1000", "17 metrics, periodic", NBL_METRICS_ALL, CUBE, 1, 1000, 21.915874168443498, 3.5, 0, false},
    {"cube-10000", "17 metrics, periodic", NBL_METRICS_ALL, CUBE, 1, 10000, 47.216319570868330, 3.5, 0, false},
    {"cube-100000", "17 metrics, periodic", NBL_METRICS_ALL, CUBE, 1, 100000, 101.72447681911007, 3.5, 0, true},
    {"cube-1000000", "17 metrics, periodic", NBL_METRICS_ALL, CUBE, 1, 1000000, 219.15874168443494, 3.5, 0,
     true},
};

/* Atoms anywhere in a ball, one structure after another from the same numbers. */
static bool make_balls(bench_systems *set, const metrics_case *item)
{
    static const double no_cell[9] = {0};
    static const uint8_t open[3] = {0, 0, 0};
    uint64_t state = nbl__bench_seed;
    for (int64_t k = 0; k < item->count; k++) {
        double *r = nbl__bench_systems_add(set, item->n, no_cell, open);
        if (!r)
            return false;
        for (int64_t i = 0; i < item->n;) {
            double x[3], x2 = 0;
            for (int axis = 0; axis < 3; axis++) {
                x[axis] = 2 * nbl__bench_uniform(&state) - 1;
                x2 += x[axis] * x[axis];
            }
            if (x2 > 1)
                continue;
            for (int axis = 0; axis < 3; axis++)
                r[3 * i + axis] = item->size * x[axis];
            i++;
        }
    }
    return true;
}

typedef struct metrics_run {
    const metrics_case *item;
    const bench_systems *set;
    nbl_metrics *metrics;
    int32_t *numbers;
    double *values; /* [count][columns] */
} metrics_run;

static bool pass(void *context, double *phases)
{
    const metrics_run *run = context;
    const bench_systems *set = run->set;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    (void)phases;
    options.cutoffs = &run->item->cutoff;
    options.n_cutoffs = 1;
    out.metrics = run->item->metrics;
    out.system_capacity = set->count;
    out.values = run->values;
    if (set->count == 1)
        return nbl_metrics_compute(run->metrics, set->n_atoms, set->positions,
                                   run->item->shape == CUBE ? set->cells[0] : NULL, set->pbc[0], run->numbers,
                                   &options, &out) == NBL_OK;
    in.n_systems = in.n_pbc = set->count;
    in.n_atoms = set->n_atoms;
    in.positions = set->positions;
    in.ptr = set->first;
    in.pbc = set->pbc[0];
    return nbl_metrics_compute_batch(run->metrics, &in, run->numbers, &options, &out, NULL) == NBL_OK;
}

static bool open_run(metrics_run *run, const metrics_case *item, const bench_systems *set, int32_t n_threads)
{
    static const int32_t elements[3] = {6, 7, 8};
    uint64_t state = nbl__bench_seed;
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    handle.n_threads = n_threads;
    *run = (metrics_run){.item = item, .set = set};
    run->numbers = malloc((size_t)set->n_atoms * sizeof *run->numbers);
    run->values = malloc((size_t)(set->count * nbl_metrics_n_columns(item->metrics)) * sizeof *run->values);
    if (!run->numbers || !run->values || nbl_metrics_create(&run->metrics, &handle) != NBL_OK)
        return false;
    for (int64_t i = 0; i < set->n_atoms; i++)
        run->numbers[i] = elements[nbl__bench_draw(&state) % 3];
    return true;
}

static void close_run(metrics_run *run)
{
    nbl_metrics_destroy(&run->metrics);
    free(run->numbers);
    free(run->values);
}

/* Mean number of neighbours, which is a result, too; negative where it fails. */
static double count_neighbours(const metrics_run *run)
{
    const bench_systems *set = run->set;
    int64_t sum = 0;
    int32_t *degree = malloc((size_t)set->n_atoms * sizeof *degree);
    for (int64_t k = 0; degree && k < set->count; k++) {
        const int64_t first = set->first[k], n = set->first[k + 1] - first;
        nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
        nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
        options.cutoffs = &run->item->cutoff;
        options.n_cutoffs = 1;
        out.metrics = 0;
        out.atom_capacity = n;
        out.degree = degree;
        if (nbl_metrics_compute(run->metrics, n, set->positions + 3 * first,
                                run->item->shape == CUBE ? set->cells[k] : NULL, set->pbc[k],
                                run->numbers + first, &options, &out) != NBL_OK)
            sum = INT64_MIN / 2;
        for (int64_t i = 0; i < n && sum >= 0; i++)
            sum += degree[i];
    }
    free(degree);
    return degree && sum >= 0 ? (double)sum / (double)set->n_atoms : -1;
}

static void tell(FILE *table, const metrics_case *item, int32_t n_threads, double neighbours,
                 const bench_timing *time, double single)
{
    const double atoms = (double)(item->count * item->n);
    fprintf(table, "%-20s %-21s %9.0f %7d", item->name, item->text, atoms, (int)n_threads);
    nbl__bench_table_number(table, 11, neighbours);
    nbl__bench_table_number(table, 11, 1e3 * time->median);
    nbl__bench_table_number(table, 9, 1e9 * time->median / atoms);
    nbl__bench_table_number(table, 12, (double)item->count / time->median);
    nbl__bench_table_number(table, 9, single / time->median);
    nbl__bench_table_number(table, 12, 1e3 * item->original);
    nbl__bench_table_number(table, 7, item->original / time->median);
    fputc('\n', table);
    fflush(table);
}

static void write_json(bench_writer *w, const metrics_case *item, int32_t n_threads, double neighbours,
                       const bench_timing *time)
{
    nbl__bench_write_object(w, NULL);
    nbl__bench_write_text(w, "name", item->name);
    nbl__bench_write_text(w, "text", item->text);
    nbl__bench_write_positive(w, "cutoff", item->cutoff);
    nbl__bench_write_whole(w, "systems", item->count);
    nbl__bench_write_whole(w, "atoms", item->count * item->n);
    nbl__bench_write_whole(w, "threads", n_threads);
    nbl__bench_write_positive(w, "neighbours", neighbours);
    nbl__bench_json_timing(w, time, false);
    nbl__bench_write_positive(w, "ns_per_atom", 1e9 * time->median / (double)(item->count * item->n));
    nbl__bench_write_positive(w, "original_seconds", item->original);
    nbl__bench_write_end(w);
}

/* One thread and, for a batch, all of them in turns. */
static bool measure(FILE *table, bench_writer *w, const metrics_case *item, const bench_systems *set,
                    const bench_settings *settings)
{
    const bench_budget budget = settings->quick ? (bench_budget){5e-3, 0.05, 0} : (bench_budget){5e-2, 1, 0.02};
    const int32_t threads[2] = {settings->used_threads, nbl_max_threads()};
    const int n = item->count > 1 && threads[1] > threads[0] && !settings->cpu_time ? 2 : 1;
    metrics_run runs[2] = {{0}, {0}};
    bench_contender contenders[2];
    bool good = true;
    for (int k = 0; k < n; k++) {
        good = good && open_run(&runs[k], item, set, threads[k]);
        contenders[k] = (bench_contender){.pass = pass, .context = &runs[k]};
    }
    good = good && nbl__bench_measure(contenders, n, budget);
    const double neighbours = good ? count_neighbours(&runs[0]) : -1;
    good = neighbours >= 0;
    for (int k = 0; k < n && good; k++) {
        tell(table, item, threads[k], neighbours, &contenders[k].timing, contenders[0].timing.median);
        if (w)
            write_json(w, item, threads[k], neighbours, &contenders[k].timing);
    }
    if (!good)
        fprintf(stderr, "nbl_bench: %s: failed: %s\n", item->name,
                runs[0].metrics ? nbl_metrics_message(runs[0].metrics) : "out of memory");
    for (int k = 0; k < n; k++)
        close_run(&runs[k]);
    return good;
}

static void head(FILE *table, const bench_machine *machine, const bench_settings *settings)
{
    nbl__bench_table_machine(table, machine, settings);
    fprintf(table,
            "; %s\n"
            "Structure metrics of random structures of three elements, the search for neighbours included;\n"
            "medians of whole calls with a handle and arrays that are reused. original: milliseconds that\n"
            "another program is known to need for so many atoms and neighbours, on ANOTHER machine: the\n"
            "single-pass C++ kernel of PASTED 0.4.5 on one core (%s); x: that time over ours.\n\n",
            settings->cpu_time ? "processor time" : "wall time", original);
    fprintf(table, "%-20s %-21s %9s %7s %10s %10s %8s %11s %8s %11s %6s\n", "case", "", "atoms", "threads",
            "neighbours", "ms", "ns/atom", "structures/s", "speedup", "original", "x");
    fflush(table);
}

bool nbl__bench_metrics(FILE *table, bench_writer *w, const bench_machine *machine,
                        const bench_settings *settings)
{
    bool good = true;
    head(table, machine, settings);
    if (w)
        nbl__bench_write_array(w, "metrics");
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const metrics_case *item = cases + k;
        bench_systems set = {0};
        if (item->large && settings->quick)
            continue;
        const bool made =
            item->shape == BALLS ? make_balls(&set, item) : nbl__bench_random_cube(&set, item->size, item->n);
        if (!made)
            fprintf(stderr, "nbl_bench: %s: out of memory\n", item->name);
        good = made && measure(table, w, item, &set, settings) && good;
        nbl__bench_systems_free(&set);
    }
    if (w)
        nbl__bench_write_end(w);
    return good;
}
