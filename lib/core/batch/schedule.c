/* SPDX-License-Identifier: MIT */
#include "batch/schedule.h"

#include <string.h>

#include "base/size.h"
#include "search/flock.h"

typedef struct schedule {
    const nbl__set *set;
    const nbl__query *query;
    const nbl__target *target;
    const int32_t *statuses;
    nbl__job *jobs; /* of systems with a grid, or by the formula */
    int64_t n_jobs;
    int64_t n_pieces;         /* of jobs; chunks follow */
    const nbl__level *levels; /* of all systems, where they share one set of cutoffs; else NULL */
    bool alike;               /* all systems are masked, have these levels, and are right */
    nbl__team team;
} schedule;

/* An open block is not wrapped. */
static const nbl__wrapped nothing;

static nbl__scene scene_of(const nbl__set *set, int64_t system)
{
    const nbl__member *member = &set->members[system];
    nbl__scene scene = {.n = nbl__set_atoms(set, system),
                        .r = nbl__set_positions(set, system),
                        .lattice = nbl__set_lattice(set, system),
                        .wrapped = &nothing,
                        .error = member->error};
    if (member->lattice >= 0 || member->path != NBL__PATH_BLOCK)
        scene.wrapped = &set->wrapped[system];
    if (member->grid >= 0) {
        scene.grid = &set->binned[member->grid].grid;
        scene.slots = &set->binned[member->grid].slots;
    }
    return scene;
}

/* Levels of a system with cutoffs of its own; a thread often meets the same cutoff again. */
static const nbl__level *levels_of(const schedule *s, int64_t system, nbl__level *own)
{
    const nbl__query *query = s->query;
    const double *cutoffs = nbl__query_cutoffs(query, system);
    if (s->levels)
        return s->levels;
    if (query->n_lists > 1 || !(own->cutoff <= cutoffs[0] && own->cutoff >= cutoffs[0]))
        nbl__levels_make(own, cutoffs, query->n_lists, query->inclusive);
    return own;
}

static nbl_status search_block(schedule *s, nbl__worker *w, int64_t system, nbl__level *own)
{
    const nbl__set *set = s->set;
    const nbl__scene scene = scene_of(set, system);
    nbl__job job;
    nbl__job_init(&job, &scene, s->query, s->target, levels_of(s, system, own), system, set->first[system]);
    job.first_piece = w->piece;
    return nbl__block_system(w, &job);
}

static bool is_block(const schedule *s, int64_t system)
{
    const nbl__set *set = s->set;
    return s->statuses[system] == NBL_OK && set->members[system].path == NBL__PATH_BLOCK &&
           nbl__set_atoms(set, system) > 0;
}

static bool has_cutoffs(const nbl__query *query, int64_t system, const double *cutoffs)
{
    const double *own = nbl__query_cutoffs(query, system);
    bool same = true;
    for (int32_t k = 0; k < query->n_lists && own != cutoffs; k++)
        same &= own[k] <= cutoffs[k] && own[k] >= cutoffs[k];
    return same;
}

/* The open systems of a few atoms from `system` on that have its cutoffs, as many as are searched at once. */
static nbl__flock flock_at(const schedule *s, const nbl__level *levels, int64_t system, int64_t end)
{
    const nbl__set *set = s->set;
    const double *cutoffs = nbl__query_cutoffs(s->query, system);
    nbl__flock flock = nbl__flock_make(s->query, levels);
    flock.r = nbl__set_positions(set, system);
    flock.first = set->first + system;
    if (s->alike) {
        flock.n = end - system;
        return flock;
    }
    for (; system < end && is_block(s, system) && nbl__set_is_masked(set, system) &&
           has_cutoffs(s->query, system, cutoffs);
         system++)
        flock.n++;
    return flock;
}

static nbl_status search_chunk(schedule *s, nbl__worker *w, int64_t chunk, nbl__level *own)
{
    const int64_t end = s->set->chunks[chunk + 1];
    const bool flocks = nbl__flock_fits(s->target);
    nbl_status status = NBL_OK;
    for (int64_t system = s->set->chunks[chunk]; system < end && status == NBL_OK;) {
        nbl__flock flock = {.n = 0};
        if (flocks && is_block(s, system)) {
            const nbl__level *levels = levels_of(s, system, own);
            flock = flock_at(s, levels, system, end);
            if (flock.n > 0)
                nbl__flock_search(w, s->query, s->target, levels, &flock);
        }
        if (flock.n == 0 && is_block(s, system))
            status = search_block(s, w, system, own);
        system += flock.n > 0 ? flock.n : 1;
        if (!nbl__team_wants(w->team, w->piece))
            break;
    }
    return status;
}

static nbl__job *job_of(const schedule *s, int64_t piece)
{
    int64_t low = 0, high = s->n_jobs;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (s->jobs[middle].first_piece <= piece)
            low = middle;
        else
            high = middle;
    }
    return &s->jobs[low];
}

