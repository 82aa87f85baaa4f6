/* SPDX-License-Identifier: MIT */
#include "metrics/graph.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "scale.h"

/* A multigraph: edges to several images of an atom, and to images of the atom itself. */
enum { MOST_ATOMS = 200000, MOST_EDGES = 600000 };

struct world {
    nbl__memory memory;
    nbl__edges edges;
    int32_t n, n_edges;
    int32_t (*ends)[2]; /* [n_edges] each edge once */
    int64_t *first;
    int32_t *degree, *number, *component;
    nbl__graph_node *nodes;
    uint8_t *ring;
    nbl__graph_counts counts;
};

static void *room(size_t count, size_t item)
{
    void *made = malloc(count * item);
    assert_non_null(made);
    return made;
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    nbl__memory_init(&w->memory, NULL);
    nbl__lock_init(&w->edges.lock);
    w->ends = room(MOST_EDGES, sizeof *w->ends);
    w->first = room(MOST_ATOMS, sizeof *w->first);
    w->degree = room(MOST_ATOMS, sizeof *w->degree);
    w->number = room(MOST_ATOMS, sizeof *w->number);
    w->component = room(MOST_ATOMS, sizeof *w->component);
    w->nodes = room(MOST_ATOMS, sizeof *w->nodes);
    w->ring = room(MOST_ATOMS, sizeof *w->ring);
}

static void close_world(struct world *w)
{
    nbl__edges_free(&w->edges, &w->memory);
    void *all[] = {w->ends, w->first, w->degree, w->number, w->component, w->nodes, w->ring};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]);
}

static void connect(struct world *w, int32_t a, int32_t b)
{
    assert_true(w->n_edges < MOST_EDGES);
    w->ends[w->n_edges][0] = a;
    w->ends[w->n_edges++][1] = b;
}

/* Neighbours of each atom, from both ends of each edge; rows are appended in any order, and so are their
 * entries. */
static void search(struct world *w, struct random *g)
{
    int32_t *start = room((size_t)w->n + 2, sizeof *start), *j = room(2 * (size_t)w->n_edges + 1, sizeof *j);
    int32_t *rows = room((size_t)w->n + 1, sizeof *rows);
    nbl__fault fault;
    memset(start, 0, ((size_t)w->n + 2) * sizeof *start);
    for (int32_t e = 0; e < w->n_edges; e++)
        for (int k = 0; k < 2; k++)
            start[w->ends[e][k] + 2]++;
    for (int32_t a = 0; a < w->n; a++)
        start[a + 2] += start[a + 1];
    for (int32_t e = 0; e < w->n_edges; e++)
        for (int k = 0; k < 2; k++)
            j[start[w->ends[e][k] + 1]++] = w->ends[e][1 - k];
    for (int32_t a = 0; a < w->n; a++) {
        rows[a] = a;
        w->degree[a] = start[a + 1] - start[a];
        for (int32_t e = w->degree[a] - 1; e > 0; e--) {
            const int32_t other = (int32_t)random_int(g, 0, e), kept = j[start[a] + e];
            j[start[a] + e] = j[start[a] + other];
            j[start[a] + other] = kept;
        }
    }
    nbl__edges_clear(&w->edges);
    for (int32_t left = w->n; left > 0; left--) {
        const int32_t at = (int32_t)random_int(g, 0, left - 1), a = rows[at];
        rows[at] = rows[left - 1];
        check_int(nbl__edges_append(&w->edges, &w->memory, w->degree[a], j + start[a], &w->first[a], &fault),
                  NBL_OK);
    }
    const nbl__graph graph = {.edges = &w->edges,
                              .first = w->first,
                              .degree = w->degree,
                              .number = w->number,
                              .nodes = w->nodes,
                              .component = w->component,
                              .ring = w->ring};
    w->counts = nbl__graph_search(&graph, w->n);
    free(start);
    free(j);
    free(rows);
}

