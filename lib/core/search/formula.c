/* SPDX-License-Identifier: MIT */
/*
 * All pairs of atoms, all images by the formula: for systems whose coordinates are so large that rounding
 * exceeds the cutoff, and for brute force on many atoms. Uses neither grid nor kernel. Rows come out sorted.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "cell/exact.h"
#include "emit/order.h"
#include "search/worker.h"

enum { PIECE_ROWS = 8 };

/* Atoms that an open row looks at in one go. */
enum { OPEN_PART = 64 };

/* Images that room is made for at a time. */
enum { LINE_PART = 64 };

/* 1.5 * 2^31: a reduced vector is at most sqrt(2) heights long, so the atom's own images need wider shifts. */
static const double surely_too_many = 3221225472.0;

/* The row in the making. */
typedef struct maker {
    nbl__worker *worker;
    const nbl__job *job;
    nbl__image *row;
    uint64_t count;
    uint64_t capacity;
} maker;

/* Whether rows are only counted: neither kept nor handed on. */
static bool only_counts(const nbl__job *job)
{
    return !job->target->consume && !nbl__target_keeps(job->target) && job->n_levels == 1;
}

/* More than is kept of wide rows: nbl__list_search() falls back to counts. */
static nbl_status refuse_wide(nbl__worker *w, const nbl__job *job)
{
    w->fault = (nbl__fault){.what = NBL__FAULT_BYTES, .limit = job->target->most_wide};
    return NBL_ELIMIT;
}

static bool exceeds_wide(const nbl__job *job, uint64_t pairs)
{
    const nbl__target *target = job->target;
    return nbl__target_keeps(target) && target->most_wide != 0 &&
           pairs > target->most_wide / sizeof(nbl__image);
}

/* Room for `more` entries behind the row, which moves to a larger segment when it has to. */
static nbl_status make_room(maker *m, uint32_t more)
{
    const nbl__job *job = m->job;
    nbl__worker *w = m->worker;
    const uint64_t want = m->count + more, limit = (uint64_t)w->team->max_pairs;
    if ((limit != 0 && m->count > limit) || want > UINT32_MAX) {
        bool pairs = limit != 0 && m->count > limit;
        w->fault = (nbl__fault){.what = pairs ? NBL__FAULT_PAIRS : NBL__FAULT_ROW,
                                .limit = pairs ? limit : UINT32_MAX};
        return NBL_ELIMIT;
    }
    if (want <= m->capacity || (only_counts(job) && !job->open))
        return NBL_OK;
    if (exceeds_wide(job, m->count))
        return refuse_wide(w, job);
    const uint64_t capacity = want > 2 * m->capacity ? want : 2 * m->capacity;
    const nbl__image *old = m->row;
    nbl_status status =
        nbl__worker_scratch(w, job->target->arena, &w->made, nbl__size_of_count(capacity, sizeof(nbl__image)));
    if (status != NBL_OK)
        return status;
    m->row = (nbl__image *)(void *)w->made.next;
    m->capacity = (size_t)(w->made.end - w->made.next) / sizeof(nbl__image);
    if (m->count != 0 && m->row != old)
        memcpy(m->row, old, (size_t)m->count * sizeof *old);
    return NBL_OK;
}

static bool is_listed(const nbl__query *query, int64_t i, int64_t j, const double s[3])
{
    int sign = 0;
    for (int k = 2; k >= 0; k--)
        sign = s[k] > 0.0 ? 1 : s[k] < 0.0 ? -1 : sign;
    if (i == j && sign == 0)
        return query->self;
    return !query->half || j > i || (j == i && sign > 0);
}

static nbl_status try_pair(maker *m, int64_t i, int64_t j, const double s[3])
{
    const nbl__scene *scene = &m->job->scene;
    double d[3];
    double d2 = nbl__exact_d2(scene->r[i], scene->r[j], scene->lattice->h, s[0], s[1], s[2], d);
    if (!(d2 < nbl__job_highest(m->job)->limit) || !is_listed(m->job->query, i, j, s))
        return NBL_OK;
    for (int k = 0; k < 3; k++)
        if (!(s[k] >= (double)INT32_MIN && s[k] <= (double)INT32_MAX)) {
            m->worker->fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = k, .a = i, .b = j, .value = s[k]};
            return NBL_ESHIFT;
        }
    if (!only_counts(m->job))
        m->row[m->count] = (nbl__image){{(int32_t)s[0], (int32_t)s[1], (int32_t)s[2]}, (int32_t)j};
    m->count++;
    return NBL_OK;
}

