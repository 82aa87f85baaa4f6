/* SPDX-License-Identifier: MIT */
/*
 * Every output in every layout, type and index base against the plain int64 and float64 fetch of the same
 * result. Each buffer ends at a guard page and starts out with a byte pattern; the expected bytes are made
 * here from the plain list, gaps and spare capacity included, and compared as a whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "scale.h"

enum output { I, J, EDGE_INDEX, PAIRS, SHIFTS, VECTORS, DISTANCES, ROW_PTR, COUNTS, REVERSE, OUTPUTS };

static const char *const names[OUTPUTS] = {"i",       "j",         "edge_index", "pairs",  "shifts",
                                           "vectors", "distances", "row_ptr",    "counts", "reverse"};

static int64_t failures;

/* One array: where the library writes, and what must be there afterwards. */
struct array {
    struct guard guard;
    unsigned char *found, *expected;
    size_t size;
};

struct trial {
    const struct system *s;
    struct variant v;
    const struct pairs *plain; /* in list order */
    int64_t n_rows, *row_ptr, *mirror;
    int wide_shifts; /* some component leaves int8 */
    nbl_outputs o;
    unsigned want; /* bits of enum output */
    struct array arrays[OUTPUTS];
};

static size_t bytes_of(int32_t dtype)
{
    switch (dtype) {
    case NBL_INT8:
        return 1;
    case NBL_INT32:
    case NBL_FLOAT32:
        return 4;
    default:
        return 8;
    }
}

static void put_int(unsigned char *to, int64_t at, int64_t value, int32_t dtype)
{
    int8_t narrow = (int8_t)value;
    int32_t middle = (int32_t)value;
    if (dtype == NBL_INT8)
        memcpy(to + at, &narrow, 1);
    else if (dtype == NBL_INT32)
        memcpy(to + 4 * at, &middle, 4);
    else
        memcpy(to + 8 * at, &value, 8);
}

static void put_real(unsigned char *to, int64_t at, double value, int32_t dtype)
{
    float narrow = (float)value;
    if (dtype == NBL_FLOAT32)
        memcpy(to + 4 * at, &narrow, 4);
    else
        memcpy(to + 8 * at, &value, 8);
}

/* --------------------------------------------------------------------------------------- plain facts */

static int by_order(const void *a, const void *b)
{
    return pair_order(*(struct pair *const *)a, *(struct pair *const *)b);
}

/* The mirror of each pair by definition: look (j, i, -s) up among all. -1 where there is none. */
static int64_t *find_mirrors(const struct pairs *p)
{
    struct pair **sorted = malloc((size_t)(p->n + 1) * sizeof *sorted);
    int64_t *mirror = malloc((size_t)(p->n + 1) * sizeof *mirror);
    if (!sorted || !mirror)
        exit(99);
    for (int64_t e = 0; e < p->n; e++)
        sorted[e] = &p->at[e];
    qsort(sorted, (size_t)p->n, sizeof *sorted, by_order);
    for (int64_t e = 0; e < p->n; e++) {
        const struct pair *q = &p->at[e];
        struct pair wanted = {q->j, q->i, {-q->s[0], -q->s[1], -q->s[2]}, {0, 0, 0}, 0}, *key = &wanted;
        struct pair **hit = bsearch(&key, sorted, (size_t)p->n, sizeof *sorted, by_order);
        mirror[e] = hit ? *hit - p->at : -1;
    }
    free(sorted);
    return mirror;
}

static void learn(struct trial *t, int64_t n_rows)
{
    t->n_rows = n_rows;
    t->row_ptr = calloc((size_t)n_rows + 1, sizeof *t->row_ptr);
    if (!t->row_ptr)
        exit(99);
    for (int64_t e = 0; e < t->plain->n; e++) {
        t->row_ptr[t->plain->at[e].i + 1]++;
        for (int k = 0; k < 3; k++)
            t->wide_shifts |= t->plain->at[e].s[k] < -128 || t->plain->at[e].s[k] > 127;
    }
    for (int64_t row = 0; row < n_rows; row++)
        t->row_ptr[row + 1] += t->row_ptr[row];
    t->mirror = t->v.flags & (NBL_HALF | NBL_CENTERS) ? NULL : find_mirrors(t->plain);
}

