// SPDX-License-Identifier: MIT
//
// What fragments of C++ on the pages may use: two atoms in a cell. What they throw fails.
#include <array>
#include <vector>

#include <nblist/nblist.hpp>

int main()
{
    const std::vector<std::array<double, 3>> positions = {{0, 0, 0}, {1.5, 1.5, 1.5}};
    const double cell[3][3] = {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}};
    // BODY
    return 0;
}
