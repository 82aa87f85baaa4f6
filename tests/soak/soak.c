/* SPDX-License-Identifier: MIT */
/*
 * Handles that are never given a rest: random builds, searches, fetches and visits of hard systems, of batches
 * and at several cutoffs, on few handles that are reused and now and then replaced, under a limit of the
 * address space. Every thousandth list is compared with the oracle, or, of a batch, with nbl_verify_batch().
 * The first fifth of the operations is the warm-up: from the second to the last fifth, the mean of the resident
 * memory, without what the handles hold, must not grow by more than 12 MiB. What they hold goes up and down
 * with the largest system that each of them has met, and all of it must be given back in the end.
 *
 * 100,000 operations by default, times NBL_TEST_SCALE: 10 makes the million of tests/soak/run.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "batches.h"
#include "compare.h"
#include "count_alloc.h"
#include "sanitized.h"
#include "scale.h"

enum {
    LISTS = 4,
    BATCHES = 2,
    CHECK_EVERY = 1000,
    MOST_SYSTEMS = 12,
    MOST_LISTS = 3,
    FIFTHS = 5,
    SAMPLE_EVERY = 100
};

static const double most_growth = 12.0 * 1024 * 1024, address_space = 2.0 * 1024 * 1024 * 1024;

struct one {
    struct listing handles;
    struct system system;
    int built;
};

struct many {
    nbl_batch *batch;
    nbl_result *result;
    struct batch_draft draft;
    struct batch_arrays arrays;
    int built;
};

static struct soak {
    struct random g;
    struct count_alloc alloc;
    nbl_allocator hooks;
    struct one one[LISTS];
    struct many many[BATCHES];
    struct pairs found, all, expected;
    int64_t operation, lists, next_check, checks, failures;
    double resident[FIFTHS], samples[FIFTHS]; /* sums, by fifths of the operations */
} soak;

static double resident_bytes(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f)
        return 0;
    if (fscanf(f, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void report(const char *what, const char *text)
{
    if (soak.failures++ < 10)
        fprintf(stderr, "operation %lld: %s: %s\n", (long long)soak.operation, what, text);
}

static nbl_handle_options options_of_handle(void)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &soak.hooks;
    options.n_threads = (int32_t)random_int(&soak.g, 1, 3);
    return options;
}

static void open_one(struct one *o)
{
    const nbl_handle_options options = options_of_handle();
    memset(o, 0, sizeof *o);
    if (listing_open(&o->handles, &options) != 0)
        report("create", o->handles.text);
}

static void open_many(struct many *m)
{
    const nbl_handle_options options = options_of_handle();
    memset(m, 0, sizeof *m);
    if (nbl_batch_create(&m->batch, &options) != NBL_OK || nbl_result_create(&m->result, &options) != NBL_OK)
        report("create", "a batch");
}

static void close_many(struct many *m)
{
    nbl_result_destroy(&m->result);
    nbl_batch_destroy(&m->batch);
    batch_arrays_free(&m->arrays);
    batch_free(&m->draft);
}

static uint32_t any_flags(void)
{
    const uint32_t flags[] = {0, NBL_HALF, NBL_SORTED, NBL_INCLUSIVE, NBL_SELF, NBL_HALF | NBL_SORTED};
    return flags[random_int(&soak.g, 0, sizeof flags / sizeof *flags - 1)];
}

/* Whether this list is to be checked: one of every thousand that can be. */
static int due(void)
{
    if (++soak.lists < soak.next_check)
        return 0;
    soak.next_check += CHECK_EVERY;
    return 1;
}

static int count_rows(void *user, const nbl_rows *rows)
{
    (void)user;
    return rows->n_rows < 1;
}

/* All pairs of the oracle that a list with these options has. */
static void check_one(struct one *o, double rc, const struct variant *v)
{
    char text[COMPARE_TEXT];
    const struct oracle_input in = system_input(&o->system);
    const unsigned flags = (v->flags & NBL_HALF ? ORACLE_HALF : 0) | (v->flags & NBL_SELF ? ORACLE_SELF : 0) |
                           (v->flags & NBL_INCLUSIVE ? ORACLE_INCLUSIVE : 0);
    int64_t n_close;
    soak.all.n = soak.expected.n = 0;
    soak.checks++;
    if (oracle_find(&in, &soak.all, &n_close) != 0)
        return;
    oracle_select(&soak.all, rc, flags, in.n, &soak.expected);
    if (compare_pairs(&soak.expected, &soak.found, (v->flags & NBL_SORTED) != 0, text) != 0)
        report("differs from the oracle", text);
}

static void search_one(struct one *o)
{
    const double rc = o->system.rc * (random_chance(&soak.g, 2) ? 1.0 : random_range(&soak.g, 0.1, 1.0));
    const struct variant v = {.flags = any_flags(),
                              .mode = (int32_t)random_int(&soak.g, 0, 2),
                              .n_threads = (int32_t)random_int(&soak.g, 1, 3)};
    soak.found.n = 0;
    if (listing_search(&o->handles, rc, &v) != 0)
        report("search", o->handles.text);
    else if (listing_fetch(&o->handles, &soak.found) != 0)
        report("fetch", o->handles.text);
    else if (due())
        check_one(o, rc, &v);
}

static void search_cutoffs(struct one *o)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    double cutoffs[MOST_LISTS];
    const int32_t n = (int32_t)random_int(&soak.g, 1, MOST_LISTS);
    for (int32_t k = 0; k < n; k++)
        cutoffs[k] = o->system.rc * random_range(&soak.g, 0.2, 1.0);
    options.flags = random_chance(&soak.g, 2) ? NBL_DISJOINT : 0;
    nbl_result *result = o->handles.result;
    if (nbl_cell_list_search_multi(o->handles.list, n, cutoffs, &options, result) != NBL_OK)
        report("search of several", nbl_result_message(result));
    for (int32_t k = 0; k < n && soak.failures == 0; k++) {
        soak.found.n = 0;
        if (listing_fetch_list(&o->handles, k, &soak.found) != 0)
            report("fetch of several", o->handles.text);
        soak.lists++;
    }
}

