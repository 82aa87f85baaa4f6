/* SPDX-License-Identifier: MIT */
#include "metrics/reorder.h"

#include <math.h>
#include <string.h>

#include "base/size.h"
#include "metrics/run.h"
#include "metrics/system.h"
#include "metrics/vector.h"

/* Bits of a key; how many of them stand for what is finer than a bin. */
enum { KEY_BITS = 22, FINE_BITS = 3 };

/* Bins of a system: about cubes of two to four atoms, cut into fine parts along the longest axis. */
typedef struct nbl__bins {
    double g[3][3], low[3], scale[3]; /* place along axis a: (g[a] . r - low[a]) scale[a] */
    bool wraps;                       /* places are fractions of a cell */
    int32_t n[3], place[3];           /* along axis a; where the number of one stands in a key */
} bins;

/* --- Bins ----------------------------------------------------------------------------------------------- */

/* A cell that is periodic along all axes, by its reciprocal vectors. False: it has none. */
static bool span_cell(bins *c, const nbl__cell *cell, double length[3])
{
    const double *h = cell->h;
    nbl__vector_cross(h + 3, h + 6, c->g[0]);
    nbl__vector_cross(h + 6, h, c->g[1]);
    nbl__vector_cross(h, h + 3, c->g[2]);
    const double volume = nbl__vector_dot(h, c->g[0]);
    bool good = true;
    for (int a = 0; a < 3; a++) {
        length[a] = sqrt(nbl__vector_dot(h + 3 * a, h + 3 * a));
        for (int k = 0; k < 3; k++) {
            c->g[a][k] /= volume;
            good &= isfinite(c->g[a][k]);
        }
        c->low[a] = 0;
        c->scale[a] = 1;
    }
    c->wraps = true;
    return good;
}

/* The box around the atoms. */
static void span_box(bins *c, int64_t n, const double *r, double length[3])
{
    memset(c->g, 0, sizeof c->g);
    for (int a = 0; a < 3; a++) {
        double low = r[a], high = r[a];
        for (int64_t i = 1; i < n; i++) {
            low = r[3 * i + a] < low ? r[3 * i + a] : low;
            high = r[3 * i + a] > high ? r[3 * i + a] : high;
        }
        length[a] = high - low;
        c->g[a][a] = 1;
        c->low[a] = low;
        c->scale[a] = length[a] > 0 ? 1 / length[a] : 0;
    }
    c->wraps = false;
}

/* Bits of the keys of n atoms: there are two to four times as many keys, if they are not too many. */
static int32_t key_bits(int64_t n)
{
    int32_t bits = FINE_BITS;
    while (bits < KEY_BITS && (INT64_C(1) << bits) < 2 * n)
        bits++;
    return bits;
}

/* The longest axis, along which numbers run fastest; of equal ones the last, as the core has it. */
static int fastest(const double length[3])
{
    int fast = 2;
    for (int a = 1; a >= 0; a--)
        if (length[a] > length[fast])
            fast = a;
    return fast;
}

/* Halves bins where they are longest. */
static void cut_bins(bins *c, int64_t n, double length[3])
{
    const int32_t total = key_bits(n), fast = fastest(length);
    int32_t bits[3] = {0, 0, 0}, place = 0;
    for (int32_t k = 0; k < total; k++) {
        const int axis = k < total - FINE_BITS ? fastest(length) : fast;
        bits[axis]++;
        length[axis] /= 2;
    }
    for (int k = 0; k < 3; k++) {
        const int axis = k == 0 ? fast : k == 1 ? (fast == 2 ? 1 : 2) : (fast == 0 ? 1 : 0);
        c->n[axis] = 1 << bits[axis];
        c->place[axis] = place;
        place += bits[axis];
    }
}

static bool make_bins(bins *c, const nbl__cell *cell, int64_t n, const double *r)
{
    double length[3];
    if (cell->n_periodic < 3)
        span_box(c, n, r, length);
    else if (!span_cell(c, cell, length))
        return false;
    cut_bins(c, n, length);
    return true;
}

static int32_t key_of(const bins *c, const double r[3])
{
    int32_t key = 0;
    for (int a = 0; a < 3; a++) {
        double f = (nbl__vector_dot(c->g[a], r) - c->low[a]) * c->scale[a];
        f = c->wraps ? f - floor(f) : f;
        const double at = f * c->n[a];
        key |= (at >= 1 ? at < c->n[a] ? (int32_t)at : c->n[a] - 1 : 0) << c->place[a];
    }
    return key;
}

