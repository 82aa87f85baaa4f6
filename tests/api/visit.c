/* SPDX-License-Identifier: MIT */
/*
 * Rows on the fly: every row once, with the bytes of the list; several cutoffs; stopping; what a visitor may
 * do; sums that do not depend on the number of threads.
 */
#include <stdlib.h>

#include "api.h"
#include "batches.h"
#include "rowbook.h"
#include "scale.h"

enum { LISTS = 5 };

static int32_t draw_threads(struct random *g)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    return threads[random_int(g, 0, 3)];
}

/* Unsorted, often equal, now and then the length of a pair; the largest is always among them. */
static void draw_cutoffs(struct random *g, const struct pairs *p, double most, int32_t n, double *cutoffs)
{
    for (int32_t k = 0; k < n; k++) {
        cutoffs[k] = most * random_range(g, 0.2, 1);
        if (p->n > 0 && random_chance(g, 2))
            cutoffs[k] = p->at[random_int(g, 0, p->n - 1)].r;
        if (k > 0 && random_chance(g, 3))
            cutoffs[k] = cutoffs[random_int(g, 0, k - 1)];
        if (!(cutoffs[k] >= 1e-100 && cutoffs[k] <= most))
            cutoffs[k] = most;
    }
    cutoffs[random_int(g, 0, n - 1)] = most;
}

static void nothing_left(const nbl_result *result)
{
    check_int(nbl_result_n_pairs(result, 0), NBL_EUNBUILT);
    check_int(nbl_result_n_lists(result), NBL_EUNBUILT);
    check_int(nbl_result_n_rows(result), NBL_EUNBUILT);
}

static nbl_search_options draw_options(struct random *g, struct rowbook *b, uint32_t flags)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = flags;
    options.n_threads = b->n_threads = draw_threads(g);
    options.fields = b->fields = (uint32_t)random_int(g, 0, 31);
    return options;
}

/* ------------------------------------------------------------------------------------------ one system */

/* The rows of what is built in l, against its list. */
static void visit_system(struct listing *l, int64_t n, double rc, struct variant v, struct random *g)
{
    const int64_t first[2] = {0, n};
    unsigned char *wanted = calloc((size_t)n + 1, 1);
    struct pairs list = {0, 0, NULL};
    struct rowbook b;
    double cutoffs[LISTS];
    char text[COMPARE_TEXT];
    assert_non_null(wanted);
    memset(wanted, 1, (size_t)(v.flags & NBL_CENTERS ? v.n_centers : n));
    rowbook_open(&b, 1, first);
    if (listing_search(l, rc, &v) != 0 || listing_fetch(l, &list) != 0)
        fail_msg("%s", l->text);
    for (int round = 0; round < 3; round++) {
        nbl_search_options options = draw_options(g, &b, v.flags);
        options.n_centers = v.n_centers;
        b.n_cutoffs = round == 0 ? 1 : (int32_t)random_int(g, 1, LISTS);
        draw_cutoffs(g, &list, rc, b.n_cutoffs, cutoffs);
        options.flags |= round == 2 ? NBL_DISJOINT : 0;
        options.mode = round;
        nbl_status status =
            nbl_cell_list_visit(l->list, b.n_cutoffs, cutoffs, &options, l->result, rowbook_visit, &b);
        if (status != NBL_OK)
            fail_msg("%s: %s", nbl_status_name(status), nbl_result_message(l->result));
        assert_string_equal(nbl_result_message(l->result), "");
        nothing_left(l->result);
        if (rowbook_compare(&b, &list, wanted, cutoffs, 1, v.flags, text))
            fail_msg("%s; flags %u, algorithm %d, threads %d, %d cutoffs", text, v.flags, v.algorithm,
                     b.n_threads, b.n_cutoffs);
        rowbook_clear(&b);
    }
    rowbook_close(&b);
    pairs_free(&list);
    free(wanted);
}

static void rows_of_hard_systems(void **state)
{
    (void)state;
    struct listing l;
    assert_int_equal(listing_open(&l, NULL), 0);
    for (uint64_t seed = 0; seed < (uint64_t)scale_count(2000, 100); seed++) {
        struct random g;
        struct system s;
        struct variant v = {(int32_t)(seed % 3), (uint32_t)(seed / 3 % 16), 0, 1, 0, 0};
        random_seed(&g, seed + 7000);
        system_random(&s, seed + 7000);
        if (!(v.flags & NBL_HALF) && random_chance(&g, 4)) {
            v.flags |= NBL_CENTERS;
            v.n_centers = random_int(&g, 0, s.n);
        }
        if (listing_build(&l, &s, &v) != 0)
            fail_msg("seed %llu: %s", (unsigned long long)seed, l.text);
        visit_system(&l, s.n, s.rc, v, &g);
    }
    listing_close(&l);
}

