/* SPDX-License-Identifier: MIT */
/* Every search and every visit, of a cell list or a batch, with one cutoff or several: one door. */
#include <inttypes.h>
#include <string.h>

#include "api/handle.h"
#include "base/size.h"
#include "search/dispatch.h"

static nbl_status check_counts(const nbl__built *built, const nbl__cutoffs *cutoffs, char *message)
{
    const int64_t n = built->set.n_systems;
    if (cutoffs->n_lists < 1 || cutoffs->n_lists > NBL_MAX_LISTS)
        return nbl__say(message, NBL_ESIZE, "%s is %" PRId32 ", not 1 ... %d", cutoffs->lists_name,
                        cutoffs->n_lists, NBL_MAX_LISTS);
    const bool of_build = built->batch && cutoffs->n_lists == 1 && cutoffs->n_sets == 0 && !cutoffs->values;
    if (cutoffs->n_sets != 1 && cutoffs->n_sets != n && !of_build)
        return nbl__say(message, NBL_ESIZE, "%s is %" PRId64 ", not 1 or n_systems = %" PRId64,
                        cutoffs->sets_name, cutoffs->n_sets, n);
    if (!cutoffs->values && cutoffs->n_sets > 0)
        return nbl__say(message, NBL_ENULL, "cutoffs is NULL");
    return NBL_OK;
}

static nbl_status check_search(const nbl__built *built, const nbl__cutoffs *cutoffs,
                               const nbl_search_options *own, char *message)
{
    const nbl__set *set = &built->set;
    const bool centers = own->flags & NBL_CENTERS;
    if (!set->built)
        return nbl__say(message, NBL_EUNBUILT, "nothing has been built in this %s",
                        built->batch ? "batch" : "cell list");
    if (centers && built->batch)
        return nbl__say(message, NBL_ECONFLICT, "NBL_CENTERS with a batch");
    if (centers && (own->n_centers < 0 || own->n_centers > set->n_atoms))
        return nbl__say(message, NBL_ESIZE, "n_centers is %" PRId64 ", n is %" PRId64, own->n_centers,
                        set->n_atoms);
    return check_counts(built, cutoffs, message);
}

/* The result keeps the cutoffs: a fetch may search again. */
static nbl_status copy_cutoffs(nbl_result *result, const nbl__set *set, const nbl__cutoffs *cutoffs,
                               nbl__query *query, nbl__fault *fault)
{
    const bool of_build = cutoffs->n_sets == 0;
    query->n_lists = cutoffs->n_lists;
    query->n_sets = of_build ? set->n_systems : cutoffs->n_sets;
    const uint64_t count = (uint64_t)query->n_sets * (uint64_t)query->n_lists;
    nbl_status status = nbl__buffer_reserve(&result->memory, &result->cutoff_memory,
                                            nbl__size_of_count(count, sizeof(double)), fault);
    if (status != NBL_OK)
        return status;
    double *values = result->cutoff_memory.data;
    if (!of_build && count != 0)
        memcpy(values, cutoffs->values, (size_t)count * sizeof *values);
    for (int64_t s = 0; of_build && s < set->n_systems; s++)
        values[s] = set->members[s].cutoff;
    query->cutoffs = values;
    return NBL_OK;
}

static void make_query(nbl_result *result, const nbl__built *built, const nbl_search_options *own)
{
    nbl__query *query = &result->query;
    int32_t n_threads = own->n_threads ? own->n_threads : result->n_threads;
    const int32_t isa = result->isa && (!built->isa || result->isa < built->isa) ? result->isa : built->isa;
    n_threads = n_threads ? n_threads : built->n_threads;
    query->half = own->flags & NBL_HALF;
    query->inclusive = own->flags & NBL_INCLUSIVE;
    query->self = own->flags & NBL_SELF;
    query->sorted = own->flags & NBL_SORTED;
    query->disjoint = own->flags & NBL_DISJOINT;
    query->n_centers = own->flags & NBL_CENTERS ? own->n_centers : -1;
    query->max_pairs = own->max_pairs;
    query->n_threads = nbl__threads_of(n_threads, &query->least_pieces);
    query->kernels = nbl__dispatch_kernels(isa);
    result->centers = own->flags & NBL_CENTERS;
    result->memory.limit = own->max_bytes;
}

