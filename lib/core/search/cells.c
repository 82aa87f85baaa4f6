/* SPDX-License-Identifier: MIT */
/*
 * A grid, block by block. A block is a stretch of bins along the fastest axis; its atoms share their
 * candidates, which are gathered once: all points near the box of the atoms. Each row is then one straight pass
 * over them.
 */
#include <math.h>

#include "base/size.h"
#include "emit/order.h"
#include "search/group.h"

/* Atoms per piece of work: small enough to balance, large enough to hide the hand-out. */
enum { PIECE_ATOMS = 256 };

/*
 * Atoms of a block, if its bins are not fuller, and its length in cutoffs. More atoms share the cost of
 * gathering, which is about that of three rows; a longer block has more candidates per row. ns per atom of the
 * search with 12, 16 and 24 (Zen 4): copper, 64.5, 63.8, 62.6; random rc 3, 68.4, 69, 68.5; rc 6, 135, 132,
 * 130. To sort the candidates costs more than to gather them: of sorted rows, with 24 and 32, copper, 99, 93,
 * with AVX2 107, 106, in plain C 247, 257; random rc 6, 257, 237, with AVX2 292, 265, in plain C 523, 532.
 */
enum { BLOCK_ATOMS = 24, SORTED_ATOMS = 32 };
static const double block_length = NBL__SLOTS_STRETCH;

/* Coordinates of a block lie within so many cutoffs of its middle; longer blocks are cut into single atoms. */
static const double most_reach = 3.0;
_Static_assert(NBL__SLOTS_EXACT > 3, "coordinates of a block are exact");

typedef struct block {
    nbl__group group;
    uint32_t first, end; /* slots of its atoms */
    uint32_t least_key;  /* of candidates: 0, or, of a half list, that of the atoms */
    double reach;        /* the highest cutoff, in steps */
    float reach2;        /* nothing farther from the atoms' box is near, rounding included; squared */
    size_t room;         /* candidates that there is scratch for */
    nbl__run *runs;      /* of candidates: [stencil.n] */
    int64_t n_runs;
    nbl__near spare; /* sorted rows: room to bring the candidates into order */
    uint64_t *ranks; /* [2 room] sorted rows */
    uint32_t *homes; /* [room] the group's */
    int32_t *atoms;  /* [room] the group's */
} block;

/* Whether a bin holds any key that is not below `least`: within a bin, keys ascend. */
static bool is_late(const nbl__slots *slots, int64_t bin, uint32_t least)
{
    const uint32_t end = slots->start[bin + 1];
    return end != slots->start[bin] && slots->key[end - 1] >= least;
}

/*
 * Leaves out bins at the ends of a column that come before all atoms of a half list: in a crystal, all of
 * nearly half of the columns. Bins first ... last, perhaps none.
 */
static void trim_column(const nbl__slots *slots, uint32_t least, int64_t *first, int64_t *last)
{
    while (*first <= *last && !is_late(slots, *first, least))
        ++*first;
    while (*first < *last && !is_late(slots, *last, least))
        --*last;
}

/* The runs of candidates; returns how many candidates there are. */
static size_t fill_runs(block *b, int64_t first_bin, int64_t last_bin)
{
    const nbl__job *job = b->group.job;
    const uint32_t *start = job->scene.slots->start;
    const nbl__column *columns = job->stencil.columns;
    const int64_t n_columns = job->stencil.n;
    const bool half = job->query->half;
    nbl__run *runs = b->runs;
    size_t candidates = 0;
    int64_t n = 0;
    for (int64_t k = 0; k < n_columns; k++) {
        int64_t first = first_bin + columns[k].first, last = last_bin + columns[k].last;
        if (half)
            trim_column(job->scene.slots, b->least_key, &first, &last);
        const uint32_t begin = start[first], end = first <= last ? start[last + 1] : begin;
        runs[n] = (nbl__run){begin, end};
        candidates += end - begin;
        n += end != begin;
    }
    b->n_runs = n;
    return candidates;
}