/* Thousands of atoms, a few of them without neighbours, for the threads to share. */
static void rows_of_large_systems(void **state)
{
    (void)state;
    struct listing l;
    assert_int_equal(listing_open(&l, NULL), 0);
    for (uint64_t seed = 0; seed < (uint64_t)scale_count(48, 8); seed++) {
        struct random g;
        random_seed(&g, seed);
        int64_t n = random_int(&g, 500, 6000);
        struct variant v = {(int32_t)(seed % 3), (uint32_t)(seed / 3 % 16), 0, 1, 0, 0};
        double edge = cbrt((double)n), rc = random_range(&g, 0.7, 2);
        double h[9] = {edge, 0, 0, 0.3 * edge, edge, 0, -0.2 * edge, 0.1 * edge, edge};
        uint8_t pbc[3] = {seed & 1, seed >> 1 & 1, seed >> 2 & 1};
        double *r = malloc(sizeof(double) * 3 * (size_t)n);
        assert_non_null(r);
        n = v.algorithm == NBL_ALGORITHM_BRUTE ? n / 4 : n;
        for (int64_t x = 0; x < 3 * n; x++)
            r[x] = random_range(&g, 0, edge) + (random_chance(&g, 50) ? 40 * edge : 0);
        if (listing_build_arrays(&l, n, r, h, pbc, rc, &v) != 0)
            fail_msg("%s", l.text);
        visit_system(&l, n, rc, v, &g);
        free(r);
    }
    listing_close(&l);
}

/* Rows that no block was made for: 14,146 images of one atom, and 11,000 atoms around one centre. */
static void long_rows(void **state)
{
    (void)state;
    enum { ATOMS = 11000 };
    static double r[ATOMS][3];
    const double h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, one[3] = {0.25, 0.5, 0};
    struct listing l;
    struct random g;
    random_seed(&g, 3);
    assert_int_equal(listing_open(&l, NULL), 0);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        struct variant v = {algorithm, 0, 0, 1, 1, 0};
        assert_int_equal(listing_build_arrays(&l, 1, one, h, NULL, 15, &v), 0);
        visit_system(&l, 1, 15, v, &g);
        v.flags = NBL_SORTED | NBL_HALF;
        visit_system(&l, 1, 15, v, &g);
        for (int i = 1; i < ATOMS; i++)
            for (int k = 0; k < 3; k++)
                r[i][k] = random_range(&g, -2, 2);
        v.flags = NBL_CENTERS;
        assert_int_equal(listing_build_arrays(&l, ATOMS, r[0], NULL, NULL, 4, &v), 0);
        visit_system(&l, ATOMS, 4, v, &g);
    }
    listing_close(&l);
}

/* -------------------------------------------------------------------------------------------- batches */

struct many {
    struct batch_draft d;
    struct batch_arrays arrays;
    struct listing l; /* its result only */
    nbl_batch *batch;
    struct pairs list;
    double *sets;
};

static void fill_sets(struct many *m, struct random *g, int32_t n_cutoffs)
{
    double *sets = realloc(m->sets, (size_t)(m->d.n_systems + 1) * LISTS * sizeof *sets);
    assert_non_null(sets);
    m->sets = sets;
    int64_t at = 0;
    for (int64_t b = 0; b < m->d.n_systems; b++) {
        struct pairs own = {0, 0, m->list.at + at};
        for (; at < m->list.n && m->list.at[at].i < m->arrays.first[b + 1]; at++)
            own.n++;
        if (m->d.at[b].n > 0)
            draw_cutoffs(g, &own, m->d.at[b].rc, n_cutoffs, sets + b * n_cutoffs);
        for (int32_t k = 0; m->d.at[b].n == 0 && k < n_cutoffs; k++)
            sets[b * n_cutoffs + k] = NAN;
    }
}

