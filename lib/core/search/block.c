/* SPDX-License-Identifier: MIT */
/*
 * A small system as a whole: all images that any atom may reach are the candidates of every row. No grid, and
 * no memory of its own between searches but the table of images that kept numbers refer to. Rows come out
 * sorted, because the table is.
 */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "emit/order.h"
#include "search/group.h"
#include "search/plan.h"

/* A lattice translation that brings some atom near enough, and the caller's shift that it is. */
typedef struct translation {
    double t[3];
    nbl__image shift;
} translation;

/* Translations as the filter takes them. */
typedef struct moves {
    double *x, *y, *z;
    nbl__image *shift; /* with atom 0; of an atom that is alone, its table of images */
    uint32_t n;
    uint32_t none; /* which of them is no translation at all */
} moves;

/* Scratch for the time of one system; what there is of it depends on what the system has. */
typedef struct block_space {
    size_t room; /* images that there may be */
    moves moves;
    translation *sorted; /* [2 n_moves], with a reduced lattice */
    nbl__image *images;  /* of a table that does not stay */
    nbl__near *near;     /* [room] the group's */
    uint32_t *homes;     /* [atoms] */
    uint32_t *counts;    /* [atoms] */
    void *row;
} block_space;

/* Beyond so many units, single precision says nothing: all pairs are then decided by the formula. */
static const double most_units = 1e9;

/* The box of all atoms, wrapped where there is a cell; and with it what the filter sees. */
static void make_box(nbl__worker *w, nbl__job *job, nbl__box *box)
{
    const nbl__scene *scene = &job->scene;
    const double(*p)[3] =
        scene->lattice == &nbl__lattice_open ? scene->r : (const double(*)[3])scene->wrapped->p;
    double low[3] = {p[0][0], p[0][1], p[0][2]}, high[3] = {p[0][0], p[0][1], p[0][2]}, half = 0.0;
    for (int64_t i = 1; i < scene->n; i++)
        for (int k = 0; k < 3; k++) {
            low[k] = p[i][k] < low[k] ? p[i][k] : low[k];
            high[k] = p[i][k] > high[k] ? p[i][k] : high[k];
        }
    for (int k = 0; k < 3; k++) {
        const double extent = 0.5 * high[k] - 0.5 * low[k];
        half = extent > half ? extent : half;
    }
    const double unit = nbl__job_unit(job);
    const bool sees = half < most_units * unit;
    nbl__worker_focus(w, job, half <= unit ? 2.0 * unit : sees ? half + unit : HUGE_VAL);
    box->scale = sees ? 1.0 / unit : 0.0;
    const double reach = 1.0 + 2.0 * job->focus.blur;
    box->reach2 = (float)(reach * reach * (1.0 + 1e-5));
    for (int k = 0; k < 3; k++) {
        box->origin[k] = 0.5 * low[k] + 0.5 * high[k];
        box->half[k] = nbl__box_half(low[k], high[k], box->origin[k], box->scale);
    }
}

static int compare_translations(const void *a, const void *b)
{
    return nbl__order_compare(&((const translation *)a)->shift, &((const translation *)b)->shift);
}

/* Translations were made in the order of steps along the reduced axes. */
static void sort(moves *by, translation *sorted)
{
    for (uint32_t k = 0; k < by->n; k++)
        sorted[k] = (translation){{by->x[k], by->y[k], by->z[k]}, by->shift[k]};
    nbl__sort(sorted, by->n, sizeof *sorted, compare_translations, sorted + by->n);
    for (uint32_t k = 0; k < by->n; k++) {
        by->x[k] = sorted[k].t[0];
        by->y[k] = sorted[k].t[1];
        by->z[k] = sorted[k].t[2];
        by->shift[k] = sorted[k].shift;
    }
}

/* Products of the reduced rows in units of the cutoff, whose fourth power neither overflows nor vanishes. */
typedef struct gram {
    double g[3][3], radius2;
    double plane[3];   /* 00, 01 and 11 of what is left of the first two without their part along the third */
    double inverse[2]; /* of 11 there, and of 22 */
} gram;