/* -------------------------------------------------------------------------------------- one request */

static void draw_request(struct trial *t, struct random *g)
{
    nbl_outputs fresh = NBL_OUTPUTS_INIT, *o = &t->o;
    int64_t spare = random_chance(g, 2) ? 0 : random_int(g, 1, 9), widest = 0;
    *o = fresh;
    for (int64_t row = 0; row < t->n_rows; row++)
        if (t->row_ptr[row + 1] - t->row_ptr[row] > widest)
            widest = t->row_ptr[row + 1] - t->row_ptr[row];
    o->layout = random_chance(g, 3) ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS;
    o->index_base = (int32_t)random_int(g, 0, 1);
    o->index_dtype = (int32_t)random_int(g, 0, 2) == 0 ? 0 : (int32_t)random_int(g, NBL_INT32, NBL_INT64);
    o->offset_dtype = (int32_t)random_int(g, 0, 2) == 0 ? 0 : (int32_t)random_int(g, NBL_INT32, NBL_INT64);
    o->shift_dtype = (int32_t)random_int(g, 0, 2);
    o->real_dtype = random_chance(g, 2) ? NBL_FLOAT32 : random_chance(g, 2) ? NBL_FLOAT64 : 0;
    o->pair_capacity = t->plain->n + spare;
    o->row_capacity = t->n_rows + (random_chance(g, 2) ? 0 : 3);
    o->edge_index_stride = random_chance(g, 2) ? 0 : o->pair_capacity + random_int(g, 0, 5);
    o->dense_width = widest + (random_chance(g, 2) ? 0 : random_int(g, 1, 4));
    o->dense_fill = random_chance(g, 2) ? -1 : t->s->n;

    t->want = random_chance(g, 4) ? (1u << OUTPUTS) - 1 : (unsigned)random_int(g, 0, (1 << OUTPUTS) - 1);
    if (o->layout == NBL_LAYOUT_DENSE)
        t->want &= ~(1u << I | 1u << EDGE_INDEX | 1u << PAIRS | 1u << REVERSE);
    if (!t->mirror)
        t->want &= ~(1u << REVERSE);
}

static int32_t type_of(int32_t asked, int32_t otherwise)
{
    return asked ? asked : otherwise;
}

/* Entries and bytes per entry that the array of an output has room for. */
static size_t room(const nbl_outputs *o, enum output which)
{
    size_t index = bytes_of(type_of(o->index_dtype, NBL_INT64)),
           offset = bytes_of(type_of(o->offset_dtype, NBL_INT64));
    size_t shift = bytes_of(type_of(o->shift_dtype, NBL_INT32)),
           real = bytes_of(type_of(o->real_dtype, NBL_FLOAT64));
    size_t pairs = (size_t)o->pair_capacity, rows = (size_t)o->row_capacity;
    size_t stride = o->edge_index_stride ? (size_t)o->edge_index_stride : pairs;
    size_t entries = o->layout == NBL_LAYOUT_DENSE ? rows * (size_t)o->dense_width : pairs;
    const size_t sizes[OUTPUTS] = {
        entries * index,    entries * index, 2 * stride * index,  2 * entries * index, 3 * entries * shift,
        3 * entries * real, entries * real,  (rows + 1) * offset, rows * offset,       entries * offset};
    return sizes[which];
}

