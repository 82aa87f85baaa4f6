/* SPDX-License-Identifier: MIT */
#include "library.h"

#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Arrays begin on a line of their own, as those of a careful caller do. */
static size_t whole_lines(size_t size)
{
    return (size + 63) / 64 * 64;
}

int nbl__bench_bytes_sum(const bench_bytes *b)
{
    return b->i + b->j + b->shifts + b->vectors + b->distances;
}

bench_bytes nbl__bench_bytes_narrow(bench_bytes bytes)
{
    const int narrow = sizeof(int32_t);
    bytes.i = bytes.i > narrow ? narrow : bytes.i;
    bytes.j = bytes.j > narrow ? narrow : bytes.j;
    return bytes;
}

bool nbl__bench_good(bench_library *library, int64_t step, nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return true;
    snprintf(library->message, sizeof library->message, "%s %lld: %s: %s", library->way->name, (long long)step,
             nbl_status_name(status), message[0] ? message : nbl_status_text(status));
    return false;
}

static void close_handles(bench_library *library)
{
    nbl_result_destroy(&library->result);
    nbl_batch_destroy(&library->batch);
    nbl_cell_list_destroy(&library->list);
}

static bool open_handles(bench_library *library)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.n_threads = library->manner.n_threads;
    options.isa = library->manner.isa;
    options.allocator = library->manner.allocator;
    nbl_status status = nbl_cell_list_create(&library->list, &options);
    if (status == NBL_OK)
        status = nbl_batch_create(&library->batch, &options);
    if (status == NBL_OK)
        status = nbl_result_create(&library->result, &options);
    return nbl__bench_good(library, 0, status, "");
}

bool nbl__bench_library_renew(bench_library *library)
{
    close_handles(library);
    nbl__bench_memory_trim();
    return open_handles(library);
}

