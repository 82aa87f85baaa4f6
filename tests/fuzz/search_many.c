/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "search.h"

/* Behind the systems' own, so that no list of the batch hits a limit that a single one does not. */
enum {
    MAX_LISTS = 4,
    MAX_PAIRS = 4000,
    ALL_PAIRS = MAX_SYSTEMS * MAX_PAIRS,
    ALL_ATOMS = MAX_SYSTEMS * MAX_ATOMS
};

/* A list: pairs with their atoms numbered in each system, and where the pairs of each system begin. */
typedef struct list_out {
    int64_t m, edge_ptr[MAX_SYSTEMS + 1];
    int32_t i[ALL_PAIRS], j[ALL_PAIRS], s[ALL_PAIRS][3];
    double d[ALL_PAIRS][3];
} list_out;

/* All systems as one batch, and each by itself. */
typedef struct many {
    int n_systems, n_lists;
    double positions[ALL_ATOMS][3], cells[MAX_SYSTEMS][3][3], cutoffs[MAX_SYSTEMS];
    double sets[MAX_SYSTEMS * MAX_LISTS]; /* [n_systems][n_lists] */
    uint8_t pbc[MAX_SYSTEMS][3], has_cell[MAX_SYSTEMS];
    int64_t ptr[MAX_SYSTEMS + 1], ids[ALL_ATOMS];
    nbl_status statuses[MAX_SYSTEMS]; /* of the single builds and searches */
    nbl_batch_input in;
    nbl_build_options build;
    nbl_search_options search;
    list_out alone[MAX_LISTS], found;
    int64_t rows, pairs; /* visited */
} many;

static many m;

static void decode_sets(input *in, const system_in *system, double *set)
{
    for (int k = 0; k < m.n_lists; k++) {
        const unsigned how = fuzz_byte(in);
        set[k] = how < 128 ? system->cutoff * (how + 1) / 128 : system->cutoff;
        if (how >= 200 && k > 0)
            set[k] = how == 255 ? NAN : set[k - 1];
    }
}

static void decode(input *in, const system_in *systems, int n_systems)
{
    const unsigned head = fuzz_byte(in), more = fuzz_byte(in);
    for (int k = 0; k < MAX_LISTS; k++)
        m.alone[k].m = 0;
    m.rows = m.pairs = m.ptr[0] = 0;
    m.n_systems = n_systems;
    m.n_lists = 1 + (int)(head & 3);
    for (int b = 0; b < n_systems; b++) {
        const system_in *s = &systems[b];
        const int64_t n = more >> b & 1 && more & 32 ? 0 : s->n;
        m.ptr[b + 1] = m.ptr[b] + n;
        memcpy(m.positions[m.ptr[b]], s->positions, (size_t)n * sizeof s->positions[0]);
        memcpy(m.cells[b], s->cell, sizeof s->cell);
        memcpy(m.pbc[b], s->pbc, sizeof s->pbc);
        m.has_cell[b] = !(more & 64) || s->pbc[0] || s->pbc[1] || s->pbc[2];
        m.cutoffs[b] = s->cutoff;
        for (int64_t i = m.ptr[b]; i < m.ptr[b + 1]; i++)
            m.ids[i] = b;
        decode_sets(in, s, m.sets + b * m.n_lists);
    }
    m.build = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    m.build.algorithm = (int32_t)(head >> 2) % 3;
    m.build.n_threads = 1 + (head >> 6 & 1);
    m.build.max_bytes = 64u << 20;
    m.search = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
    m.search.flags = systems[0].flags | (head & 16 ? NBL_HALF : 0) | (head & 32 ? NBL_SORTED : 0);
    m.search.mode = (int32_t)(more >> 3) % 3;
    m.search.n_threads = 1 + (head >> 7 & 1);
    m.search.max_pairs = MAX_PAIRS;
    m.in = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
    m.in.n_systems = n_systems;
    m.in.n_atoms = m.ptr[n_systems];
    m.in.positions = m.positions;
    m.in.ptr = more & 128 ? m.ptr : NULL;
    m.in.batch = more & 128 ? NULL : m.ids;
    m.in.cells = m.cells;
    m.in.has_cell = m.has_cell;
    m.in.pbc = m.pbc[0];
    m.in.cutoffs = m.cutoffs;
    m.in.n_cells = m.in.n_pbc = m.in.n_cutoffs = n_systems;
}

