// SPDX-License-Identifier: MIT
//
// Lennard-Jones energy without a list: a lambda gets each atom's neighbours, from several threads. Each row
// adds to the entry of its own atom only, and the atoms are summed in their order, so the total has the same
// bits for any number of threads. What a visitor throws ends the visit, and arrives where it was begun.
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <nblist/nblist.hpp>

int main()
{
    // A hot crystal, in units of sigma: face-centred cubic, each atom off its site by a fixed pattern.
    constexpr int side = 6;
    constexpr double a = 1.68;
    const double edge = side * a, cell[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
    const double corner[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    std::vector<std::array<double, 3>> positions(4 * side * side * side);
    for (std::size_t atom = 0; atom < positions.size(); atom++) {
        const int at = static_cast<int>(atom);
        const int box[3] = {at / 4 % side, at / 4 / side % side, at / 4 / side / side};
        for (std::size_t k = 0; k < 3; k++)
            positions[atom][k] =
                a * (box[k] + corner[at % 4][k]) + 0.07 * std::sin(at * (1.7 + static_cast<double>(k)));
    }

    nbl::cell_list list;
    nbl::result memory; // is lent to the visits
    list.build(positions, cell, nbl::periodic, 2.5);
    double first = 0;
    for (const int threads : {1, 2, 3, 7}) {
        nbl::search_options options;
        options.n_threads = threads;
        options.fields = NBL_ROW_D2; // what is not asked for is not made
        std::vector<double> energies(positions.size());
        list.visit(
            2.5, memory,
            [&](const nbl::rows &rows) {
                for (const nbl::row row : rows) {
                    double energy = 0;
                    for (std::size_t k = 0; k < row.size; k++) {
                        const double inverse6 = 1 / (row.d2[k] * row.d2[k] * row.d2[k]);
                        energy += 2 * inverse6 * (inverse6 - 1); // a half of it belongs to the other atom
                    }
                    energies[static_cast<std::size_t>(row.i)] = energy;
                }
            },
            options);
        double total = 0;
        for (const double energy : energies)
            total += energy;
        if (threads == 1)
            first = total;
        std::printf("%d threads: energy per atom %.6f, %s\n", threads,
                    total / static_cast<double>(energies.size()), total == first ? "same bits" : "different");
    }

    try {
        list.visit(2.5, memory, [](const nbl::rows &rows) {
            if (rows.size() > 0)
                throw std::runtime_error("no more of this");
        });
    } catch (const std::runtime_error &error) {
        std::printf("a visitor threw: %s\n", error.what());
    }
    return 0;
}
