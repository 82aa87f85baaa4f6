/* SPDX-License-Identifier: MIT */
#include "metrics/graph.h"

#include <stdbool.h>
#include <string.h>

#include "base/inline.h"

/* What atoms that were reached will need is asked for so many of them ahead. */
enum { ATOMS_AHEAD = 16, EDGES_AHEAD = 8 };

/* How far the search has come: atoms before `next` were looked at, those before `end` reached. */
typedef struct search {
    const nbl__graph *graph;
    nbl__graph_node *nodes;
    int32_t next, end;
} search;

/* It only asks, and so has to be inlined (base/page.h). */
static NBL__INLINE void look_ahead(const search *s)
{
#ifdef __GNUC__
    const nbl__graph *g = s->graph;
    if (s->next + ATOMS_AHEAD < s->end) {
        const int32_t atom = s->nodes[s->next + ATOMS_AHEAD].atom;
        __builtin_prefetch(&g->first[atom]);
        __builtin_prefetch(&g->degree[atom]);
    }
    if (s->next + EDGES_AHEAD < s->end) {
        const int32_t atom = s->nodes[s->next + EDGES_AHEAD].atom;
        int64_t entries;
        if (g->degree[atom] == 0)
            return;
        const int32_t *j = nbl__edges_piece(g->edges, g->first[atom], &entries);
        __builtin_prefetch(j);
        __builtin_prefetch(j + (entries < 16 ? 0 : 16));
    }
#else
    (void)s;
#endif
}

/* The topmost of the set of a node. */
static int32_t topmost(nbl__graph_node *nodes, int32_t a)
{
    while (nodes[a].above != a) {
        nodes[a].above = nodes[nodes[a].above].above;
        a = nodes[a].above;
    }
    return a;
}

/* An edge that closes a ring: all from either end up to where they meet become one set. */
static void join(nbl__graph_node *nodes, int32_t a, int32_t b)
{
    a = topmost(nodes, a);
    b = topmost(nodes, b);
    while (a != b) {
        /* Whoever was reached later is not above the other. */
        int32_t *const lower = a > b ? &a : &b;
        nodes[*lower].above = nodes[*lower].parent;
        *lower = topmost(nodes, *lower);
    }
}

static void reach(search *s, int32_t atom, int32_t parent, int32_t number)
{
    const int32_t own = s->end++;
    s->nodes[own] = (nbl__graph_node){.atom = atom, .parent = parent, .above = own};
    s->graph->number[atom] = own + 1;
    if (s->graph->component)
        s->graph->component[atom] = number;
}

/*
 * The edges of the next atom. Each edge beside the tree is met at both ends, and counts at the one that was
 * reached later. Of the edges to the parent, the first is the one that led here.
 */
static void look_around(search *s, int32_t number)
{
    const nbl__graph *g = s->graph;
    const int32_t own = s->next, atom = s->nodes[own].atom, parent = s->nodes[own].parent;
    const int32_t degree = g->degree[atom];
    bool way_back = parent == own; /* a root has none */
    for (int32_t at = 0; at < degree;) {
        int64_t entries;
        const int32_t *j = nbl__edges_piece(g->edges, g->first[atom] + at, &entries);
        const int32_t end = entries < degree - at ? at + (int32_t)entries : degree;
        for (; at < end; at++, j++) {
            const int32_t other = g->number[*j] - 1;
            if (other < 0)
                reach(s, *j, own, number);
            else if (other == own)
                g->ring[atom] = 1;
            else if (other == parent && !way_back)
                way_back = true;
            else if (other < own)
                join(s->nodes, own, other);
        }
    }
}

/* Atoms that are in one set with their parents lie on a ring with them. */
static void mark_rings(const search *s)
{
    for (int32_t a = 0; a < s->end; a++)
        if (s->nodes[a].above != a)
            s->graph->ring[s->nodes[a].atom] = s->graph->ring[s->nodes[s->nodes[a].parent].atom] = 1;
}

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n)
{
    nbl__graph_counts counts = {0, 0};
    search s = {.graph = graph, .nodes = graph->nodes};
    int32_t number = 0;
    memset(graph->number, 0, (size_t)n * sizeof *graph->number);
    memset(graph->ring, 0, (size_t)n * sizeof *graph->ring);
    for (int32_t root = 0; root < n; root++) {
        if (graph->number[root] != 0)
            continue;
        const int32_t before = s.end;
        reach(&s, root, before, number);
        for (; s.next < s.end; s.next++) {
            look_ahead(&s);
            look_around(&s, number);
        }
        number++;
        counts.largest = s.end - before > counts.largest ? s.end - before : counts.largest;
    }
    mark_rings(&s);
    for (int32_t a = 0; a < n; a++)
        counts.in_rings += graph->ring[a];
    return counts;
}