/* --- Orders --------------------------------------------------------------------------------------------- */

void nbl__reorder_mark(nbl_metrics *m)
{
    nbl__run *run = &m->run;
    for (int64_t b = 0; b < run->input.n_systems; b++) {
        const int64_t n = run->first[b + 1] - run->first[b];
        run->systems[b].plain = n < NBL__REORDER_ATOMS || n > INT32_MAX;
    }
}

/* The most atoms of a system that is to be ordered; 0: there is none. */
static int64_t largest(const nbl__run *run)
{
    int64_t most = 0;
    for (int64_t b = 0; b < run->input.n_systems; b++) {
        const int64_t n = run->first[b + 1] - run->first[b];
        most = !run->systems[b].plain && n > most ? n : most;
    }
    return most;
}

static bool is_real(int32_t dtype)
{
    return dtype == NBL_DTYPE_DEFAULT || dtype == NBL_FLOAT64 || dtype == NBL_FLOAT32;
}

static bool is_one_or_all(const void *array, int64_t count, int64_t n_systems)
{
    return array ? count == 1 || count == n_systems : count == 0;
}

/* Whether the arrays of the input are what they say, as far as that can be known. */
static bool is_readable(const nbl__run *run)
{
    const nbl_batch_input *in = &run->input;
    const nbl_build_options *build = &run->request.build;
    const int64_t item = build->positions_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    const int64_t step = build->positions_stride != 0 ? build->positions_stride : 3 * item;
    return in->positions && is_real(build->positions_dtype) && is_real(build->cell_dtype) && step >= 3 * item &&
           step <= PTRDIFF_MAX / in->n_atoms && is_one_or_all(in->cells, in->n_cells, in->n_systems) &&
           is_one_or_all(in->pbc, in->n_pbc, in->n_systems);
}

/* Keys of atoms begin ... end - 1 of the system at hand. */
static void make_keys(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    nbl__reorder *o = &m->reorder;
    bool good = true;
    (void)scratch;
    for (int64_t i = begin; i < end; i++) {
        const double *r = o->from + 3 * i;
        good &= isfinite(r[0]) && isfinite(r[1]) && isfinite(r[2]);
        o->to[i] = key_of(o->bins, r);
    }
    if (!good)
        atomic_store_explicit(&o->bad, true, memory_order_relaxed);
}

/* Counting sort. */
static void sort_keys(nbl__reorder *o, int64_t n, int32_t *place)
{
    const int32_t n_keys = 1 << key_bits(n);
    int32_t sum = 0;
    memset(o->counts, 0, (size_t)n_keys * sizeof *o->counts);
    for (int64_t i = 0; i < n; i++)
        o->counts[o->to[i]]++;
    for (int32_t k = 0; k < n_keys; k++) {
        const int32_t count = o->counts[k];
        o->counts[k] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < n; i++)
        place[o->counts[o->to[i]]++] = (int32_t)i;
}

/* The order of a system. False: its elements or its cell are refused, or the place of an atom is. */
static bool order(nbl_metrics *m, int64_t system, const double *r)
{
    nbl__run *run = &m->run;
    nbl__reorder *o = &m->reorder;
    const int64_t first = run->first[system], n = run->first[system + 1] - first;
    nbl__cell cell;
    if (run->systems[system].species.lack != NBL__LACK_NOTHING)
        return false;
    o->from = r + 3 * first;
    o->to = o->keys + first;
    nbl__cell_read(&cell, &run->input, &run->request.build, system);
    if (!make_bins(o->bins, &cell, n, o->from))
        return false;
    atomic_init(&o->bad, false);
    nbl__run_parts(m, n, n, make_keys);
    if (atomic_load_explicit(&o->bad, memory_order_relaxed))
        return false;
    sort_keys(o, n, o->place + first);
    return true;
}

static void order_all(nbl_metrics *m, const double *r)
{
    nbl__run *run = &m->run;
    for (int64_t b = 0; b < run->input.n_systems; b++) {
        const int64_t first = run->first[b], n = run->first[b + 1] - first;
        nbl__system *system = &run->systems[b];
        system->plain = system->plain || !order(m, b, r);
        for (int64_t i = 0; i < n && system->plain; i++)
            m->reorder.place[first + i] = (int32_t)i;
    }
}

