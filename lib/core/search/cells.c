/* SPDX-License-Identifier: MIT */
#include "search/scene.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "cell/exact.h"
#include "emit/order.h"
#include "search/stencil.h"
#include "search/team.h"

/* Atoms per piece of work: small enough to balance, large enough to hide the hand-out. */
enum { PIECE_ATOMS = 128 };

/*
 * A row of up to this many bytes of candidates is filtered straight into its place, which wastes at most so
 * much of a segment; longer ones are filtered in scratch and copied, so that kept pairs take 4 bytes each.
 */
enum { DIRECT_BYTES = 16 * 1024 };

/* Pairs that a thread counts before it reports them. */
enum { REPORT_PAIRS = 65536 };

typedef struct search {
    const nbl__scene *scene;
    const nbl__query *query;
    const nbl__target *target;
    nbl__stencil stencil;
    nbl__band band;
    double limit;
    int64_t bins_per_piece;
    nbl__team team;
    uint32_t most_candidates; /* of a row: what segments must have room for */
} search;

typedef struct worker {
    search *job;
    int thread;
    int64_t piece;
    nbl__cursor kept;    /* where rows stay */
    nbl__cursor scratch; /* where rows are made that do not */
    nbl__run *runs;
    int64_t n_runs;
    int64_t home; /* index of the run that holds the centre; the next one is its second half */
    uint32_t n_candidates;
    uint32_t most_candidates;
    uint64_t unreported;
    nbl__fault fault;
} worker;

/* The rounding of the filter itself, relative to d2, on top of that of the coordinates. */
static nbl__band make_band(double cutoff, double error)
{
    const double rounding = 16.0 * DBL_EPSILON;
    double inner = cutoff - error, outer = cutoff + error;
    nbl__band band;
    band.inner = inner > 0.0 ? inner * inner * (1.0 - rounding) : 0.0;
    band.outer = outer * outer * (1.0 + rounding);
    return band;
}

/* The runs of candidates for all centres of bin `bin`. */
static void gather_runs(worker *w, int64_t bin)
{
    const nbl__stencil *stencil = &w->job->stencil;
    const uint32_t *start = w->job->scene->slots->start;
    nbl__run *runs = w->runs;
    int64_t n = 0;
    uint32_t candidates = 0;
    for (int64_t c = 0; c < stencil->n; c++) {
        nbl__run run = {start[bin + stencil->columns[c].first], start[bin + stencil->columns[c].last + 1]};
        runs[n] = run;
        candidates += run.end - run.begin;
        if (c == stencil->home) {
            w->home = n;
            n += 2;
        } else {
            n += run.end != run.begin;
        }
    }
    w->n_runs = n;
    w->n_candidates = candidates;
    w->most_candidates = candidates > w->most_candidates ? candidates : w->most_candidates;
}

/* Decides a row by the formula where the filter is in doubt. */
static uint32_t decide(const search *job, const nbl__image *home, uint32_t *row, uint32_t count)
{
    const nbl__scene *scene = job->scene;
    const nbl__image *images = scene->slots->images;
    const int32_t *w = scene->wrapped->w[home->atom];
    uint32_t kept = 0;
    for (uint32_t e = 0; e < count; e++) {
        const nbl__image *image = &images[row[e]];
        double d[3];
        double d2 = nbl__exact_d2(scene->r[home->atom], scene->r[image->atom], scene->lattice->h,
                                  (double)(image->shift[0] + w[0]), (double)(image->shift[1] + w[1]),
                                  (double)(image->shift[2] + w[2]), d);
        row[kept] = row[e];
        kept += d2 < job->limit;
    }
    return kept;
}

/* A half list keeps what comes after the atom itself in the order of (atom, shift). */
static uint32_t keep_half(uint32_t *row, uint32_t count, uint32_t home)
{
    uint32_t kept = 0;
    for (uint32_t e = 0; e < count; e++) {
        uint32_t number = row[e];
        row[kept] = number;
        kept += number >= home;
    }
    return kept;
}