/* Scratch for the runs and `room` candidates. */
static nbl_status place_block(block *b, size_t room)
{
    nbl__group *g = &b->group;
    const bool sorted = g->job->query->sorted;
    const size_t n_runs = (size_t)g->job->stencil.n, n = room + NBL__KERNEL_OVERRUN;
    const size_t of_row = nbl__group_row_bytes(g->job->query, room),
                 of_ranks = sorted ? nbl__group_bytes(2 * n, sizeof *b->ranks) : 0,
                 of_arrays = nbl__size_mul(nbl__group_bytes(n, sizeof(uint32_t)), sorted ? 13 : 8),
                 of_runs = nbl__group_bytes(n_runs, sizeof *b->runs);
    const size_t bytes =
        nbl__size_add(nbl__size_add(of_ranks, of_arrays), nbl__size_add(nbl__group_bytes(of_row, 1), of_runs));
    nbl_status status = nbl__worker_scratch(g->worker, g->job->target->arena, &g->worker->fixed, bytes);
    if (status != NBL_OK)
        return status;
    char *place = g->worker->fixed.next;
    b->ranks = nbl__group_take(&place, sorted ? 2 * n : 0, sizeof *b->ranks);
    nbl__near *near[] = {&g->near, &b->spare};
    for (int k = 0; k < (sorted ? 2 : 1); k++) {
        near[k]->x = nbl__group_take(&place, n, sizeof(float));
        near[k]->y = nbl__group_take(&place, n, sizeof(float));
        near[k]->z = nbl__group_take(&place, n, sizeof(float));
        near[k]->number = nbl__group_take(&place, n, sizeof(uint32_t));
        near[k]->key = nbl__group_take(&place, n, sizeof(uint32_t));
    }
    g->counts = nbl__group_take(&place, n, sizeof(uint32_t));
    g->homes = b->homes = nbl__group_take(&place, n, sizeof(uint32_t));
    g->atoms = b->atoms = nbl__group_take(&place, n, sizeof(int32_t));
    g->row = nbl__group_take(&place, of_row, 1);
    b->runs = nbl__group_take(&place, n_runs, sizeof(nbl__run));
    b->room = room;
    return NBL_OK;
}

static nbl_status open_block(block *b, int64_t first_bin, int64_t last_bin)
{
    const size_t candidates = fill_runs(b, first_bin, last_bin);
    if (candidates <= b->room)
        return NBL_OK;
    nbl_status status = place_block(b, candidates + candidates / 2);
    if (status == NBL_OK)
        fill_runs(b, first_bin, last_bin);
    return status;
}

/* What does not change from block to block. */
static void set_reach(block *b)
{
    const nbl__job *job = b->group.job;
    b->reach = nbl__job_unit(job) / job->focus.unit;
    /* No neighbour is farther; the rest is for rounding. */
    const double farthest = (b->reach + job->focus.blur) * (1.0 + 1e-5);
    b->reach2 = (float)(farthest * farthest);
}

/* The box of the atoms; false: it is too long for single precision to be worth much. */
static bool make_box(const block *b, nbl__slot_box *box)
{
    const nbl__job *job = b->group.job;
    const nbl__slots *slots = job->scene.slots;
    const uint32_t *const coordinate[3] = {slots->x, slots->y, slots->z};
    bool small = true;
    for (int k = 0; k < 3; k++) {
        const uint32_t first = coordinate[k][b->first];
        int32_t low = 0, high = 0;
        for (uint32_t slot = b->first + 1; slot < b->end; slot++) {
            const int32_t x = (int32_t)(coordinate[k][slot] - first);
            low = x < low ? x : low;
            high = x > high ? x : high;
        }
        const int32_t middle = low + (high - low) / 2;
        small &= (double)(high - low) <= 2.0 * (most_reach - 1.0) * b->reach;
        box->origin[k] = first + (uint32_t)middle;
        box->half[k] = (float)(high - middle);
    }
    box->least_key = b->least_key;
    box->reach2 = b->reach2;
    return small;
}

static void add_row(block *b, uint32_t slot, uint32_t place)
{
    nbl__group *g = &b->group;
    const int32_t atom = g->images[slot].atom;
    if (atom < g->job->n_rows) {
        b->homes[g->n_rows] = place;
        b->atoms[g->n_rows++] = atom;
    }
}

/* Where a slot is among the candidates, which it is one of: they ascend, as bins and columns of them do. */
static uint32_t place_of(const nbl__near *near, uint32_t slot)
{
    const uint32_t *at = near->number;
    for (uint32_t n = near->n; n > 1; n -= n / 2)
        at += at[n / 2] <= slot ? n / 2 : 0;
    return (uint32_t)(at - near->number);
}

/* The atoms stand together among the candidates, because they do in their run. */
static void gather(block *b, const nbl__slot_box *box)
{
    nbl__group *g = &b->group;
    const nbl__slots *slots = g->job->scene.slots;
    const nbl__query *query = g->job->query;
    const nbl__slot_points points = {slots->x, slots->y, slots->z,
                                     query->half || query->sorted ? slots->key : NULL};
    g->near.n = g->n_rows = 0;
    query->kernels->gather_slots(&points, b->runs, b->n_runs, box, &g->near);
    const uint32_t first = place_of(&g->near, b->first);
    for (uint32_t k = 0; k < b->end - b->first; k++)
        add_row(b, b->first + k, first + k);
}

/* Rows keep the order of the candidates: they are sorted once for all rows. */
static void sort_ranks(block *b, const nbl__near *from, nbl__near *to)
{
    nbl__group *g = &b->group;
    for (uint32_t k = 0; k < from->n; k++)
        b->ranks[k] = (uint64_t)from->key[k] << 32 | k;
    nbl__order_ranks(b->ranks, from->n, b->ranks + from->n);
    g->n_rows = 0;
    for (uint32_t k = 0; k < from->n; k++) {
        const uint32_t place = (uint32_t)b->ranks[k], slot = from->number[place];
        to->x[k] = from->x[place];
        to->y[k] = from->y[place];
        to->z[k] = from->z[place];
        to->number[k] = slot;
        to->key[k] = (uint32_t)(b->ranks[k] >> 32);
        if (slot - b->first < b->end - b->first)
            add_row(b, slot, k);
    }
}

