/* SPDX-License-Identifier: MIT */
#include "metrics/graph.h"

#include <string.h>

/* Orders count from 1; 0: not seen yet. The sign of a cursor tells whether the way back was met already. */
typedef struct search {
    const nbl__graph *g;
    int32_t seen;
} search;

static void enter(search *s, int32_t atom, int32_t parent)
{
    const nbl__graph *g = s->g;
    g->order[atom] = g->low[atom] = ++s->seen;
    g->parent[atom] = parent;
    g->next[atom] = 0;
}

/*
 * Takes edges of `atom` until one leads to an atom that was not seen; returns that, or -1 where none is left.
 * Of the edges back to the parent, the first is the one that led here.
 */
static int32_t advance(search *s, int32_t atom)
{
    const nbl__graph *g = s->g;
    const int32_t degree = g->degree[atom], parent = g->parent[atom], own = g->order[atom];
    bool way_back = g->next[atom] < 0;
    int32_t at = way_back ? ~g->next[atom] : g->next[atom];
    int32_t low = g->low[atom];
    while (at < degree) {
        int64_t entries;
        const int32_t *j = nbl__edges_piece(g->edges, g->first[atom] + at, &entries);
        const int32_t end = entries < degree - at ? at + (int32_t)entries : degree;
        for (; at < end; at++, j++) {
            const int32_t other = *j, order = g->order[other];
            if (order == 0) {
                g->low[atom] = low;
                g->next[atom] = way_back ? ~(at + 1) : at + 1;
                return other;
            }
            if (other == parent && !way_back) {
                way_back = true;
                continue;
            }
            /* Edges down to atoms seen from here were dealt with from there. */
            if (order > own)
                continue;
            g->ring[atom] = g->ring[other] = 1;
            low = order < low ? order : low;
        }
    }
    g->low[atom] = low;
    return -1;
}

/* The tree of one root; returns its atoms. */
static int32_t component(search *s, int32_t root, int32_t number)
{
    const nbl__graph *g = s->g;
    const int32_t before = s->seen;
    int32_t atom = root;
    enter(s, root, -1);
    if (g->component)
        g->component[root] = number;
    for (;;) {
        const int32_t child = advance(s, atom);
        if (child >= 0) {
            enter(s, child, atom);
            if (g->component)
                g->component[child] = number;
            atom = child;
            continue;
        }
        const int32_t parent = g->parent[atom];
        if (parent < 0)
            return s->seen - before;
        if (g->low[atom] <= g->order[parent]) {
            g->ring[atom] = g->ring[parent] = 1;
            g->low[parent] = g->low[atom] < g->low[parent] ? g->low[atom] : g->low[parent];
        }
        atom = parent;
    }
}

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n)
{
    search s = {.g = graph};
    nbl__graph_counts counts = {0, 0};
    int32_t number = 0;
    memset(graph->order, 0, (size_t)n * sizeof *graph->order);
    memset(graph->ring, 0, (size_t)n * sizeof *graph->ring);
    for (int32_t root = 0; root < n; root++) {
        if (graph->order[root] != 0)
            continue;
        const int32_t atoms = component(&s, root, number++);
        counts.largest = atoms > counts.largest ? atoms : counts.largest;
    }
    for (int32_t a = 0; a < n; a++)
        counts.in_rings += graph->ring[a];
    return counts;
}
