/* SPDX-License-Identifier: MIT */
/*
 * All pairs of atoms, all images by the formula: for small systems, and for those whose coordinates are so
 * large that rounding exceeds the cutoff. Uses neither grid nor kernel. Rows come out sorted.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "cell/exact.h"
#include "emit/order.h"
#include "search/scene.h"
#include "search/team.h"

enum { PIECE_ROWS = 8 };

/* Atoms that an open row looks at in one go. */
enum { OPEN_PART = 64 };

/* Images that room is made for at a time. */
enum { LINE_PART = 64 };

/* 1.5 * 2^31: a reduced vector is at most sqrt(2) heights long, so the atom's own images need wider shifts. */
static const double surely_too_many = 3221225472.0;

/* The reduced rows in an orthonormal frame: t[a][b] is the part of row a along direction b, 0 for b < a. */
typedef struct frame {
    double q[3][3];
    double t[3][3];
} frame;

typedef struct search {
    const nbl__scene *scene;
    const nbl__query *query;
    const nbl__target *target;
    double limit;
    double reach[3]; /* cutoff in units of the heights */
    bool open;
    frame frame;
    nbl__team team;
    uint64_t longest_row;
} search;

typedef struct worker {
    search *job;
    int thread;
    int64_t piece;
    nbl__cursor scratch; /* where rows are made */
    nbl__cursor kept;    /* where they stay */
    nbl__image *row;
    uint64_t count;
    uint64_t capacity;
    uint64_t most; /* of the rows so far */
    nbl__fault fault;
} worker;

/* Whether rows are only counted: neither kept nor handed on. */
static bool only_counts(const search *job)
{
    return !job->target->consume && !job->target->rows->kept;
}

/* More than is kept of wide rows: nbl__list_search() falls back to counts. */
static nbl_status refuse_wide(worker *w)
{
    w->fault = (nbl__fault){.what = NBL__FAULT_BYTES, .limit = NBL__BRUTE_KEEP};
    return NBL_ELIMIT;
}

/* Room for `more` entries behind the row, which moves to a larger segment when it has to. */
static nbl_status make_room(worker *w, uint32_t more)
{
    const search *job = w->job;
    const nbl__rows *rows = job->target->rows;
    const uint64_t want = w->count + more, limit = (uint64_t)job->team.max_pairs;
    if ((limit != 0 && w->count > limit) || want > UINT32_MAX) {
        bool pairs = limit != 0 && w->count > limit;
        w->fault = (nbl__fault){.what = pairs ? NBL__FAULT_PAIRS : NBL__FAULT_ROW,
                                .limit = pairs ? limit : UINT32_MAX};
        return NBL_ELIMIT;
    }
    if (want <= w->capacity || (only_counts(job) && !job->open))
        return NBL_OK;
    if (rows && rows->kept && w->count * sizeof *w->row > NBL__BRUTE_KEEP)
        return refuse_wide(w);
    const uint64_t capacity = want > 2 * w->capacity ? want : 2 * w->capacity;
    const nbl__image *old = w->row;
    nbl_status status = nbl__arena_room(job->target->arena, &w->scratch,
                                        nbl__size_of_count(capacity, sizeof(nbl__image)), &w->fault);
    if (status != NBL_OK)
        return status;
    w->row = (nbl__image *)(void *)w->scratch.next;
    w->capacity = (size_t)(w->scratch.end - w->scratch.next) / sizeof(nbl__image);
    if (w->count != 0 && w->row != old)
        memcpy(w->row, old, w->count * sizeof *old);
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

static nbl_status try_pair(worker *w, int64_t i, int64_t j, const double s[3])
{
    const nbl__scene *scene = w->job->scene;
    double d[3];
    double d2 = nbl__exact_d2(scene->r[i], scene->r[j], scene->lattice->h, s[0], s[1], s[2], d);
    if (!(d2 < w->job->limit) || !is_listed(w->job->query, i, j, s))
        return NBL_OK;
    for (int k = 0; k < 3; k++)
        if (!(s[k] >= (double)INT32_MIN && s[k] <= (double)INT32_MAX)) {
            w->fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = k, .a = i, .b = j, .value = s[k]};
            return NBL_ESHIFT;
        }
    if (!only_counts(w->job))
        w->row[w->count] = (nbl__image){(int32_t)j, {(int32_t)s[0], (int32_t)s[1], (int32_t)s[2]}};
    w->count++;
    return NBL_OK;
}

static void subtract_along(double *v, const double *q)
{
    double along = nbl__dot(v, q);
    for (int k = 0; k < 3; k++)
        v[k] -= along * q[k];
}