static void visit_batch(struct many *m, struct random *g, uint32_t flags)
{
    struct rowbook b;
    char text[COMPARE_TEXT];
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    search.flags = flags;
    search.n_threads = 1;
    check_int(nbl_batch_search(m->batch, 0, NULL, &search, m->l.result), NBL_OK);
    m->list.n = 0;
    if (listing_fetch(&m->l, &m->list) != 0)
        fail_msg("%s", m->l.text);
    rowbook_open(&b, m->d.n_systems, m->arrays.first);
    for (int round = 0; round < 2; round++) {
        nbl_search_options options = draw_options(g, &b, flags);
        b.n_cutoffs = (int32_t)random_int(g, 1, LISTS);
        fill_sets(m, g, b.n_cutoffs);
        nbl_status status = nbl_batch_visit(m->batch, b.n_cutoffs, m->d.n_systems, m->sets, &options,
                                            m->l.result, rowbook_visit, &b);
        if (status != NBL_OK)
            fail_msg("seed %llu: %s: %s", (unsigned long long)m->d.seed, nbl_status_name(status),
                     nbl_result_message(m->l.result));
        nothing_left(m->l.result);
        if (rowbook_compare(&b, &m->list, NULL, m->sets, 0, flags, text))
            fail_msg("seed %llu, flags %u, threads %d, %d cutoffs: %s", (unsigned long long)m->d.seed, flags,
                     b.n_threads, b.n_cutoffs, text);
        rowbook_clear(&b);
    }
    rowbook_close(&b);
}

static void rows_of_batches(void **state)
{
    (void)state;
    struct batch_arrays none = BATCH_ARRAYS_INIT;
    struct many m;
    memset(&m, 0, sizeof m);
    m.arrays = none;
    assert_int_equal(listing_open(&m.l, NULL), 0);
    check_int(nbl_batch_create(&m.batch, NULL), NBL_OK);
    for (uint64_t seed = 0; seed < (uint64_t)scale_count(500, 40); seed++) {
        struct random g;
        random_seed(&g, seed);
        batch_draw(&m.d, seed + 500000, 40);
        batch_pack(&m.arrays, &m.d);
        m.arrays.options.algorithm = (int32_t)(seed % 3);
        m.arrays.options.n_threads = draw_threads(&g);
        if (nbl_batch_build(m.batch, &m.arrays.input, &m.arrays.options, NULL) != NBL_OK)
            fail_msg("seed %llu: %s", (unsigned long long)m.d.seed, nbl_batch_message(m.batch));
        visit_batch(&m, &g, (uint32_t)(seed / 3 % 16));
        batch_free(&m.d);
    }
    batch_arrays_free(&m.arrays);
    nbl_batch_destroy(&m.batch);
    listing_close(&m.l);
    pairs_free(&m.list);
    free(m.sets);
}

/*
 * Five systems of four atoms: the second is refused by the build, the third has a cutoff that the search
 * refuses, the fourth a pair whose shift does not fit. The others are visited as if they were alone.
 */