static gram make_gram(const nbl__lattice *lattice, double unit, double radius)
{
    gram m = {.radius2 = radius * radius};
    const double(*g)[3] = (const double(*)[3])m.g;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (int k = 0; k < 3; k++)
                m.g[a][b] += lattice->r[a][k] / unit * (lattice->r[b][k] / unit);
    m.inverse[1] = 1.0 / g[2][2];
    const double part0 = g[0][2] * m.inverse[1], part1 = g[1][2] * m.inverse[1];
    m.plane[0] = g[0][0] - g[0][2] * part0;
    m.plane[1] = g[0][1] - g[0][2] * part1;
    m.plane[2] = g[1][1] - g[1][2] * part1;
    m.inverse[0] = 1.0 / m.plane[2];
    return m;
}

static int64_t round_down(double x)
{
    const int64_t whole = (int64_t)x;
    return whole - ((double)whole > x);
}

/* Narrows the whole numbers m of a range to those with g m^2 + 2 half_b m + c <= 0; false: none are. */
static bool narrow(double g, double inverse, double half_b, double c, int64_t range[2])
{
    const double rest = half_b * half_b - g * c;
    if (!(rest >= 0.0))
        return false;
    const double half = sqrt(rest) * inverse, middle = -half_b * inverse;
    if (middle - half > (double)range[0])
        range[0] = -round_down(half - middle);
    if (middle + half < (double)range[1])
        range[1] = round_down(middle + half);
    return range[0] <= range[1];
}

/* The steps m1 of lines m0 r0 + m1 r1 + m r2, m any real number, that meet the sphere. */
static bool lines_inside(const gram *m, double m0, int64_t range[2])
{
    return narrow(m->plane[2], m->inverse[0], m0 * m->plane[1], m0 * m0 * m->plane[0] - m->radius2, range);
}

/* The steps m on such a line that end inside. */
static void steps_inside(const gram *m, double m0, double m1, int64_t range[2])
{
    const double(*g)[3] = m->g;
    const double tt = m0 * m0 * g[0][0] + 2.0 * m0 * m1 * g[0][1] + m1 * m1 * g[1][1];
    if (!narrow(g[2][2], m->inverse[1], m0 * g[0][2] + m1 * g[1][2], tt - m->radius2, range))
        range[1] = range[0] - 1;
}

/* Translations of a line that are written at once, beyond its end as well: lines are short, and where each one
 * ends no processor can guess. */
enum { STRIDE = 4 };

/* Points first + m step of a line, m = from, from + 1, ... */
static inline void fill_axis(double *restrict out, double first, double step, double from)
{
    for (int k = 0; k < STRIDE; k++)
        out[k] = first + (from + (double)k) * step;
}

/* ramp: of the first ones of a line that begins without a shift. */
static inline void fill_shifts(nbl__image *restrict out, const uint32_t first[4], const uint32_t (*ramp)[4])
{
    for (int e = 0; e < STRIDE; e++) {
        uint32_t shift[4];
        for (int k = 0; k < 4; k++)
            shift[k] = first[k] + ramp[e][k];
        memcpy(out + e, shift, sizeof shift);
    }
}

/* The translations m0 r0 + m1 r1 + m r2 and, in the caller's terms, their shifts, for m in the range. */
static void add_line(moves *to, const nbl__lattice *lattice, const int64_t steps[3][3],
                     const uint32_t (*ramp)[4], int64_t m0, int64_t m1, const int64_t range[2])
{
    const double(*r)[3] = lattice->r;
    const int64_t count = range[1] - range[0] + 1;
    const uint32_t n = to->n;
    double first[3];
    for (int k = 0; k < 3; k++)
        first[k] = (double)m0 * r[0][k] + (double)m1 * r[1][k];
    for (int64_t e = 0; e < count; e += STRIDE) {
        const int64_t m2 = range[0] + e;
        const double m = (double)m2;
        uint32_t shift[4] = {0};
        for (int k = 0; k < 3; k++)
            shift[k] = (uint32_t)(m0 * steps[0][k] + m1 * steps[1][k] + m2 * steps[2][k]);
        fill_axis(to->x + n + e, first[0], r[2][0], m);
        fill_axis(to->y + n + e, first[1], r[2][1], m);
        fill_axis(to->z + n + e, first[2], r[2][2], m);
        fill_shifts(to->shift + n + e, shift, ramp);
    }
    if (m0 == 0 && m1 == 0)
        to->none = n - (uint32_t)range[0];
    to->n += count > 0 ? (uint32_t)count : 0;
}

