/* SPDX-License-Identifier: MIT */
/*
 * Hard systems, each a function of its seed alone: cells that are needles, plates, sheared, left-handed,
 * thinner than the cutoff; atoms on faces, at the same place, a million cells away; lattices with a shell
 * exactly at the cutoff; open axes whose vector is zero, NaN or parallel to another one. About a third
 * of the cutoffs are the exact length of some pair, or up to 4 ulp beside it.
 *
 * A system holds its atoms by value, so that a test may copy it and drop atoms.
 */
#ifndef TESTS_SUPPORT_SYSTEMS_H
#define TESTS_SUPPORT_SYSTEMS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "oracle.h"
#include "random.h"

enum { SYSTEM_ATOMS = 64 };

struct system {
    uint64_t seed;
    const char *cell_kind, *atom_kind, *cutoff_kind; /* for messages */
    int64_t n;
    double r[SYSTEM_ATOMS][3]; /* values of float32 where positions_f32 */
    int has_cell, has_pbc;     /* 0: NULL is passed */
    double h[3][3];            /* values of float32 where cell_f32 */
    uint8_t pbc[3];
    double rc;
    int positions_f32, cell_f32;
    int64_t stride; /* bytes from atom to atom, 0 = packed */
};

/* At most this many image pairs (n^2 times images) in a system: what the oracle does in about 1 ms. */
#define SYSTEM_COST 150000.0

void system_random(struct system *s, uint64_t seed);

/* Plain well-behaved systems of n atoms for tests that are about something else. */
void system_plain(struct system *s, int64_t n, uint64_t seed);

/* Axes as the library is to understand them: 0 or 1. */
void system_pbc(const struct system *s, uint8_t pbc[3]);

/* The system as the oracle takes it; points into *s, and pbc[] is resolved. */
struct oracle_input system_input(const struct system *s);

/* The caller's arrays. Buffers: at least SYSTEM_BYTES, and 9 doubles. */
#define SYSTEM_BYTES ((size_t)SYSTEM_ATOMS * 96)
void system_positions(const struct system *s, void *buffer);
void system_cell(const struct system *s, void *buffer);

/* Prints the system as a C initialiser. */
void system_print(const struct system *s, FILE *file);

#endif