static void refused_systems_are_left_out(void **state)
{
    (void)state;
    enum { SYSTEMS = 5, EACH = 4, ATOMS = SYSTEMS * EACH };
    static const nbl_status expected[SYSTEMS] = {NBL_OK, NBL_EPOSITION, NBL_ECUTOFF_BUILD, NBL_ESHIFT, NBL_OK};
    static const int32_t threads[] = {1, 2, 7};
    const double unit[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, rc = 1.5;
    double r[ATOMS][3], sets[SYSTEMS][2];
    int64_t ptr[SYSTEMS + 1] = {0, 4, 8, 12, 16, 20};
    unsigned char wanted[ATOMS];
    struct many m;
    struct random g;
    struct rowbook b;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    memset(&m, 0, sizeof m);
    random_seed(&g, 8);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_unit(&g);
    r[6][2] = NAN;
    r[13][1] = 0x1p30;
    r[15][1] = -0x1p30;
    for (int s = 0; s < SYSTEMS; s++) {
        sets[s][0] = s == 2 ? 1.75 : 1.5;
        sets[s][1] = 1;
    }
    for (int i = 0; i < ATOMS; i++)
        wanted[i] = expected[i / EACH] == NBL_OK;
    in.n_systems = SYSTEMS;
    in.n_atoms = ATOMS;
    in.positions = r;
    in.ptr = ptr;
    in.cells = unit;
    in.cutoffs = &rc;
    in.n_cells = in.n_cutoffs = 1;
    assert_int_equal(listing_open(&m.l, NULL), 0);
    check_int(nbl_batch_create(&m.batch, NULL), NBL_OK);
    for (int k = 0; k < 9; k++) {
        nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        char text[COMPARE_TEXT];
        build.algorithm = k / 3;
        options.n_threads = threads[k % 3];
        check_int(nbl_batch_build(m.batch, &in, &build, NULL), NBL_EBATCH);
        check_int(nbl_batch_search_multi(m.batch, 2, SYSTEMS, sets[0], &options, m.l.result), NBL_EBATCH);
        for (int s = 0; s < SYSTEMS; s++)
            check_int(nbl_result_system_status(m.l.result, s), expected[s]);
        m.list.n = 0;
        assert_int_equal(listing_fetch_list(&m.l, 0, &m.list), 0);
        rowbook_open(&b, SYSTEMS, ptr);
        b.n_threads = options.n_threads;
        b.n_cutoffs = 2;
        api_refused(nbl_batch_visit(m.batch, 2, SYSTEMS, sets[0], &options, m.l.result, rowbook_visit, &b),
                    NBL_EBATCH, nbl_result_message(m.l.result), "system 2", "1.75");
        nothing_left(m.l.result);
        for (int i = 12; i < 16; i++) /* what was seen of them before the shift was met says nothing */
            atomic_store(&b.rows[i].seen, 0);
        if (rowbook_compare(&b, &m.list, wanted, sets[0], 0, 0, text))
            fail_msg("%s", text);
        rowbook_close(&b);
    }
    pairs_free(&m.list);
    nbl_batch_destroy(&m.batch);
    listing_close(&m.l);
}

/* ----------------------------------------------------------------------------------------------- stopping */

static void a_visitor_stops(void **state)
{
    struct api *a = *state;
    const int64_t first[2] = {0, a->s.n};
    struct rowbook b;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    rowbook_open(&b, 1, first);
    api_build(a);
    for (options.n_threads = 1; options.n_threads <= 7; options.n_threads += 3) {
        b.n_threads = options.n_threads;
        b.stop_at = 1;
        api_refused(nbl_cell_list_visit(a->list, 1, &a->s.rc, &options, a->result, rowbook_visit, &b),
                    NBL_ESTOP, nbl_result_message(a->result), "visitor", NULL);
        nothing_left(a->result);
        assert_true(atomic_load(&b.blocks) >= 1 && atomic_load(&b.blocks) <= options.n_threads);
        check_int(atomic_load(&b.complaints), 0);
        rowbook_clear(&b);
        b.stop_at = 0;
        check_int(nbl_cell_list_visit(a->list, 1, &a->s.rc, &options, a->result, rowbook_visit, &b), NBL_OK);
        for (int64_t i = 0; i < a->s.n; i++)
            check_int(atomic_load(&b.rows[i].seen), 1);
        rowbook_clear(&b);
    }
    api_search(a, 0, 0);
    rowbook_close(&b);
}

/* Many blocks: no new one is begun after a stop, in a large system and in a batch of small ones. */
static void a_stop_ends_the_visit(void **state)
{
    (void)state;
    enum { SYSTEMS = 500, EACH = 8, ATOMS = SYSTEMS * EACH };
    static double r[ATOMS][3];
    static int64_t ptr[SYSTEMS + 1];
    const int64_t whole[2] = {0, ATOMS};
    const double rc = 1.2;
    struct random g;
    struct rowbook one, many;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    nbl_batch *batch = NULL;
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    random_seed(&g, 12);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, 0, 16);
    for (int b = 0; b <= SYSTEMS; b++)
        ptr[b] = EACH * b;
    in.n_systems = SYSTEMS;
    in.n_atoms = ATOMS;
    in.positions = r;
    in.ptr = ptr;
    in.cutoffs = &rc;
    in.n_cutoffs = 1;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_result_create(&result, NULL), NBL_OK);
    check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
    check_int(nbl_cell_list_build(list, ATOMS, r, NULL, NULL, rc, NULL), NBL_OK);
    rowbook_open(&one, 1, whole);
    rowbook_open(&many, SYSTEMS, ptr);
    for (int32_t n_threads = 1; n_threads <= 4; n_threads += 3)
        for (int stop_at = 1; stop_at <= 3; stop_at++) {
            one.n_threads = many.n_threads = options.n_threads = n_threads;
            one.stop_at = many.stop_at = stop_at;
            check_int(nbl_cell_list_visit(list, 1, &rc, &options, result, rowbook_visit, &one), NBL_ESTOP);
            check_int(nbl_batch_visit(batch, 1, 1, &rc, &options, result, rowbook_visit, &many), NBL_ESTOP);
            assert_true(atomic_load(&one.blocks) < stop_at + n_threads);
            assert_true(atomic_load(&many.blocks) < stop_at + n_threads);
            assert_string_not_equal(nbl_result_message(result), "");
            rowbook_clear(&one);
            rowbook_clear(&many);
        }
    rowbook_close(&one);
    rowbook_close(&many);
    nbl_batch_destroy(&batch);
    nbl_cell_list_destroy(&list);
    nbl_result_destroy(&result);
}

