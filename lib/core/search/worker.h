/* SPDX-License-Identifier: MIT */
/*
 * Threads at work on the rows of several systems: what a system is in one traversal (a job), what a thread has
 * (a worker), and where finished rows go (the target). Invariant: a row is delivered once per list, complete,
 * and nothing of it depends on which thread made it.
 */
#ifndef NBL_SEARCH_WORKER_H
#define NBL_SEARCH_WORKER_H

#include "emit/rows.h"
#include "search/levels.h"
#include "search/scene.h"
#include "search/stencil.h"
#include "search/team.h"

/* Where rows go: recorded in `rows` (if not NULL), handed to `consume` (if not NULL). */
typedef struct nbl__target {
    nbl__rows *rows; /* [n_lists]; all kept, or none */
    int32_t only; /* this list alone, recorded in rows[0]; negative: all. With `consume`: one list, or `only` */
    nbl__arena *arena;
    const nbl__image **tables; /* [systems]: what kept numbers of systems without a grid refer to */
    nbl__row_function consume;
    void *context;
    uint64_t most_wide; /* bytes of wide rows that may be kept; 0 = any number */
} nbl__target;

/* The reduced rows in an orthonormal frame: t[a][b] is the part of row a along direction b, 0 for b < a. */
typedef struct nbl__frame {
    double q[3][3];
    double t[3][3];
} nbl__frame;

typedef struct nbl__job {
    nbl__scene scene;
    const nbl__query *query;
    const nbl__target *target;
    const nbl__level *levels; /* [n_levels] */
    int32_t n_levels;
    int32_t n_above;       /* levels of the system above those: their job counts the pairs */
    int64_t system, first; /* its number, and that of its first atom and row, in the batch */
    int64_t n_rows;
    int64_t n_pieces;
    int64_t first_piece;    /* in the traversal */
    nbl__stencil stencil;   /* cells */
    int64_t bins_per_piece; /* cells */
    int64_t span;           /* cells: bins of a block along the fastest axis */
    nbl__focus focus;       /* cells, blocks */
    nbl__band band;         /* of the highest level */
    nbl__frame frame;       /* formula, with periodic axes */
    double reach[3];        /* formula: highest cutoff in units of the heights */
    bool open;              /* formula: no periodic axis */
    atomic_llong failed_at; /* lowest piece that failed for this system alone; INT64_MAX: none */
    nbl__lock lock;
    nbl_status status;
    nbl__fault fault;
} nbl__job;

/*
 * Cursors of a worker: rows of the highest levels are made where they stay, each level in segments of its own;
 * and two for scratch.
 */
enum { NBL__KEPT_CURSORS = 4, NBL__SCRATCH_CURSORS = 2 };

typedef struct nbl__worker {
    nbl__team *team;
    int thread;
    int64_t piece;                       /* in the traversal */
    nbl__cursor kept[NBL__KEPT_CURSORS]; /* where rows stay: the first is for all that have none of their own */
    nbl__cursor fixed;                   /* scratch for the time of one piece */
    nbl__cursor made;                    /* scratch where rows are made that do not stay */
    size_t most_scratch;                 /* bytes that one of the two was asked for */
    uint64_t kept_bytes;
    uint64_t kept_rows;      /* of all lists */
    const nbl__expand *past; /* what wrote some of them past the caches; NULL: nothing did */
    uint64_t unreported;     /* pairs that the team does not know of yet */
    double met[3]; /* cutoff, error and `most` of the job that this thread focused last: most are alike */
    nbl__focus focus;
    nbl__band band;
    nbl__fault fault;
} nbl__worker;

/* Memory for any later schedule of a traversal of n_lists lists, of which `kept` bytes stay. */
static inline nbl__need nbl__worker_need(int n_threads, size_t scratch, uint64_t kept, int32_t n_lists)
{
    return (nbl__need){.n_threads = n_threads,
                       .kept = kept,
                       .n_kept = n_lists < NBL__KEPT_CURSORS ? n_lists : NBL__KEPT_CURSORS,
                       .scratch = scratch,
                       .n_scratch = NBL__SCRATCH_CURSORS};
}

static inline const nbl__level *nbl__job_highest(const nbl__job *job)
{
    return &job->levels[job->n_levels - 1];
}

/* A job of one system, not failed, with its levels; what belongs to a kind of search is set by its prepare. */
void nbl__job_init(nbl__job *job, const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                   const nbl__level *levels, int64_t system, int64_t first);

/* Only the levels begin ... end - 1: there are other jobs for the others. */
static inline void nbl__job_take_levels(nbl__job *job, int32_t begin, int32_t end)
{
    job->n_above = job->n_levels - end;
    job->levels += begin;
    job->n_levels = end - begin;
}

/* Of the pairs that a job finds, those that count: a limit is one of pairs within the largest cutoff. */
static inline uint32_t nbl__job_pairs(const nbl__job *job, uint32_t found)
{
    return job->n_above > 0 ? 0 : found;
}