static void subtract_along(double *v, const double *q)
{
    double along = nbl__dot(v, q);
    for (int k = 0; k < 3; k++)
        v[k] -= along * q[k];
}

static void make_frame(nbl__frame *f, const double r[3][3])
{
    for (int b = 2; b >= 0; b--) {
        double v[3] = {r[b][0], r[b][1], r[b][2]};
        /* twice: what rounding leaves after the first round is not orthogonal enough for long rows */
        for (int round = 0; round < 2; round++)
            for (int c = 2; c > b; c--)
                subtract_along(v, f->q[c]);
        double length = sqrt(nbl__dot(v, v));
        for (int k = 0; k < 3; k++)
            f->q[b][k] = v[k] / length;
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            f->t[a][b] = nbl__dot(r[a], f->q[b]);
}

/*
 * How far two atoms that may be neighbours can lie apart, with the rounding of this pair. Rounding grows with
 * the steps along each axis, and those with the distance: where it grows more slowly, the distance has a bound,
 * from which the steps follow. A long axis along which there is no step then adds nothing. Where a step is in
 * doubt because the inverse of the lattice is rounded, it counts.
 */
static double pair_radius(const nbl__job *job, const double *delta)
{
    const nbl__lattice *lattice = job->scene.lattice;
    const double unit = 16.0 * DBL_EPSILON, slack = 1e-9, cutoff = nbl__job_highest(job)->cutoff;
    const double apart = fabs(delta[0]) + fabs(delta[1]) + fabs(delta[2]);
    double place[3] = {0.0, 0.0, 0.0}, least = apart, slope = 0.0, scale = apart;
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a]) {
            const double *g = lattice->g[a];
            place[a] = fabs(nbl__dot(g, delta));
            place[a] += slack * (fabs(g[0] * delta[0]) + fabs(g[1] * delta[1]) + fabs(g[2] * delta[2]));
            least += place[a] * lattice->spread[a];
            slope += unit * lattice->spread[a] / lattice->height[a];
        }
    const double bound = (cutoff + unit * least) / (1.0 - slope);
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a]) {
            const double steps = slope < 0.5
                                     ? floor((place[a] + bound / lattice->height[a]) * (1.0 + slack) + slack)
                                     : place[a] + job->reach[a] + 1.0;
            scale += steps * lattice->spread[a];
        }
    return (cutoff + unit * scale) * (1.0 + 1e-12);
}

/* Steps m along axis a for which |y + m t[a][a]| <= radius; an open axis, looked at before, has step 0 alone.
 */
static void step_range(const nbl__job *job, int a, double y, double radius, double range[2])
{
    double step = job->frame.t[a][a];
    if (job->scene.lattice->pbc[a]) {
        range[0] = ceil((-radius - y) / step);
        range[1] = floor((radius - y) / step);
    } else {
        range[0] = range[1] = 0.0;
    }
}

static double rest_of(double radius, double used)
{
    double rest = radius * radius - used * used;
    return rest > 0.0 ? sqrt(rest) : 0.0;
}

static int compare_images(const void *a, const void *b)
{
    return nbl__order_compare(a, b);
}

/*
 * The caller's shift of steps m; returns the axis on which it is not exact as a double, or -1. Beyond 2^53 no
 * int32 shift is left.
 */
static int shift_of(const nbl__lattice *lattice, const double m[3], double s[3])
{
    int inexact = -1;
    for (int b = 0; b < 3; b++) {
        double size = 0.0;
        s[b] = 0.0;
        for (int a = 0; a < 3; a++) {
            double term = lattice->pbc[a] && lattice->pbc[b] ? m[a] * (double)lattice->m[a][b] : 0.0;
            s[b] += term;
            size += fabs(term);
        }
        inexact = size < 9007199254740992.0 ? inexact : b;
    }
    return inexact;
}

