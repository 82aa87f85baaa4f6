// SPDX-License-Identifier: MIT
//
// Checks that tell what failed and go on; made-up systems; all pairs of a system by a loop over images, written
// from the formula of <nblist/nblist.h>.
#ifndef NBL_TESTS_CPP_CHECK_HPP
#define NBL_TESTS_CPP_CHECK_HPP

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#define CHECK(condition)                                                                                       \
    do {                                                                                                       \
        checks()++;                                                                                            \
        if (!(condition)) {                                                                                    \
            failures()++;                                                                                      \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                               \
        }                                                                                                      \
    } while (0)

inline int &checks()
{
    static int count = 0;
    return count;
}

inline int &failures()
{
    static int count = 0;
    return count;
}

// The exit status of a program: failures, or fewer checks than it has.
inline int finished(int at_least)
{
    std::printf("%d checks, %d failed\n", checks(), failures());
    return failures() > 0 || checks() < at_least;
}

using vec3 = std::array<double, 3>;
using shift3 = std::array<std::int32_t, 3>;

struct sample {
    std::vector<vec3> positions;
    std::array<vec3, 3> cell;
};

// A skewed cell and n atoms, some outside of it: a function of the seed alone (Park and Miller's generator).
inline sample made_up(std::uint64_t seed, std::size_t n)
{
    std::uint64_t state = seed * 7919 + 12345;
    const auto draw = [&state] {
        state = state * 16807 % 2147483647;
        return static_cast<double>(state) / 2147483647.0;
    };
    sample made;
    for (std::size_t k = 0; k < 3; k++)
        for (std::size_t l = 0; l < 3; l++)
            made.cell[k][l] = (k == l ? 3.0 : 0.0) + 1.2 * (draw() - 0.5);
    made.positions.resize(n);
    for (vec3 &r : made.positions)
        for (double &x : r)
            x = 6 * draw() - 1.5;
    return made;
}

struct reference {
    std::vector<std::int64_t> i, j;
    std::vector<shift3> shifts;
    std::vector<vec3> vectors;
    std::vector<double> distances;
};

// All pairs, ordered by i, j and shift, through images -reach ... reach of each periodic axis.
inline reference brute(const std::vector<vec3> &r, const std::array<vec3, 3> &h, std::array<bool, 3> pbc,
                       double cutoff, int reach)
{
    reference found;
    const int most[3] = {pbc[0] ? reach : 0, pbc[1] ? reach : 0, pbc[2] ? reach : 0};
    for (std::size_t i = 0; i < r.size(); i++)
        for (std::size_t j = 0; j < r.size(); j++)
            for (int a = -most[0]; a <= most[0]; a++)
                for (int b = -most[1]; b <= most[1]; b++)
                    for (int c = -most[2]; c <= most[2]; c++) {
                        vec3 d;
                        for (std::size_t k = 0; k < 3; k++)
                            d[k] = ((r[j][k] - r[i][k]) + ((a * h[0][k] + b * h[1][k]) + c * h[2][k])) + 0.0;
                        const double length = std::sqrt((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2]);
                        if ((i == j && a == 0 && b == 0 && c == 0) || !(length < cutoff))
                            continue;
                        found.i.push_back(static_cast<std::int64_t>(i));
                        found.j.push_back(static_cast<std::int64_t>(j));
                        found.shifts.push_back({a, b, c});
                        found.vectors.push_back(d);
                        found.distances.push_back(length);
                    }
    return found;
}

#endif
