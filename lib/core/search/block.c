/* SPDX-License-Identifier: MIT */
/*
 * A small system as a whole: all images that any atom may reach in one table, which the filter runs over for
 * every atom. No grid, and no memory of its own between searches but the table that kept numbers refer to. Rows
 * come out sorted, because the table is.
 */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "search/plan.h"
#include "search/worker.h"

/* A lattice translation that brings some atom near enough, and the caller's shift that it is. */
typedef struct translation {
    double t[3];
    int32_t shift[3];
} translation;

typedef struct table {
    nbl__points points;
    double *x, *y, *z;
    uint32_t *number; /* number[k] = k: what the filter writes */
    uint32_t *home;   /* [n] number of each atom itself; NULL: the atom's own */
    const nbl__image *images;
    uint32_t n;
} table;

/* Where all wrapped atoms lie. */
static void bound(const nbl__scene *scene, double low[3], double high[3])
{
    for (int k = 0; k < 3; k++) {
        low[k] = HUGE_VAL;
        high[k] = -HUGE_VAL;
    }
    for (int64_t i = 0; i < scene->n; i++)
        for (int k = 0; k < 3; k++) {
            const double p = scene->wrapped->p[i][k];
            low[k] = p < low[k] ? p : low[k];
            high[k] = p > high[k] ? p : high[k];
        }
}

/* Squared distance between a box and itself, moved by t. */
static double gap2(const double low[3], const double high[3], const double t[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double before = low[k] - (high[k] + t[k]), after = (low[k] + t[k]) - high[k];
        double gap = before > after ? before : after;
        gap = gap > 0.0 ? gap : 0.0;
        sum += gap * gap;
    }
    return sum;
}