/* One line of images, steps m0 and m1 given, the third in a range: in parts, as the range may be long. */
static nbl_status search_line(maker *m, int64_t i, int64_t j, double m0, double m1, const double range[2])
{
    nbl_status status = NBL_OK;
    uint32_t tried = 0;
    for (double m2 = range[0]; m2 <= range[1] && status == NBL_OK; m2 += 1.0) {
        const double steps[3] = {m0, m1, m2};
        double s[3];
        if (tried++ % LINE_PART == 0)
            status = make_room(m, LINE_PART);
        if (status != NBL_OK)
            return status;
        int inexact = shift_of(m->job->scene.lattice, steps, s);
        if (inexact >= 0) {
            m->worker->fault =
                (nbl__fault){.what = NBL__FAULT_PAIR, .k = inexact, .a = i, .b = j, .value = s[inexact]};
            return NBL_ESHIFT;
        }
        status = try_pair(m, i, j, s);
    }
    return status;
}

/* The images of one pair of atoms, from entry `first` on, into the order of their shifts. */
static nbl_status sort_images(maker *m, uint64_t first)
{
    uint32_t count = (uint32_t)(m->count - first);
    nbl_status status = make_room(m, count);
    if (status == NBL_OK)
        nbl__sort(m->row + first, count, sizeof *m->row, compare_images, m->row + m->count);
    return status;
}

/* The images of j inside a sphere around i: ranges of steps, nested. */
static nbl_status search_images(maker *m, int64_t i, int64_t j)
{
    const nbl__job *job = m->job;
    const nbl__lattice *lattice = job->scene.lattice;
    const double(*t)[3] = job->frame.t;
    const double *ri = job->scene.r[i], *rj = job->scene.r[j];
    const double delta[3] = {rj[0] - ri[0], rj[1] - ri[1], rj[2] - ri[2]};
    const double radius = pair_radius(job, delta);
    const uint64_t first = m->count;
    double y[3], r0[2], r1[2], r2[2];
    for (int b = 0; b < 3; b++) {
        y[b] = nbl__dot(job->frame.q[b], delta);
        if (!lattice->pbc[b] && fabs(y[b]) > radius)
            return NBL_OK;
    }
    step_range(job, 0, y[0], radius, r0);
    for (double m0 = r0[0]; m0 <= r0[1]; m0 += 1.0) {
        double rest = rest_of(radius, y[0] + m0 * t[0][0]);
        step_range(job, 1, y[1] + m0 * t[0][1], rest, r1);
        for (double m1 = r1[0]; m1 <= r1[1]; m1 += 1.0) {
            double least = rest_of(rest, y[1] + m0 * t[0][1] + m1 * t[1][1]);
            step_range(job, 2, y[2] + m0 * t[0][2] + m1 * t[1][2], least, r2);
            if (r2[0] > r2[1])
                continue;
            nbl_status status = search_line(m, i, j, m0, m1, r2);
            if (status != NBL_OK)
                return status;
        }
    }
    bool sort = lattice->reduced && m->count - first > 1 && !only_counts(job);
    return sort ? sort_images(m, first) : NBL_OK;
}

/* Without images: two loops free of branches. `row` has room for n entries. */
static uint32_t search_open_row(const nbl__job *job, int64_t i, nbl__image *row)
{
    const double(*r)[3] = job->scene.r;
    const int64_t n = job->scene.n;
    const double limit = nbl__job_highest(job)->limit;
    uint32_t count = 0;
    for (int64_t first = job->query->half ? i : 0; first < n; first += OPEN_PART) {
        int32_t near[OPEN_PART];
        const int part = n - first < OPEN_PART ? (int)(n - first) : OPEN_PART;
        for (int k = 0; k < part; k++)
            near[k] = nbl__exact_open_d2(r[i], r[first + k]) < limit;
        if (i >= first && i < first + part)
            near[i - first] = job->query->self;
        for (int k = 0; k < part; k++) {
            row[count] = (nbl__image){.atom = (int32_t)(first + k)};
            count += (uint32_t)near[k];
        }
    }
    return count;
}

