/* SPDX-License-Identifier: MIT */
/*
 * The systems that a case consists of, and how they are made. A set is built from a fixed seed with
 * additions, multiplications and square roots only, so that it has the same bits on every machine.
 */
#ifndef NBL_BENCH_SYSTEMS_H
#define NBL_BENCH_SYSTEMS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bench_systems {
    int64_t count;      /* systems */
    int64_t n_atoms;    /* of all systems together */
    int64_t *first;     /* [count + 1] first atom of each system */
    double *positions;  /* [n_atoms][3] */
    double (*cells)[9]; /* [count] rows; zeros where all axes are open */
    uint8_t (*pbc)[3];  /* [count] */
    int64_t room_count; /* systems and atoms that the arrays have room for */
    int64_t room_atoms;
} bench_systems;

void nbl__bench_systems_free(bench_systems *set);

/* Appends a system of n atoms whose positions are still to be written; NULL when memory is short. */
double *nbl__bench_systems_add(bench_systems *set, int64_t n, const double cell[9], const uint8_t pbc[3]);

/* A copy of `repeat`^3 conventional cubes of edge a, each atom displaced by about `noise` along each axis. */
bool nbl__bench_fcc(bench_systems *set, double a, int64_t repeat, double noise);
bool nbl__bench_diamond(bench_systems *set, double a, int64_t repeat, double noise);

/* Copies of the one-atom cell of an fcc lattice along its three vectors. */
bool nbl__bench_fcc_primitive(bench_systems *set, double a, const int64_t repeat[3]);

/* n independent atoms in a periodic cube, or in a periodic cell with angles of 45, 60 and 75 degrees. */
bool nbl__bench_random_cube(bench_systems *set, double edge, int64_t n);
bool nbl__bench_random_triclinic(bench_systems *set, double edge, int64_t n);

/* `count` open clusters of n atoms: a random tree of bonds of 1.0 to 1.5, no two atoms closer than 0.9. */
bool nbl__bench_molecules(bench_systems *set, int64_t count, int64_t n);

/* The same molecules, each in a periodic cube whose edge is their extent and 3 more, at least 8. */
bool nbl__bench_boxed_molecules(bench_systems *set, int64_t count, int64_t n);

/* `count` open molecules of 3 to 21 atoms, and in their middle one random periodic cube of edge 100 and n
 * atoms. */
bool nbl__bench_mixture(bench_systems *set, int64_t count, int64_t n);

/*
 * positions[n_atoms][3]: those of the set, each coordinate moved by at most `reach`; of every number of a draw
 * its own.
 */
void nbl__bench_displace(const bench_systems *set, uint64_t draw, double reach, double *positions);

#endif