/* Input of atoms begin ... end - 1 in the new order. */
static void bring(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    nbl__reorder *o = &m->reorder;
    const double *r = run->copy ? run->copy : run->input.positions;
    (void)scratch;
    for (int64_t b = nbl__run_system_of(run, begin), a = begin; a < end; b++)
        for (; a < end && a < run->first[b + 1]; a++) {
            const int64_t from = run->first[b] + o->place[a];
            memcpy(o->r + 3 * a, r + 3 * from, 3 * sizeof *r);
            o->numbers[a] = run->numbers[from];
        }
}

/* --- Outputs of atoms ----------------------------------------------------------------------------------- */

/* An output of atoms: where the pointer to it is, and bytes of an atom. */
typedef struct array {
    size_t field, item;
} array;

enum { ARRAYS = 13 };

static void list_arrays(const nbl_metrics_outputs *out, array arrays[ARRAYS])
{
    const size_t of_l = (size_t)out->n_l * sizeof(double);
    const array all[ARRAYS] = {
        {offsetof(nbl_metrics_outputs, degree), sizeof(int32_t)},
        {offsetof(nbl_metrics_outputs, coordination), sizeof(int32_t)},
        {offsetof(nbl_metrics_outputs, component), sizeof(int32_t)},
        {offsetof(nbl_metrics_outputs, ring), sizeof(uint8_t)},
        {offsetof(nbl_metrics_outputs, cna), sizeof(uint8_t)},
        {offsetof(nbl_metrics_outputs, cna_adaptive), sizeof(uint8_t)},
        {offsetof(nbl_metrics_outputs, q), of_l},
        {offsetof(nbl_metrics_outputs, w), of_l},
        {offsetof(nbl_metrics_outputs, q_averaged), of_l},
        {offsetof(nbl_metrics_outputs, clustering), sizeof(double)},
        {offsetof(nbl_metrics_outputs, angle_entropy), sizeof(double)},
        {offsetof(nbl_metrics_outputs, radial_variance), sizeof(double)},
        {offsetof(nbl_metrics_outputs, anisotropy), sizeof(double)},
    };
    memcpy(arrays, all, sizeof all);
}

static void *array_of(const nbl_metrics_outputs *out, size_t field)
{
    void *found;
    memcpy(&found, (const char *)out + field, sizeof found);
    return found;
}

static void set_array(nbl_metrics_outputs *out, size_t field, void *to)
{
    memcpy((char *)out + field, &to, sizeof to);
}

/* Outputs of atoms begin ... end - 1 to their places. */
static void bring_back(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    const nbl__reorder *o = &m->reorder;
    array arrays[ARRAYS];
    (void)scratch;
    list_arrays(&o->given_outputs, arrays);
    for (int k = 0; k < ARRAYS; k++) {
        const size_t item = arrays[k].item;
        char *to = array_of(&o->given_outputs, arrays[k].field);
        const char *from = array_of(&run->request.outputs, arrays[k].field);
        if (!from)
            continue;
        for (int64_t b = nbl__run_system_of(run, begin), a = begin; a < end; b++)
            for (; a < end && a < run->first[b + 1]; a++)
                memcpy(to + (size_t)(run->first[b] + o->place[a]) * item, from + (size_t)a * item, item);
    }
}

/* Components in the order of their first atoms, as the caller numbers these. */
static void number_components(nbl_metrics *m, int32_t *component)
{
    const nbl__run *run = &m->run;
    int32_t *const number = m->reorder.keys;
    for (int64_t b = 0; b < run->input.n_systems; b++) {
        const int64_t first = run->first[b], n = run->first[b + 1] - first;
        int32_t next = 0;
        if (run->systems[b].plain)
            continue;
        for (int64_t i = 0; i < n; i++)
            number[i] = -1;
        for (int64_t i = first; i < first + n; i++) {
            int32_t *const own = &number[component[i]];
            *own = *own < 0 ? next++ : *own;
            component[i] = *own;
        }
    }
}

/* --- Opening and closing -------------------------------------------------------------------------------- */

