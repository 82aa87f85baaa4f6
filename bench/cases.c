/* SPDX-License-Identifier: MIT */
#include "cases.h"

/* Of n^3 cubes; there is one system. */
static bool cu(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_fcc(set, 3.615, n, 0);
}

static bool cu_warm(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_fcc(set, 3.615, n, 0.05);
}

static bool si(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_diamond(set, 5.43, n, 0);
}

static bool si_warm(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_diamond(set, 5.43, n, 0.05);
}

static bool rand1e5(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_random_cube(set, 100, n);
}

static bool tri1000(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_random_triclinic(set, 25.5, n);
}

static bool one15(bench_systems *set, int64_t count, int64_t n)
{
    static const int64_t once[3] = {1, 1, 1};
    (void)count;
    (void)n;
    return nbl__bench_fcc_primitive(set, 3.615, once);
}

/* 0.1 atoms per unit of volume: the cube root of 100,000 to 17 digits, which every compiler reads alike. */
static bool rand1e4(bench_systems *set, int64_t count, int64_t n)
{
    (void)count;
    return nbl__bench_random_cube(set, 46.415888336127789, n);
}

#define OPEN(atoms_, count_)                                                                                   \
    .name = "batch-mol" #atoms_ "-open-" #count_,                                                              \
    .text = "open molecules of " #atoms_ " atoms, all in one call", .cutoff = 5, .make = nbl__bench_molecules, \
    .count = count_, .n = atoms_, .way = &nbl__bench_batch, .reference = &nbl__bench_loop

#define BOXED(atoms_, count_)                                                                                  \
    .name = "batch-mol" #atoms_ "-pbc-" #count_,                                                               \
    .text = "molecules of " #atoms_ " atoms in periodic cubes, all in one call", .cutoff = 5,                  \
    .make = nbl__bench_boxed_molecules, .count = count_, .n = atoms_, .way = &nbl__bench_batch,                \
    .reference = &nbl__bench_loop

#define CUTOFFS(a, b, c) .cutoff = c, .n_cutoffs = 3, .cutoffs = {a, b, c}
#define LISTS            .way = &nbl__bench_multi, .reference = &nbl__bench_singles
#define SHELLS           .way = &nbl__bench_shells, .reference = &nbl__bench_shell_singles

#define COORDINATION .way = &nbl__bench_visit_coordination, .reference = &nbl__bench_stored_coordination
#define LJ           .way = &nbl__bench_visit_lj, .reference = &nbl__bench_stored_lj
#define NOTHING      .way = &nbl__bench_visit_nothing, .reference = &nbl__bench_count
#define CU(n_)       .cutoff = 5, .make = cu, .n = n_

#define VECTORS .way = &nbl__bench_vectors
#define SORTED  .way = &nbl__bench_sorted, .reference = &nbl__bench_unsorted
#define HALF    .way = &nbl__bench_half, .reference = &nbl__bench_full
#define MOVED   .way = &nbl__bench_moved, .reference = &nbl__bench_first