static void make_frame(frame *f, const double r[3][3])
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

/* How far two atoms that may be neighbours can lie apart, with the rounding of this pair; f: fractional. */
static double pair_radius(const search *job, const double *delta)
{
    const nbl__lattice *lattice = job->scene->lattice;
    double scale = fabs(delta[0]) + fabs(delta[1]) + fabs(delta[2]);
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a])
            scale += (fabs(nbl__dot(lattice->g[a], delta)) + job->reach[a] + 1.0) * lattice->spread[a];
    return (job->query->cutoff + 16.0 * DBL_EPSILON * scale) * (1.0 + 1e-12);
}

/* Steps m along axis a for which |y + m t[a][a]| <= radius; an open axis, looked at before, has step 0 alone.
 */
static void step_range(const search *job, int a, double y, double radius, double range[2])
{
    double step = job->frame.t[a][a];
    if (job->scene->lattice->pbc[a]) {
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

/* One line of images, m[0] and m[1] given, m[2] in a range: in parts, as the range may be long. */
static nbl_status search_line(worker *w, int64_t i, int64_t j, double m0, double m1, const double range[2])
{
    nbl_status status = NBL_OK;
    uint32_t tried = 0;
    for (double m2 = range[0]; m2 <= range[1] && status == NBL_OK; m2 += 1.0) {
        const double m[3] = {m0, m1, m2};
        double s[3];
        if (tried++ % LINE_PART == 0)
            status = make_room(w, LINE_PART);
        if (status != NBL_OK)
            return status;
        int inexact = shift_of(w->job->scene->lattice, m, s);
        if (inexact >= 0) {
            w->fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = inexact, .a = i, .b = j, .value = s[inexact]};
            return NBL_ESHIFT;
        }
        status = try_pair(w, i, j, s);
    }
    return status;
}

/* The images of one pair of atoms, from entry `first` on, into the order of their shifts. */
static nbl_status sort_images(worker *w, uint64_t first)
{
    uint32_t count = (uint32_t)(w->count - first);
    nbl_status status = make_room(w, count);
    if (status == NBL_OK)
        nbl__sort(w->row + first, count, sizeof *w->row, compare_images, w->row + w->count);
    return status;
}

/* The images of j inside a sphere around i: ranges of steps, nested. */
static nbl_status search_images(worker *w, int64_t i, int64_t j)
{
    const search *job = w->job;
    const double(*t)[3] = job->frame.t;
    const double *ri = job->scene->r[i], *rj = job->scene->r[j];
    const double delta[3] = {rj[0] - ri[0], rj[1] - ri[1], rj[2] - ri[2]};
    const double radius = pair_radius(job, delta);
    const uint64_t first = w->count;
    double y[3], r0[2], r1[2], r2[2];
    for (int b = 0; b < 3; b++) {
        y[b] = nbl__dot(job->frame.q[b], delta);
        if (!job->scene->lattice->pbc[b] && fabs(y[b]) > radius)
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
            nbl_status status = search_line(w, i, j, m0, m1, r2);
            if (status != NBL_OK)
                return status;
        }
    }
    bool sort = job->scene->lattice->reduced && w->count - first > 1 && !only_counts(job);
    return sort ? sort_images(w, first) : NBL_OK;
}

/* Without images: two loops free of branches. `row` has room for n entries. */
static uint32_t search_open_row(const search *job, int64_t i, nbl__image *row)
{
    const double(*r)[3] = job->scene->r;
    const int64_t n = job->scene->n;
    const double limit = job->limit;
    uint32_t count = 0;
    for (int64_t first = job->query->half ? i : 0; first < n; first += OPEN_PART) {
        int32_t near[OPEN_PART];
        const int part = n - first < OPEN_PART ? (int)(n - first) : OPEN_PART;
        for (int k = 0; k < part; k++)
            near[k] = nbl__exact_open_d2(r[i], r[first + k]) < limit;
        if (i >= first && i < first + part)
            near[i - first] = job->query->self;
        for (int k = 0; k < part; k++) {
            row[count] = (nbl__image){(int32_t)(first + k), {0, 0, 0}};
            count += (uint32_t)near[k];
        }
    }
    return count;
}

/* Twice for growth by doubling, twice for room to sort. */
size_t nbl__brute_scratch(uint64_t longest_row)
{
    return nbl__size_of_count(4 * (longest_row + LINE_PART), sizeof(nbl__image));
}

