// SPDX-License-Identifier: MIT
//
// Structures of all sizes in one build, one search and one fetch, into arrays of the types that a model eats:
// edge_index of int64, vectors of float. A structure with a bad position is left out by its status; the others
// are right all the same. Nothing here throws: the same calls work with -fno-exceptions.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <nblist/nblist.hpp>

namespace
{
using vec3 = std::array<float, 3>;

struct structure {
    const char *name;
    std::vector<vec3> positions;
    std::array<vec3, 3> cell; // zeros for a molecule: the vector of an open axis is never read
    std::array<bool, 3> pbc;
};

int complain(nbl::status status, const char *message)
{
    std::fprintf(stderr, "%s: %s\n", status.name(), message);
    return 1;
}
} // namespace

int main()
{
    const float a = 1.8075F;
    const std::vector<structure> structures = {
        {"water", {{0, 0, 0}, {0.7572F, 0.5859F, 0}, {-0.7572F, 0.5859F, 0}}, {}, {}},
        {"empty", {}, {}, {}},
        {"copper",
         {{0, 0, 0}, {0, a, a}, {a, 0, a}, {a, a, 0}},
         {{{2 * a, 0, 0}, {0, 2 * a, 0}, {0, 0, 2 * a}}},
         {true, true, true}},
        {"broken", {{0, 0, 0}, {0, 0, NAN}}, {}, {}},
    };

    // As a data loader collates them.
    std::vector<vec3> positions;
    std::vector<std::int64_t> ids;
    std::vector<std::array<vec3, 3>> cells;
    std::vector<std::array<bool, 3>> pbc;
    for (const structure &one : structures) {
        positions.insert(positions.end(), one.positions.begin(), one.positions.end());
        ids.insert(ids.end(), one.positions.size(), static_cast<std::int64_t>(cells.size()));
        cells.push_back(one.cell);
        pbc.push_back(one.pbc);
    }

    nbl::batch batch;
    nbl::result result;
    std::vector<std::int32_t> statuses(structures.size());
    nbl::status status = batch.try_build(
        nbl::batch_input().positions(positions).batch(ids).cells(cells).pbc(pbc).cutoff(5.0), {}, statuses);
    if (status.code() == NBL_EBATCH)
        std::printf("%s\n", batch.message());
    else if (!status.ok())
        return complain(status, batch.message());
    status = batch.try_search(result);
    if (!status.ok())
        return complain(status, result.message());

    const auto m = static_cast<std::size_t>(result.n_pairs());
    std::vector<std::int64_t> edge_index(2 * m); // [2][m]
    std::vector<vec3> vectors(m);
    std::vector<std::int32_t> edge_ptr(structures.size() + 1);
    status = result.try_fetch(nbl::outputs().edge_index(edge_index).vectors(vectors).edge_ptr(edge_ptr));
    if (!status.ok())
        return complain(status, result.message());

    std::printf("%zu structures, %zu atoms, %zu edges\n", structures.size(), positions.size(), m);
    for (std::size_t b = 0; b < structures.size(); b++) {
        double longest = 0;
        for (auto e = static_cast<std::size_t>(edge_ptr[b]); e < static_cast<std::size_t>(edge_ptr[b + 1]); e++)
            longest =
                std::fmax(longest, std::sqrt(vectors[e][0] * vectors[e][0] + vectors[e][1] * vectors[e][1] +
                                             vectors[e][2] * vectors[e][2]));
        if (statuses[b] != NBL_OK)
            std::printf("  %-8s left out: %s\n", structures[b].name, nbl::status(statuses[b]).text());
        else
            std::printf("  %-8s %3d edges, the longest %.4f\n", structures[b].name,
                        edge_ptr[b + 1] - edge_ptr[b], longest);
    }
    return 0;
}
