// SPDX-License-Identifier: MIT
//
// Visitors: every row once, any callable, stopping, and exceptions of any thread, of which the first one
// arrives.
#include <atomic>
#include <stdexcept>
#include <string>

#include <nblist/nblist.hpp>

#include "check.hpp"

// What is compiled without exceptions, in the same program.
int plain_checks();

namespace
{
constexpr double rc = 1.2;
constexpr std::size_t n = 600;

struct totals {
    std::vector<int> visited = std::vector<int>(n), counts = std::vector<int>(n), near = std::vector<int>(n);
    std::vector<double> sums = std::vector<double>(n);
};

// Each row writes to the entries of its own atom.
void collect(totals &to, const nbl::rows &rows)
{
    for (const nbl::row row : rows) {
        const auto atom = static_cast<std::size_t>(row.i + rows.first_atom());
        to.visited[atom]++;
        to.counts[atom] = static_cast<int>(row.size);
        for (std::size_t k = 0; k < row.size; k++) {
            to.sums[atom] += row.vectors[3 * k] + row.vectors[3 * k + 1] + row.vectors[3 * k + 2];
            to.near[atom] += row.shells != nullptr && row.shells[k] == 1;
        }
    }
}

int visit_free_calls = 0;
void visit_free(const nbl::rows &rows)
{
    visit_free_calls += static_cast<int>(rows.size());
}

struct functor {
    int calls = 0;
    nbl::flow operator()(const nbl::rows &)
    {
        return ++calls == 3 ? nbl::flow::stop : nbl::flow::go_on;
    }
};

void every_row(const nbl::cell_list &list, nbl::result &found)
{
    std::vector<int> counts(n), near(n);
    list.search(std::array<double, 2>{rc, 0.7}, found);
    found.fetch(nbl::outputs().counts(counts), 0);
    found.fetch(nbl::outputs().counts(near), 1);
    std::vector<double> sums;
    for (int threads = 1; threads <= 4; threads++) {
        nbl::search_options options;
        options.n_threads = threads;
        totals one, two;
        list.visit(
            rc, found, [&](const nbl::rows &rows) { collect(one, rows); }, options);
        list.visit(
            std::vector<double>{rc, 0.7}, found,
            [&](const nbl::rows &rows) {
                collect(two, rows);
                return nbl::flow::go_on;
            },
            options);
        CHECK(one.visited == std::vector<int>(n, 1) && one.counts == counts);
        CHECK(two.visited == one.visited && two.near == near && two.sums == one.sums);
        CHECK(sums.empty() || one.sums == sums);
        sums = one.sums;
    }
    nbl::search_options lean;
    lean.fields = NBL_ROW_INDICES;
    lean.n_threads = 1;
    bool absent = true;
    list.visit(
        rc, found, [&](const nbl::rows &rows) { absent = absent && rows[0].vectors == nullptr; }, lean);
    CHECK(absent);
    list.visit(rc, found, visit_free, lean);
    CHECK(visit_free_calls == static_cast<int>(n));
}

void stopped(const nbl::cell_list &list, nbl::result &found)
{
    nbl::search_options one;
    one.n_threads = 1;
    functor three;
    CHECK(list.try_visit(rc, found, three, one).code() == NBL_ESTOP && three.calls == 3);
    bool thrown = false;
    try {
        list.visit(rc, found, functor(), one);
    } catch (const nbl::error &error) {
        thrown = error.code() == NBL_ESTOP;
    }
    CHECK(thrown);
    CHECK(nbl::cell_list().try_visit(rc, found, three).code() == NBL_EUNBUILT);
}

void thrown_through(const nbl::cell_list &list, nbl::result &found)
{
    for (int threads = 1; threads <= 4; threads++) {
        nbl::search_options options;
        options.n_threads = threads;
        std::atomic<int> throws{0};
        int caught = 0;
        for (int round = 0; round < 20; round++) {
            try {
                const nbl::status status = list.try_visit(
                    rc, found,
                    [&](const nbl::rows &rows) {
                        throws++;
                        throw std::out_of_range("row " + std::to_string(rows[0].i));
                    },
                    options);
                CHECK(status.ok() && "nothing was thrown" == nullptr);
            } catch (const std::out_of_range &error) {
                caught += std::string(error.what()).rfind("row ", 0) == 0;
            }
        }
        CHECK(caught == 20 && throws >= 20 && throws <= 20 * threads);
        totals after;
        list.visit(
            rc, found, [&](const nbl::rows &rows) { collect(after, rows); }, options);
        CHECK(after.visited == std::vector<int>(n, 1));
    }
    int thrown = 0;
    try {
        list.visit(rc, found, [](const nbl::rows &) { throw 42; });
    } catch (int number) {
        thrown = number;
    }
    CHECK(thrown == 42);
}

void of_a_batch(const sample &s)
{
    nbl::batch batch;
    nbl::result found;
    const std::array<int, 4> ptr = {0, 200, 200, static_cast<int>(n)};
    batch.build(nbl::batch_input().positions(s.positions).ptr(ptr).cells(s.cell).cutoff(rc));
    batch.search(found);
    std::vector<int> counts(n);
    found.fetch(nbl::outputs().counts(counts));
    totals seen;
    std::atomic<bool> good{true};
    batch.visit(rc, found, [&](const nbl::rows &rows) {
        if (rows.system() != (rows.first_atom() < 200 ? 0 : 2))
            good = false;
        collect(seen, rows);
    });
    CHECK(good && seen.visited == std::vector<int>(n, 1) && seen.counts == counts);
    bool thrown = false;
    try {
        batch.visit(nbl::batch_cutoffs(std::array<double, 2>{rc, 0.7}, 2), found,
                    [](const nbl::rows &) { throw std::runtime_error("mine"); });
    } catch (const std::runtime_error &error) {
        thrown = std::string(error.what()) == "mine";
    }
    CHECK(thrown);
}
} // namespace

int main()
{
    sample s = made_up(9, n);
    for (vec3 &row : s.cell)
        for (double &x : row)
            x *= 2.5;
    nbl::cell_list list;
    nbl::result found;
    list.build(s.positions, s.cell, nbl::periodic, rc);
    every_row(list, found);
    stopped(list, found);
    thrown_through(list, found);
    of_a_batch(s);
    CHECK(plain_checks() >= 20);
    return finished(40);
}
