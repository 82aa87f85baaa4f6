// SPDX-License-Identifier: MIT
//
// The neighbours of each atom of rock salt, in one call, and what an error looks like.
#include <array>
#include <cstdio>
#include <vector>

#include <nblist/nblist.hpp>

int main()
{
    const double a = 5.6402;
    const std::vector<std::array<double, 3>> positions = {{0, 0, 0}, {a / 2, 0, 0}};
    double cell[3][3] = {{0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}}; // rows a, b, c

    try {
        const nbl::pairs<> found =
            nbl::neighbors(positions, cell, nbl::periodic, 3.0, nbl::search_options(NBL_SORTED));
        for (std::size_t e = 0; e < found.size(); e++) {
            const auto &s = found.shifts[e];
            const auto &d = found.vectors[e];
            std::printf("atom %d has atom %d, shift %2d %2d %2d, at %7.4f %7.4f %7.4f, distance %.4f\n",
                        static_cast<int>(found.i[e]), static_cast<int>(found.j[e]), static_cast<int>(s[0]),
                        static_cast<int>(s[1]), static_cast<int>(s[2]), d[0], d[1], d[2], found.distances[e]);
        }
        for (double &x : cell[2])
            x = 0;
        (void)nbl::neighbors(positions, cell, nbl::periodic, 3.0);
    } catch (const nbl::error &error) {
        std::printf("%s: %s\n", error.status().name(), error.what());
    }
    return 0;
}