/* The place of one of its levels among those of the system, from the highest on. */
static inline int32_t nbl__job_depth(const nbl__job *job, int32_t level)
{
    return job->n_above + job->n_levels - 1 - level;
}

/* Whether rows of a level have a cursor of their own: they can be made where they stay. */
static inline bool nbl__job_has_cursor(const nbl__job *job, int32_t level)
{
    return nbl__job_depth(job, level) < NBL__KEPT_CURSORS;
}

/* Where rows of a level are made, or moved, to stay, which does not depend on what other jobs there are. */
static inline nbl__cursor *nbl__job_cursor(const nbl__job *job, nbl__worker *w, int32_t level)
{
    return &w->kept[nbl__job_has_cursor(job, level) ? nbl__job_depth(job, level) : 0];
}

/* Fails one system, not the others. piece: in the job. */
void nbl__job_fail(nbl__job *job, int64_t piece, nbl_status status, const nbl__fault *fault);

/* Whether work on a piece of a job is still wanted. */
static inline bool nbl__job_wants(nbl__job *job, const nbl__worker *w)
{
    return nbl__team_wants(w->team, w->piece) &&
           w->piece - job->first_piece <= atomic_load_explicit(&job->failed_at, memory_order_relaxed);
}

/* Room for `bytes` at cursor->next, cursor one of the two for scratch. */
nbl_status nbl__worker_scratch(nbl__worker *w, nbl__arena *arena, nbl__cursor *cursor, size_t bytes);

/* Tells the team of the pairs found; false: there are too many. */
bool nbl__worker_report(nbl__worker *w);

/* A thread's, at the beginning of its work. */
static inline nbl__worker nbl__worker_open(nbl__team *team, int thread)
{
    nbl__worker w = {.team = team,
                     .thread = thread,
                     .fixed = {.taker = thread, .scratch = true},
                     .made = {.taker = thread, .scratch = true}};
    for (int k = 0; k < NBL__KEPT_CURSORS; k++)
        w.kept[k].taker = thread;
    return w;
}

/* The end of its work: what is left is reported, and what was kept is there for all threads. */
void nbl__worker_close(nbl__worker *w);

/* Counts pairs, and reports them from time to time. */
void nbl__worker_add(nbl__worker *w, uint32_t pairs);

/* The rows that a list is recorded in, or NULL. */
static inline nbl__rows *nbl__target_rows(const nbl__target *target, int32_t list)
{
    return !target->rows ? NULL : target->only >= 0 ? &target->rows[0] : &target->rows[list];
}

static inline bool nbl__target_keeps(const nbl__target *target)
{
    return target->rows && target->rows[0].kept;
}

/* A finished row of one list: view->number (or ->images in wide rows) and ->count. */
nbl_status nbl__worker_deliver(nbl__worker *w, const nbl__job *job, int32_t list, const nbl__view *view);

/* The unit of the filter's coordinates: no neighbour is farther. */
static inline double nbl__job_unit(const nbl__job *job)
{
    return nbl__job_highest(job)->cutoff + 3.0 * job->scene.error;
}

/* Where coordinates of the filter lie within `most` of their origin. The worker remembers the last of its own.
 */
void nbl__job_focus(nbl__job *job, double most);
void nbl__worker_focus(nbl__worker *w, nbl__job *job, double most);

/* A row as the filter left it. */
typedef struct nbl__found {
    uint32_t *numbers; /* [count] */
    float *d2;         /* [count], as the filter sees them */
    uint32_t *spare;   /* room for as many, with several levels */
    uint32_t count;
    bool close; /* the filter was in doubt */
} nbl__found;

/* Bytes that a row of up to `room` candidates is made in, and its arrays there. */
size_t nbl__found_bytes(const nbl__query *query, size_t room);
void nbl__found_place(nbl__found *found, const nbl__query *query, size_t room, void *place);

/* Decides what is in doubt, splits by levels, and delivers. */
nbl_status nbl__worker_finish(nbl__worker *w, const nbl__job *job, nbl__view *view, nbl__found *found);

/* Cells: a grid. Prepares a job (columns: room for the stencil), and does one piece of it. */
void nbl__cells_prepare(nbl__job *job, nbl__column *columns);
nbl_status nbl__cells_piece(nbl__worker *w, nbl__job *job, int64_t piece);

/* Formula: all pairs of atoms, all images, wide rows. NBL_ESHIFT: this system has too many images. */
nbl_status nbl__formula_prepare(nbl__job *job, nbl__fault *fault);
nbl_status nbl__formula_piece(nbl__worker *w, nbl__job *job, int64_t piece);

/* Bytes of wide rows that a search keeps; beyond, it stops with NBL_ELIMIT and fault BYTES. */
enum { NBL__KEEP_WIDE = 4 * 1024 * 1024 };

/* Block: a small system as a whole, with all its images in one table. One piece. */
nbl_status nbl__block_system(nbl__worker *w, nbl__job *job);

#endif