static void attach(struct trial *t)
{
    nbl_outputs *o = &t->o;
    void **slots[OUTPUTS] = {&o->i,       &o->j,         &o->edge_index, &o->pairs,  &o->shifts,
                             &o->vectors, &o->distances, &o->row_ptr,    &o->counts, &o->reverse};
    for (int k = 0; k < OUTPUTS; k++) {
        struct array *a = &t->arrays[k];
        if (!(t->want >> k & 1))
            continue;
        a->size = room(o, (enum output)k);
        a->found = guard_take(&a->guard, a->size);
        a->expected = malloc(a->size + 1);
        if (!a->expected)
            exit(99);
        memcpy(a->expected, a->found, a->size);
        *slots[k] = a->found;
    }
}

static void expect_pair(struct trial *t, int64_t e)
{
    const nbl_outputs *o = &t->o;
    const struct pair *p = &t->plain->at[e];
    int64_t base = o->index_base, row = p->i;
    int dense = o->layout == NBL_LAYOUT_DENSE;
    int64_t at = dense ? row * o->dense_width + (e - t->row_ptr[row]) : e;
    int64_t stride = o->edge_index_stride ? o->edge_index_stride : o->pair_capacity;
    if (t->want & 1u << I)
        put_int(t->arrays[I].expected, at, p->i + base, o->index_dtype);
    if (t->want & 1u << J)
        put_int(t->arrays[J].expected, at, p->j + base, o->index_dtype);
    if (t->want & 1u << EDGE_INDEX) {
        put_int(t->arrays[EDGE_INDEX].expected, at, p->i + base, o->index_dtype);
        put_int(t->arrays[EDGE_INDEX].expected, stride + at, p->j + base, o->index_dtype);
    }
    if (t->want & 1u << PAIRS) {
        put_int(t->arrays[PAIRS].expected, 2 * at, p->i + base, o->index_dtype);
        put_int(t->arrays[PAIRS].expected, 2 * at + 1, p->j + base, o->index_dtype);
    }
    for (int k = 0; k < 3; k++) {
        if (t->want & 1u << SHIFTS)
            put_int(t->arrays[SHIFTS].expected, 3 * at + k, p->s[k], type_of(o->shift_dtype, NBL_INT32));
        if (t->want & 1u << VECTORS)
            put_real(t->arrays[VECTORS].expected, 3 * at + k, p->d[k], o->real_dtype);
    }
    if (t->want & 1u << DISTANCES)
        put_real(t->arrays[DISTANCES].expected, at, p->r, o->real_dtype);
    if (t->want & 1u << REVERSE)
        put_int(t->arrays[REVERSE].expected, at, t->mirror[e] + base, o->offset_dtype);
}

static void expect_rows(struct trial *t)
{
    const nbl_outputs *o = &t->o;
    for (int64_t row = 0; row <= t->n_rows; row++) {
        if (t->want & 1u << ROW_PTR)
            put_int(t->arrays[ROW_PTR].expected, row, t->row_ptr[row] + o->index_base, o->offset_dtype);
        if (row == t->n_rows)
            break;
        int64_t count = t->row_ptr[row + 1] - t->row_ptr[row];
        if (t->want & 1u << COUNTS)
            put_int(t->arrays[COUNTS].expected, row, count, o->offset_dtype);
        if (o->layout != NBL_LAYOUT_DENSE)
            continue;
        for (int64_t at = row * o->dense_width + count; at < (row + 1) * o->dense_width; at++) {
            if (t->want & 1u << J)
                put_int(t->arrays[J].expected, at, o->dense_fill, o->index_dtype);
            if (t->want & 1u << DISTANCES)
                put_real(t->arrays[DISTANCES].expected, at, 0, o->real_dtype);
            for (int k = 0; k < 3; k++) {
                if (t->want & 1u << SHIFTS)
                    put_int(t->arrays[SHIFTS].expected, 3 * at + k, 0, type_of(o->shift_dtype, NBL_INT32));
                if (t->want & 1u << VECTORS)
                    put_real(t->arrays[VECTORS].expected, 3 * at + k, 0, o->real_dtype);
            }
        }
    }
}