/* --------------------------------------------------------------------------------- the library inside */

struct inner {
    struct system s;
    int64_t n_pairs;
    atomic_llong calls, wrong;
};

/* Builds and searches other handles, with more threads of their own. */
static int use_the_library(void *user, const nbl_rows *rows)
{
    struct inner *in = user;
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    int64_t j[2000];
    nbl_outputs o = NBL_OUTPUTS_INIT;
    options.n_threads = 1 + (int32_t)(rows->i[0] % 3);
    o.pair_capacity = 2000;
    o.j = j;
    int right = nbl_cell_list_create(&list, NULL) == NBL_OK && nbl_result_create(&result, NULL) == NBL_OK &&
                nbl_cell_list_build(list, in->s.n, in->s.r, in->s.h, NULL, in->s.rc, NULL) == NBL_OK &&
                nbl_cell_list_search(list, in->s.rc, &options, result) == NBL_OK &&
                nbl_result_n_pairs(result, 0) == in->n_pairs && nbl_result_fetch(result, 0, &o) == NBL_OK;
    atomic_fetch_add(&in->calls, 1);
    atomic_fetch_add(&in->wrong, !right);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}

static void the_library_inside_a_visitor(void **state)
{
    struct api *a = *state;
    static struct inner in;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    api_build(a);
    api_search(a, 0, 0);
    memset(&in, 0, sizeof in);
    in.s = a->s;
    in.n_pairs = nbl_result_n_pairs(a->result, 0);
    assert_true(in.n_pairs < 2000);
    for (options.n_threads = 1; options.n_threads <= 4; options.n_threads++)
        check_int(nbl_cell_list_visit(a->list, 1, &a->s.rc, &options, a->result, use_the_library, &in), NBL_OK);
    assert_true(atomic_load(&in.calls) >= 4);
    check_int(atomic_load(&in.wrong), 0);
}

/* ------------------------------------------------------------------------------------------------- sums */

enum { LJ_ATOMS = 3000 };

struct sums {
    double energy[LJ_ATOMS], force[LJ_ATOMS][3];
};

/* What one pair adds, from its squared distance; the force acts on atom i. */
static void add_pair(double d2, const double d[3], double *energy, double force[3])
{
    double s2 = 1 / d2, s6 = s2 * s2 * s2;
    *energy += 2 * (s6 * s6 - s6);
    for (int k = 0; k < 3; k++)
        force[k] -= 24 * (2 * s6 * s6 - s6) * s2 * d[k];
}

static int add_rows(void *user, const nbl_rows *rows)
{
    struct sums *sums = user;
    for (int32_t k = 0; k < rows->n_rows; k++) {
        int64_t i = rows->first_atom + rows->i[k];
        for (int64_t e = rows->row_ptr[k]; e < rows->row_ptr[k + 1]; e++)
            add_pair(rows->d2[e], rows->vectors + 3 * e, &sums->energy[i], sums->force[i]);
    }
    return 0;
}

static double total(const struct sums *sums)
{
    double energy = 0;
    for (int i = 0; i < LJ_ATOMS; i++)
        energy += sums->energy[i];
    return energy;
}

static void forces_cancel(const struct sums *sums)
{
    for (int k = 0; k < 3; k++) {
        double sum = 0, size = 0;
        for (int i = 0; i < LJ_ATOMS; i++) {
            sum += sums->force[i][k];
            size += fabs(sums->force[i][k]);
        }
        assert_true(size > 1 && fabs(sum) < 1e-12 * size);
    }
}

