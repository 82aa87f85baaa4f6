/* SPDX-License-Identifier: MIT */
/*
 * Calls around a search whose numbers and struct sizes are the input's: handles, questions, several cutoffs,
 * visits, reports. Each is either refused with a message and without a trace, or agrees with single searches.
 */
#include <string.h>

#include "structs.h"

enum { UNTOUCHED = 0x5A, MOST_LISTS = 4, MOST_BYTES = 256 };

static plain one, several;

/* A struct that the library fills, of any size. */
typedef union answer {
    uint8_t byte[MOST_BYTES];
    size_t size;
    nbl_batch_info info;
    nbl_verify_report report;
} answer;

/* One of the sizes that matter, whatever the struct. */
static size_t any_size(input *in, size_t own)
{
    const uint8_t how = fuzz_byte(in);
    return how < 128   ? own
           : how < 192 ? (size_t)(how - 128) * 4
                       : own + 8u * (size_t)(how & 7) + (how >> 3 & 1);
}

static void open_answer(answer *a, size_t size)
{
    memset(a, UNTOUCHED, sizeof *a);
    a->size = size;
}

/* Nothing is written behind the size that was given, and nothing at all where it is none. */
static void close_answer(const answer *a, size_t size, size_t own, int filled)
{
    const size_t end = !filled ? sizeof size : size < own ? size : own;
    REQUIRE(a->size == size);
    for (size_t k = end; k < sizeof *a; k++)
        REQUIRE(a->byte[k] == UNTOUCHED);
}

static void create_handles(input *in)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    options.size = any_size(in, sizeof options);
    if (options.size > sizeof options)
        options.size = sizeof options + 1; /* there is nothing behind it */
    options.n_threads = (int8_t)fuzz_byte(in) % 3;
    options.isa = (int8_t)fuzz_byte(in) % 8;
    const nbl_status of_batch = nbl_batch_create(&batch, &options);
    const nbl_status of_result = nbl_result_create(&result, &options);
    REQUIRE((of_batch == NBL_OK) == (batch != NULL) && of_batch == of_result);
    REQUIRE((of_result == NBL_OK) == (result != NULL));
    nbl_result_destroy(&result);
    nbl_batch_destroy(&batch);
    REQUIRE(nbl_batch_create(NULL, NULL) == NBL_ENULL && nbl_result_create(NULL, NULL) == NBL_ENULL);
}

/* What a result says of itself: sizes of `n_lists` lists, or that nothing has been searched. */
static void ask(input *in, nbl_result *result, int32_t n_lists)
{
    const int32_t list = (int8_t)fuzz_byte(in) % 8, system = (int8_t)fuzz_byte(in) % 4;
    const int there = list >= 0 && list < n_lists;
    const int32_t mode = nbl_result_mode(result);
    if (n_lists == 0) {
        REQUIRE(nbl_result_n_lists(result) == NBL_EUNBUILT && nbl_result_n_systems(result) == NBL_EUNBUILT);
        REQUIRE(nbl_result_n_rows(result) == NBL_EUNBUILT && nbl_result_n_pairs(result, list) == NBL_EUNBUILT);
        REQUIRE(nbl_result_system_status(result, system) == NBL_EUNBUILT && mode == NBL_EUNBUILT);
        REQUIRE(nbl_result_max_count(result, list) == NBL_EUNBUILT &&
                nbl_result_n_bytes(result) == NBL_EUNBUILT);
        return;
    }
    REQUIRE(nbl_result_n_lists(result) == n_lists && nbl_result_n_systems(result) == SYSTEMS);
    REQUIRE(nbl_result_n_rows(result) == ATOMS && nbl_result_n_bytes(result) > 0);
    REQUIRE(mode == NBL_MODE_PAIRS || mode == NBL_MODE_COUNTS);
    REQUIRE(there ? nbl_result_n_pairs(result, list) >= nbl_result_max_count(result, list)
                  : nbl_result_n_pairs(result, list) == NBL_EARGUMENT);
    REQUIRE(there || nbl_result_max_count(result, list) == NBL_EARGUMENT);
    REQUIRE(nbl_result_system_status(result, system) ==
            (system >= 0 && system < SYSTEMS ? NBL_OK : NBL_EARGUMENT));
}