/* Components with one edge left out, by passing the least atom on until nothing changes. */
static void flood(const struct world *w, int32_t without, int32_t least[])
{
    for (int32_t a = 0; a < w->n; a++)
        least[a] = a;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t e = 0; e < w->n_edges; e++)
            for (int k = 0; k < 2 && e != without; k++)
                if (least[w->ends[e][k]] > least[w->ends[e][1 - k]]) {
                    least[w->ends[e][k]] = least[w->ends[e][1 - k]];
                    changed = true;
                }
    }
}

static void check_by_hand(const struct world *w)
{
    enum { MOST = 32 };
    int32_t least[MOST], number[MOST], sizes[MOST] = {0}, n_components = 0;
    bool ring[MOST] = {false};
    int64_t largest = 0, in_rings = 0;
    assert_true(w->n <= MOST);
    for (int32_t e = 0; e < w->n_edges; e++) {
        flood(w, e, least);
        if (least[w->ends[e][0]] == least[w->ends[e][1]])
            ring[w->ends[e][0]] = ring[w->ends[e][1]] = true;
    }
    flood(w, -1, least);
    for (int32_t a = 0; a < w->n; a++) {
        number[a] = least[a] == a ? n_components++ : number[least[a]];
        sizes[number[a]]++;
        largest = sizes[number[a]] > largest ? sizes[number[a]] : largest;
        in_rings += ring[a];
        check_int(w->component[a], number[a]);
        check_int(w->ring[a], ring[a]);
    }
    check_int(w->counts.largest, largest);
    check_int(w->counts.in_rings, in_rings);
}

static void random_multigraphs(void **state)
{
    (void)state;
    struct world w;
    struct random g;
    open_world(&w);
    random_seed(&g, 11);
    for (int64_t round = scale_count(20000, 1000); round > 0; round--) {
        const bool loops = random_chance(&g, 3);
        w.n = (int32_t)random_int(&g, 0, 30);
        w.n_edges = 0;
        for (int64_t e = w.n > 0 ? random_int(&g, 0, 3 * w.n / 2) : 0; e > 0; e--) {
            const int32_t a = (int32_t)random_int(&g, 0, w.n - 1), b = (int32_t)random_int(&g, 0, w.n - 1);
            if (a != b || loops)
                connect(&w, a, b);
            if (a != b && random_chance(&g, 20))
                connect(&w, b, a);
        }
        search(&w, &g);
        check_by_hand(&w);
    }
    close_world(&w);
}

/* A chain, whose end is then joined to its beginning; two rings with a bridge; a star. */
static void large_ones(void **state)
{
    (void)state;
    struct world w;
    struct random g;
    open_world(&w);
    random_seed(&g, 12);
    w.n = MOST_ATOMS;
    for (int32_t a = 0; a + 1 < w.n; a++)
        connect(&w, a, a + 1);
    search(&w, &g);
    check_int(w.counts.largest, w.n);
    check_int(w.counts.in_rings, 0);
    connect(&w, 0, w.n - 1);
    search(&w, &g);
    check_int(w.counts.in_rings, w.n);

    w.n_edges = 0;
    const int32_t half = w.n / 2;
    for (int32_t a = 0; a < w.n; a++)
        if (a != 5 && a != half + 5)
            connect(&w, a, a + 1 == half ? 0 : a + 1 == w.n ? half : a + 1);
    connect(&w, 3, half + 3);
    search(&w, &g);
    check_int(w.counts.largest, w.n);
    check_int(w.counts.in_rings, 0);
    connect(&w, 5, 6);
    search(&w, &g);
    check_int(w.counts.in_rings, half);
    check_int(w.ring[half], 0);

    w.n_edges = 0;
    for (int32_t a = 1; a < w.n; a++)
        connect(&w, a, 0);
    search(&w, &g);
    check_int(w.counts.largest, w.n);
    check_int(w.counts.in_rings, 0);
    connect(&w, 17, 4711);
    search(&w, &g);
    check_int(w.counts.in_rings, 3);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_multigraphs),
        cmocka_unit_test(large_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
