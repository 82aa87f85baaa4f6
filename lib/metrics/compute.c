/* SPDX-License-Identifier: MIT */
/* The two calls that compute, and the order of the stages. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/size.h"
#include "base/struct.h"
#include "metrics/run.h"

enum { BATCH_INPUT_FIRST = NBL__THROUGH(nbl_batch_input, reserved) };

static nbl_status say_fault(nbl_metrics *m, nbl_status status, const nbl__fault *fault)
{
    if (fault->need == UINT64_MAX || fault->need == SIZE_MAX)
        return nbl__metrics_say(m->message, status, "out of memory: the size does not fit the address space");
    return nbl__metrics_say(m->message, status, "out of memory: %" PRIu64 " bytes could not be allocated",
                            fault->need);
}

static nbl_status pass_on(nbl_metrics *m, nbl_status status, const char *message)
{
    return nbl__metrics_say(m->message, status, "%s", message);
}

/* What a system lacks by itself. */
static nbl_status say_lack(nbl_metrics *m, int64_t b)
{
    const nbl__run *run = &m->run;
    const nbl__species *species = &run->systems[b].species;
    const int64_t atom = run->first[b] + species->lack_atom;
    const int32_t z = run->numbers[atom];
    char system[40] = "", local[40] = "";
    if (!run->single) {
        nbl__metrics_say(system, NBL_OK, "system %" PRId64 ": ", b);
        nbl__metrics_say(local, NBL_OK, " (atom %" PRId32 " of the system)", species->lack_atom);
    }
    if (species->lack == NBL__LACK_NUMBER)
        return nbl__metrics_say(m->message, NBL_EARGUMENT,
                                "%snumbers[%" PRId64 "] is %" PRId32 ", not 0 ... %d%s", system, atom, z,
                                NBL_METRICS_MAX_NUMBER, local);
    return nbl__metrics_say(m->message, NBL_EARGUMENT,
                            "%snumbers[%" PRId64 "] is %" PRId32 ", which has no %s%s", system, atom, z,
                            species->lack == NBL__LACK_RADIUS ? "radius" : "electronegativity", local);
}

/* --- Before the stages ---------------------------------------------------------------------------------- */

static int64_t id_at(const void *ids, bool narrow, int64_t at)
{
    return narrow ? ((const int32_t *)ids)[at] : ((const int64_t *)ids)[at];
}

/* Where systems begin; false where the core would refuse the arrays. */
static bool read_first(int64_t *first, const nbl_batch_input *in)
{
    const bool narrow = in->ids_dtype == NBL_INT32;
    int64_t system = 0;
    memset(first, 0, ((size_t)in->n_systems + 1) * sizeof *first);
    if (in->ptr) {
        for (int64_t b = 0; b <= in->n_systems; b++) {
            first[b] = id_at(in->ptr, narrow, b);
            if (first[b] < (b == 0 ? 0 : first[b - 1]))
                return false;
        }
        return first[0] == 0 && first[in->n_systems] == in->n_atoms;
    }
    for (int64_t i = 0; i < in->n_atoms; i++) {
        const int64_t id = id_at(in->batch, narrow, i);
        if (id < system || id >= in->n_systems)
            return false;
        while (system < id)
            first[++system] = i;
    }
    while (system < in->n_systems)
        first[++system] = in->n_atoms;
    return true;
}

/* What the arrays of a batch must be for read_first() to look at them. */
static bool readable(const nbl_batch_input *in)
{
    const bool dtype =
        in->ids_dtype == NBL_DTYPE_DEFAULT || in->ids_dtype == NBL_INT64 || in->ids_dtype == NBL_INT32;
    const bool sizes =
        in->n_systems >= 0 && in->n_systems <= INT32_MAX && in->n_atoms >= 0 && in->n_atoms <= INT64_MAX / 64;
    return dtype && sizes && !(in->ptr && in->batch) && (in->ptr || in->batch || in->n_atoms == 0);
}

/* A batch whose arrays are refused as a whole: the core says why. */
static nbl_status refuse_batch(nbl_metrics *m, const nbl_batch_input *given)
{
    const double cutoff = 1;
    nbl_batch_input in = *given;
    in.cutoffs = &cutoff;
    in.n_cutoffs = 1;
    nbl_status status = nbl_batch_build(m->batch, &in, &m->run.request.build, NULL);
    if (status == NBL_OK || status == NBL_EBATCH)
        return nbl__metrics_say(m->message, NBL_EPTR, "the systems of the batch do not span its atoms");
    return pass_on(m, status, nbl_batch_message(m->batch));
}

