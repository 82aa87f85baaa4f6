/* SPDX-License-Identifier: MIT */
/*
 * One system taken through the layers by hand, each step by itself: positions and cell, lattice and
 * wrapping, plan, bins and slots, rows. The random ones are hard on purpose: skewed, left-handed, needles,
 * plates, unwrapped atoms, atoms on faces, coincident atoms, islands far apart.
 */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include "batch/run.h"
#include "counted.h"
#include "random.h"

enum { WORLD_ATOMS = 512, WORLD_LISTS = 8 };

struct world {
    int64_t n;
    double r[WORLD_ATOMS][3];
    double h[3][3];
    uint8_t pbc[3];
    double rc; /* a cutoff that gives each atom a few neighbours, or a few hundred */
    nbl__lattice lattice;
    nbl__wrapped wrapped;
    double p[WORLD_ATOMS][3];
    int32_t w[WORLD_ATOMS][3];
    nbl__plan plan;
    nbl__grid grid;
    nbl__slots slots;
    double cutoffs[WORLD_LISTS]; /* of the query */
    enum nbl__path path;         /* of the last search */
    nbl__rows rows[WORLD_LISTS];
    const nbl__image *table; /* what kept numbers of a block refer to; NULL: atoms */
    nbl__arena arena;
    nbl__buffer columns;
    nbl__buffer reverse_memory;
    struct unit_memory memory;
    nbl__fault fault;
};

/* No atoms, unit cell, all open, nothing built. */
void world_open(struct world *world);

/* Frees everything; returns unit_memory_leaks(). */
long long world_close(struct world *world);

/* A cell of lengths 0.5 ... 20 and any shape; rows of open axes are zero. */
void world_random_cell(struct random *g, const uint8_t pbc[3], double h[3][3]);

/* 1 ... most atoms (at most WORLD_ATOMS), cell, pbc and rc; opens the world. */
void world_random(struct world *world, struct random *g, int64_t most);

/* Takes over atoms, cell, pbc and rc, nothing that was built. */
void world_copy(struct world *to, const struct world *from);

/* Atoms, cell and rc in another unit of length: times 2^exponent. */
void world_scale(struct world *world, int exponent);

bool world_is_open(const struct world *world);

/* Lattice and wrapping. */
nbl_status world_wrap(struct world *world);

/* The plan of an algorithm, which the error of the scene comes from; world_wrap() first. */
void world_plan(struct world *world, double cutoff, int32_t algorithm);

/* Plan, bins and slots, by cells whatever the plan prefers; world_wrap() first. */
nbl_status world_bin(struct world *world, double cutoff);

/* Linear number of the padded bin that atom i moved by m cells lies in, or -1; world_bin() first. */
int64_t world_padded_bin(const struct world *world, int64_t i, const int m[3]);

/* The scene of the built world, with the largest error that the plan allows for. */
nbl__scene world_scene(const struct world *world);

/* Full, strict, unsorted, one cutoff (world->cutoffs[0]), one thread, all rows. */
nbl__query world_query(struct world *world, double cutoff);

/*
 * Any flags, number of threads and centres, and often several cutoffs, `cutoff` the largest of them: in any
 * order, some of them equal.
 */
nbl__query world_random_query(struct world *world, struct random *g, double cutoff);

/* The query in words, for messages. */
const char *world_query_text(const nbl__query *query, char text[240]);

/* What the search of one system is made of, for one traversal of it alone. */
struct world_job {
    nbl__level levels[WORLD_LISTS];
    nbl__job job;
    nbl__team team;
    enum nbl__path path;
};

/* Prepares a job of system `system`, whose first atom in the batch is `first`. */
nbl_status world_prepare(struct world *world, struct world_job *job, const nbl__query *query,
                         const nbl__target *target, enum nbl__path path, int64_t system, int64_t first);

/* Does it: by cells, formula or block, which then must have been planned for. The arena is not rewound. */
nbl_status world_traverse(struct world *world, const nbl__query *query, const nbl__target *target,
                          enum nbl__path path, int64_t system, int64_t first);

/* One search of the built world into world->rows, one for each cutoff of the query. */
nbl_status world_search(struct world *world, const nbl__query *query, enum nbl__path path, bool keep);

#endif