static bool report(worker *w)
{
    bool fits = nbl__team_count(&w->job->team, w->unreported);
    w->unreported = 0;
    return fits;
}

static nbl_status keep_row(worker *w, uint32_t *row, uint32_t count, int32_t atom)
{
    const size_t bytes = count * sizeof *row;
    void *place = row;
    nbl_status status = NBL_OK;
    if ((char *)row == w->kept.next) { /* direct: there is a segment */
        w->kept.next += bytes;
    } else {
        status = nbl__arena_keep(w->job->target->arena, &w->kept, bytes, &place, &w->fault);
        if (status == NBL_OK && bytes != 0)
            memcpy(place, row, bytes);
    }
    w->job->target->rows->entry[atom] = place;
    return status;
}

static nbl_status deliver(worker *w, uint32_t *row, uint32_t count, int32_t atom)
{
    search *job = w->job;
    const nbl__target *target = job->target;
    nbl_status status = NBL_OK;
    if (target->consume) {
        const int32_t *shift = job->scene->wrapped->w[atom];
        nbl__view view = {job->scene->slots->images, row, {shift[0], shift[1], shift[2]}, count, atom};
        status = target->consume(target->context, w->thread, &view);
    }
    if (target->rows && status == NBL_OK) {
        target->rows->count[atom] = count;
        if (target->rows->kept)
            status = keep_row(w, row, count, atom);
    }
    w->unreported += count;
    if (status == NBL_OK && w->unreported >= REPORT_PAIRS)
        report(w);
    return status;
}

/* Where a row of up to `bytes` is made. */
static nbl_status row_place(worker *w, size_t bytes, uint32_t **row)
{
    const nbl__target *target = w->job->target;
    bool direct = target->rows && target->rows->kept && bytes <= DIRECT_BYTES;
    nbl__cursor *cursor = direct ? &w->kept : &w->scratch;
    nbl_status status = nbl__arena_room(target->arena, cursor, bytes, &w->fault);
    *row = (uint32_t *)(void *)cursor->next;
    return status;
}

static nbl_status search_row(worker *w, uint32_t slot)
{
    const search *job = w->job;
    const nbl__slots *slots = job->scene->slots;
    const nbl__query *query = job->query;
    uint32_t number = slots->image[slot];
    const nbl__image *home = &slots->images[number];
    if (home->atom >= query->n_rows)
        return NBL_OK;

    size_t room = (size_t)w->n_candidates + NBL__KERNEL_OVERRUN;
    uint32_t *row;
    nbl_status status = row_place(w, nbl__size_mul(room, (query->sorted ? 2 : 1) * sizeof *row), &row);
    if (status != NBL_OK)
        return status;

    nbl__run *home_run = &w->runs[w->home];
    const nbl__run whole = *home_run;
    if (query->self) {
        home_run[1] = (nbl__run){whole.end, whole.end};
    } else {
        home_run[0].end = slot;
        home_run[1] = (nbl__run){slot + 1, whole.end};
    }
    const nbl__points points = {slots->x, slots->y, slots->z, slots->image};
    const double centre[3] = {slots->x[slot], slots->y[slot], slots->z[slot]};
    bool close;
    uint32_t count = query->kernel(&points, w->runs, w->n_runs, centre, job->band, row, &close);
    *home_run = whole;

    if (close)
        count = decide(job, home, row, count);
    if (query->half)
        count = keep_half(row, count, number);
    if (query->sorted)
        nbl__order_numbers(row, count, row + room);
    return deliver(w, row, count, home->atom);
}

/* Bins of the cell itself, numbered with the fastest axis last, to padded bins. */
static int64_t padded_bin(const nbl__grid *grid, int64_t bin)
{
    int64_t padded = 0;
    for (int o = 2; o >= 0; o--) {
        int a = grid->order[o];
        padded += (bin % grid->n[a] + grid->reach[a]) * grid->stride[a];
        bin /= grid->n[a];
    }
    return padded;
}