static void merge_table(double *to, const double *defaults, const double *given, int32_t n)
{
    memcpy(to, defaults, NBL__NUMBERS * sizeof *to);
    for (int32_t z = 0; given && z < n && z < NBL__NUMBERS; z++)
        to[z] = isnan(given[z]) ? to[z] : given[z];
}

/* Tables of the call: elements, harmonics, bins. Made anew only where they differ from those of the last call.
 */
static nbl_status prepare_tables(nbl_metrics *m, nbl__fault *fault)
{
    nbl__run *run = &m->run;
    const nbl__request *q = &run->request;
    const nbl_metrics_options *o = &q->options;
    run->elements = &m->defaults;
    if (o->n_elements > 0) {
        merge_table(m->elements.radius, m->defaults.radius, o->radii, o->n_elements);
        merge_table(m->elements.chi, m->defaults.chi, o->electronegativities, o->n_elements);
        run->elements = &m->elements;
    }
    if ((q->needs & NBL__NEED_HARMONICS) &&
        (m->harmonics.n_l != q->n_l || memcmp(m->harmonics.l, q->l, (size_t)q->n_l * sizeof *q->l) != 0))
        nbl__harmonics_init(&m->harmonics, q->n_l, q->l, m->avx2);
    run->moments_width = 0;
    for (int32_t k = 0; k < q->n_l_stored && (q->needs & NBL__NEED_AVERAGE); k++)
        run->moments_width += 2 * q->l[k] + 1;
    if (!(q->needs & NBL__NEED_POLAR) || m->n_polar == o->n_bins)
        return NBL_OK;
    m->n_polar = 0;
    nbl_status status =
        nbl__buffer_reserve(&m->memory, &m->polar_edges, ((size_t)o->n_bins + 1) * sizeof(double), fault);
    if (status != NBL_OK)
        return status;
    nbl__angle_bins_init(&m->polar_angles, o->n_bins, m->polar_edges.data);
    m->n_polar = o->n_bins;
    return NBL_OK;
}

/* --- The stages ----------------------------------------------------------------------------------------- */

/* The core's build; statuses of systems are those of the core until relabel(). */
static nbl_status build(nbl_metrics *m)
{
    nbl__run *run = &m->run;
    nbl_build_options options = run->request.build;
    nbl_batch_input *in = &run->input;
    options.n_threads = run->n_threads;
    if (run->single) {
        const bool of_radii = !run->request.options.cutoffs || run->request.options.n_cutoffs == 0;
        const double cutoff = in->n_atoms == 0 && of_radii ? 1 : run->cutoffs[0];
        nbl_status status =
            nbl_cell_list_build(m->list, in->n_atoms, in->positions, in->cells, in->pbc, cutoff, &options);
        return status == NBL_OK ? status : pass_on(m, status, nbl_cell_list_message(m->list));
    }
    in->cutoffs = run->cutoffs;
    in->n_cutoffs = in->n_systems;
    nbl_status status = nbl_batch_build(m->batch, in, &options, run->statuses);
    return status == NBL_OK ? status : pass_on(m, status, nbl_batch_message(m->batch));
}

/* Systems that lack something were given a cutoff that the core refuses; those without atoms it refuses not.
   The lowest that failed, or -1. */
static int64_t relabel(nbl_metrics *m)
{
    nbl__run *run = &m->run;
    int64_t lowest = -1;
    for (int64_t b = run->input.n_systems - 1; b >= 0; b--) {
        if (run->systems[b].species.lack != NBL__LACK_NOTHING)
            run->statuses[b] = NBL_EARGUMENT;
        if (run->systems[b].bad_cutoff)
            run->statuses[b] = NBL_ECUTOFF;
        if (run->statuses[b] != NBL_OK)
            lowest = b;
    }
    return lowest;
}

