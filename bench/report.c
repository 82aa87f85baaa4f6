/* SPDX-License-Identifier: MIT */
#include "report.h"

double nbl__bench_ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

double nbl__bench_ns_per_atom(const bench_subject *subject, double seconds)
{
    return nbl__bench_ratio(1e9 * seconds, (double)subject->atoms);
}

double nbl__bench_ns_per_pair(const bench_digest *digest, double seconds)
{
    return nbl__bench_ratio(1e9 * seconds, (double)digest->pairs);
}

double nbl__bench_bytes_per_s(int pair_bytes, const bench_digest *digest, double seconds)
{
    return nbl__bench_ratio((double)digest->pairs * pair_bytes, seconds);
}

double nbl__bench_narrow_time(const bench_outcome *outcome)
{
    for (int k = 0; k < outcome->n_variants; k++)
        if (outcome->variants[k].kind == BENCH_NARROW)
            return outcome->variants[k].time.median;
    return 0;
}

double nbl__bench_sweep_step(const bench_sweep *sweep, int point)
{
    if (point == 0)
        return 0;
    const bench_outcome *before = sweep->points + point - 1, *here = sweep->points + point;
    return nbl__bench_ratio(nbl__bench_ns_per_atom(&here->subject, here->time.median),
                            nbl__bench_ns_per_atom(&before->subject, before->time.median));
}

int nbl__bench_sweep_largest(const bench_sweep *sweep)
{
    int largest = 0;
    for (int point = 1; point < sweep->n_points; point++)
        if (nbl__bench_sweep_step(sweep, point) > nbl__bench_sweep_step(sweep, largest))
            largest = point;
    return largest;
}