static nbl_status fetch(nbl_result *result, int32_t list, plain *to)
{
    nbl_outputs outputs = NBL_OUTPUTS_INIT;
    to->m = nbl_result_n_pairs(result, list);
    outputs.pair_capacity = PAIRS;
    outputs.row_capacity = ATOMS;
    outputs.j = to->j;
    outputs.shifts = to->s;
    outputs.distances = to->x;
    outputs.row_ptr = to->ptr;
    const nbl_status status = nbl_result_fetch(result, list, &outputs);
    REQUIRE((status == NBL_OK) == (nbl_result_message(result)[0] == '\0'));
    return status;
}

static void same_lists(const plain *a, const plain *b)
{
    const size_t m = (size_t)a->m;
    REQUIRE(a->m == b->m && memcmp(a->ptr, b->ptr, sizeof a->ptr) == 0 && memcmp(a->j, b->j, m * 8) == 0);
    REQUIRE(memcmp(a->s, b->s, m * sizeof *a->s) == 0 && memcmp(a->x, b->x, m * 8) == 0);
}

/* Cutoffs of several lists: [n_sets][n_lists], 1 or one set for each system. */
typedef struct cutoffs {
    int32_t n_lists;
    int64_t n_sets;
    double value[SYSTEMS * MOST_LISTS], column[SYSTEMS];
} cutoffs;

static cutoffs decode_cutoffs(input *in, double largest)
{
    cutoffs c = {.n_lists = fuzz_byte(in) % (MOST_LISTS + 1), .n_sets = 1 + fuzz_byte(in) % (SYSTEMS + 1)};
    for (int k = 0; k < SYSTEMS * MOST_LISTS; k++)
        c.value[k] = largest * (1 + fuzz_byte(in) % 4) / 4;
    return c;
}

static const double *column(cutoffs *c, int32_t list)
{
    for (int64_t b = 0; b < c->n_sets; b++)
        c->column[b] = c->value[b * c->n_lists + list];
    return c->column;
}

static int is_possible(const cutoffs *c)
{
    return c->n_lists >= 1 && (c->n_sets == 1 || c->n_sets == SYSTEMS);
}

/* Each list of a search of several is that of a search of its own; disjoint ones make up the largest. */
static void search_several(input *in, const around *a, nbl_result *single)
{
    nbl_search_options options = *a->search;
    cutoffs c = decode_cutoffs(in, a->in->cutoffs[0]);
    options.flags ^= fuzz_byte(in) & 1 ? NBL_DISJOINT : 0;
    const nbl_status status =
        nbl_batch_search_multi(a->batch, c.n_lists, c.n_sets, c.value, &options, a->result);
    REQUIRE((status == NBL_OK) == (nbl_result_message(a->result)[0] == '\0'));
    REQUIRE((status == NBL_OK) == is_possible(&c));
    ask(in, a->result, status == NBL_OK ? c.n_lists : 0);
    int64_t sum = 0;
    for (int32_t k = 0; status == NBL_OK && k < c.n_lists; k++) {
        REQUIRE(nbl_batch_search(a->batch, c.n_sets, column(&c, k), &options, single) == NBL_OK);
        REQUIRE(fetch(a->result, k, &several) == NBL_OK);
        sum += several.m;
        if (options.flags & NBL_DISJOINT)
            continue;
        REQUIRE(fetch(single, 0, &one) == NBL_OK);
        same_lists(&one, &several);
    }
    if (status != NBL_OK || !(options.flags & NBL_DISJOINT))
        return;
    for (int64_t b = 0; b < c.n_sets; b++) {
        c.column[b] = 0;
        for (int32_t k = 0; k < c.n_lists; k++) {
            const double value = c.value[b * c.n_lists + k];
            c.column[b] = value > c.column[b] ? value : c.column[b];
        }
    }
    REQUIRE(nbl_batch_search(a->batch, c.n_sets, c.column, &options, single) == NBL_OK);
    REQUIRE(sum == nbl_result_n_pairs(single, 0));
}

/* What a visit has seen: one thread, so that blocks come one after another. */
typedef struct seen {
    int64_t rows, pairs, blocks, stop;
    uint32_t fields;
    int32_t n_lists;
    int row[ATOMS];
} seen;