/* The traversal. Its own refusals, which only shifts can cause, show in systems that are not complete. */
static nbl_status traverse(nbl_metrics *m, int64_t *lowest)
{
    nbl__run *run = &m->run;
    const uint32_t needs = run->request.needs;
    const uint32_t exact = NBL__NEED_TRIANGLES | NBL__NEED_CNA;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = NBL_INCLUSIVE;
    options.n_threads = run->n_threads;
    options.fields = NBL_ROW_VECTORS | NBL_ROW_D2;
    if (run->input.cells && (needs & exact))
        options.fields |= NBL_ROW_SHIFTS;
    m->failed = NBL_OK;
    nbl_status status;
    if (run->single)
        status = nbl_cell_list_visit(m->list, 1, run->cutoffs, &options, m->result, nbl__run_rows, m);
    else
        status = nbl_batch_visit(m->batch, 1, run->input.n_systems, run->cutoffs, &options, m->result,
                                 nbl__run_rows, m);
    if (status == NBL_ESTOP)
        return say_fault(m, m->failed, &m->fault);
    if (status == NBL_OK)
        return NBL_OK;
    if (status != NBL_EBATCH && status != NBL_ESHIFT)
        return pass_on(m, status, nbl_result_message(m->result));
    for (int64_t b = run->input.n_systems - 1; b >= 0; b--) {
        const int64_t rows = atomic_load_explicit(&run->systems[b].rows, memory_order_relaxed);
        if (run->statuses[b] != NBL_OK || rows == run->first[b + 1] - run->first[b])
            continue;
        run->statuses[b] = NBL_ESHIFT;
        if (*lowest < 0 || b < *lowest) {
            *lowest = b;
            pass_on(m, status, nbl_result_message(m->result));
        }
    }
    return status == NBL_EBATCH ? NBL_OK : status;
}

static void give_statuses(const nbl__run *run, int32_t *statuses)
{
    if (statuses && run->input.n_systems > 0)
        memcpy(statuses, run->statuses, (size_t)run->input.n_systems * sizeof *statuses);
}

/* After the build: everything that needs the atoms. */
static nbl_status finish(nbl_metrics *m, int64_t *lowest)
{
    nbl__run *run = &m->run;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    const int64_t n_systems = run->input.n_systems, n_atoms = run->input.n_atoms;
    const uint32_t needs = run->request.needs;
    nbl_status status = nbl__run_reserve_atoms(m, &fault);
    if (status != NBL_OK)
        return say_fault(m, status, &fault);
    run->r = run->copy ? run->copy : run->input.positions;
    if (run->copy)
        nbl__run_parts(m, n_atoms, n_atoms, nbl__run_copy);
    nbl__run_parts(m, n_systems, n_atoms, nbl__run_frames);
    nbl__edges_clear(&m->edges);
    if ((needs & NBL__NEED_ROWS) && n_atoms > 0) {
        status = traverse(m, lowest);
        if (status != NBL_OK)
            return status;
        if (run->request.build.flags & NBL_ALL_OR_NOTHING && *lowest >= 0)
            return run->statuses[*lowest];
        status = nbl__run_even_out(m, &fault);
        if (status != NBL_OK)
            return say_fault(m, status, &fault);
    }
    if (needs & NBL__NEED_AVERAGE)
        nbl__run_parts(m, n_atoms, n_atoms, nbl__run_averages);
    nbl__run_parts(m, n_systems, n_atoms, nbl__run_values);
    return NBL_OK;
}

/* All stages, with systems in the order that they may have. */
static nbl_status run_stages(nbl_metrics *m, int32_t *statuses)
{
    nbl__run *run = &m->run;
    nbl__run_parts(m, run->input.n_systems, run->input.n_atoms, nbl__run_elements);
    if (run->single && run->systems[0].species.lack != NBL__LACK_NOTHING)
        return say_lack(m, 0);
    nbl__reorder_open(m);
    nbl_status status = build(m);
    const bool all = run->request.build.flags & NBL_ALL_OR_NOTHING;
    int64_t lowest = relabel(m);
    if (status != NBL_OK && status != NBL_EBATCH && !(all && lowest >= 0))
        return status;
    if (lowest >= 0 && run->systems[lowest].species.lack != NBL__LACK_NOTHING)
        say_lack(m, lowest);
    if (lowest >= 0 && run->systems[lowest].bad_cutoff)
        nbl__metrics_say(m->message, NBL_ECUTOFF,
                         "system %" PRId64 ": cutoff is %g, not between 1e-100 and 1e100", lowest,
                         run->cutoffs[lowest]);
    if (all && lowest >= 0) {
        give_statuses(run, statuses);
        return run->statuses[lowest];
    }
    status = finish(m, &lowest);
    give_statuses(run, statuses);
    return status == NBL_OK && lowest >= 0 ? NBL_EBATCH : status;
}