/* Which of the sorted translations is none. */
static uint32_t find_none(const moves *by)
{
    static const nbl__image none = {{0, 0, 0}, 0};
    uint32_t low = 0, high = by->n;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (nbl__order_compare(&by->shift[middle], &none) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Lines whose ends are computed together. */
enum { LINES = 32 };

/* All translations that may bring the atoms near the box, in order of the shift. */
static void make_moves(const nbl__job *job, const nbl__box *box, block_space *space)
{
    static const int64_t own[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const nbl__lattice *lattice = job->scene.lattice;
    const int64_t(*steps)[3] = lattice->reduced ? lattice->m : own;
    moves *to = &space->moves;
    double size2 = 0.0, range[3][2];
    uint32_t ramp[STRIDE][4] = {{0}};
    for (int k = 0; k < 3; k++) {
        const double size = box->scale > 0.0 ? 2.0 * (double)box->half[k] : HUGE_VAL;
        size2 += size * size;
        nbl__plan_steps(lattice, job->scene.wrapped, k, job->focus.unit, range[k]);
    }
    const gram sphere = make_gram(lattice, job->focus.unit, (1.0 + sqrt(size2)) * (1.0 + 1e-6));
    for (int64_t e = 0; e < STRIDE; e++)
        for (int k = 0; k < 3; k++)
            ramp[e][k] = (uint32_t)(e * steps[2][k]);
    to->n = to->none = 0;
    for (double m0 = range[0][0]; m0 <= range[0][1]; m0 += 1.0) {
        int64_t lines[2] = {(int64_t)range[1][0], (int64_t)range[1][1]};
        if (!lines_inside(&sphere, m0, lines))
            continue;
        for (int64_t first = lines[0], n; first <= lines[1]; first += n) {
            int64_t inside[LINES][2]; /* many at a time, so that no root waits for another */
            n = lines[1] - first + 1 < LINES ? lines[1] - first + 1 : LINES;
            for (int64_t k = 0; k < n; k++) {
                inside[k][0] = (int64_t)range[2][0];
                inside[k][1] = (int64_t)range[2][1];
                steps_inside(&sphere, m0, (double)(first + k), inside[k]);
            }
            for (int64_t k = 0; k < n; k++)
                add_line(to, lattice, steps, (const uint32_t(*)[4])ramp, (int64_t)m0, first + k, inside[k]);
        }
    }
    if (lattice->reduced) {
        sort(to, space->sorted);
        to->none = find_none(to);
    }
    for (uint32_t k = to->n; k < to->n + NBL__KERNEL_OVERRUN; k++)
        to->x[k] = to->y[k] = to->z[k] = 0.0;
}

/* Atoms for whom it pays to look at all translations once more, all at once. */
enum { LEAST_TRIMMED = 4 };

/* Leaves out translations that bring the box not near itself: those within a sphere around it are many more. */
static void trim_moves(const nbl__job *job, const nbl__box *box, block_space *space)
{
    moves *by = &space->moves;
    const nbl__points points = {by->x, by->y, by->z};
    const nbl__run all = {0, by->n};
    const double reach = 1.0 + 4.0 * job->focus.blur;
    nbl__box twice = {.scale = box->scale, .reach2 = (float)(reach * reach * (1.0 + 1e-5))};
    nbl__near *kept = space->near;
    for (int k = 0; k < 3; k++)
        twice.half[k] = 2.0f * box->half[k];
    kept->n = 0;
    job->query->kernels->gather(&points, &all, 1, &twice, kept);
    for (uint32_t k = 0; k < kept->n; k++) {
        const uint32_t from = kept->number[k];
        by->x[k] = by->x[from];
        by->y[k] = by->y[from];
        by->z[k] = by->z[from];
        by->shift[k] = by->shift[from];
        if (from == by->none)
            by->none = k;
    }
    by->n = kept->n;
}

/* The images of all atoms that lie near the box, by atom and shift. */
static void fill_images(const nbl__job *job, const nbl__box *box, const block_space *space, nbl__near *near,
                        nbl__image *images)
{
    const nbl__wrapped *wrapped = job->scene.wrapped;
    const moves *by = &space->moves;
    const nbl__points points = {by->x, by->y, by->z};
    const nbl__run all = {0, by->n};
    const nbl__image *shifts = by->shift;
    nbl__box moved = *box;
    near->n = 0;
    for (int64_t i = 0; i < job->scene.n; i++) {
        const int32_t *w = wrapped->w[i];
        const bool moved_in = (w[0] | w[1] | w[2]) != 0;
        const uint32_t first = near->n;
        uint32_t k = first;
        for (int a = 0; a < 3; a++)
            moved.origin[a] = box->origin[a] - wrapped->p[i][a];
        job->query->kernels->gather(&points, &all, 1, &moved, near);
        const uint32_t end = near->n, none = by->none;
        uint32_t *numbers = near->number;
        for (; k < end; k++) {
            const uint32_t number = numbers[k];
            if (number == none)
                space->homes[i] = k;
            numbers[k] = k;
            images[k] = shifts[number];
            images[k].atom = (int32_t)i;
        }
        for (k = first; moved_in && k < end; k++)
            for (int a = 0; a < 3; a++)
                images[k].shift[a] -= w[a];
    }
}

/* The images of an atom that is alone are the translations, which were made where the table is to be. */
static void fill_alone(const nbl__job *job, const nbl__box *box, const block_space *space, nbl__near *near)
{
    const int32_t *w = job->scene.wrapped->w[0];
    const moves *by = &space->moves;
    const uint32_t n = near->n = by->n;
    for (uint32_t k = 0; k < n; k++) {
        near->x[k] = (float)(by->x[k] * box->scale);
        near->y[k] = (float)(by->y[k] * box->scale);
        near->z[k] = (float)(by->z[k] * box->scale);
    }
    for (uint32_t k = 0; k < n; k++)
        near->number[k] = k;
    for (uint32_t k = 0; (w[0] | w[1] | w[2]) != 0 && k < n; k++)
        for (int a = 0; a < 3; a++)
            by->shift[k].shift[a] -= w[a];
    space->homes[0] = by->none;
}

/* A table that stays lies in the memory of the rows; another one in scratch. */
static nbl_status fill_periodic(nbl__worker *w, const nbl__job *job, const nbl__box *box, block_space *space,
                                nbl__group *group)
{
    const nbl__target *target = job->target;
    const bool kept = nbl__target_keeps(target);
    nbl_status status =
        kept ? nbl__arena_room(target->arena, w->kept, (space->room + STRIDE) * sizeof(nbl__image), &w->fault)
             : NBL_OK;
    if (status != NBL_OK)
        return status;
    nbl__image *images = kept ? (nbl__image *)(void *)w->kept->next : space->images;
    const bool alone = job->scene.n == 1;
    if (alone)
        space->moves.shift = images;
    make_moves(job, box, space);
    if (job->scene.n >= LEAST_TRIMMED)
        trim_moves(job, box, space);
    if (alone)
        fill_alone(job, box, space, &group->near);
    else
        fill_images(job, box, space, &group->near, images);
    group->images = images;
    group->homes = space->homes;
    if (kept) {
        const size_t bytes = group->near.n * sizeof *images;
        target->tables[job->system] = images;
        w->kept->next += bytes;
        w->kept_bytes += bytes;
    }
    return NBL_OK;
}

static void fill_open(const nbl__job *job, const nbl__box *box, nbl__near *near)
{
    const double(*r)[3] = job->scene.r;
    near->n = (uint32_t)job->scene.n;
    for (uint32_t i = 0; i < near->n; i++) {
        near->x[i] = (float)((r[i][0] - box->origin[0]) * box->scale);
        near->y[i] = (float)((r[i][1] - box->origin[1]) * box->scale);
        near->z[i] = (float)((r[i][2] - box->origin[2]) * box->scale);
        near->number[i] = i;
    }
}

static nbl_status place_space(nbl__worker *w, const nbl__job *job, block_space *s)
{
    const bool periodic = job->scene.lattice != &nbl__lattice_open;
    const size_t n = (size_t)job->scene.n, room = s->room + NBL__KERNEL_OVERRUN;
    const size_t n_moves = periodic ? s->room / n : 0, n_moved = periodic ? n_moves + NBL__KERNEL_OVERRUN : 0;
    const size_t n_shifts = n > 1 ? n_moved : 0;
    const size_t n_sorted = periodic && job->scene.lattice->reduced ? 2 * n_moves : 0;
    const size_t n_images = periodic && !nbl__target_keeps(job->target) ? s->room + STRIDE : 0;
    const size_t of_row = nbl__group_row_bytes(job->query, s->room);
    const size_t bytes =
        3 * nbl__group_bytes(n_moved, sizeof(double)) + nbl__group_bytes(n_sorted, sizeof(translation)) +
        nbl__group_bytes(n_shifts, sizeof(nbl__image)) + nbl__group_bytes(n_images, sizeof(nbl__image)) +
        4 * nbl__group_bytes(room, sizeof(float)) + 2 * nbl__group_bytes(n, sizeof(uint32_t)) +
        nbl__group_bytes(of_row, 1);
    nbl_status status = nbl__worker_scratch(w, job->target->arena, &w->fixed, bytes);
    if (status != NBL_OK)
        return status;
    char *place = w->fixed.next;
    s->moves.x = nbl__group_take(&place, n_moved, sizeof(double));
    s->moves.y = nbl__group_take(&place, n_moved, sizeof(double));
    s->moves.z = nbl__group_take(&place, n_moved, sizeof(double));
    s->sorted = nbl__group_take(&place, n_sorted, sizeof(translation));
    s->moves.shift = nbl__group_take(&place, n_shifts, sizeof(nbl__image));
    s->images = nbl__group_take(&place, n_images, sizeof(nbl__image));
    s->near->x = nbl__group_take(&place, room, sizeof(float));
    s->near->y = nbl__group_take(&place, room, sizeof(float));
    s->near->z = nbl__group_take(&place, room, sizeof(float));
    s->near->number = s->near->key = nbl__group_take(&place, room, sizeof(uint32_t));
    s->near->n = s->moves.n = s->moves.none = 0;
    s->homes = nbl__group_take(&place, n, sizeof(uint32_t));
    s->counts = nbl__group_take(&place, n, sizeof(uint32_t));
    s->row = nbl__group_take(&place, of_row, 1);
    return NBL_OK;
}

nbl_status nbl__block_system(nbl__worker *w, nbl__job *job)
{
    const nbl__scene *scene = &job->scene;
    /* Not zeroed at once, nor copied: of molecules of three atoms, that is 8 % of the search. */
    block_space s;
    nbl__group group;
    nbl__box box;
    s.room = (size_t)scene->n;
    if (scene->lattice != &nbl__lattice_open)
        s.room = (size_t)nbl__plan_images(scene->lattice, scene->wrapped, scene->n, nbl__job_unit(job));
    s.near = &group.near;
    nbl_status status = place_space(w, job, &s);
    if (status != NBL_OK)
        return status;
    group.worker = w;
    group.job = job;
    group.ordered = true;
    group.past = false;
    group.homes = NULL;
    group.atoms = NULL;
    group.n_rows = (uint32_t)job->n_rows;
    group.counts = s.counts;
    group.row = s.row;
    group.images = NULL;
    make_box(w, job, &box);
    if (scene->lattice != &nbl__lattice_open)
        status = fill_periodic(w, job, &box, &s, &group);
    else
        fill_open(job, &box, &group.near);
    return status == NBL_OK ? nbl__group_search(&group) : status;
}