static void sort(block *b)
{
    nbl__group *g = &b->group;
    const nbl__query *query = g->job->query;
    const nbl__near from = g->near;
    nbl__near to = b->spare;
    if (!query->kernels->order(&from, &to, query->half, b->homes, g->n_rows))
        sort_ranks(b, &from, &to);
    to.n = from.n;
    g->near = to;
    b->spare = from;
}

static nbl_status search_box(block *b, const nbl__slot_box *box)
{
    const nbl__query *query = b->group.job->query;
    gather(b, box);
    if (query->sorted)
        sort(b);
    return nbl__group_search(&b->group);
}

/* Rows of a half list hold nothing that comes before their atom; within a bin, keys ascend. */
static uint32_t least_key(const nbl__slots *slots, int64_t first_bin, int64_t last_bin)
{
    uint32_t least = UINT32_MAX;
    for (int64_t bin = first_bin; bin <= last_bin; bin++) {
        const uint32_t first = slots->start[bin];
        if (first != slots->start[bin + 1] && slots->key[first] < least)
            least = slots->key[first];
    }
    return least;
}

/* The atoms of bins first_bin ... last_bin, which follow each other along the fastest axis. */
static nbl_status search_bins(block *b, int64_t first_bin, int64_t last_bin)
{
    const nbl__slots *slots = b->group.job->scene.slots;
    const uint32_t first = slots->start[first_bin], end = slots->start[last_bin + 1];
    nbl__slot_box box;
    b->first = first;
    b->end = end;
    b->least_key = b->group.job->query->half ? least_key(slots, first_bin, last_bin) : 0;
    nbl_status status = open_block(b, first_bin, last_bin);
    if (status != NBL_OK)
        return status;
    if (make_box(b, &box))
        return search_box(b, &box);
    for (uint32_t slot = first; slot < end && status == NBL_OK && nbl__job_wants(b->group.job, b->group.worker);
         slot++) {
        b->first = slot;
        b->end = slot + 1;
        make_box(b, &box);
        status = search_box(b, &box);
    }
    return status;
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
    const double *edge = scene->grid->edge[scene->grid->order[2]];
    const double distance = nbl__job_unit(job);
    const double span = floor(block_length * distance / sqrt(nbl__dot(edge, edge)));
    job->focus = nbl__focus_steps(scene->slots->step, scene->error);
    job->band = nbl__level_band(nbl__job_highest(job), &job->focus);
    job->span = span > 1.0 ? span < 1e6 ? (int64_t)span : 1000000 : 1;
    job->bins_per_piece = n_bins * PIECE_ATOMS / scene->n + 1;
    job->n_pieces = (n_bins + job->bins_per_piece - 1) / job->bins_per_piece;
    nbl__stencil_init(&job->stencil, scene->grid, distance, columns);
}

/* The length of the block that begins at a padded bin, at most `most` bins. */
static int64_t block_bins(const nbl__job *job, int64_t padded, int64_t most)
{
    const uint32_t *start = job->scene.slots->start, atoms = job->query->sorted ? SORTED_ATOMS : BLOCK_ATOMS;
    int64_t n = 1;
    most = most < job->span ? most : job->span;
    while (n < most && start[padded + n + 1] - start[padded] <= atoms)
        n++;
    return n;
}

nbl_status nbl__cells_piece(nbl__worker *w, nbl__job *job, int64_t piece)
{
    const nbl__grid *grid = job->scene.grid;
    const uint32_t *start = job->scene.slots->start;
    const int64_t n_bins = inner_bins(grid), n_fast = grid->n[grid->order[2]];
    const int64_t first = piece * job->bins_per_piece;
    const int64_t end = first + job->bins_per_piece < n_bins ? first + job->bins_per_piece : n_bins;
    block b = {.group = {.worker = w, .job = job, .images = job->scene.slots->images}};
    b.group.ordered = job->query->sorted;
    b.group.past = nbl__group_goes_past(&b.group);
    set_reach(&b);
    nbl_status status = place_block(&b, 256);
    int64_t padded = 0;
    for (int64_t bin = first, n; bin < end && status == NBL_OK; bin += n, padded += n) {
        if (bin == first || bin % n_fast == 0)
            padded = padded_bin(grid, bin);
        const int64_t stretch = nbl__grid_stretch(grid, grid->order[2], (int32_t)(bin % n_fast)),
                      rest = stretch < end - bin ? stretch : end - bin;
        n = start[padded] == start[padded + 1] ? 1 : block_bins(job, padded, rest);
        if (start[padded] == start[padded + n])
            continue;
        status = search_bins(&b, padded, padded + n - 1);
        if (!nbl__job_wants(job, w))
            break;
    }
    return status;
}