/* A jittered lattice, so that no two atoms are so close that one term drowns the rest. */
static void build_liquid(nbl_cell_list *list, nbl_batch *batch, int32_t algorithm)
{
    static double r[LJ_ATOMS][3];
    static int64_t ids[LJ_ATOMS];
    const double h[9] = {16.8, 0, 0, 0, 16.8, 0, 0, 0, 14}, rc = 2.5;
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    random_seed(&g, 5);
    for (int i = 0; i < LJ_ATOMS; i++) {
        const int site[3] = {i % 15, i / 15 % 15, i / 225};
        for (int k = 0; k < 3; k++)
            r[i][k] = 1.12 * site[k] + random_range(&g, -0.1, 0.1);
        ids[i] = i / 700;
    }
    in.n_systems = 6;
    in.n_atoms = LJ_ATOMS;
    in.positions = r;
    in.batch = ids;
    in.cells = h;
    in.cutoffs = &rc;
    in.n_cells = in.n_cutoffs = 1;
    options.algorithm = algorithm;
    check_int(nbl_cell_list_build(list, LJ_ATOMS, r, h, NULL, rc, &options), NBL_OK);
    check_int(nbl_batch_build(batch, &in, &options, NULL), NBL_OK);
}

static void sums_from_list(struct listing *l, struct sums *sums)
{
    struct pairs list = {0, 0, NULL};
    memset(sums, 0, sizeof *sums);
    assert_int_equal(listing_fetch(l, &list), 0);
    for (int64_t e = 0; e < list.n; e++) {
        const struct pair *p = &list.at[e];
        double d2 = (p->d[0] * p->d[0] + p->d[1] * p->d[1]) + p->d[2] * p->d[2];
        add_pair(d2, p->d, &sums->energy[p->i], sums->force[p->i]);
    }
    pairs_free(&list);
}

static void same_sums(const struct sums *found, const struct sums *stored)
{
    check_bits(total(found), total(stored));
    assert_memory_equal(found, stored, sizeof *found);
    forces_cancel(found);
}

static void sums_have_the_same_bits(void **state)
{
    (void)state;
    static const int32_t threads[] = {0, 1, 2, 3, 7};
    static struct sums stored[2], found;
    struct listing l;
    const double rc = 2.5;
    nbl_batch *batch = NULL;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    assert_int_equal(listing_open(&l, NULL), 0);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        build_liquid(l.list, batch, algorithm);
        check_int(nbl_cell_list_search(l.list, rc, NULL, l.result), NBL_OK);
        sums_from_list(&l, &stored[0]);
        check_int(nbl_batch_search(batch, 0, NULL, NULL, l.result), NBL_OK);
        sums_from_list(&l, &stored[1]);
        for (int k = 0; k < 5; k++) {
            options.n_threads = threads[k];
            options.fields = k % 2 ? NBL_ROW_D2 | NBL_ROW_VECTORS : 0;
            memset(&found, 0, sizeof found);
            check_int(nbl_cell_list_visit(l.list, 1, &rc, &options, l.result, add_rows, &found), NBL_OK);
            same_sums(&found, &stored[0]);
            memset(&found, 0, sizeof found);
            check_int(nbl_batch_visit(batch, 1, 1, &rc, &options, l.result, add_rows, &found), NBL_OK);
            same_sums(&found, &stored[1]);
        }
    }
    nbl_batch_destroy(&batch);
    listing_close(&l);
}

/* ------------------------------------------------------------------------------------- refusals, limits */

static int never(void *user, const nbl_rows *rows)
{
    (void)rows;
    *(int *)user += 1;
    return 0;
}

static nbl_status visit(struct api *a, int32_t n, const double *cutoffs, const nbl_search_options *options)
{
    int calls = 0;
    nbl_status status = nbl_cell_list_visit(a->list, n, cutoffs, options, a->result, never, &calls);
    check_int(calls, 0);
    return status;
}