/* One block: what lies in it, and behind it the outputs. False: there is no memory for it. */
static bool reserve(nbl_metrics *m, double **plain)
{
    enum { ALIGN = 64, PARTS = 7 };
    nbl__run *run = &m->run;
    nbl__reorder *o = &m->reorder;
    const uint64_t n = (uint64_t)run->input.n_atoms;
    const struct {
        void **out;
        size_t item;
        uint64_t count;
    } parts[PARTS] = {
        {(void **)&o->place, sizeof *o->place, n},
        {(void **)&o->keys, sizeof *o->keys, n},
        {(void **)&o->counts, sizeof *o->counts, UINT64_C(1) << key_bits(largest(run))},
        {(void **)&o->r, 3 * sizeof *o->r, n},
        {(void **)&o->numbers, sizeof *o->numbers, n},
        {(void **)&o->bins, sizeof *o->bins, 1},
        {(void **)plain, 3 * sizeof **plain, nbl__run_in_place(m) ? 0 : n},
    };
    array arrays[ARRAYS];
    size_t sizes[PARTS + ARRAYS], total = 0;
    nbl__fault fault;
    list_arrays(&run->request.outputs, arrays);
    for (int k = 0; k < PARTS + ARRAYS; k++) {
        const bool wanted = k < PARTS || array_of(&run->request.outputs, arrays[k - PARTS].field);
        const size_t bytes = k < PARTS ? nbl__size_of_count(parts[k].count, parts[k].item)
                                       : nbl__size_of_count(n, arrays[k - PARTS].item);
        sizes[k] = wanted && bytes > 0 ? nbl__size_add(bytes, ALIGN) / ALIGN * ALIGN : 0;
        total = nbl__size_add(total, sizes[k]);
    }
    if (nbl__buffer_reserve(&m->memory, &o->memory, total, &fault) != NBL_OK)
        return false;
    char *at = o->memory.data;
    o->given_outputs = run->request.outputs;
    for (int k = 0; k < PARTS + ARRAYS; at += sizes[k], k++) {
        void *const made = sizes[k] > 0 ? at : NULL;
        if (k < PARTS)
            memcpy(parts[k].out, &made, sizeof made);
        else
            set_array(&run->request.outputs, arrays[k - PARTS].field, made);
    }
    return true;
}

void nbl__reorder_open(nbl_metrics *m)
{
    nbl__run *run = &m->run;
    nbl__reorder *o = &m->reorder;
    const int64_t n = run->input.n_atoms;
    double *plain;
    o->active = false;
    if (!(run->request.needs & NBL__NEED_ROWS) || largest(run) == 0 || !is_readable(run) || !reserve(m, &plain))
        return;
    o->active = true;
    o->given_positions = run->input.positions;
    o->given_numbers = run->numbers;
    o->given_build = run->request.build;
    run->copy = plain;
    if (plain)
        nbl__run_parts(m, n, n, nbl__run_copy);
    order_all(m, plain ? plain : run->input.positions);
    nbl__run_parts(m, n, n, bring);
    run->input.positions = o->r;
    run->numbers = o->numbers;
    run->request.build.positions_dtype = NBL_FLOAT64;
    run->request.build.positions_stride = 0;
}

/* What a system alone is refused for, and the core says with the number of an atom. */
static bool names_atoms(nbl_status status)
{
    return status == NBL_EPOSITION || status == NBL_ERANGE || status == NBL_ESHIFT;
}

bool nbl__reorder_spoilt(nbl_metrics *m, nbl_status status)
{
    nbl__run *run = &m->run;
    bool found = false;
    for (int64_t b = 0; b < run->input.n_systems && m->reorder.active; b++) {
        nbl__system *system = &run->systems[b];
        const bool spoilt = !system->plain && names_atoms(run->single ? status : run->statuses[b]);
        system->plain |= spoilt;
        found |= spoilt;
    }
    return found;
}

void nbl__reorder_close(nbl_metrics *m, bool outputs)
{
    nbl__run *run = &m->run;
    nbl__reorder *o = &m->reorder;
    if (!o->active)
        return;
    if (outputs)
        nbl__run_parts(m, run->input.n_atoms, run->input.n_atoms, bring_back);
    if (outputs && o->given_outputs.component)
        number_components(m, o->given_outputs.component);
    o->active = false;
    run->input.positions = o->given_positions;
    run->numbers = o->given_numbers;
    run->request.build = o->given_build;
    run->request.outputs = o->given_outputs;
}