static nbl_status search_piece(worker *w, int64_t first, int64_t end)
{
    const nbl__grid *grid = w->job->scene->grid;
    const uint32_t *start = w->job->scene->slots->start;
    int64_t n_fast = grid->n[grid->order[2]];
    int64_t padded = 0;
    for (int64_t bin = first; bin < end; bin++, padded++) {
        if (bin == first || bin % n_fast == 0)
            padded = padded_bin(grid, bin);
        if (start[padded] == start[padded + 1])
            continue;
        gather_runs(w, padded);
        for (uint32_t slot = start[padded]; slot < start[padded + 1]; slot++) {
            nbl_status status = search_row(w, slot);
            if (status != NBL_OK)
                return status;
            if (!nbl__team_wants(&w->job->team, w->piece))
                return NBL_OK;
        }
    }
    return NBL_OK;
}

static int64_t inner_bins(const nbl__grid *grid)
{
    return (int64_t)grid->n[0] * grid->n[1] * grid->n[2];
}

static void work(void *context, int thread, int team_size)
{
    (void)team_size;
    search *job = context;
    worker w = {.job = job, .thread = thread};
    size_t bytes = nbl__size_of_count((uint64_t)job->stencil.n + 1, sizeof(nbl__run));
    nbl_status status = nbl__arena_room(job->target->arena, &w.scratch, bytes, &w.fault);
    if (status != NBL_OK) {
        nbl__team_fail(&job->team, 0, status, &w.fault);
        return;
    }
    w.runs = (nbl__run *)(void *)w.scratch.next;
    w.scratch.next += bytes;
    int64_t n_bins = inner_bins(job->scene->grid);
    while ((w.piece = nbl__team_next(&job->team)) >= 0) {
        int64_t first = w.piece * job->bins_per_piece, end = first + job->bins_per_piece;
        status = search_piece(&w, first, end < n_bins ? end : n_bins);
        if (status != NBL_OK)
            nbl__team_fail(&job->team, w.piece, status, &w.fault);
    }
    report(&w);
    nbl__lock_take(&job->team.lock);
    job->most_candidates = w.most_candidates > job->most_candidates ? w.most_candidates : job->most_candidates;
    nbl__lock_give(&job->team.lock);
}

/* What any later schedule of the same search may need, so that it allocates nothing. */
static nbl_status provide(search *job, nbl__fault *fault)
{
    const nbl__rows *rows = job->target->rows;
    if (job->team.n_threads <= 1 || !rows)
        return NBL_OK;
    uint64_t total = rows->kept ? (uint64_t)atomic_load(&job->team.pairs) * sizeof(uint32_t) : 0;
    size_t scratch = ((size_t)job->most_candidates + NBL__KERNEL_OVERRUN) * 2 * sizeof(uint32_t) +
                     ((size_t)job->stencil.n + 1) * sizeof(nbl__run);
    return nbl__arena_provide(job->target->arena, total, scratch, job->team.n_threads, fault);
}

nbl_status nbl__search_cells(const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                             nbl__fault *fault)
{
    search job = {.scene = scene, .query = query, .target = target};
    job.stencil.memory = *target->stencil_memory;
    nbl_status status = nbl__stencil_init(&job.stencil, scene->grid, query->cutoff + 3.0 * scene->error,
                                          target->arena->memory, fault);
    *target->stencil_memory = job.stencil.memory;
    if (status != NBL_OK)
        return status;
    job.band = make_band(query->cutoff, scene->error);
    job.limit = nbl__exact_limit(query->cutoff, query->inclusive);
    int64_t n_bins = inner_bins(scene->grid);
    job.bins_per_piece = scene->n > 0 ? n_bins * PIECE_ATOMS / scene->n + 1 : 1;
    nbl__team_init(&job.team, (n_bins + job.bins_per_piece - 1) / job.bins_per_piece, query->max_pairs);
    nbl__arena_rewind(target->arena);
    nbl__team_run(&job.team, query->n_threads, query->least_pieces, work, &job);
    if (job.team.status == NBL_OK)
        job.team.status = provide(&job, &job.team.fault);
    *fault = job.team.fault;
    return job.team.status;
}
