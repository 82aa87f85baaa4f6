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

/* An atom on the path from the root: what is needed of it lies here, and not all over the memory. */
typedef struct nbl__graph_step {
    int64_t first; /* of its edges */
    int32_t atom;
    int32_t order; /* when it was seen, from 1 */
    int32_t low;   /* least order that edges from here or below lead to, but for the one that led here */
    int32_t next;  /* edge to be looked at */
    int32_t degree;
    bool way_back; /* the edge that led here was met already */
} nbl__graph_step;

typedef struct nbl__graph {
    const nbl__edges *edges;
    const int64_t *first;  /* [n] of the edges of each atom */
    const int32_t *degree; /* [n] */
    int32_t *order;        /* [n] scratch, as is the next */
    nbl__graph_step *path;
    int32_t *component; /* [n] out, or NULL */
    uint8_t *ring;      /* [n] out */
} nbl__graph;

typedef struct nbl__graph_counts {
    int64_t largest; /* atoms of the largest component; 0 without atoms */
    int64_t in_rings;
} nbl__graph_counts;

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n);

#endif
