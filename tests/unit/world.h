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

enum { WORLD_ATOMS = 512 };

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
    nbl__list list;
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

/* Lattice and wrapping. */
nbl_status world_wrap(struct world *world);

/* Plan, bins and slots, by cells whatever the plan prefers; world_wrap() first. */
nbl_status world_bin(struct world *world, double cutoff);

/* One search of the built world into world->list, kept: by cells, or by brute force. */
nbl_status world_search(struct world *world, const nbl__query *query, bool brute, bool keep);

/* The scene of the built world, with the largest error that the plan allows for. */
nbl__scene world_scene(const struct world *world);

/* Full, strict, unsorted, one thread, all rows. */
nbl__query world_query(const struct world *world, double cutoff);

#endif