static nbl_status make_row(maker *m, int64_t i)
{
    const nbl__job *job = m->job;
    nbl_status status = NBL_OK;
    m->row = (nbl__image *)(void *)m->worker->made.next;
    m->capacity = (size_t)(m->worker->made.end - m->worker->made.next) / sizeof(nbl__image);
    m->count = 0;
    if (job->open) {
        status = make_room(m, (uint32_t)job->scene.n);
        if (status == NBL_OK)
            m->count = search_open_row(job, i, m->row);
        return status;
    }
    for (int64_t j = job->query->half ? i : 0; j < job->scene.n && status == NBL_OK; j++)
        status = search_images(m, i, j);
    return status;
}

/* The part of a row that list k holds, in scratch of its own. */
static nbl_status deliver_level(maker *m, int32_t k, const double *d2, nbl__image *part, nbl__view *view)
{
    const nbl__job *job = m->job;
    const double below = job->query->disjoint && k > 0 ? job->levels[k - 1].limit : 0.0;
    uint32_t count = 0;
    for (uint64_t e = 0; e < m->count; e++) {
        part[count] = m->row[e];
        count += d2[e] < job->levels[k].limit && !(d2[e] < below);
    }
    view->images = part;
    view->count = count;
    return nbl__worker_deliver(m->worker, job, job->levels[k].list, view);
}

static nbl_status deliver_levels(maker *m, nbl__view *view)
{
    const nbl__job *job = m->job;
    nbl__worker *w = m->worker;
    const size_t bytes = nbl__size_of_count(m->count + 1, sizeof(nbl__image) + sizeof(double));
    nbl_status status = nbl__worker_scratch(w, job->target->arena, &w->fixed, bytes);
    if (status != NBL_OK)
        return status;
    nbl__image *part = (nbl__image *)(void *)w->fixed.next;
    double *d2 = (double *)(void *)(part + m->count + 1), d[3];
    view->images = m->row;
    for (uint64_t e = 0; e < m->count; e++)
        d2[e] = nbl__view_d2(view, (uint32_t)e, d);
    for (int32_t k = 0; k < job->n_levels && status == NBL_OK; k++)
        status = deliver_level(m, k, d2, part, view);
    return status;
}

static nbl_status deliver(maker *m, int64_t i)
{
    const nbl__job *job = m->job;
    nbl__worker *w = m->worker;
    nbl__view view = {.images = m->row,
                      .count = (uint32_t)m->count,
                      .atom = i,
                      .system = job->system,
                      .first = job->first,
                      .r = job->scene.r,
                      .lattice = job->scene.lattice};
    w->unreported += m->count;
    if (!nbl__worker_report(w))
        return NBL_OK;
    const long long wide = atomic_fetch_add_explicit(&w->team->wide, (long long)m->count, memory_order_relaxed);
    if (exceeds_wide(job, (uint64_t)wide + m->count))
        return refuse_wide(w, job);
    return job->n_levels > 1 ? deliver_levels(m, &view) : nbl__worker_deliver(w, job, job->levels->list, &view);
}

nbl_status nbl__formula_prepare(nbl__job *job, nbl__fault *fault)
{
    const nbl__lattice *lattice = job->scene.lattice;
    const double cutoff = nbl__job_highest(job)->cutoff;
    job->n_pieces = (job->n_rows + PIECE_ROWS - 1) / PIECE_ROWS;
    job->open = true;
    for (int a = 0; a < 3; a++) {
        job->reach[a] = cutoff / lattice->height[a];
        job->open &= !lattice->pbc[a];
        if (lattice->pbc[a] && job->reach[a] > surely_too_many && job->n_rows > 0) {
            *fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = a, .value = job->reach[a]};
            return NBL_ESHIFT;
        }
    }
    if (!job->open)
        make_frame(&job->frame, lattice->r);
    return NBL_OK;
}

nbl_status nbl__formula_piece(nbl__worker *w, nbl__job *job, int64_t piece)
{
    const int64_t first = piece * PIECE_ROWS, end = first + PIECE_ROWS;
    nbl_status status = NBL_OK;
    maker m = {.worker = w, .job = job};
    for (int64_t i = first; i < end && i < job->n_rows && status == NBL_OK && nbl__job_wants(job, w); i++) {
        status = make_row(&m, i);
        if (status == NBL_OK)
            status = deliver(&m, i);
    }
    return status;
}