static void report(const struct trial *t, const char *what, const char *more)
{
    char name[80];
    variant_name(&t->v, name);
    if (failures++ >= 10)
        return;
    fprintf(stderr, "seed %llu, %s, %s: %s %s\n", (unsigned long long)t->s->seed, name,
            t->o.layout ? "dense" : "pairs", what, more);
    fprintf(stderr, "  types: index %d offset %d shift %d real %d, base %d, outputs 0x%x\n", t->o.index_dtype,
            t->o.offset_dtype, t->o.shift_dtype, t->o.real_dtype, t->o.index_base, t->want);
}

static void one_request(struct trial *t, struct listing *l, struct random *g)
{
    draw_request(t, g);
    attach(t);
    int refused = t->wide_shifts && t->o.shift_dtype == NBL_INT8 && (t->want & 1u << SHIFTS);
    if (!refused) {
        for (int64_t e = 0; e < t->plain->n; e++)
            expect_pair(t, e);
        expect_rows(t);
    }
    nbl_status status = nbl_result_fetch(l->result, 0, &t->o);
    if (status != (refused ? NBL_ENARROW : NBL_OK))
        report(t, nbl_status_name(status), nbl_result_message(l->result));
    for (int k = 0; k < OUTPUTS; k++) {
        struct array *a = &t->arrays[k];
        if (!(t->want >> k & 1))
            continue;
        if (memcmp(a->found, a->expected, a->size) != 0)
            report(t, "wrong bytes in", names[k]);
        if (!guard_front_untouched(&a->guard))
            report(t, "bytes written in front of", names[k]);
        free(a->expected);
    }
}

static void one_system(struct listing *l, struct trial *t, uint64_t seed, int64_t *wide)
{
    struct system s;
    struct random g;
    struct pairs plain = {0, 0, NULL};
    random_seed(&g, seed);
    system_random(&s, seed);
    uint32_t flags = (uint32_t)random_int(&g, 0, 15);
    struct variant v = {(int32_t)random_int(&g, 0, 2), flags, (int32_t)random_int(&g, 0, 2), 1, 0, 0};
    if (random_chance(&g, 4)) {
        v.flags = (v.flags & ~(uint32_t)NBL_HALF) | NBL_CENTERS;
        v.n_centers = random_int(&g, 0, s.n);
    }
    t->s = &s;
    t->v = v;
    t->plain = &plain;
    t->wide_shifts = 0;
    if (listing_find(l, &s, &v, &plain) != 0) {
        report(t, "plain list:", l->text);
    } else {
        learn(t, nbl_result_n_rows(l->result));
        *wide += t->wide_shifts;
        for (int64_t e = 0; t->mirror && e < plain.n; e++)
            if (t->mirror[e] < 0)
                report(t, "a pair has no mirror", "");
        for (int k = 0; k < 8; k++)
            one_request(t, l, &g);
        free(t->row_ptr);
        free(t->mirror);
    }
    pairs_free(&plain);
}

int main(void)
{
    uint64_t first = scale_seed("NBL_TEST_SEED", 1300000);
    int64_t count = scale_count(3000, 200), wide = 0;
    static struct trial t;
    struct listing l;
    if (listing_open(&l, NULL) != 0)
        return 1;
    for (int64_t k = 0; k < count; k++)
        one_system(&l, &t, first + (uint64_t)k, &wide);
    listing_close(&l);
    for (int k = 0; k < OUTPUTS; k++)
        guard_free(&t.arrays[k].guard);
    printf("seeds %llu..%llu: %lld fetches, %lld systems with shifts beyond int8, %lld failures\n",
           (unsigned long long)first, (unsigned long long)(first + (uint64_t)count - 1), (long long)(8 * count),
           (long long)wide, (long long)failures);
    return failures != 0 || wide == 0;
}