/* From a request and an input that can be read, to the end. */
static nbl_status compute(nbl_metrics *m, const int32_t *numbers, int32_t *statuses)
{
    nbl__run *run = &m->run;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    const int64_t n_systems = run->input.n_systems, n_atoms = run->input.n_atoms;
    m->reorder.active = false;
    nbl_status status = nbl__request_fit(&run->request, n_systems, n_atoms, m->message);
    if (status != NBL_OK)
        return status;
    if (n_atoms > 0 && !numbers)
        return nbl__metrics_say(m->message, NBL_ENULL, "numbers is NULL, %s is %" PRId64,
                                run->single ? "n" : "n_atoms", n_atoms);
    run->numbers = numbers;
    run->avx2 = m->avx2;
    run->n_threads = run->request.options.n_threads ? run->request.options.n_threads : m->n_threads;
    run->team = nbl__threads_count(run->n_threads);
    status = prepare_tables(m, &fault);
    if (status != NBL_OK)
        return say_fault(m, status, &fault);
    bool again = false;
    do {
        status = nbl__run_reserve_systems(m, &fault);
        if (status != NBL_OK)
            return say_fault(m, status, &fault);
        if (!again)
            nbl__reorder_mark(m);
        m->message[0] = '\0';
        status = run_stages(m, statuses);
        again = nbl__reorder_spoilt(m, status);
        nbl__reorder_close(m, !again && (status == NBL_OK || status == NBL_EBATCH));
    } while (again);
    return status;
}

nbl_status nbl_metrics_compute(nbl_metrics *metrics, int64_t n, const void *positions, const void *cell,
                               const uint8_t *pbc, const int32_t *numbers, const nbl_metrics_options *options,
                               const nbl_metrics_outputs *outputs)
{
    nbl_metrics *m = metrics;
    if (!m)
        return NBL_ENULL;
    m->message[0] = '\0';
    nbl__run *run = &m->run;
    nbl__fault fault;
    nbl_status status = nbl__request_read(&run->request, options, outputs, m->message);
    if (status != NBL_OK)
        return status;
    if (n < 0 || n > INT32_MAX)
        return nbl__metrics_say(m->message, NBL_ESIZE, "n is %" PRId64, n);
    if (n > 0 && !positions)
        return nbl__metrics_say(m->message, NBL_ENULL, "positions is NULL, n is %" PRId64, n);
    status = nbl__buffer_reserve(&m->memory, &m->first, 2 * sizeof(int64_t), &fault);
    if (status != NBL_OK)
        return say_fault(m, status, &fault);
    int64_t *first = m->first.data;
    first[0] = 0;
    first[1] = n;
    run->first = first;
    run->single = true;
    run->input = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
    run->input.n_systems = 1;
    run->input.n_atoms = n;
    run->input.positions = positions;
    run->input.cells = cell;
    run->input.n_cells = cell != NULL;
    run->input.pbc = pbc;
    run->input.n_pbc = pbc != NULL;
    return compute(m, numbers, NULL);
}

nbl_status nbl_metrics_compute_batch(nbl_metrics *metrics, const nbl_batch_input *input, const int32_t *numbers,
                                     const nbl_metrics_options *options, const nbl_metrics_outputs *outputs,
                                     int32_t *statuses)
{
    nbl_metrics *m = metrics;
    if (!m)
        return NBL_ENULL;
    m->message[0] = '\0';
    nbl__run *run = &m->run;
    nbl__fault fault;
    nbl_status status = nbl__request_read(&run->request, options, outputs, m->message);
    if (status != NBL_OK)
        return status;
    if (!input)
        return nbl__metrics_say(m->message, NBL_ENULL, "input is NULL");
    run->input = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
    if (nbl__struct_read(&run->input, sizeof run->input, BATCH_INPUT_FIRST, input) != NBL_OK)
        return nbl__metrics_say(m->message, NBL_ESTRUCT, "input: size is %zu, or unknown fields are not zero",
                                input->size);
    run->input.size = sizeof run->input;
    if (!readable(&run->input))
        return refuse_batch(m, &run->input);
    status = nbl__buffer_reserve(
        &m->memory, &m->first, nbl__size_of_count((uint64_t)run->input.n_systems + 1, sizeof(int64_t)), &fault);
    if (status != NBL_OK)
        return say_fault(m, status, &fault);
    if (!read_first(m->first.data, &run->input))
        return refuse_batch(m, &run->input);
    run->first = m->first.data;
    run->single = false;
    return compute(m, numbers, statuses);
}