static nbl_status search_row(worker *w, int64_t i)
{
    const search *job = w->job;
    nbl_status status = NBL_OK;
    w->row = (nbl__image *)(void *)w->scratch.next;
    w->capacity = (size_t)(w->scratch.end - w->scratch.next) / sizeof(nbl__image);
    w->count = 0;
    if (job->open) {
        status = make_room(w, (uint32_t)job->scene->n);
        if (status == NBL_OK)
            w->count = search_open_row(job, i, w->row);
        return status;
    }
    for (int64_t j = job->query->half ? i : 0; j < job->scene->n && status == NBL_OK; j++)
        status = search_images(w, i, j);
    return status;
}

static nbl_status keep_row(worker *w, int64_t i)
{
    const nbl__target *target = w->job->target;
    const size_t bytes = w->count * sizeof(nbl__image);
    if (atomic_load_explicit(&w->job->team.pairs, memory_order_relaxed) >
        (long long)(NBL__BRUTE_KEEP / sizeof(nbl__image))) {
        return refuse_wide(w);
    }
    void *place;
    nbl_status status = nbl__arena_keep(target->arena, &w->kept, bytes, &place, &w->fault);
    if (status == NBL_OK && bytes != 0)
        memcpy(place, w->row, bytes);
    target->rows->entry[i] = place;
    return status;
}

static nbl_status deliver(worker *w, int64_t i)
{
    const nbl__target *target = w->job->target;
    w->most = w->count > w->most ? w->count : w->most;
    if (!nbl__team_count(&w->job->team, w->count))
        return NBL_OK;
    if (target->rows) {
        target->rows->count[i] = (uint32_t)w->count;
        if (target->rows->kept) {
            nbl_status status = keep_row(w, i);
            if (status != NBL_OK)
                return status;
        }
    }
    if (!target->consume)
        return NBL_OK;
    nbl__view view = {w->row, NULL, {0, 0, 0}, (uint32_t)w->count, i};
    return target->consume(target->context, w->thread, &view);
}

static void work(void *context, int thread, int team_size)
{
    (void)team_size;
    search *job = context;
    worker w = {.job = job, .thread = thread};
    while ((w.piece = nbl__team_next(&job->team)) >= 0) {
        int64_t first = w.piece * PIECE_ROWS, end = first + PIECE_ROWS;
        end = end < job->query->n_rows ? end : job->query->n_rows;
        nbl_status status = NBL_OK;
        for (int64_t i = first; i < end && status == NBL_OK && nbl__team_wants(&job->team, w.piece); i++) {
            status = search_row(&w, i);
            if (status == NBL_OK)
                status = deliver(&w, i);
        }
        if (status != NBL_OK)
            nbl__team_fail(&job->team, w.piece, status, &w.fault);
    }
    nbl__lock_take(&job->team.lock);
    job->longest_row = w.most > job->longest_row ? w.most : job->longest_row;
    nbl__lock_give(&job->team.lock);
}

/* What any later schedule of the same search may need, so that it allocates nothing. */
static nbl_status provide(search *job, nbl__fault *fault)
{
    const nbl__rows *rows = job->target->rows;
    if (job->team.n_threads <= 1 || !rows || !rows->kept)
        return NBL_OK;
    uint64_t total = (uint64_t)atomic_load(&job->team.pairs) * sizeof(nbl__image);
    return nbl__arena_provide(job->target->arena, total, nbl__brute_scratch(job->longest_row),
                              job->team.n_threads, fault);
}

nbl_status nbl__search_brute(const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                             nbl__fault *fault)
{
    search job = {.scene = scene, .query = query, .target = target};
    job.limit = nbl__exact_limit(query->cutoff, query->inclusive);
    job.open = true;
    for (int a = 0; a < 3; a++) {
        job.reach[a] = query->cutoff / scene->lattice->height[a];
        job.open &= !scene->lattice->pbc[a];
        if (scene->lattice->pbc[a] && job.reach[a] > surely_too_many && query->n_rows > 0) {
            *fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = a, .value = job.reach[a]};
            return NBL_ESHIFT;
        }
    }
    if (!job.open)
        make_frame(&job.frame, scene->lattice->r);
    nbl__team_init(&job.team, (query->n_rows + PIECE_ROWS - 1) / PIECE_ROWS, query->max_pairs);
    nbl__arena_rewind(target->arena);
    nbl__team_run(&job.team, query->n_threads, query->least_pieces, work, &job);
    if (job.team.status == NBL_OK)
        job.team.status = provide(&job, &job.team.fault);
    *fault = job.team.fault;
    return job.team.status;
}
