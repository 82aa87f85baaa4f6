/* SPDX-License-Identifier: MIT */
/*
 * The edges of a system as a graph: connected components, and which atoms lie on rings. One depth-first search
 * without recursion, by low links (R. Tarjan, SIAM J. Comput. 1, 146 (1972)). Edges to different images of one
 * atom count as several, and an edge to an image of the atom itself is a ring of one.
 */
#ifndef NBL_METRICS_GRAPH_H
#define NBL_METRICS_GRAPH_H

#include <stdbool.h>

#include "metrics/edges.h"

typedef struct nbl__graph {
    const nbl__edges *edges;
    const int64_t *first;  /* [n] of the edges of each atom */
    const int32_t *degree; /* [n] */
    int32_t *order;        /* [n] scratch, as are the next three */
    int32_t *low;
    int32_t *parent;
    int32_t *next;
    int32_t *component; /* [n] out, or NULL */
    uint8_t *ring;      /* [n] out */
} nbl__graph;

typedef struct nbl__graph_counts {
    int64_t largest; /* atoms of the largest component; 0 without atoms */
    int64_t in_rings;
} nbl__graph_counts;

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n);

#endif
