/* SPDX-License-Identifier: MIT */
#include "cases.h"

static bool cu32(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 2, 0);
}

static bool cu4000(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 10, 0);
}

static bool cu4000_warm(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 10, 0.05);
}

static bool cu108000(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 30, 0);
}

static bool cu108000_warm(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 30, 0.05);
}

static bool cu1m(bench_systems *set)
{
    return nbl__bench_fcc(set, 3.615, 63, 0);
}

static bool si64000(bench_systems *set)
{
    return nbl__bench_diamond(set, 5.43, 20, 0);
}

static bool si64000_warm(bench_systems *set)
{
    return nbl__bench_diamond(set, 5.43, 20, 0.05);
}

static bool rand1e5(bench_systems *set)
{
    return nbl__bench_random_cube(set, 100, 100000);
}

static bool tri1000(bench_systems *set)
{
    return nbl__bench_random_triclinic(set, 25.5, 1000);
}

static bool one15(bench_systems *set)
{
    return nbl__bench_fcc_primitive(set, 3.615);
}

static bool mol3(bench_systems *set)
{
    return nbl__bench_molecules(set, 10000, 3);
}

static bool mol9(bench_systems *set)
{
    return nbl__bench_molecules(set, 10000, 9);
}

static bool mol21(bench_systems *set)
{
    return nbl__bench_molecules(set, 10000, 21);
}

const bench_case nbl__bench_cases[] = {
    {"cu32", "Cu fcc a=3.615, 2x2x2 cubes", 5, cu32, false},
    {"cu4000", "Cu fcc a=3.615, 10x10x10 cubes", 5, cu4000, false},
    {"cu4000-warm", "the same, displaced by 0.05", 5, cu4000_warm, false},
    {"cu108000", "Cu fcc a=3.615, 30x30x30 cubes", 5, cu108000, false},
    {"cu108000-warm", "the same, displaced by 0.05", 5, cu108000_warm, false},
    {"cu1m", "Cu fcc a=3.615, 63x63x63 cubes", 5, cu1m, true},
    {"si64000", "Si diamond a=5.43, 20x20x20 cubes", 6, si64000, false},
    {"si64000-warm", "the same, displaced by 0.05", 6, si64000_warm, false},
    {"rand1e5-rc3", "random atoms, periodic cube of edge 100", 3, rand1e5, false},
    {"rand1e5-rc6", "random atoms, periodic cube of edge 100", 6, rand1e5, false},
    {"rand1e5-rc10", "random atoms, periodic cube of edge 100", 10, rand1e5, true},
    {"tri1000", "random atoms, periodic cell 45/60/75 degrees of edge 25.5", 6, tri1000, false},
    {"one15", "one atom, primitive cell of fcc a=3.615", 15, one15, false},
    {"mol3", "10,000 open molecules of 3 atoms, one call each", 5, mol3, false},
    {"mol9", "10,000 open molecules of 9 atoms, one call each", 5, mol9, false},
    {"mol21", "10,000 open molecules of 21 atoms, one call each", 5, mol21, false},
};

const size_t nbl__bench_n_cases = sizeof nbl__bench_cases / sizeof nbl__bench_cases[0];