static int look(void *user, const nbl_rows *rows)
{
    seen *s = user;
    const int64_t m = rows->row_ptr[rows->n_rows];
    REQUIRE(rows->n_rows > 0 && rows->row_ptr[0] == 0 && rows->system >= 0 && rows->system < SYSTEMS);
    REQUIRE(!s->fields || !(s->fields & NBL_ROW_SHIFTS) == !rows->shifts);
    REQUIRE(!s->fields || !(s->fields & NBL_ROW_VECTORS) == !rows->vectors);
    REQUIRE(!s->fields || !(s->fields & NBL_ROW_D2) == !rows->d2);
    for (int32_t k = 0; k < rows->n_rows; k++) {
        const int64_t row = rows->i[k] + rows->first_atom, count = rows->row_ptr[k + 1] - rows->row_ptr[k];
        REQUIRE(row >= 0 && row < ATOMS && !s->row[row]++ && count == one.ptr[row + 1] - one.ptr[row]);
    }
    for (int64_t e = 0; e < m; e++) {
        REQUIRE(rows->j[e] >= 0 && rows->j[e] < ATOMS_OF);
        REQUIRE(!rows->shells || rows->shells[e] < s->n_lists);
    }
    s->rows += rows->n_rows;
    s->pairs += m;
    return ++s->blocks == s->stop;
}

static void visit(input *in, const around *a)
{
    nbl_search_options options = *a->search;
    cutoffs c = decode_cutoffs(in, a->in->cutoffs[0]);
    seen s = {.n_lists = c.n_lists, .fields = options.fields, .stop = fuzz_byte(in) % 8};
    options.n_threads = 1;
    for (int32_t b = 0; b < SYSTEMS && c.n_lists > 0; b++)
        c.value[b * c.n_lists] = a->in->cutoffs[0]; /* rows are those of the largest */
    REQUIRE(nbl_batch_search(a->batch, 0, NULL, &options, a->result) == NBL_OK);
    REQUIRE(fetch(a->result, 0, &one) == NBL_OK);
    const nbl_status status =
        nbl_batch_visit(a->batch, c.n_lists, c.n_sets, c.value, &options, a->result, look, &s);
    REQUIRE((status == NBL_OK) == (nbl_result_message(a->result)[0] == '\0'));
    REQUIRE((status == NBL_OK || status == NBL_ESTOP) == is_possible(&c));
    REQUIRE((status == NBL_ESTOP) == (s.stop > 0 && s.blocks == s.stop));
    REQUIRE(status != NBL_OK || (s.rows == ATOMS && s.pairs == one.m));
    REQUIRE(is_possible(&c) || s.blocks == 0);
    ask(in, a->result, 0);
}

static void report(input *in, const around *a)
{
    answer to;
    const size_t of_info = any_size(in, sizeof to.info), of_report = any_size(in, sizeof to.report);
    open_answer(&to, of_info);
    nbl_status status = nbl_batch_get_info(a->batch, &to.info);
    REQUIRE(status == NBL_OK || status == NBL_ESTRUCT);
    close_answer(&to, of_info, sizeof to.info, status == NBL_OK);
    REQUIRE(nbl_batch_search(a->batch, 0, NULL, a->search, a->result) == NBL_OK);
    open_answer(&to, of_report);
    status = nbl_verify_batch(a->result, 0, a->in, a->build, &to.report);
    REQUIRE(status == NBL_OK || status == NBL_ESTRUCT);
    close_answer(&to, of_report, sizeof to.report, status == NBL_OK);
}

/* Once the batch is built anew, what was found before has its sizes left, and no pairs. */
static void go_stale(input *in, const around *a)
{
    REQUIRE(nbl_batch_search(a->batch, 0, NULL, a->search, a->result) == NBL_OK);
    REQUIRE(nbl_batch_build(a->batch, a->in, a->build, NULL) == NBL_OK);
    ask(in, a->result, 1);
    REQUIRE(fetch(a->result, 0, &one) == NBL_ESTALE);
    REQUIRE(nbl_verify_batch(a->result, 0, a->in, a->build, NULL) == NBL_ESTALE);
}

void fuzz_calls(input *in, const around *given)
{
    nbl_search_options options = *given->search;
    around a = *given;
    nbl_result *fresh = NULL;
    options.size = sizeof options;
    options.max_bytes = 0; /* several lists take more than one */
    a.search = &options;
    create_handles(in);
    REQUIRE(nbl_result_create(&fresh, NULL) == NBL_OK);
    ask(in, fresh, 0);
    REQUIRE(fetch(fresh, 0, &one) == NBL_EUNBUILT);
    search_several(in, &a, fresh);
    visit(in, &a);
    report(in, &a);
    go_stale(in, &a);
    REQUIRE(nbl_batch_search(NULL, 0, NULL, NULL, fresh) == NBL_ENULL);
    REQUIRE(nbl_batch_search(a.batch, 1, NULL, NULL, fresh) == NBL_ENULL);
    REQUIRE(nbl_result_fetch(a.result, 0, NULL) == NBL_ENULL && nbl_result_fetch(NULL, 0, NULL) == NBL_ENULL);
    nbl_result_destroy(&fresh);
}