static void refusals(void **state)
{
    struct api *a = *state;
    const double good[2] = {2, 3}, bad[3] = {2, NAN, 3}, large[2] = {1, 3.5};
    const char *message = nbl_result_message(a->result);
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    api_refused(visit(a, 1, good, NULL), NBL_EUNBUILT, message, NULL, NULL);
    api_build(a);
    check_int(nbl_cell_list_visit(a->list, 1, good, NULL, NULL, never, NULL), NBL_ENULL);
    check_int(nbl_cell_list_visit(NULL, 1, good, NULL, a->result, never, NULL), NBL_ENULL);
    api_refused(nbl_cell_list_visit(a->list, 1, good, NULL, a->result, NULL, NULL), NBL_ENULL,
                nbl_result_message(a->result), "visitor", NULL);
    api_refused(visit(a, 1, NULL, NULL), NBL_ENULL, nbl_result_message(a->result), "cutoffs", NULL);
    static const int32_t counts[] = {0, -1, NBL_MAX_LISTS + 1, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 5; k++)
        api_refused(visit(a, counts[k], good, NULL), NBL_ESIZE, nbl_result_message(a->result), "n_cutoffs",
                    NULL);
    api_refused(visit(a, 3, bad, NULL), NBL_ECUTOFF, nbl_result_message(a->result), "nan", NULL);
    api_refused(visit(a, 2, large, NULL), NBL_ECUTOFF_BUILD, nbl_result_message(a->result), "3.5", NULL);
    options.fields = 32;
    api_refused(visit(a, 1, good, &options), NBL_EOPTION, nbl_result_message(a->result), "fields", NULL);
    options.fields = 0;
    options.flags = 1u << 20;
    api_refused(visit(a, 1, good, &options), NBL_EOPTION, nbl_result_message(a->result), "flags", NULL);
    options.flags = NBL_CENTERS | NBL_HALF;
    api_refused(visit(a, 1, good, &options), NBL_ECONFLICT, nbl_result_message(a->result), "NBL_CENTERS", NULL);
    options.flags = 0;
    options.max_pairs = 3;
    nbl_search_options narrow = NBL_SEARCH_OPTIONS_INIT;
    narrow.max_bytes = 100;
    int calls = 0;
    api_refused(nbl_cell_list_visit(a->list, 1, good, &options, a->result, never, &calls), NBL_ELIMIT,
                nbl_result_message(a->result), "max_pairs", NULL);
    api_refused(nbl_cell_list_visit(a->list, 1, good, &narrow, a->result, never, &calls), NBL_ELIMIT,
                nbl_result_message(a->result), "max_bytes", NULL);
    nothing_left(a->result);
}

static void nothing_to_visit(void **state)
{
    struct api *a = *state;
    const double rc = 2;
    int calls = 0;
    nbl_batch *batch = NULL;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    const int64_t ptr[4] = {0, 0, 0, 0};
    check_int(nbl_cell_list_build(a->list, 0, NULL, NULL, NULL, rc, NULL), NBL_OK);
    check_int(nbl_cell_list_visit(a->list, 1, &rc, NULL, a->result, never, &calls), NBL_OK);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    in.ptr = ptr;
    in.cutoffs = &rc;
    in.n_cutoffs = 1;
    for (in.n_systems = 0; in.n_systems < 4; in.n_systems += 3) {
        check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
        check_int(nbl_batch_visit(batch, 1, 1, &rc, NULL, a->result, never, &calls), NBL_OK);
    }
    nbl_batch_destroy(&batch);
    check_int(calls, 0);
    nothing_left(a->result);
}

/* A visit ends what the result held before, whether it succeeds or not. */
static void what_the_result_held_is_gone(void **state)
{
    struct api *a = *state;
    const double rc = 2;
    int calls = 0;
    api_build(a);
    api_search(a, 0, 0);
    check_int(nbl_cell_list_visit(a->list, 1, &rc, NULL, a->result, never, &calls), NBL_OK);
    assert_true(calls > 0);
    nothing_left(a->result);
    api_search(a, 0, 0);
    check_int(nbl_cell_list_visit(a->list, 0, &rc, NULL, a->result, never, &calls), NBL_ESIZE);
    nothing_left(a->result);
    nbl_outputs o = NBL_OUTPUTS_INIT;
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_EUNBUILT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_hard_systems),
        cmocka_unit_test(rows_of_large_systems),
        cmocka_unit_test(long_rows),
        cmocka_unit_test(rows_of_batches),
        cmocka_unit_test(refused_systems_are_left_out),
        cmocka_unit_test_setup_teardown(a_visitor_stops, api_open, api_close),
        cmocka_unit_test(a_stop_ends_the_visit),
        cmocka_unit_test_setup_teardown(the_library_inside_a_visitor, api_open, api_close),
        cmocka_unit_test(sums_have_the_same_bits),
        cmocka_unit_test_setup_teardown(refusals, api_open, api_close),
        cmocka_unit_test_setup_teardown(nothing_to_visit, api_open, api_close),
        cmocka_unit_test_setup_teardown(what_the_result_held_is_gone, api_open, api_close),
    };
    return cmocka_run_group_tests_name("api: visit", tests, NULL, NULL);
}
