/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[REQUEST_OUTPUTS] = {"i",       "j",         "edge_index", "pairs",  "shifts",
                                                   "vectors", "distances", "row_ptr",    "counts", "reverse",
                                                   "batch",   "edge_ptr",  "atom_ptr"};

/* Outputs that the dense layout does not have. */
enum {
    PAIRS_ONLY = 1 << REQUEST_I | 1 << REQUEST_EDGE_INDEX | 1 << REQUEST_PAIRS | 1 << REQUEST_REVERSE |
                 1 << REQUEST_BATCH
};

struct trial {
    const struct request_list *list;
    nbl_outputs o;
    unsigned want;
    int wide; /* a shift leaves int8 */
    int64_t *row_ptr, *mirror;
    unsigned char *found[REQUEST_OUTPUTS], *expected[REQUEST_OUTPUTS];
    size_t size[REQUEST_OUTPUTS];
};

static void *must(void *made)
{
    if (!made)
        exit(99);
    return made;
}

static size_t bytes_of(int32_t dtype)
{
    return dtype == NBL_INT8 ? 1 : dtype == NBL_INT32 || dtype == NBL_FLOAT32 ? 4 : 8;
}

static void put_int(unsigned char *to, int64_t at, int64_t value, int32_t dtype)
{
    int8_t low = (int8_t)value;
    int32_t middle = (int32_t)value;
    if (dtype == NBL_INT8)
        memcpy(to + at, &low, 1);
    else if (dtype == NBL_INT32)
        memcpy(to + 4 * at, &middle, 4);
    else
        memcpy(to + 8 * at, &value, 8);
}

static void put_real(unsigned char *to, int64_t at, double value, int32_t dtype)
{
    float low = (float)value;
    if (dtype == NBL_FLOAT32)
        memcpy(to + 4 * at, &low, 4);
    else
        memcpy(to + 8 * at, &value, 8);
}

/* --------------------------------------------------------------------------------------- plain facts */

static int by_order(const void *a, const void *b)
{
    return pair_order(*(struct pair *const *)a, *(struct pair *const *)b);
}

