/* SPDX-License-Identifier: MIT */
#include "search/worker.h"

#include "base/size.h"

/* Atoms per piece of work: small enough to balance, large enough to hide the hand-out. */
enum { PIECE_ATOMS = 128 };

/*
 * A row of up to this many bytes of candidates is filtered straight into its place, which wastes at most so
 * much of a segment; longer ones are filtered in scratch and copied, so that kept pairs take 4 bytes each.
 */
enum { DIRECT_BYTES = 64 * 1024 };

/* The centres of one bin, and the runs of candidates that they share. */
typedef struct centres {
    nbl__worker *worker;
    nbl__job *job;
    nbl__run *runs;
    int64_t n_runs;
    int64_t home; /* index of the run that holds the centre; the next one is its second half */
    uint32_t n_candidates;
} centres;

static void gather_runs(centres *c, int64_t bin)
{
    const nbl__stencil *stencil = &c->job->stencil;
    const uint32_t *start = c->job->scene.slots->start;
    nbl__run *runs = c->runs;
    int64_t n = 0;
    uint32_t candidates = 0;
    for (int64_t k = 0; k < stencil->n; k++) {
        nbl__run run = {start[bin + stencil->columns[k].first], start[bin + stencil->columns[k].last + 1]};
        runs[n] = run;
        candidates += run.end - run.begin;
        if (k == stencil->home) {
            c->home = n;
            n += 2;
        } else {
            n += run.end != run.begin;
        }
    }
    c->n_runs = n;
    c->n_candidates = candidates;
}

/*
 * Where a row of so many candidates is made. With several lists, the numbers of the largest are made where they
 * stay; shells are taken from a row that does not.
 */
static nbl_status place_row(centres *c, size_t room, nbl__found *found)
{
    const nbl__query *query = c->job->query;
    nbl__worker *w = c->worker;
    nbl__arena *arena = c->job->target->arena;
    const size_t bytes = nbl__found_bytes(query, room),
                 of_numbers = nbl__size_mul(room, sizeof *found->numbers);
    const bool several = query->n_lists > 1;
    const bool direct = nbl__target_keeps(c->job->target) && !(several && query->disjoint) &&
                        (several ? of_numbers : bytes) <= DIRECT_BYTES;
    nbl_status status = NBL_OK;
    if (direct)
        status = nbl__arena_room(arena, &w->kept, several ? of_numbers : bytes, &w->fault);
    if (status == NBL_OK && (several || !direct))
        status = nbl__worker_scratch(w, arena, &w->made, bytes);
    if (status != NBL_OK)
        return status;
    nbl__found_place(found, query, room, several || !direct ? w->made.next : w->kept.next);
    if (direct)
        found->numbers = (uint32_t *)(void *)w->kept.next;
    return NBL_OK;
}

static nbl_status search_row(centres *c, uint32_t slot)
{
    const nbl__job *job = c->job;
    const nbl__slots *slots = job->scene.slots;
    const nbl__query *query = job->query;
    const uint32_t number = slots->image[slot];
    const int32_t atom = slots->images[number].atom;
    nbl__found found = {.home = number};
    if (atom >= job->n_rows)
        return NBL_OK;
    nbl_status status = place_row(c, (size_t)c->n_candidates + NBL__KERNEL_OVERRUN, &found);
    if (status != NBL_OK)
        return status;

    nbl__run *home_run = &c->runs[c->home];
    const nbl__run whole = *home_run;
    if (query->self) {
        home_run[1] = (nbl__run){whole.end, whole.end};
    } else {
        home_run[0].end = slot;
        home_run[1] = (nbl__run){slot + 1, whole.end};
    }
    const nbl__points points = {slots->x, slots->y, slots->z, slots->image};
    const double centre[3] = {slots->x[slot], slots->y[slot], slots->z[slot]};
    found.count = found.d2 ? query->kernels->filter_d2(&points, c->runs, c->n_runs, centre, job->band,
                                                       found.numbers, found.d2, &found.close)
                           : query->kernels->filter(&points, c->runs, c->n_runs, centre, job->band,
                                                    found.numbers, &found.close);
    *home_run = whole;

    const int32_t *w = job->scene.wrapped->w[atom];
    nbl__view view = {.images = slots->images,
                      .w = {w[0], w[1], w[2]},
                      .atom = atom,
                      .system = job->system,
                      .first = job->first,
                      .r = job->scene.r,
                      .lattice = job->scene.lattice};
    return nbl__worker_finish(c->worker, job, &view, &found);
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

static int64_t inner_bins(const nbl__grid *grid)
{
    return (int64_t)grid->n[0] * grid->n[1] * grid->n[2];
}

void nbl__cells_prepare(nbl__job *job, nbl__column *columns)
{
    const nbl__scene *scene = &job->scene;
    const int64_t n_bins = inner_bins(scene->grid);
    job->bins_per_piece = n_bins * PIECE_ATOMS / scene->n + 1;
    job->n_pieces = (n_bins + job->bins_per_piece - 1) / job->bins_per_piece;
    nbl__stencil_init(&job->stencil, scene->grid, nbl__job_highest(job)->cutoff + 3.0 * scene->error, columns);
}

nbl_status nbl__cells_piece(nbl__worker *w, nbl__job *job, int64_t piece)
{
    const nbl__grid *grid = job->scene.grid;
    const uint32_t *start = job->scene.slots->start;
    const int64_t n_bins = inner_bins(grid), n_fast = grid->n[grid->order[2]];
    const int64_t first = piece * job->bins_per_piece;
    const int64_t end = first + job->bins_per_piece < n_bins ? first + job->bins_per_piece : n_bins;
    nbl_status status = nbl__worker_scratch(w, job->target->arena, &w->fixed,
                                            nbl__size_of_count((uint64_t)job->stencil.n + 1, sizeof(nbl__run)));
    centres c = {.worker = w, .job = job, .runs = (nbl__run *)(void *)w->fixed.next};
    int64_t padded = 0;
    for (int64_t bin = first; bin < end && status == NBL_OK; bin++, padded++) {
        if (bin == first || bin % n_fast == 0)
            padded = padded_bin(grid, bin);
        if (start[padded] == start[padded + 1])
            continue;
        gather_runs(&c, padded);
        for (uint32_t slot = start[padded]; slot < start[padded + 1] && status == NBL_OK; slot++) {
            status = search_row(&c, slot);
            if (!nbl__job_wants(job, w))
                return status;
        }
    }
    return status;
}