static void search_piece(schedule *s, nbl__worker *w, nbl__level *own)
{
    if (w->piece >= s->n_pieces) {
        nbl_status status = search_chunk(s, w, w->piece - s->n_pieces, own);
        if (status != NBL_OK)
            nbl__team_fail(&s->team, w->piece, status, &w->fault);
        return;
    }
    nbl__job *job = job_of(s, w->piece);
    const int64_t piece = w->piece - job->first_piece;
    if (!nbl__job_wants(job, w))
        return;
    const bool cells = s->set->members[job->system].path == NBL__PATH_CELLS;
    nbl_status status = cells ? nbl__cells_piece(w, job, piece) : nbl__formula_piece(w, job, piece);
    if (status == NBL_ESHIFT)
        nbl__job_fail(job, piece, status, &w->fault);
    else if (status != NBL_OK)
        nbl__team_fail(&s->team, w->piece, status, &w->fault);
}

static void work(void *context, int thread, int team_size)
{
    (void)team_size;
    schedule *s = context;
    nbl__worker w = nbl__worker_open(&s->team, thread);
    nbl__level own[NBL_MAX_LISTS];
    own[0].cutoff = 0.0;
    while ((w.piece = nbl__team_next(&s->team, thread)) >= 0)
        search_piece(s, &w, own);
    nbl__worker_close(&w);
    nbl__lock_take(&s->team.lock);
    s->team.kept_bytes += w.kept_bytes;
    s->team.most_scratch = w.most_scratch > s->team.most_scratch ? w.most_scratch : s->team.most_scratch;
    nbl__lock_give(&s->team.lock);
}

/* Nobody to search: cutoffs, which then nobody checked, are not looked at. */
static bool is_idle(const nbl__set *set, const int32_t *statuses)
{
    bool idle = true;
    for (int64_t s = 0; s < set->n_systems && idle; s++)
        idle = statuses[s] != NBL_OK || nbl__set_atoms(set, s) == 0;
    return idle;
}

static nbl_status reserve(const schedule *s, nbl__buffer *buffer, uint64_t count, size_t item,
                          nbl__fault *fault)
{
    return nbl__buffer_reserve(s->target->arena->memory, buffer, nbl__size_of_count(count, item), fault);
}

/* Levels that all systems share, or of each that jobs are for. */
static nbl_status make_levels(schedule *s, nbl__trace *trace, nbl__fault *fault)
{
    const nbl__query *query = s->query;
    const bool shared = query->n_sets == 1;
    const int64_t n_sets = shared ? 1 : s->set->n_binned;
    nbl_status status = reserve(s, &trace->level_memory, (uint64_t)n_sets * (uint64_t)query->n_lists,
                                sizeof(nbl__level), fault);
    if (status != NBL_OK)
        return status;
    nbl__level *levels = trace->level_memory.data;
    for (int64_t k = 0; k < n_sets; k++, levels += query->n_lists) {
        const int64_t system = shared ? 0 : s->set->binned[k].system;
        if (shared || s->statuses[system] == NBL_OK)
            nbl__levels_make(levels, nbl__query_cutoffs(query, system), query->n_lists, query->inclusive);
    }
    s->levels = shared ? trace->level_memory.data : NULL;
    return NBL_OK;
}

/* Whether rows of much lower cutoffs, which are faster found alone, have a job of their own. Of shells, and for
 * a list of which the others are passed over, all levels are one job's. */
static bool may_part(const schedule *s, const nbl__binned *binned)
{
    return binned->plan.path == NBL__PATH_CELLS && !s->query->disjoint && s->target->only < 0;
}

/* The next job: the levels begin ... end - 1 of a system. */
static void add_job(schedule *s, const nbl__binned *binned, const nbl__level *levels, int32_t begin,
                    int32_t end, nbl__column *columns)
{
    const nbl__scene scene = scene_of(s->set, binned->system);
    nbl__job *job = &s->jobs[s->n_jobs++];
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl_status status = NBL_OK;
    nbl__job_init(job, &scene, s->query, s->target, levels, binned->system, s->set->first[binned->system]);
    nbl__job_take_levels(job, begin, end);
    if (binned->plan.path == NBL__PATH_CELLS)
        nbl__cells_prepare(job, columns);
    else
        status = nbl__formula_prepare(job, &fault);
    if (status != NBL_OK) { /* it fails before it begins */
        nbl__job_fail(job, 0, status, &fault);
        job->n_pieces = 0;
    }
    job->first_piece = s->n_pieces;
    s->n_pieces += job->n_pieces;
}

/* The jobs of a system, those of its highest levels first; returns the columns behind theirs. */
static nbl__column *add_jobs(schedule *s, const nbl__binned *binned, const nbl__level *levels,
                             nbl__column *columns)
{
    const nbl__plan *plan = &binned->plan;
    const nbl__apart *apart = &s->query->kernels->apart;
    for (int32_t end = s->query->n_lists, begin; end > 0; end = begin) {
        begin = may_part(s, binned) ? nbl__levels_together(levels, end, plan->atoms, plan->distance, apart) : 0;
        add_job(s, binned, levels, begin, end, columns);
        if (plan->path == NBL__PATH_CELLS)
            columns += nbl__stencil_room(&binned->grid);
    }
    return columns;
}