static int compare_translations(const void *a, const void *b)
{
    const int32_t *x = ((const translation *)a)->shift, *y = ((const translation *)b)->shift;
    for (int k = 0; k < 3; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

static void caller_shift(const nbl__lattice *lattice, const double steps[3], int32_t shift[3])
{
    const int64_t m[3] = {(int64_t)steps[0], (int64_t)steps[1], (int64_t)steps[2]};
    for (int b = 0; b < 3; b++)
        shift[b] = lattice->reduced
                       ? (int32_t)(m[0] * lattice->m[0][b] + m[1] * lattice->m[1][b] + m[2] * lattice->m[2][b])
                       : (int32_t)m[b];
}

/* Narrows the steps m along a line of translations t + m r to those inside a sphere. */
static void inside_sphere(const double t[3], const double r[3], double radius, double range[2])
{
    const double rr = nbl__dot(r, r), middle = -nbl__dot(t, r) / rr;
    const double rest = radius * radius - nbl__dot(t, t) + middle * middle * rr;
    const double half = rest > 0.0 ? sqrt(rest / rr) : -1.0;
    range[0] = ceil(middle - half) > range[0] ? ceil(middle - half) : range[0];
    range[1] = floor(middle + half) < range[1] ? floor(middle + half) : range[1];
}

/* All translations that bring the box of the atoms near itself, in order of the shift. */
static uint32_t make_translations(const nbl__job *job, const double low[3], const double high[3], double reach,
                                  translation *out)
{
    const nbl__lattice *lattice = job->scene.lattice;
    const double(*r)[3] = lattice->r;
    const double size[3] = {high[0] - low[0], high[1] - low[1], high[2] - low[2]};
    const double radius = (reach + sqrt(nbl__dot(size, size))) * (1.0 + 1e-9);
    double range[3][2];
    uint32_t n = 0;
    for (int a = 0; a < 3; a++)
        nbl__plan_steps(lattice, job->scene.wrapped, a, reach, range[a]);
    for (double m0 = range[0][0]; m0 <= range[0][1]; m0 += 1.0)
        for (double m1 = range[1][0]; m1 <= range[1][1]; m1 += 1.0) {
            double line[2] = {range[2][0], range[2][1]}, from[3];
            for (int k = 0; k < 3; k++)
                from[k] = m0 * r[0][k] + m1 * r[1][k];
            inside_sphere(from, r[2], radius, line);
            for (double m2 = line[0]; m2 <= line[1]; m2 += 1.0) {
                const double steps[3] = {m0, m1, m2};
                translation *to = &out[n];
                for (int k = 0; k < 3; k++)
                    to->t[k] = from[k] + m2 * r[2][k];
                caller_shift(lattice, steps, to->shift);
                n += gap2(low, high, to->t) <= reach * reach;
            }
        }
    if (lattice->reduced)
        nbl__sort(out, n, sizeof *out, compare_translations, out + n);
    return n;
}

/* Scratch of a periodic system beside its table. */
typedef struct block_space {
    size_t room;               /* images that there may be */
    translation *translations; /* and as many again, to sort them */
    nbl__image *images;        /* of a table that does not stay */
    double *moved;
    uint32_t *near;
} block_space;

/* Translations as the filter takes them; `near` is room for the numbers of those that it finds. */
typedef struct move_set {
    const translation *by;
    uint32_t n;
    nbl__points points;
    uint32_t *near;
} move_set;

/* coordinates: room for three per translation; number, near: room for one each, near with the overrun */
static move_set make_moves(const translation *by, uint32_t n, double *coordinates, uint32_t *number,
                           uint32_t *near)
{
    for (uint32_t k = 0; k < n; k++) {
        for (int a = 0; a < 3; a++)
            coordinates[(uint32_t)a * n + k] = by[k].t[a];
        number[k] = k;
    }
    return (move_set){by, n, {coordinates, coordinates + n, coordinates + 2 * n, number}, near};
}

/* The images of all atoms that lie near the box, by atom and shift. */
static void fill_images(const nbl__job *job, const move_set *moves, const double low[3], const double high[3],
                        double reach2, table *t, nbl__image *images)
{
    const nbl__wrapped *wrapped = job->scene.wrapped;
    uint32_t n = 0;
    for (int64_t i = 0; i < job->scene.n; i++) {
        const double *p = wrapped->p[i];
        const int32_t *w = wrapped->w[i];
        const uint32_t n_near =
            job->query->kernels->filter_box(&moves->points, moves->n, p, low, high, reach2, moves->near);
        for (uint32_t k = 0; k < n_near; k++, n++) {
            const translation *by = &moves->by[moves->near[k]];
            const int32_t *s = by->shift;
            images[n] = (nbl__image){(int32_t)i, {s[0] - w[0], s[1] - w[1], s[2] - w[2]}};
            t->x[n] = p[0] + by->t[0];
            t->y[n] = p[1] + by->t[1];
            t->z[n] = p[2] + by->t[2];
            if ((s[0] | s[1] | s[2]) == 0)
                t->home[i] = n;
        }
    }
    t->images = images;
    t->n = n;
}

/* A table that stays lies in the memory of the rows; another one in scratch. */
static nbl_status fill_periodic(nbl__worker *w, nbl__job *job, table *t, const block_space *space)
{
    const nbl__target *target = job->target;
    const double reach = nbl__job_highest(job)->cutoff + 3.0 * job->scene.error;
    const bool kept = nbl__target_keeps(target);
    double low[3], high[3];
    nbl_status status =
        kept ? nbl__arena_room(target->arena, &w->kept, space->room * sizeof(nbl__image), &w->fault) : NBL_OK;
    if (status != NBL_OK)
        return status;
    bound(&job->scene, low, high);
    const uint32_t n = make_translations(job, low, high, reach * (1.0 + 1e-12), space->translations);
    const move_set moves = make_moves(space->translations, n, space->moved, t->number, space->near);
    fill_images(job, &moves, low, high, reach * reach * (1.0 + 1e-12), t,
                kept ? (nbl__image *)(void *)w->kept.next : space->images);
    if (kept) {
        const size_t bytes = t->n * sizeof(nbl__image);
        target->tables[job->system] = t->images;
        w->kept.next += bytes;
        w->kept_bytes += bytes;
    }
    return NBL_OK;
}

static void fill_open(const nbl__job *job, table *t)
{
    t->n = (uint32_t)job->scene.n;
    for (uint32_t i = 0; i < t->n; i++) {
        t->x[i] = job->scene.r[i][0];
        t->y[i] = job->scene.r[i][1];
        t->z[i] = job->scene.r[i][2];
    }
}

static nbl_status search_row(nbl__worker *w, const nbl__job *job, const table *t, int64_t i, void *place)
{
    const nbl__query *query = job->query;
    const uint32_t home = t->home ? t->home[i] : (uint32_t)i;
    const double centre[3] = {t->x[home], t->y[home], t->z[home]};
    const nbl__run runs[2] = {{query->half ? home : 0, query->self ? home + 1 : home}, {home + 1, t->n}};
    nbl__found found = {.home = home, .ordered = true};
    nbl__found_place(&found, query, (size_t)t->n + NBL__KERNEL_OVERRUN, place);
    found.count =
        found.d2 ? query->kernels->filter_d2(&t->points, runs, 2, centre, job->band, found.numbers, found.d2,
                                             &found.close)
                 : query->kernels->filter(&t->points, runs, 2, centre, job->band, found.numbers, &found.close);
    nbl__view view = {.images = t->images,
                      .atom = i,
                      .system = job->system,
                      .first = job->first,
                      .r = job->scene.r,
                      .lattice = job->scene.lattice};
    if (t->images)
        memcpy(view.w, job->scene.wrapped->w[i], sizeof view.w);
    return nbl__worker_finish(w, job, &view, &found);
}

static nbl_status search_rows(nbl__worker *w, nbl__job *job, const table *t, size_t of_row)
{
    const bool direct = nbl__target_keeps(job->target) && job->query->n_lists == 1;
    nbl_status status = NBL_OK;
    for (int64_t i = 0; i < job->n_rows && status == NBL_OK; i++) {
        nbl__cursor *made = direct ? &w->kept : &w->made;
        status = direct ? nbl__arena_room(job->target->arena, made, of_row, &w->fault)
                        : nbl__worker_scratch(w, job->target->arena, made, of_row);
        if (status == NBL_OK)
            status = search_row(w, job, t, i, made->next);
        if (!nbl__job_wants(job, w))
            break;
    }
    return status;
}

/* Numbers that rows found at once may take: an eighth of a segment. */
enum { AT_ONCE = 8192 };

/* Rows of one list that are only to be kept are found all at once: a row then costs little beside its pairs. */
static bool fits_at_once(const nbl__job *job, uint32_t n)
{
    const nbl__target *target = job->target;
    return nbl__target_keeps(target) && !target->consume && job->query->n_lists == 1 && target->only < 0 &&
           (uint64_t)job->n_rows * n <= AT_ONCE;
}

/* *done: no row had a doubt, and all are kept. */
static nbl_status search_at_once(nbl__worker *w, const nbl__job *job, const table *t, bool *done)
{
    const nbl__query *query = job->query;
    nbl__rows *rows = job->target->rows;
    const size_t room = (size_t)job->n_rows * t->n + NBL__KERNEL_OVERRUN;
    nbl_status status = nbl__arena_room(job->target->arena, &w->kept, room * sizeof(uint32_t), &w->fault);
    if (status != NBL_OK)
        return status;
    uint32_t *numbers = (uint32_t *)(void *)w->kept.next, *counts = rows->count + job->first;
    bool close;
    const uint32_t total =
        query->kernels->filter_rows(&t->points, t->n, t->home, (uint32_t)job->n_rows, query->half, query->self,
                                    job->band, numbers, counts, &close);
    if (close)
        return NBL_OK;
    w->kept.next += total * sizeof *numbers;
    w->kept_bytes += total * sizeof *numbers;
    for (int64_t i = 0; i < job->n_rows; i++) {
        rows->entry[job->first + i] = numbers;
        numbers += counts[i];
    }
    *done = true;
    nbl__worker_add(w, total);
    return NBL_OK;
}

/* Scratch for the time of one system: what there is of it depends on what the system has. */
static nbl_status place_table(nbl__worker *w, const nbl__job *job, table *t, block_space *space)
{
    const bool periodic = job->scene.lattice != &nbl__lattice_open;
    const size_t n = (size_t)job->scene.n, room = space->room;
    const size_t n_moves = periodic ? room / n : 0;
    const size_t n_images = periodic && !nbl__target_keeps(job->target) ? room : 0;
    const size_t n_numbers = room + (periodic ? n + n_moves + NBL__KERNEL_OVERRUN : 0);
    const size_t bytes = 2 * n_moves * sizeof(translation) + n_images * sizeof(nbl__image) +
                         3 * (n_moves + room) * sizeof(double) + n_numbers * sizeof(uint32_t);
    nbl_status status = nbl__worker_scratch(w, job->target->arena, &w->fixed, bytes);
    space->translations = (translation *)(void *)w->fixed.next;
    space->images = (nbl__image *)(void *)(space->translations + 2 * n_moves);
    space->moved = (double *)(void *)(space->images + n_images);
    t->x = space->moved + 3 * n_moves;
    t->y = t->x + room;
    t->z = t->y + room;
    t->number = (uint32_t *)(void *)(t->z + room);
    t->home = periodic ? t->number + room : NULL;
    space->near = t->number + room + n;
    return status;
}

nbl_status nbl__block_system(nbl__worker *w, nbl__job *job)
{
    const nbl__scene *scene = &job->scene;
    const double reach = nbl__job_highest(job)->cutoff + 3.0 * scene->error;
    block_space space = {.room = (size_t)nbl__plan_images(scene->lattice, scene->wrapped, scene->n, reach)};
    const size_t of_row = nbl__found_bytes(job->query, space.room + NBL__KERNEL_OVERRUN);
    table t = {.n = 0};
    nbl_status status = place_table(w, job, &t, &space);
    if (status == NBL_OK && t.home)
        status = fill_periodic(w, job, &t, &space);
    else if (status == NBL_OK)
        fill_open(job, &t);
    for (uint32_t k = 0; k < t.n; k++)
        t.number[k] = k;
    t.points = (nbl__points){t.x, t.y, t.z, t.number};

    bool done = false;
    if (status == NBL_OK && fits_at_once(job, t.n))
        status = search_at_once(w, job, &t, &done);
    return status == NBL_OK && !done ? search_rows(w, job, &t, of_row) : status;
}