static bool prepare(bench_library *library)
{
    const bench_way *way = library->way;
    return open_handles(library) && (!way->prepare || way->prepare(library)) &&
           (!way->ready || way->ready(library));
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The pairs of the longest list of any step. */
static bool size_outputs(bench_library *library, int64_t *capacity)
{
    const bench_way *way = library->way;
    *capacity = 0;
    for (int64_t step = 0; step < way->steps(&library->work); step++) {
        if ((way->build && !way->build(library, step)) || !way->search(library, step))
            return false;
        int64_t needed = 0;
        for (int32_t k = 0; k < nbl_result_n_lists(library->result); k++) {
            const int64_t m = nbl_result_n_pairs(library->result, k);
            needed = way->disjoint ? needed + m : greater(needed, m);
        }
        *capacity = greater(*capacity, needed);
    }
    return true;
}

static size_t block_size(const bench_bytes *b, int64_t capacity)
{
    const int sizes[] = {b->i, b->j, b->shifts, b->vectors, b->distances};
    size_t size = 0;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        size += whole_lines((size_t)capacity * (size_t)sizes[k]);
    return size;
}

/* The next array of the block; NULL where it is not wanted. */
static void *place(unsigned char *block, size_t *used, int64_t capacity, int bytes)
{
    void *array = bytes > 0 ? block + *used : NULL;
    *used += whole_lines((size_t)capacity * (size_t)bytes);
    return array;
}

static void place_outputs(bench_library *library, int64_t capacity)
{
    const bench_bytes *b = &library->bytes;
    size_t used = 0;
    library->outputs = (nbl_outputs)NBL_OUTPUTS_INIT;
    library->outputs.pair_capacity = capacity;
    library->outputs.index_dtype = b->j == sizeof(int32_t) ? NBL_INT32 : NBL_INT64;
    library->outputs.i = place(library->block, &used, capacity, b->i);
    library->outputs.j = place(library->block, &used, capacity, b->j);
    library->outputs.shifts = place(library->block, &used, capacity, b->shifts);
    library->outputs.vectors = place(library->block, &used, capacity, b->vectors);
    library->outputs.distances = place(library->block, &used, capacity, b->distances);
    library->block_size = used;
}

static bool make_outputs(bench_library *library)
{
    int64_t capacity = 0;
    const bool good = prepare(library) && size_outputs(library, &capacity);
    close_handles(library);
    if (!good)
        return false;
    const size_t size = block_size(&library->bytes, capacity);
    library->block = aligned_alloc(64, size > 0 ? size : 64);
    if (!library->block) {
        snprintf(library->message, sizeof library->message, "no memory for %lld pairs", (long long)capacity);
        return false;
    }
    memset(library->block, 0xff, size);
    place_outputs(library, capacity);
    return true;
}

/* A half list has no room for a full one. */
static bool lends(const bench_library *lender, const bench_library *library)
{
    return lender && lender->block && (!(lender->way->flags & NBL_HALF) || (library->way->flags & NBL_HALF)) &&
           block_size(&library->bytes, lender->outputs.pair_capacity) <= lender->block_size;
}

bool nbl__bench_library_open(bench_library *library, const bench_way *way, const bench_work *work,
                             const bench_manner *manner, const bench_library *lender)
{
    memset(library, 0, sizeof *library);
    library->work = *work;
    library->way = way;
    library->manner = *manner;
    library->bytes = manner->narrow ? nbl__bench_bytes_narrow(way->bytes) : way->bytes;
    library->search = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
    library->search.flags = way->flags;
    if (lends(lender, library)) {
        library->block = lender->block;
        library->borrowed = true;
        place_outputs(library, lender->outputs.pair_capacity);
    } else if (nbl__bench_bytes_sum(&library->bytes) > 0 && !make_outputs(library)) {
        return false;
    }
    return prepare(library);
}

void nbl__bench_library_close(bench_library *library)
{
    close_handles(library);
    if (!library->borrowed)
        free(library->block);
    free(library->rows);
    free(library->values);
    free(library->species);
    free(library->moved);
    memset(library, 0, sizeof *library);
}

/* Seconds since *at, which becomes now. */
static double lap(double *at)
{
    const double before = *at;
    *at = nbl__bench_clock();
    return *at - before;
}

static bool timed_step(bench_library *library, int64_t step, double *phases)
{
    const bench_way *way = library->way;
    double at = nbl__bench_clock();
    if (way->build) {
        if (!way->build(library, step))
            return false;
        phases[0] += lap(&at);
    }
    if (!way->search(library, step))
        return false;
    phases[1] += lap(&at);
    if (way->fetch) {
        if (!way->fetch(library, step))
            return false;
        phases[2] += lap(&at);
    }
    return true;
}

static bool do_step(bench_library *library, int64_t step)
{
    const bench_way *way = library->way;
    return (!way->build || way->build(library, step)) && way->search(library, step) &&
           (!way->fetch || way->fetch(library, step));
}

bool nbl__bench_library_pass(void *context, double *phases)
{
    bench_library *library = context;
    const int64_t steps = library->way->steps(&library->work);
    for (int64_t step = 0; step < steps; step++)
        if (phases ? !timed_step(library, step, phases) : !do_step(library, step))
            return false;
    return true;
}

static bool ready(void *context)
{
    bench_library *library = context;
    return library->way->ready(library);
}

bench_contender nbl__bench_library_contender(bench_library *library)
{
    return (bench_contender){.pass = nbl__bench_library_pass,
                             .ready = library->way->ready ? ready : NULL,
                             .context = library,
                             .calls = library->way->steps(&library->work)};
}

/* Atoms that move are back where they began: libraries that have made different numbers of moves agree. */
bool nbl__bench_library_digest(bench_library *library, bench_digest *digest)
{
    const int64_t steps = library->way->steps(&library->work);
    memset(digest, 0, sizeof *digest);
    library->moves = 0;
    if (library->way->ready && !library->way->ready(library))
        return false;
    for (int64_t step = 0; step < steps; step++)
        if (!do_step(library, step) || !library->way->digest(library, step, digest))
            return false;
    return true;
}