/* The mirror of each pair by definition: (j, i, -s) looked up among all. -1 where there is none. */
static int64_t *find_mirrors(const struct pairs *p)
{
    struct pair **sorted = must(malloc((size_t)(p->n + 1) * sizeof *sorted));
    int64_t *mirror = must(malloc((size_t)(p->n + 1) * sizeof *mirror));
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

static void learn(struct trial *t)
{
    const struct pairs *p = t->list->pairs;
    t->row_ptr = must(calloc((size_t)t->list->n_rows + 1, sizeof *t->row_ptr));
    for (int64_t e = 0; e < p->n; e++) {
        t->row_ptr[p->at[e].i + 1]++;
        for (int k = 0; k < 3; k++)
            t->wide |= p->at[e].s[k] < -128 || p->at[e].s[k] > 127;
    }
    for (int64_t row = 0; row < t->list->n_rows; row++)
        t->row_ptr[row + 1] += t->row_ptr[row];
    if (t->want & 1u << REQUEST_REVERSE)
        t->mirror = find_mirrors(p);
}

/* -------------------------------------------------------------------------------------- one request */

static int64_t longest_row(const struct trial *t)
{
    int64_t longest = 0;
    for (int64_t row = 0; row < t->list->n_rows; row++)
        if (t->row_ptr[row + 1] - t->row_ptr[row] > longest)
            longest = t->row_ptr[row + 1] - t->row_ptr[row];
    return longest;
}

static int32_t draw_type(struct random *g, int32_t narrow, int32_t wide)
{
    return random_chance(g, 3) ? 0 : random_chance(g, 2) ? narrow : wide;
}

static void draw_outputs(struct trial *t, struct random *g)
{
    nbl_outputs fresh = NBL_OUTPUTS_INIT, *o = &t->o;
    *o = fresh;
    o->layout = random_chance(g, 3) ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS;
    o->index_base = (int32_t)random_int(g, 0, 1);
    o->index_dtype = draw_type(g, NBL_INT32, NBL_INT64);
    o->offset_dtype = draw_type(g, NBL_INT32, NBL_INT64);
    o->shift_dtype = draw_type(g, NBL_INT8, NBL_INT32);
    o->real_dtype = draw_type(g, NBL_FLOAT32, NBL_FLOAT64);
    o->local_indices = (int32_t)random_int(g, 0, 1);
    t->want = random_chance(g, 4) ? (1u << REQUEST_OUTPUTS) - 1
                                  : (unsigned)random_int(g, 0, (1 << REQUEST_OUTPUTS) - 1);
    if (o->layout == NBL_LAYOUT_DENSE)
        t->want &= ~(unsigned)PAIRS_ONLY;
    if (!t->list->is_full)
        t->want &= ~(1u << REQUEST_REVERSE);
}

static void draw_capacities(struct trial *t, struct random *g)
{
    nbl_outputs *o = &t->o;
    o->pair_capacity = t->list->pairs->n + (random_chance(g, 2) ? 0 : random_int(g, 1, 9));
    o->row_capacity = t->list->n_rows + (random_chance(g, 2) ? 0 : 3);
    o->system_capacity = t->list->n_systems + (random_chance(g, 2) ? 0 : random_int(g, 1, 4));
    o->edge_index_stride = random_chance(g, 2) ? 0 : o->pair_capacity + random_int(g, 0, 5);
    o->dense_width = longest_row(t) + (random_chance(g, 2) ? 0 : random_int(g, 1, 4));
    o->dense_fill = random_chance(g, 2) ? -1 : t->list->n_rows;
}

static int32_t type_of(int32_t asked, int32_t otherwise)
{
    return asked ? asked : otherwise;
}

static size_t room(const nbl_outputs *o, int which)
{
    size_t index = bytes_of(type_of(o->index_dtype, NBL_INT64));
    size_t offset = bytes_of(type_of(o->offset_dtype, NBL_INT64));
    size_t shift = bytes_of(type_of(o->shift_dtype, NBL_INT32));
    size_t real = bytes_of(type_of(o->real_dtype, NBL_FLOAT64));
    size_t pairs = (size_t)o->pair_capacity, rows = (size_t)o->row_capacity;
    size_t stride = o->edge_index_stride ? (size_t)o->edge_index_stride : pairs;
    size_t entries = o->layout == NBL_LAYOUT_DENSE ? rows * (size_t)o->dense_width : pairs;
    size_t systems = ((size_t)o->system_capacity + 1) * offset;
    const size_t sizes[REQUEST_OUTPUTS] = {entries * index,
                                           entries * index,
                                           2 * stride * index,
                                           2 * entries * index,
                                           3 * entries * shift,
                                           3 * entries * real,
                                           entries * real,
                                           (rows + 1) * offset,
                                           rows * offset,
                                           entries * offset,
                                           entries * index,
                                           systems,
                                           systems};
    return sizes[which];
}

static void attach(struct trial *t, struct request *q)
{
    nbl_outputs *o = &t->o;
    void **slots[REQUEST_OUTPUTS] = {&o->i,       &o->j,         &o->edge_index, &o->pairs,  &o->shifts,
                                     &o->vectors, &o->distances, &o->row_ptr,    &o->counts, &o->reverse,
                                     &o->batch,   &o->edge_ptr,  &o->atom_ptr};
    for (int k = 0; k < REQUEST_OUTPUTS; k++) {
        if (!(t->want >> k & 1))
            continue;
        t->size[k] = room(o, k);
        t->found[k] = *slots[k] = guard_take(&q->guards[k], t->size[k]);
        t->expected[k] = must(malloc(t->size[k] + 1));
        memcpy(t->expected[k], t->found[k], t->size[k]);
    }
}

static void expect_int(struct trial *t, int which, int64_t at, int64_t value, int32_t dtype)
{
    if (t->want >> which & 1)
        put_int(t->expected[which], at, value, dtype);
}

static void expect_real(struct trial *t, int which, int64_t at, double value)
{
    if (t->want >> which & 1)
        put_real(t->expected[which], at, value, t->o.real_dtype);
}

static void expect_pair(struct trial *t, int64_t e, int64_t system)
{
    const nbl_outputs *o = &t->o;
    const struct pair *p = &t->list->pairs->at[e];
    int64_t dense = p->i * o->dense_width + (e - t->row_ptr[p->i]);
    int64_t at = o->layout == NBL_LAYOUT_DENSE ? dense : e;
    int64_t base = o->index_base - (o->local_indices ? t->list->atom_ptr[system] : 0);
    int64_t stride = o->edge_index_stride ? o->edge_index_stride : o->pair_capacity;
    expect_int(t, REQUEST_I, at, p->i + base, o->index_dtype);
    expect_int(t, REQUEST_J, at, p->j + base, o->index_dtype);
    expect_int(t, REQUEST_EDGE_INDEX, at, p->i + base, o->index_dtype);
    expect_int(t, REQUEST_EDGE_INDEX, stride + at, p->j + base, o->index_dtype);
    expect_int(t, REQUEST_PAIRS, 2 * at, p->i + base, o->index_dtype);
    expect_int(t, REQUEST_PAIRS, 2 * at + 1, p->j + base, o->index_dtype);
    for (int k = 0; k < 3; k++) {
        expect_int(t, REQUEST_SHIFTS, 3 * at + k, p->s[k], type_of(o->shift_dtype, NBL_INT32));
        expect_real(t, REQUEST_VECTORS, 3 * at + k, p->d[k]);
    }
    expect_real(t, REQUEST_DISTANCES, at, p->r);
    if (t->mirror)
        expect_int(t, REQUEST_REVERSE, at, t->mirror[e] + o->index_base, o->offset_dtype);
    expect_int(t, REQUEST_BATCH, at, system + o->index_base, o->index_dtype);
}

static void expect_rows(struct trial *t)
{
    const nbl_outputs *o = &t->o;
    for (int64_t row = 0; row <= t->list->n_rows; row++) {
        expect_int(t, REQUEST_ROW_PTR, row, t->row_ptr[row] + o->index_base, o->offset_dtype);
        if (row == t->list->n_rows)
            break;
        int64_t count = t->row_ptr[row + 1] - t->row_ptr[row];
        expect_int(t, REQUEST_COUNTS, row, count, o->offset_dtype);
        if (o->layout != NBL_LAYOUT_DENSE)
            continue;
        for (int64_t at = row * o->dense_width + count; at < (row + 1) * o->dense_width; at++) {
            expect_int(t, REQUEST_J, at, o->dense_fill, o->index_dtype);
            expect_real(t, REQUEST_DISTANCES, at, 0);
            for (int k = 0; k < 3; k++) {
                expect_int(t, REQUEST_SHIFTS, 3 * at + k, 0, type_of(o->shift_dtype, NBL_INT32));
                expect_real(t, REQUEST_VECTORS, 3 * at + k, 0);
            }
        }
    }
}

static void expect_all(struct trial *t)
{
    int32_t offset = t->o.offset_dtype;
    int64_t e = 0;
    for (int64_t b = 0; b <= t->list->n_systems; b++) {
        int64_t atom = t->list->atom_ptr[b];
        expect_int(t, REQUEST_ATOM_PTR, b, atom + t->o.index_base, offset);
        expect_int(t, REQUEST_EDGE_PTR, b, t->row_ptr[atom] + t->o.index_base, offset);
        for (; b < t->list->n_systems && e < t->row_ptr[t->list->atom_ptr[b + 1]]; e++)
            expect_pair(t, e, b);
    }
    expect_rows(t);
}

static int compare(struct trial *t, struct request *q, nbl_status status, nbl_status right, const char *message,
                   char text[COMPARE_TEXT])
{
    int differs = 0;
    if (status != right) {
        snprintf(text, COMPARE_TEXT, "fetch: %s: %.200s", nbl_status_name(status), message);
        differs = 1;
    }
    for (int k = 0; k < REQUEST_OUTPUTS && !differs; k++) {
        if (!(t->want >> k & 1))
            continue;
        size_t at = 0;
        while (at < t->size[k] && t->found[k][at] == t->expected[k][at])
            at++;
        differs = at < t->size[k] || !guard_front_untouched(&q->guards[k]);
        if (differs)
            snprintf(text, COMPARE_TEXT,
                     "fetch: wrong bytes in %s from byte %zu of %zu; %s, base %d, local %d, types: index %d "
                     "offset %d shift %d real %d, outputs 0x%x",
                     names[k], at, t->size[k], t->o.layout ? "dense" : "pairs", t->o.index_base,
                     t->o.local_indices, t->o.index_dtype, t->o.offset_dtype, t->o.shift_dtype, t->o.real_dtype,
                     t->want);
    }
    return differs;
}

int request_check(struct request *q, nbl_result *result, int32_t list, const struct request_list *expected,
                  struct random *g, char text[COMPARE_TEXT])
{
    struct trial t;
    memset(&t, 0, sizeof t);
    t.list = expected;
    draw_outputs(&t, g);
    learn(&t);
    draw_capacities(&t, g);
    attach(&t, q);
    int lonely = 0, refused = t.wide && t.o.shift_dtype == NBL_INT8 && (t.want & 1u << REQUEST_SHIFTS);
    if (!refused)
        expect_all(&t);
    for (int64_t e = 0; t.mirror && e < expected->pairs->n; e++)
        lonely |= t.mirror[e] < 0;
    nbl_status status = nbl_result_fetch(result, list, &t.o);
    int differs = compare(&t, q, status, refused ? NBL_ENARROW : NBL_OK, nbl_result_message(result), text);
    if (lonely && !differs)
        snprintf(text, COMPARE_TEXT, "a pair of the known list has no mirror");
    for (int k = 0; k < REQUEST_OUTPUTS; k++)
        free(t.expected[k]);
    free(t.row_ptr);
    free(t.mirror);
    return differs || lonely;
}

void request_free(struct request *q)
{
    for (int k = 0; k < REQUEST_OUTPUTS; k++)
        guard_free(&q->guards[k]);
}
