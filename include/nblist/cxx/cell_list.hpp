// SPDX-License-Identifier: MIT
//
// A part of <nblist/nblist.hpp>: one system, with handles or in one call.
#ifndef NBLIST_CXX_CELL_LIST_HPP
#define NBLIST_CXX_CELL_LIST_HPP

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <nblist/cxx/result.hpp>
#include <nblist/cxx/visit.hpp>

NBL_NAMESPACE_BEGIN

class cell_list
    : public detail::handle<nbl_cell_list, nbl_cell_list_create, nbl_cell_list_destroy, nbl_cell_list_message>
{
  public:
    status try_build(const positions_view &positions, const cell_view &cell, const pbc_flags &pbc,
                     double cutoff, const build_options &options = {}) noexcept
    {
        const detail::single given(positions, cell, options);
        if (!given.good)
            return refuse(NBL_ESIZE, "the cell is not nine numbers");
        const nbl_status code = open().code();
        return code != NBL_OK ? code
                              : nbl_cell_list_build(h_, positions.n, positions.data, cell.data, pbc.get(),
                                                    cutoff, &given.options);
    }
    status try_info(nbl_cell_list_info &info) noexcept
    {
        info = NBL_CELL_LIST_INFO_INIT;
        const nbl_status code = open().code();
        return code != NBL_OK ? code : nbl_cell_list_get_info(h_, &info);
    }

    // Messages of searches and visits are in the result.
    status try_search(double cutoff, result &to,
                      const search_options &options = search_options()) const noexcept
    {
        const nbl_status code = to.open().code();
        return code != NBL_OK ? code : search_one(cutoff, to, options);
    }
    status try_search(view<const double> cutoffs, result &to,
                      const search_options &options = search_options()) const noexcept
    {
        nbl_status code = to.open().code();
        if (code == NBL_OK)
            code = h_ == nullptr ? to.refuse(NBL_EUNBUILT, "nothing was built in this cell list")
                                 : nbl_cell_list_search_multi(h_, static_cast<std::int32_t>(cutoffs.size()),
                                                              cutoffs.data(), &options, to.h_);
        return code;
    }

    // Calls function(const nbl::rows &), from several threads unless options.n_threads is 1. It returns
    // nothing, or nbl::flow. What it throws ends the visit and is thrown here, also by try_visit().
    template <class F>
    status try_visit(view<const double> cutoffs, result &to, F &&function,
                     const search_options &options = search_options()) const
    {
        detail::visitor<std::remove_reference_t<F>> visitor(function);
        nbl_status code = to.open().code();
        if (code == NBL_OK)
            code = h_ == nullptr ? to.refuse(NBL_EUNBUILT, "nothing was built in this cell list")
                                 : nbl_cell_list_visit(h_, static_cast<std::int32_t>(cutoffs.size()),
                                                       cutoffs.data(), &options, to.h_, visitor.call, &visitor);
        return visitor.finish(code);
    }
    template <class F>
    status try_visit(double cutoff, result &to, F &&function,
                     const search_options &options = search_options()) const
    {
        return try_visit(view<const double>(&cutoff, 1), to, std::forward<F>(function), options);
    }

#if NBL_EXCEPTIONS
    void build(const positions_view &positions, const cell_view &cell, const pbc_flags &pbc, double cutoff,
               const build_options &options = {})
    {
        detail::check(try_build(positions, cell, pbc, cutoff, options), *this);
    }
    [[nodiscard]] nbl_cell_list_info info()
    {
        nbl_cell_list_info info;
        detail::check(try_info(info), *this);
        return info;
    }
    template <class Cutoffs>
    void search(const Cutoffs &cutoffs, result &to, const search_options &options = search_options()) const
    {
        detail::check(try_search(cutoffs, to, options), to);
    }
    template <class Cutoffs, class F>
    void visit(const Cutoffs &cutoffs, result &to, F &&function,
               const search_options &options = search_options()) const
    {
        detail::check(try_visit(cutoffs, to, std::forward<F>(function), options), to);
    }
#endif

  private:
    nbl_status search_one(double cutoff, result &to, const search_options &options) const noexcept
    {
        return h_ == nullptr ? to.refuse(NBL_EUNBUILT, "nothing was built in this cell list")
                             : nbl_cell_list_search(h_, cutoff, &options, to.h_);
    }
};

// -------------------------------------------------------------------------------------------------------------
// One call
// -------------------------------------------------------------------------------------------------------------

// Builds, searches and fetches. In a loop, handles are faster: they keep their memory. message may be null.
template <class Index, class Real>
status try_neighbors(pairs<Index, Real> &to, const positions_view &positions, const cell_view &cell,
                     const pbc_flags &pbc, double cutoff, const search_options &options = search_options(),
                     const build_options &build = {}, std::string *message = nullptr)
{
    cell_list list;
    result found;
    status code = list.try_build(positions, cell, pbc, cutoff, build);
    if (message != nullptr)
        *message = list.message();
    if (code.ok()) {
        code = list.try_search(cutoff, found, options);
        if (code.ok())
            code = found.try_get(to);
        if (message != nullptr)
            *message = found.message();
    }
    return code;
}

#if NBL_EXCEPTIONS
template <class Index = std::int64_t, class Real = double>
[[nodiscard]] pairs<Index, Real> neighbors(const positions_view &positions, const cell_view &cell,
                                           const pbc_flags &pbc, double cutoff,
                                           const search_options &options = search_options(),
                                           const build_options &build = {})
{
    pairs<Index, Real> to;
    std::string message;
    const nbl::status code = try_neighbors(to, positions, cell, pbc, cutoff, options, build, &message);
    if (!code.ok())
        throw error(code, message.c_str());
    return to;
}
#endif

NBL_NAMESPACE_END

#endif
