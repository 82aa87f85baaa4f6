// SPDX-License-Identifier: MIT
//
// Lists and batches against brute force, in all types and containers; errors as exceptions; handles that move.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include <nblist/nblist.hpp>

#include "check.hpp"

// A vector type of a program.
struct own3 {
    float x, y, z;
};
template <> struct nbl::element<own3> {
    using scalar = float;
    static constexpr std::size_t count = 3;
};

static_assert(!std::is_copy_constructible_v<nbl::cell_list> && !std::is_copy_assignable_v<nbl::cell_list>);
static_assert(!std::is_copy_constructible_v<nbl::batch> && !std::is_copy_assignable_v<nbl::result>);
static_assert(std::is_nothrow_move_constructible_v<nbl::cell_list> &&
              std::is_nothrow_move_assignable_v<nbl::result>);

namespace
{
constexpr double rc = 2.5;
const nbl::search_options sorted(NBL_SORTED);

void wide(nbl::result &found, const reference &truth)
{
    const auto all = found.get();
    CHECK(all.i == truth.i && all.j == truth.j && all.shifts == truth.shifts);
    CHECK(all.vectors == truth.vectors && all.distances == truth.distances && all.size() == truth.i.size());
    const std::size_t m = truth.i.size();
    std::vector<long long> edges(2 * m + 6, -7), both(2 * m);
    found.fetch(nbl::outputs().edge_index(edges).pairs(both).index_base(1));
    bool good = true;
    for (std::size_t e = 0; e < m; e++)
        good = good && edges[e] == truth.i[e] + 1 && edges[m + 3 + e] == truth.j[e] + 1 &&
               both[2 * e] == truth.i[e] + 1 && both[2 * e + 1] == truth.j[e] + 1;
    CHECK(good && edges[m] == -7);
}

void narrow(nbl::result &found, const reference &truth)
{
    const std::size_t m = truth.i.size();
    std::vector<std::int32_t> j(m), reverse(m);
    std::vector<std::int8_t> shifts(3 * m);
    std::vector<own3> vectors(m);
    std::vector<float> distances(m + 5, -1.0F);
    found.fetch(nbl::outputs()
                    .j(j)
                    .shifts(shifts)
                    .vectors(vectors)
                    .distances(nbl::view<float>(distances.data(), m))
                    .reverse(reverse));
    bool good = true;
    for (std::size_t e = 0; e < m; e++) {
        const std::size_t back = static_cast<std::size_t>(reverse[e]);
        good = good && j[e] == truth.j[e] && shifts[3 * e + 1] == truth.shifts[e][1] &&
               vectors[e].z == static_cast<float>(truth.vectors[e][2]) &&
               distances[e] == static_cast<float>(truth.distances[e]) && truth.i[back] == truth.j[e] &&
               truth.shifts[back][0] == -truth.shifts[e][0];
    }
    CHECK(good && distances[m] < 0);
}

void rows_of(nbl::result &found, const reference &truth, std::size_t n)
{
    std::vector<std::int32_t> counts(n), row_ptr(n + 1);
    found.fetch(nbl::outputs().counts(counts).row_ptr(row_ptr));
    for (std::size_t a = 0; a < n; a++)
        CHECK(counts[a] == std::count(truth.i.begin(), truth.i.end(), static_cast<std::int64_t>(a)));
    CHECK(row_ptr[0] == 0 && row_ptr[n] == static_cast<std::int32_t>(truth.i.size()));
    const std::size_t width = static_cast<std::size_t>(found.max_count()) + 1;
    std::vector<std::int32_t> j(n * width, 99);
    std::vector<double> distances(n * width);
    found.fetch(nbl::outputs().dense(static_cast<std::int64_t>(width)).j(j).distances(distances));
    bool good = true;
    for (std::size_t a = 0; a < n; a++)
        for (std::size_t k = 0; k < width; k++) {
            const std::size_t e = static_cast<std::size_t>(row_ptr[a]) + k;
            const bool there = k < static_cast<std::size_t>(counts[a]);
            good = good && j[a * width + k] == (there ? truth.j[e] : -1) &&
                   distances[a * width + k] == (there ? truth.distances[e] : 0);
        }
    CHECK(good);
}

void one_system(std::uint64_t seed, std::size_t n, std::array<bool, 3> pbc)
{
    const sample s = made_up(seed, n);
    const reference truth = brute(s.positions, s.cell, pbc, rc, 6);
    nbl::cell_list list;
    nbl::result found;
    list.build(s.positions, s.cell, pbc, rc);
    list.search(rc, found, sorted);
    CHECK(found.n_pairs() == static_cast<std::int64_t>(truth.i.size()));
    if (found.n_pairs() != static_cast<std::int64_t>(truth.i.size()))
        return;
    CHECK(found.n_lists() == 1 && found.n_systems() == 1 && found.n_bytes() > 0 &&
          found.mode() == NBL_MODE_PAIRS);
    wide(found, truth);
    narrow(found, truth);
    rows_of(found, truth, n);
    CHECK(found.verify(s.positions, s.cell, pbc).verdict == NBL_VERIFY_EQUAL);
    CHECK(list.info().n_atoms == static_cast<std::int64_t>(n));

    // the same positions flat, as a C array of rows, by pointer; the cell as nine numbers and as [3][3]
    std::vector<double> flat;
    for (const vec3 &r : s.positions)
        flat.insert(flat.end(), r.begin(), r.end());
    double cell[3][3], nine[9];
    std::memcpy(cell, s.cell.data(), sizeof cell);
    std::memcpy(nine, s.cell.data(), sizeof nine);
    const auto a = nbl::neighbors<int, float>(flat, cell, pbc, rc, sorted);
    const auto b = nbl::neighbors(nbl::view<const double>(flat.data(), flat.size()), nine, pbc, rc, sorted);
    CHECK(b.j == truth.j && b.vectors == truth.vectors && std::equal(a.j.begin(), a.j.end(), truth.j.begin()));
    CHECK(a.size() == 0 || a.distances[0] == static_cast<float>(truth.distances[0]));

    // several cutoffs
    const std::vector<double> cutoffs = {rc, 1.7};
    list.search(cutoffs, found);
    CHECK(found.n_lists() == 2 && found.n_pairs(0) == static_cast<std::int64_t>(truth.i.size()));
    const auto near = found.get<int, float>(1);
    list.search(1.7, found);
    CHECK(found.n_pairs() == static_cast<std::int64_t>(near.size()));
}

void floats()
{
    const sample s = made_up(77, 12);
    std::vector<own3> positions;
    std::vector<vec3> doubles;
    for (const vec3 &r : s.positions)
        positions.push_back({static_cast<float>(r[0]), static_cast<float>(r[1]), static_cast<float>(r[2])});
    // Read back from memory: in one expression, gcc 12 takes both conversions of two numbers at a time for
    // nothing.
    for (const own3 &f : positions)
        doubles.push_back({f.x, f.y, f.z});
    const auto all = nbl::neighbors(positions, s.cell, nbl::periodic, rc, sorted);
    CHECK(all.vectors == brute(doubles, s.cell, {true, true, true}, rc, 6).vectors);
    const auto open = nbl::neighbors(positions, nbl::no_cell, nbl::open, rc);
    CHECK(open.size() == brute(doubles, s.cell, {false, false, false}, rc, 0).i.size());
    CHECK(nbl::neighbors(positions, nbl::no_cell, {}, rc).size() == open.size());
    CHECK(nbl::neighbors(std::vector<float>(), nbl::no_cell, {}, rc).size() == 0);
}

// The code and a part of the message of what is thrown.
template <class F> bool throws(F &&function, nbl_status code, const char *words)
{
    try {
        function();
    } catch (const nbl::error &error) {
        if (error.code() == code && std::string(error.what()).find(words) != std::string::npos)
            return true;
        std::fprintf(stderr, "%s: %s\n", error.status().name(), error.what());
    }
    return false;
}

void errors()
{
    sample s = made_up(5, 6);
    nbl::cell_list list;
    nbl::result found;
    std::vector<int> few(2), j(500);
    std::vector<long long> i(500);
    std::vector<std::int32_t> statuses(1);
    CHECK(throws([&] { list.search(rc, found); }, NBL_EUNBUILT, "nothing was built"));
    CHECK(throws([&] { (void)found.n_pairs(); }, NBL_EUNBUILT, "nothing has been built"));
    CHECK(throws([&] { (void)list.info(); }, NBL_EUNBUILT, ""));
    CHECK(throws([&] { found.fetch(nbl::outputs().j(j)); }, NBL_EUNBUILT, "nothing ha"));
    list.build(s.positions, s.cell, nbl::periodic, rc);
    list.search(rc, found);
    CHECK(throws([&] { found.fetch(nbl::outputs().j(few)); }, NBL_ECAPACITY, "pair_capacity is 2"));
    CHECK(throws([&] { found.fetch(nbl::outputs().j(std::vector<int>())); }, NBL_ECAPACITY,
                 "pair_capacity is 0"));
    CHECK(throws([&] { found.fetch(nbl::outputs().i(i).j(j)); }, NBL_ECONFLICT, "must be of one type"));
    CHECK(throws([&] { (void)found.n_pairs(1); }, NBL_EARGUMENT, ""));
    CHECK(throws([&] { list.search(3.0, found); }, NBL_ECUTOFF_BUILD, "cutoff"));
    CHECK(throws([&] { list.build(std::vector<double>(4), s.cell, nbl::periodic, rc); }, NBL_ESIZE, "n is -1"));
    CHECK(throws([&] { list.build(s.positions, std::vector<double>(8), nbl::periodic, rc); }, NBL_ESIZE,
                 "nine numbers"));
    CHECK(throws([&] { list.build(s.positions, nbl::no_cell, nbl::periodic, rc); }, NBL_ECELL, "cell"));
    CHECK(throws([&] { list.search(rc, found); }, NBL_EUNBUILT, ""));
    s.positions[3][1] = std::numeric_limits<double>::quiet_NaN();
    CHECK(throws([&] { (void)nbl::neighbors(s.positions, s.cell, nbl::periodic, rc); }, NBL_EPOSITION,
                 "positions[3][1] is nan"));
    nbl::batch batch;
    const std::array<int, 2> ptr = {0, 6};
    const auto input = nbl::batch_input().positions(s.positions).ptr(ptr).cutoff(rc);
    CHECK(throws([&] { batch.build(input, {}, statuses); }, NBL_EBATCH, "positions[3][1] is nan"));
    CHECK(statuses[0] == NBL_EPOSITION);
    nbl::handle_options bad;
    bad.n_threads = -1;
    CHECK(throws([&] { list.create(bad); }, NBL_ESIZE, ""));
}

// Layout comes before arrays, whose rooms depend on it; and rows of no entries have room in any array.
void dense()
{
    const sample s = made_up(5, 6);
    nbl::cell_list list;
    nbl::result found;
    std::vector<int> j(12), counts(6);
    list.build(s.positions, s.cell, nbl::periodic, rc);
    list.search(rc, found);
    CHECK(found.n_rows() * found.max_count() > 12);
    CHECK(throws([&] { found.fetch(nbl::outputs().j(j)); }, NBL_ECAPACITY, "pair_capacity"));
    CHECK(throws([&] { (void)found.get(7); }, NBL_EARGUMENT, "an index argument is out of range"));
    CHECK(throws([&] { found.fetch(nbl::outputs().j(j).dense(found.max_count()).counts(counts)); },
                 NBL_ECONFLICT, "dense() comes before"));
    CHECK(throws([&] { found.fetch(nbl::outputs().dense(1).j(j).dense(found.max_count())); }, NBL_ECONFLICT,
                 "dense() comes before"));
    CHECK(throws([&] { found.fetch(nbl::outputs().dense(found.max_count()).j(j)); }, NBL_ECAPACITY, "row"));
    const std::vector<vec3> far = {{0, 0, 0}, {100, 0, 0}};
    list.build(far, nbl::no_cell, nbl::open, rc);
    list.search(rc, found);
    std::vector<double> distances;
    std::vector<int> none;
    found.fetch(nbl::outputs().dense(found.max_count()).counts(counts).j(none).distances(distances));
    CHECK(counts[0] == 0 && counts[1] == 0);
    found.fetch(nbl::outputs().dense(0).j(none));
}

void handles()
{
    const sample s = made_up(5, 6);
    nbl::cell_list list;
    nbl::result found;
    list.build(s.positions, s.cell, nbl::periodic, rc);
    list.search(rc, found);
    const std::int64_t m = found.n_pairs();
    nbl::cell_list moved = std::move(list);
    nbl::result taken = std::move(found);
    CHECK(taken.get().size() == static_cast<std::size_t>(m) && moved.c() != nullptr);
    moved.search(rc, found); // a result that was moved from can be used again
    CHECK(found.n_pairs() == m);
    found = std::move(taken);
    { // the list ends here
        const nbl::cell_list last = std::move(moved);
        CHECK(found.get().size() == static_cast<std::size_t>(m));
    }
    nbl::pairs<> to;
    CHECK(found.try_get(to).code() == NBL_ESTALE &&
          std::string(found.message()).find("destroyed") != std::string::npos);
    std::vector<nbl::result> many(3);
    many.resize(50);
    CHECK(many[49].c() == nullptr);
}

void batches()
{
    const std::vector<std::size_t> sizes = {4, 0, 7, 1, 6};
    std::vector<vec3> positions;
    std::vector<std::array<vec3, 3>> cells;
    std::vector<std::array<bool, 3>> pbc;
    std::vector<double> cutoffs;
    std::vector<int> ids, ptr = {0};
    std::vector<reference> truth;
    for (std::size_t b = 0; b < sizes.size(); b++) {
        const sample s = made_up(40 + b, sizes[b]);
        positions.insert(positions.end(), s.positions.begin(), s.positions.end());
        ids.insert(ids.end(), sizes[b], static_cast<int>(b));
        ptr.push_back(static_cast<int>(positions.size()));
        cells.push_back(s.cell);
        pbc.push_back({true, b % 2 == 0, b > 2});
        cutoffs.push_back(1.9 + 0.1 * static_cast<double>(b));
        truth.push_back(brute(s.positions, s.cell, pbc[b], cutoffs[b], 6));
    }
    nbl::batch batch;
    nbl::result found;
    std::vector<std::int32_t> statuses(5, 9);
    auto input = nbl::batch_input().positions(positions).cells(cells).pbc(pbc).cutoffs(cutoffs);
    batch.build(nbl::batch_input(input).ptr(ptr), {}, statuses);
    CHECK(statuses == std::vector<std::int32_t>(5, 0) && batch.info().n_systems == 5);
    batch.search(found, {}, sorted);
    const std::size_t m = static_cast<std::size_t>(found.n_pairs());
    std::vector<int> i(m), system(m), edge_ptr(6), atom_ptr(6);
    std::vector<shift3> shifts(m);
    found.fetch(
        nbl::outputs().i(i).shifts(shifts).batch(system).edge_ptr(edge_ptr).atom_ptr(atom_ptr).local_indices());
    CHECK(atom_ptr == ptr);
    for (std::size_t b = 0; b < 5; b++) {
        const auto first = edge_ptr[b], last = edge_ptr[b + 1];
        CHECK(std::equal(i.begin() + first, i.begin() + last, truth[b].i.begin(), truth[b].i.end()));
        CHECK(std::equal(shifts.begin() + first, shifts.begin() + last, truth[b].shifts.begin()));
        CHECK(std::count(system.begin(), system.end(), static_cast<int>(b)) == last - first);
        CHECK(found.system_status(static_cast<std::int64_t>(b)).ok());
    }
    batch.build(nbl::batch_input(input).batch(ids));
    batch.search(found);
    CHECK(found.n_pairs() == static_cast<std::int64_t>(m) && found.n_systems() == 5);
    CHECK(found.verify(nbl::batch_input(input).batch(ids)).verdict == NBL_VERIFY_EQUAL);
    batch.search(found, 1.5);
    const std::int64_t near = found.n_pairs();
    batch.search(found, nbl::batch_cutoffs(std::array<double, 3>{1.5, 1.2, 1.5}, 3));
    CHECK(found.n_lists() == 3 && found.n_pairs(2) == near && found.n_pairs(1) <= near);
    batch.search(found, cutoffs);
    CHECK(found.n_pairs() == static_cast<std::int64_t>(m));
    CHECK(batch.try_search(found, {cutoffs, 2}).code() ==
          NBL_ESIZE); // five numbers are no table of two columns
    CHECK(batch.try_search(found, nbl::batch_cutoffs(cutoffs, 0)).code() == NBL_ESIZE);
    std::vector<double> no_cutoffs;
    CHECK(batch.try_search(found, no_cutoffs).code() == NBL_ESIZE);
    no_cutoffs.reserve(8);
    CHECK(batch.try_search(found, no_cutoffs).code() == NBL_ESIZE);
    CHECK(batch.try_build(nbl::batch_input(input).ptr(ptr).n_systems(9)).code() == NBL_ESIZE);
    CHECK(batch.try_build(nbl::batch_input(input).ptr(ptr).n_systems(-5)).code() == NBL_ESIZE);
    const std::vector<long long> huge(positions.size(), std::numeric_limits<long long>::max());
    CHECK(batch.try_build(nbl::batch_input(input).batch(huge)).code() == NBL_ESIZE);
    CHECK(batch.try_build(nbl::batch_input(input).batch(ptr)).code() == NBL_ESIZE);
    CHECK(batch.try_build(nbl::batch_input(input).ptr(ptr), {}, nbl::view<std::int32_t>(statuses.data(), 4))
              .code() == NBL_ESIZE);
}
} // namespace

int main()
{
    for (unsigned mask = 0; mask < 8; mask++)
        for (unsigned seed = 1; seed <= 3; seed++)
            one_system(17 * mask + seed, 4 + 3 * seed, {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0});
    floats();
    errors();
    dense();
    handles();
    batches();
    return finished(400);
}