static void visit_one(struct one *o)
{
    nbl_result *result = o->handles.result;
    if (nbl_cell_list_visit(o->handles.list, 1, &o->system.rc, NULL, result, count_rows, NULL) != NBL_OK)
        report("visit", nbl_result_message(result));
}

static void build_one(struct one *o)
{
    const struct variant v = {.algorithm = (int32_t)random_int(&soak.g, 0, 2),
                              .n_threads = (int32_t)random_int(&soak.g, 1, 3)};
    system_random(&o->system, random_bits(&soak.g));
    o->built = listing_build(&o->handles, &o->system, &v) == 0;
    if (!o->built)
        report("build", o->handles.text);
}

static void work_on_one(struct one *o)
{
    const int64_t what = random_int(&soak.g, 0, 9);
    if (random_chance(&soak.g, 2000)) {
        listing_close(&o->handles);
        open_one(o);
    }
    if (!o->built || what < 4)
        build_one(o);
    else if (what < 8)
        search_one(o);
    else if (what < 9)
        search_cutoffs(o);
    else
        visit_one(o);
}

static void build_many(struct many *m)
{
    batch_arrays_free(&m->arrays);
    batch_free(&m->draft);
    m->arrays = (struct batch_arrays)BATCH_ARRAYS_INIT;
    batch_draw(&m->draft, random_bits(&soak.g), MOST_SYSTEMS);
    batch_pack(&m->arrays, &m->draft);
    const nbl_status status = nbl_batch_build(m->batch, &m->arrays.input, &m->arrays.options, NULL);
    m->built = status == NBL_OK;
    if (status != NBL_OK)
        report("build of a batch", nbl_batch_message(m->batch));
}

