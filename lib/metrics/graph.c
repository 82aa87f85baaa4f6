/* SPDX-License-Identifier: MIT */
#include "metrics/graph.h"

#include <string.h>

static void enter(const nbl__graph *g, nbl__graph_step *step, int32_t atom, int32_t order, int32_t number)
{
    *step = (nbl__graph_step){
        .first = g->first[atom], .atom = atom, .order = order, .low = order, .degree = g->degree[atom]};
    g->order[atom] = order;
    if (g->component)
        g->component[atom] = number;
}

/*
 * Takes edges of a step until one leads to an atom that was not seen; returns that, or -1 where none is left.
 * Of the edges back to the parent, the first is the one that led here.
 */
static int32_t advance(const nbl__graph *g, nbl__graph_step *s, int32_t parent)
{
    int32_t low = s->low, at = s->next;
    while (at < s->degree) {
        int64_t entries;
        const int32_t *j = nbl__edges_piece(g->edges, s->first + at, &entries);
        const int32_t end = entries < s->degree - at ? at + (int32_t)entries : s->degree;
        for (; at < end; at++, j++) {
            const int32_t other = *j, order = g->order[other];
            if (order == 0) {
                s->low = low;
                s->next = at + 1;
                return other;
            }
            if (other == parent && !s->way_back) {
                s->way_back = true;
                continue;
            }
            /* Edges down to atoms seen from here were dealt with from there. */
            if (order > s->order)
                continue;
            g->ring[s->atom] = g->ring[other] = 1;
            low = order < low ? order : low;
        }
    }
    s->low = low;
    s->next = at;
    return -1;
}

/* The tree of one root; returns the order of its last atom. */
static int32_t component(const nbl__graph *g, int32_t root, int32_t seen, int32_t number)
{
    nbl__graph_step *top = g->path;
    enter(g, top, root, ++seen, number);
    for (;;) {
        const int32_t child = advance(g, top, top == g->path ? -1 : top[-1].atom);
        if (child >= 0) {
            enter(g, ++top, child, ++seen, number);
            continue;
        }
        if (top == g->path)
            return seen;
        const nbl__graph_step *done = top--;
        if (done->low <= top->order) {
            g->ring[done->atom] = g->ring[top->atom] = 1;
            top->low = done->low < top->low ? done->low : top->low;
        }
    }
}

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n)
{
    nbl__graph_counts counts = {0, 0};
    int32_t number = 0, seen = 0;
    memset(graph->order, 0, (size_t)n * sizeof *graph->order);
    memset(graph->ring, 0, (size_t)n * sizeof *graph->ring);
    for (int32_t root = 0; root < n; root++) {
        if (graph->order[root] != 0)
            continue;
        const int32_t before = seen;
        seen = component(graph, root, seen, number++);
        counts.largest = seen - before > counts.largest ? seen - before : counts.largest;
    }
    for (int32_t a = 0; a < n; a++)
        counts.in_rings += graph->ring[a];
    return counts;
}