const bench_case nbl__bench_cases[] = {
    {CU(2), .name = "cu32", .text = "Cu fcc a=3.615, 2x2x2 cubes"},
    {CU(10), .name = "cu4000", .text = "Cu fcc a=3.615, 10x10x10 cubes"},
    {.name = "cu4000-warm", .text = "the same, displaced by 0.05", .cutoff = 5, .make = cu_warm, .n = 10},
    {CU(30), .name = "cu108000", .text = "Cu fcc a=3.615, 30x30x30 cubes"},
    {.name = "cu108000-warm", .text = "the same, displaced by 0.05", .cutoff = 5, .make = cu_warm, .n = 30},
    {CU(63), .name = "cu1m", .text = "Cu fcc a=3.615, 63x63x63 cubes", .large = true},
    {.name = "si64000", .text = "Si diamond a=5.43, 20x20x20 cubes", .cutoff = 6, .make = si, .n = 20},
    {.name = "si64000-warm", .text = "the same, displaced by 0.05", .cutoff = 6, .make = si_warm, .n = 20},
    {.name = "rand1e5-rc3",
     .text = "random atoms, periodic cube of edge 100",
     .cutoff = 3,
     .make = rand1e5,
     .n = 100000},
    {.name = "rand1e5-rc6",
     .text = "random atoms, periodic cube of edge 100",
     .cutoff = 6,
     .make = rand1e5,
     .n = 100000},
    {.name = "rand1e5-rc10",
     .text = "random atoms, periodic cube of edge 100",
     .cutoff = 10,
     .make = rand1e5,
     .n = 100000,
     .large = true},
    {.name = "tri1000",
     .text = "random atoms, periodic cell 45/60/75 degrees of edge 25.5",
     .cutoff = 6,
     .make = tri1000,
     .n = 1000},
    {.name = "one15", .text = "one atom, primitive cell of fcc a=3.615", .cutoff = 15, .make = one15},
    {.name = "mol3",
     .text = "10,000 open molecules of 3 atoms, one call each",
     .cutoff = 5,
     .make = nbl__bench_molecules,
     .count = 10000,
     .n = 3},
    {.name = "mol9",
     .text = "10,000 open molecules of 9 atoms, one call each",
     .cutoff = 5,
     .make = nbl__bench_molecules,
     .count = 10000,
     .n = 9},
    {.name = "mol21",
     .text = "10,000 open molecules of 21 atoms, one call each",
     .cutoff = 5,
     .make = nbl__bench_molecules,
     .count = 10000,
     .n = 21},

    {CU(2), VECTORS, .name = "cu32-vectors", .text = "Cu fcc, with vectors and distances"},
    {CU(10), VECTORS, .name = "cu4000-vectors", .text = "Cu fcc, with vectors and distances"},
    {CU(30), VECTORS, .name = "cu108000-vectors", .text = "Cu fcc, with vectors and distances"},
    {CU(10), SORTED, .name = "cu4000-sorted", .text = "Cu fcc, sorted rows, against rows in any order"},
    {CU(30), SORTED, .name = "cu108000-sorted", .text = "Cu fcc, sorted rows, against rows in any order"},
    {CU(10), HALF, .name = "cu4000-half", .text = "Cu fcc, half list, against a full list"},
    {CU(30), HALF, .name = "cu108000-half", .text = "Cu fcc, half list, against a full list"},
    {CU(10), MOVED, .name = "cu4000-moved",
     .text = "Cu fcc, each time moved by up to 0.02, against new handles each time"},
    {CU(63), MOVED, .name = "cu1m-moved",
     .text = "Cu fcc, each time moved by up to 0.02, against new handles each time", .large = true},

    {OPEN(3, 1)},
    {OPEN(3, 32)},
    {OPEN(3, 128)},
    {OPEN(3, 10000), .large = true},
    {BOXED(3, 1)},
    {BOXED(3, 32)},
    {BOXED(3, 128)},
    {BOXED(3, 10000), .large = true},
    {OPEN(9, 1)},
    {OPEN(9, 32)},
    {OPEN(9, 128)},
    {OPEN(9, 10000)},
    {BOXED(9, 1)},
    {BOXED(9, 32)},
    {BOXED(9, 128)},
    {BOXED(9, 10000), .large = true},
    {OPEN(21, 1)},
    {OPEN(21, 32)},
    {OPEN(21, 128)},
    {OPEN(21, 10000), .large = true},
    {BOXED(21, 1)},
    {BOXED(21, 32)},
    {BOXED(21, 128)},
    {BOXED(21, 10000), .large = true},
    {OPEN(100, 1)},
    {OPEN(100, 32)},
    {OPEN(100, 128), .large = true},
    {OPEN(100, 10000), .large = true},
    {BOXED(100, 1)},
    {BOXED(100, 32)},
    {BOXED(100, 128), .large = true},
    {BOXED(100, 10000), .large = true},
    {.name = "batch-hetero",
     .text = "10,000 open molecules of 3 to 21 atoms and a periodic cube of 100,000, all in one call",
     .cutoff = 5,
     .make = nbl__bench_mixture,
     .count = 10000,
     .n = 100000,
     .large = true,
     .way = &nbl__bench_batch,
     .reference = &nbl__bench_loop},

    {CUTOFFS(6, 14, 20), LISTS, .name = "multi-6-14-20",
     .text = "cutoffs 6, 14, 20 of random atoms, density 0.1, built once", .make = rand1e4, .n = 10000,
     .large = true},
    {CUTOFFS(5, 5.5, 6), LISTS, .name = "multi-5-5.5-6",
     .text = "cutoffs 5, 5.5, 6 of random atoms, density 0.1, built once", .make = rand1e4, .n = 10000},
    {CUTOFFS(5, 5.5, 6), SHELLS, .name = "disjoint-5-5.5-6", .text = "the same as shells, against full lists",
     .make = rand1e4, .n = 10000},
    {CUTOFFS(3, 4, 5), .name = "multi-mol9-open-10000",
     .text = "cutoffs 3, 4, 5 of open molecules of 9 atoms, all in one call", .make = nbl__bench_molecules,
     .count = 10000, .n = 9, .way = &nbl__bench_batch_lists, .reference = &nbl__bench_batch_each},

    {CU(10), COORDINATION, .name = "visit-coord-4000",
     .text = "coordination numbers by rows on the fly, Cu fcc, built once"},
    {CU(30), COORDINATION, .name = "visit-coord-108000",
     .text = "coordination numbers by rows on the fly, Cu fcc, built once", .large = true},
    {CU(10), LJ, .name = "visit-lj-4000", .text = "Lennard-Jones by rows on the fly, Cu fcc, built once"},
    {CU(30), LJ, .name = "visit-lj-108000", .text = "Lennard-Jones by rows on the fly, Cu fcc, built once",
     .large = true},
    {CU(10), NOTHING, .name = "visit-empty-4000",
     .text = "a visitor that does nothing, against counting; Cu fcc, built once"},
    {CU(30), NOTHING, .name = "visit-empty-108000",
     .text = "a visitor that does nothing, against counting; Cu fcc, built once", .large = true},
};

const size_t nbl__bench_n_cases = sizeof nbl__bench_cases / sizeof nbl__bench_cases[0];

const bench_way *nbl__bench_case_way(const bench_case *item)
{
    return item->way ? item->way : &nbl__bench_loop;
}

bench_work nbl__bench_case_work(const bench_case *item, const bench_systems *set)
{
    bench_work work = {set, item->cutoff, item->n_cutoffs, {0}};
    for (int32_t k = 0; k < item->n_cutoffs; k++)
        work.cutoffs[k] = item->cutoffs[k];
    return work;
}