/*
 * Room for the most jobs that there can be: a search whose cutoffs are no larger than before finds it, however
 * far apart they are.
 */
static nbl_status reserve_jobs(const schedule *s, nbl__trace *trace, nbl__fault *fault)
{
    const int32_t n_lists = s->query->n_lists;
    const nbl__level *levels = trace->level_memory.data;
    uint64_t n_jobs = 0, n_columns = 0;
    for (int64_t k = 0; k < s->set->n_binned; k++, levels += s->levels ? 0 : n_lists) {
        const nbl__binned *binned = &s->set->binned[k];
        const nbl__plan *plan = &binned->plan;
        if (s->statuses[binned->system] != NBL_OK)
            continue;
        const uint64_t most = may_part(s, binned)
                                  ? (uint64_t)nbl__levels_most_parts(levels, n_lists, plan->atoms,
                                                                     plan->distance, &s->query->kernels->apart)
                                  : 1;
        n_jobs += most;
        if (plan->path == NBL__PATH_CELLS)
            n_columns += most * nbl__stencil_room(&binned->grid);
    }
    nbl_status status = reserve(s, &trace->job_memory, n_jobs, sizeof(nbl__job), fault);
    return status == NBL_OK ? reserve(s, &trace->column_memory, n_columns, sizeof(nbl__column), fault) : status;
}

static nbl_status prepare(schedule *s, nbl__trace *trace, nbl__fault *fault)
{
    const nbl__set *set = s->set;
    nbl_status status = make_levels(s, trace, fault);
    if (status == NBL_OK)
        status = reserve_jobs(s, trace, fault);
    if (status != NBL_OK)
        return status;
    const nbl__level *levels = trace->level_memory.data;
    nbl__column *columns = trace->column_memory.data;
    s->jobs = trace->job_memory.data;
    for (int64_t k = 0; k < set->n_binned; k++, levels += s->levels ? 0 : s->query->n_lists)
        if (s->statuses[set->binned[k].system] == NBL_OK)
            columns = add_jobs(s, &set->binned[k], levels, columns);
    return NBL_OK;
}

/* Rows of systems that are left out, or that failed half-way, are empty. */
static void clear_rows(const nbl__set *set, const nbl__target *target, const nbl__query *query, int64_t system)
{
    const int32_t n_lists = target->only >= 0 ? 1 : query->n_lists;
    const size_t n = (size_t)nbl__query_rows(query, nbl__set_atoms(set, system));
    for (int32_t k = 0; target->rows && k < n_lists && n > 0; k++)
        memset(target->rows[k].count + set->first[system], 0, n * sizeof *target->rows[k].count);
}

static void clear_all_rows(const nbl__set *set, const nbl__target *target, const nbl__query *query,
                           const int32_t *statuses)
{
    for (int64_t system = 0; system < set->n_systems; system++)
        if (statuses[system] != NBL_OK)
            clear_rows(set, target, query, system);
}

static void collect_failures(const schedule *s, int32_t *statuses, nbl__refusal *refusal)
{
    for (int64_t k = 0; k < s->n_jobs; k++) {
        const nbl__job *job = &s->jobs[k];
        if (job->status == NBL_OK)
            continue;
        statuses[job->system] = job->status;
        clear_rows(s->set, s->target, s->query, job->system);
        if (refusal->system < 0 || job->system < refusal->system)
            *refusal = (nbl__refusal){job->system, job->status, job->fault};
    }
}

nbl_status nbl__schedule_run(const nbl__set *set, const nbl__query *query, const nbl__target *target,
                             int32_t *statuses, nbl__trace *trace, nbl__refusal *refusal, nbl__fault *fault)
{
    schedule s = {.set = set, .query = query, .target = target, .statuses = statuses};
    *refusal = (nbl__refusal){.system = -1};
    trace->n_threads = 1;
    const bool right = nbl__set_is_right(statuses, set->n_systems);
    s.alike = right && set->masked && query->n_sets == 1;
    if (!right)
        clear_all_rows(set, target, query, statuses);
    if (is_idle(set, statuses))
        return NBL_OK;
    nbl_status status = prepare(&s, trace, fault);
    if (status != NBL_OK)
        return status;
    nbl__team_init(&s.team, s.n_pieces + set->n_chunks, query->max_pairs);
    nbl__arena_rewind(target->arena);
    nbl__team_run(&s.team, query->n_threads, query->least_pieces, work, &s);
    trace->scratch = s.team.most_scratch;
    trace->kept = s.team.kept_bytes;
    trace->n_threads = s.team.n_threads;
    collect_failures(&s, statuses, refusal);
    if (s.team.status != NBL_OK)
        *fault = s.team.fault;
    return s.team.status;
}

void nbl__trace_free(nbl__trace *trace, nbl__memory *memory)
{
    nbl__buffer_free(memory, &trace->job_memory);
    nbl__buffer_free(memory, &trace->level_memory);
    nbl__buffer_free(memory, &trace->column_memory);
}