static void search_many(struct many *m)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    nbl_verify_report difference = NBL_VERIFY_REPORT_INIT;
    options.flags = any_flags();
    options.n_threads = (int32_t)random_int(&soak.g, 1, 3);
    options.mode = (int32_t)random_int(&soak.g, 0, 2);
    if (nbl_batch_search(m->batch, 0, NULL, &options, m->result) != NBL_OK) {
        report("search of a batch", nbl_result_message(m->result));
        return;
    }
    nbl_outputs out = NBL_OUTPUTS_INIT;
    int64_t *j = malloc((size_t)(nbl_result_n_pairs(m->result, 0) + 1) * sizeof *j);
    out.pair_capacity = nbl_result_n_pairs(m->result, 0);
    out.j = j;
    if (j && nbl_result_fetch(m->result, 0, &out) != NBL_OK)
        report("fetch of a batch", nbl_result_message(m->result));
    free(j);
    if (!due())
        return;
    soak.checks++;
    if (nbl_verify_batch(m->result, 0, &m->arrays.input, &m->arrays.options, &difference) != NBL_OK)
        report("batch", nbl_result_message(m->result));
}

static void work_on_many(struct many *m)
{
    if (random_chance(&soak.g, 500)) {
        close_many(m);
        open_many(m);
    }
    if (!m->built || random_chance(&soak.g, 2))
        build_many(m);
    else
        search_many(m);
}

static void note_memory(int64_t operations)
{
    const int64_t fifth = (soak.operation - 1) * FIFTHS / operations;
    if (soak.operation % SAMPLE_EVERY == 0) {
        soak.resident[fifth] += resident_bytes() - (double)soak.alloc.live_bytes;
        soak.samples[fifth] += 1;
    }
}

static double mean_resident(int fifth)
{
    return soak.resident[fifth] / soak.samples[fifth];
}

static void limit_memory(void)
{
    const struct rlimit limit = {(rlim_t)address_space, (rlim_t)address_space};
    if (!SANITIZED && setrlimit(RLIMIT_AS, &limit) != 0)
        report("setrlimit", "refused");
}

/* What is free between large blocks is not growth: those are given back to the system at once. */
static void keep_no_large_blocks(void)
{
#if defined(__GLIBC__)
    if (!SANITIZED && mallopt(M_MMAP_THRESHOLD, 128 * 1024) != 1)
        report("mallopt", "refused");
#endif
}

int main(void)
{
    const int64_t operations = scale_count(100000, 5000);
    soak.next_check = CHECK_EVERY;
    random_seed(&soak.g, scale_seed("NBL_TEST_SEED", 1));
    soak.hooks = count_alloc_hooks(&soak.alloc);
    limit_memory();
    keep_no_large_blocks();
    for (int k = 0; k < LISTS; k++)
        open_one(&soak.one[k]);
    for (int k = 0; k < BATCHES; k++)
        open_many(&soak.many[k]);
    for (soak.operation = 1; soak.operation <= operations && soak.failures == 0; soak.operation++) {
        if (random_chance(&soak.g, 10))
            work_on_many(&soak.many[random_int(&soak.g, 0, BATCHES - 1)]);
        else
            work_on_one(&soak.one[random_int(&soak.g, 0, LISTS - 1)]);
        note_memory(operations);
    }
    for (int k = 0; k < LISTS; k++)
        listing_close(&soak.one[k].handles);
    for (int k = 0; k < BATCHES; k++)
        close_many(&soak.many[k]);
    if (soak.alloc.live != 0 || soak.alloc.faults != 0)
        report("memory", "of a handle was not given back, or written past");
    if (!SANITIZED && soak.failures == 0 && mean_resident(FIFTHS - 1) > most_growth + mean_resident(1))
        report("memory", "grows");
    printf("%lld operations, %lld lists, %lld checked, %lld failures; resident MB beside them, by fifths of "
           "the time:",
           (long long)operations, (long long)soak.lists, (long long)soak.checks, (long long)soak.failures);
    for (int k = 0; k < FIFTHS; k++)
        printf(" %.1f", mean_resident(k) / 1e6);
    printf("\n");
    pairs_free(&soak.found);
    pairs_free(&soak.all);
    pairs_free(&soak.expected);
    return soak.failures > 0;
}
