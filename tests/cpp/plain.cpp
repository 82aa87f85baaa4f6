// SPDX-License-Identifier: MIT
//
// The interface that is there without exceptions: compiled with -fno-exceptions, and linked with a program that
// has them. The checks are those of that program.
#include <cstring>

#include <nblist/nblist.hpp>

#include "check.hpp"

#if NBL_EXCEPTIONS
#error "this file is to be compiled with -fno-exceptions"
#endif

int plain_checks();

namespace
{
const double rc = 2.5;

void good(const sample &s)
{
    const reference truth = brute(s.positions, s.cell, {true, false, true}, rc, 6);
    nbl::cell_list list;
    nbl::result found;
    CHECK(list.try_build(s.positions, s.cell, {true, false, true}, rc).ok());
    CHECK(list.try_search(rc, found, nbl::search_options(NBL_SORTED)).ok());
    nbl::pairs<int, double> all;
    CHECK(found.try_get(all).ok() && all.vectors == truth.vectors && all.shifts == truth.shifts);
    std::vector<float> distances(truth.i.size());
    CHECK(found.try_fetch(nbl::outputs().distances(distances)).ok() && distances[0] > 0);
    nbl_verify_report report;
    CHECK(found.try_verify(report, s.positions, s.cell, {true, false, true}).ok());
    nbl_cell_list_info info;
    CHECK(list.try_info(info).ok() && info.n_atoms == static_cast<std::int64_t>(s.positions.size()));
    std::size_t seen = 0;
    nbl::search_options one;
    one.n_threads = 1;
    CHECK(list.try_visit(
                  rc, found, [&](const nbl::rows &rows) { seen += rows.size(); }, one)
              .ok());
    CHECK(seen == s.positions.size());
    nbl::pairs<> same;
    CHECK(nbl::try_neighbors(same, s.positions, s.cell, {true, false, true}, rc).ok());
    CHECK(same.size() == all.size());
    nbl::batch batch;
    const std::vector<int> ptr = {0, static_cast<int>(s.positions.size())};
    const std::array<bool, 3> pbc = {true, false, true};
    const auto input = nbl::batch_input().positions(s.positions).ptr(ptr).cells(s.cell).pbc(pbc).cutoff(rc);
    CHECK(batch.try_build(input).ok() && batch.try_search(found).ok());
    CHECK(found.n_pairs() == static_cast<std::int64_t>(truth.i.size()) && found.try_verify(report, input).ok());
}

void bad(const sample &s)
{
    nbl::cell_list list;
    nbl::result found;
    nbl_verify_report report;
    CHECK(found.n_pairs() == NBL_EUNBUILT && found.n_lists() == NBL_EUNBUILT);
    CHECK(list.try_search(rc, found).code() == NBL_EUNBUILT &&
          std::strstr(found.message(), "nothing was built"));
    CHECK(list.try_build(s.positions, s.cell, {}, -1).code() == NBL_ECUTOFF &&
          std::strstr(list.message(), "cutoff"));
    CHECK(list.try_build(s.positions, s.cell, {}, rc).ok() && list.message()[0] == '\0');
    CHECK(list.try_search(rc, found).ok() && found.n_pairs(3) == NBL_EARGUMENT);
    std::vector<sample> moved(1, s);
    moved[0].positions[1][0] += 0.25;
    CHECK(found.try_verify(report, moved[0].positions, s.cell, {}).code() == NBL_EVERIFY);
    CHECK(report.verdict != NBL_VERIFY_EQUAL && (report.i == 1 || report.j == 1));
    nbl::pairs<> none;
    std::string message;
    const nbl::status status = nbl::try_neighbors(none, s.positions, nbl::no_cell, nbl::periodic, rc,
                                                  nbl::search_options(), {}, &message);
    CHECK(status.code() == NBL_ECELL && !message.empty() && none.size() == 0);
    CHECK(std::strcmp(status.name(), "NBL_ECELL") == 0 && std::strlen(status.text()) > 10);
}
} // namespace

int plain_checks()
{
    const int before = checks();
    const sample s = made_up(11, 9);
    good(s);
    bad(s);
    return checks() - before;
}
