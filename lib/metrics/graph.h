/* SPDX-License-Identifier: MIT */
/*
 * The edges of a system as a graph: connected components, and which atoms lie on rings. One breadth-first
 * search makes trees; each edge beside them closes a ring, along which all atoms below the topmost become one
 * set (R. Tarjan, J. ACM 22, 215 (1975)): whoever is in no set with its parent hangs on a bridge. Going in
 * shells instead of along paths, it stays where the memory that it needs has just been, and knows what it needs
 * next. Edges to different images of one atom count as several, and an edge to an image of the atom itself is a
 * ring of one.
 */
#ifndef NBL_METRICS_GRAPH_H
#define NBL_METRICS_GRAPH_H

#include "metrics/edges.h"

/* An atom as it was reached: atoms are numbered in this order, and parents come before children. */
typedef struct nbl__graph_node {
    int32_t atom;
    int32_t parent; /* number; of a root, its own */
    int32_t above;  /* number of one in the same set that is nearer to its topmost; of that, its own */
} nbl__graph_node;

typedef struct nbl__graph {
    const nbl__edges *edges;
    const int64_t *first;  /* [n] of the edges of each atom */
    const int32_t *degree; /* [n] */
    int32_t *number;       /* [n] scratch, as is the next */
    nbl__graph_node *nodes;
    int32_t *component; /* [n] out, or NULL */
    uint8_t *ring;      /* [n] out */
} nbl__graph;

typedef struct nbl__graph_counts {
    int64_t largest; /* atoms of the largest component; 0 without atoms */
    int64_t in_rings;
} nbl__graph_counts;

nbl__graph_counts nbl__graph_search(const nbl__graph *graph, int32_t n);

#endif