static void fetch(nbl_result *result, int32_t list, int64_t n_systems, list_out *out)
{
    nbl_outputs to = NBL_OUTPUTS_INIT;
    const int64_t at = out->m, n = nbl_result_n_pairs(result, list);
    REQUIRE(n >= 0 && at + n <= ALL_PAIRS);
    to.pair_capacity = n;
    to.system_capacity = n_systems;
    to.index_dtype = NBL_INT32;
    to.local_indices = 1;
    to.i = out->i + at;
    to.j = out->j + at;
    to.shifts = out->s + at;
    to.vectors = out->d + at;
    to.edge_ptr = n_systems == m.n_systems ? out->edge_ptr : NULL;
    REQUIRE(nbl_result_fetch(result, list, &to) == NBL_OK);
    out->m += n;
}

static int refused_for_its_size(nbl_status status)
{
    return status == NBL_ELIMIT || status == NBL_ENOMEM;
}

/* A system by itself, all cutoffs one by one. 0 where a limit was hit, which says nothing about the batch. */
static int search_alone(int b, nbl_cell_list *list, nbl_result *result)
{
    const int64_t n = m.ptr[b + 1] - m.ptr[b];
    nbl_status status = NBL_OK;
    if (n > 0)
        status = nbl_cell_list_build(list, n, m.positions[m.ptr[b]], m.has_cell[b] ? m.cells[b] : NULL,
                                     m.pbc[b], m.cutoffs[b], &m.build);
    for (int k = 0; n > 0 && k < m.n_lists && status == NBL_OK; k++)
        status = nbl_cell_list_search(list, m.sets[b * m.n_lists + k], &m.search, result);
    m.statuses[b] = status;
    for (int k = 0; k < m.n_lists; k++) {
        if (n > 0 && status == NBL_OK) {
            REQUIRE(nbl_cell_list_search(list, m.sets[b * m.n_lists + k], &m.search, result) == NBL_OK);
            fetch(result, 0, 0, &m.alone[k]);
        }
        m.alone[k].edge_ptr[b + 1] = m.alone[k].m;
    }
    return !refused_for_its_size(status);
}

static int visit(void *user, const nbl_rows *rows)
{
    many *to = user;
    REQUIRE(rows->n_rows > 0 && rows->row_ptr[0] == 0 && rows->system < to->n_systems);
    REQUIRE(to->statuses[rows->system] == NBL_OK && rows->first_atom == to->ptr[rows->system]);
    to->rows += rows->n_rows;
    to->pairs += rows->row_ptr[rows->n_rows];
    for (int64_t e = 0; rows->shells && e < rows->row_ptr[rows->n_rows]; e++)
        REQUIRE(rows->shells[e] < to->n_lists);
    return 0;
}

static int64_t pairs_of(int k, int b)
{
    return m.alone[k].edge_ptr[b + 1] - (b > 0 ? m.alone[k].edge_ptr[b] : 0);
}

/* One visit at the largest cutoffs sees as many rows and pairs as the systems by themselves have. */
static void visit_all(const nbl_batch *batch, nbl_result *result, nbl_status expected)
{
    int64_t rows = 0, pairs = 0;
    for (int b = 0; b < m.n_systems; b++) {
        int64_t most = 0;
        for (int k = 0; k < m.n_lists; k++)
            if (pairs_of(k, b) > most)
                most = pairs_of(k, b);
        rows += m.statuses[b] == NBL_OK ? m.ptr[b + 1] - m.ptr[b] : 0;
        pairs += most;
    }
    m.search.n_threads = 1;
    REQUIRE(nbl_batch_visit(batch, m.n_lists, m.n_systems, m.sets, &m.search, result, visit, &m) == expected);
    REQUIRE(m.rows == rows && m.pairs == pairs);
}