static void shells_of(const void *context, int64_t system, nbl__shells *shells)
{
    const nbl__query *query = context;
    nbl__level levels[NBL_MAX_LISTS];
    nbl__levels_make(levels, nbl__query_cutoffs(query, system), query->n_lists, query->inclusive);
    shells->n = query->n_lists;
    for (int32_t k = 0; k < query->n_lists; k++) {
        shells->limits[k] = levels[k].limit;
        shells->lists[k] = (uint8_t)levels[k].list;
    }
}

static nbl_status walk(nbl_result *result, const nbl__set *set, uint32_t fields, nbl_visitor *visitor,
                       void *user, nbl__refusal *refusal, nbl__fault *fault)
{
    nbl__blocks blocks = {
        .expand = result->query.kernels->expand,
        .visitor = visitor,
        .user = user,
        .fields = fields ? fields : NBL_ROW_SHIFTS | NBL_ROW_VECTORS | NBL_ROW_D2 | NBL_ROW_SHELLS,
        .n_cutoffs = result->query.n_lists,
        .shells_of = shells_of,
        .shells_context = &result->query,
        .memory = &result->memory,
    };
    return nbl__list_walk(&result->list, set, &result->query, &blocks, refusal, fault);
}

/* What belongs to one system is said of it; where one bad system refuses all, nothing is left. */
static nbl_status conclude(const nbl__built *built, nbl_result *result, const nbl__refusal *refusal)
{
    if (refusal->system < 0)
        return NBL_OK;
    nbl__say_refusal(result->message, refusal, &built->set, built->batch);
    return built->set.all_or_nothing ? refusal->status : NBL_EBATCH;
}

static void tie(nbl_result *result, const nbl__built *built)
{
    nbl__anchor_hold(built->anchor);
    result->anchor = built->anchor;
    result->generation = atomic_load_explicit(&built->anchor->generation, memory_order_acquire);
    result->set = &built->set;
    result->n_systems = built->set.n_systems;
    result->batch = built->batch;
    result->searched = true;
}

/* The lower of two systems that were refused, by their cutoffs or in the search. */
static void merge(nbl__refusal *refusal, const nbl__refusal *other)
{
    if (other->system >= 0 && (refusal->system < 0 || other->system < refusal->system))
        *refusal = *other;
}

nbl_status nbl__search_any(const nbl__built *built, const char *name, const nbl__cutoffs *cutoffs,
                           const nbl_search_options *options, nbl_result *result, nbl_visitor *visitor,
                           void *user)
{
    if (!result)
        return NBL_ENULL;
    result->message[0] = '\0';
    result->searched = false;
    nbl__anchor_drop(&result->anchor);
    if (!built)
        return nbl__say(result->message, NBL_ENULL, "%s is NULL", name);
    nbl_search_options own;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl__refusal refusal = {.system = -1}, found = {.system = -1};
    const nbl__set *set = &built->set;
    nbl_status status = nbl__read_search_options(&own, options, result->message);
    if (status == NBL_OK)
        status = check_search(built, cutoffs, &own, result->message);
    if (status != NBL_OK)
        return status;
    make_query(result, built, &own);
    status = copy_cutoffs(result, set, cutoffs, &result->query, &fault);
    if (status == NBL_OK)
        status = nbl__list_open(&result->list, set, &result->query, &refusal, &fault);
    if (status == NBL_OK && !(refusal.system >= 0 && set->all_or_nothing)) {
        status = visitor ? walk(result, set, own.fields, visitor, user, &found, &fault)
                         : nbl__list_search(&result->list, set, &result->query, own.mode, &found, &fault);
        merge(&refusal, &found);
    }
    if (status == NBL_ESTOP)
        return nbl__say(result->message, status, "%s", nbl_status_text(status));
    if (status != NBL_OK)
        return nbl__say_fault(result->message, status, &fault);
    status = conclude(built, result, &refusal);
    if (!visitor && (status == NBL_OK || status == NBL_EBATCH))
        tie(result, built);
    return status;
}
