// SPDX-License-Identifier: MIT
//
// libnblist for C++17 and later: the interface of <nblist/nblist.h>, which tells what everything means, with
// handles that destroy themselves, types that are deduced, containers, and functions of yours as visitors.
//
//     std::vector<std::array<double, 3>> positions = ...;
//     const double cell[3][3] = ...;                                   // rows a, b, c
//
//     nbl::cell_list list;
//     nbl::result result;
//     list.build(positions, cell, nbl::periodic, 6.0);                 // once per set of positions
//     list.search(6.0, result);                                        // counts exactly
//     std::vector<int> j(result.n_pairs());                            // allocate what is needed
//     std::vector<float> distances(result.n_pairs());
//     result.fetch(nbl::outputs().j(j).distances(distances));          // into arrays that you own
//
//     list.visit(6.0, result, [&](const nbl::rows &rows) { ... });     // neighbours without a list
//
// or nbl::pairs<> all = nbl::neighbors(positions, cell, nbl::periodic, 6.0).
//
// Errors. Every call that can fail exists twice. build() and the like throw nbl::error, which has the status
// and the message. try_build() and the like return the nbl::status, and leave the message in the handle:
// list.message(). With -fno-exceptions only the latter are there, and sizes of a result may be negative
// statuses, as in C.
//
// Arrays are whatever has data() and size(): std::vector, std::array, std::span, C arrays, or
// nbl::view(pointer, size). Their elements are scalars, std::array<scalar, 3>, scalar[3], or a type of yours
// that nbl::element is specialised for. What is fetched into them, and read from them, follows their scalars:
// float or double, 32 or 64 bits, int8 for shifts. Nothing is copied.
//
// The headers are all there is: no library beside libnblist, no symbol of its own that could change.
#ifndef NBLIST_NBLIST_HPP
#define NBLIST_NBLIST_HPP

#include <nblist/cxx/base.hpp>
#include <nblist/cxx/batch.hpp>
#include <nblist/cxx/cell_list.hpp>
#include <nblist/cxx/result.hpp>
#include <nblist/cxx/visit.hpp>

#endif