static void compare(nbl_result *result)
{
    for (int k = 0; k < m.n_lists; k++) {
        const list_out *right = &m.alone[k];
        list_out *found = &m.found;
        found->m = 0;
        fetch(result, k, m.n_systems, found);
        const size_t n = (size_t)found->m;
        REQUIRE(found->m == right->m && memcmp(found->i, right->i, n * sizeof right->i[0]) == 0);
        REQUIRE(memcmp(found->j, right->j, n * sizeof right->j[0]) == 0);
        REQUIRE(memcmp(found->s, right->s, n * sizeof right->s[0]) == 0);
        REQUIRE(memcmp(found->d, right->d, n * sizeof right->d[0]) == 0);
        for (int b = 0; b <= m.n_systems; b++)
            REQUIRE(found->edge_ptr[b] == (b > 0 ? right->edge_ptr[b] : 0));
    }
    for (int b = 0; b < m.n_systems; b++)
        REQUIRE((nbl_result_system_status(result, b) == NBL_OK) == (m.statuses[b] == NBL_OK));
}

/* The build refuses some systems, the search perhaps others; only the latter are its own to tell. */
static nbl_status search_all(const nbl_batch *batch, const int32_t *built, nbl_result *result)
{
    nbl_status expected = NBL_OK;
    for (int b = 0; b < m.n_systems; b++) {
        REQUIRE(built[b] == NBL_OK || built[b] == m.statuses[b]);
        if (built[b] != m.statuses[b])
            expected = NBL_EBATCH;
    }
    m.search.max_pairs = ALL_PAIRS;
    const nbl_status status = nbl_batch_search_multi(batch, m.n_lists, m.n_systems, m.sets, &m.search, result);
    REQUIRE(status == expected);
    REQUIRE((status == NBL_OK) == (nbl_result_message(result)[0] == '\0'));
    return status;
}

/* A pointer or ids that bytes of the input have damaged: refused, or taken for what they are. */
static void damaged(input *in, nbl_batch *batch)
{
    const unsigned at = fuzz_byte(in);
    const int64_t value = (int8_t)fuzz_byte(in);
    if (m.in.ptr)
        m.ptr[at % (unsigned)(m.n_systems + 1)] = value;
    else
        m.ids[at % ALL_ATOMS] = value;
    const nbl_status status = nbl_batch_build(batch, &m.in, &m.build, NULL);
    REQUIRE(status == NBL_OK || status == NBL_EBATCH || status == NBL_EPTR || status == NBL_EIDS ||
            refused_for_its_size(status));
}

void fuzz_many(input *in, const system_in *systems, int n_systems)
{
    nbl_cell_list *list = NULL;
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    int32_t built[MAX_SYSTEMS];
    int comparable = 1;
    if (n_systems == 0)
        return;
    decode(in, systems, n_systems);
    REQUIRE(nbl_cell_list_create(&list, NULL) == NBL_OK && nbl_batch_create(&batch, NULL) == NBL_OK &&
            nbl_result_create(&result, NULL) == NBL_OK);
    for (int b = 0; b < n_systems; b++)
        comparable &= search_alone(b, list, result);
    const nbl_status status = nbl_batch_build(batch, &m.in, &m.build, built);
    REQUIRE((status == NBL_OK) == (nbl_batch_message(batch)[0] == '\0'));
    REQUIRE(status == NBL_OK || status == NBL_EBATCH || refused_for_its_size(status));
    if (comparable && !refused_for_its_size(status)) {
        const nbl_status searched = search_all(batch, built, result);
        compare(result);
        visit_all(batch, result, searched);
    }
    damaged(in, batch);
    nbl_result_destroy(&result);
    nbl_batch_destroy(&batch);
    nbl_cell_list_destroy(&list);
}
