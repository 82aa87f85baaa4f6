// SPDX-License-Identifier: MIT
//
// A part of <nblist/nblist.hpp>: many systems.
#ifndef NBLIST_CXX_BATCH_HPP
#define NBLIST_CXX_BATCH_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <nblist/cxx/result.hpp>
#include <nblist/cxx/visit.hpp>

NBL_NAMESPACE_BEGIN

// The arrays of a batch, which must outlive the calls that this is given to:
//
//     nbl::batch_input().positions(pos).batch(ids).cells(cells).pbc(pbc).cutoff(6.0)
class batch_input
{
  public:
    batch_input() noexcept : c_ NBL_BATCH_INPUT_INIT {}
    batch_input &positions(const positions_view &positions) noexcept
    {
        c_.positions = positions.data;
        c_.n_atoms = positions.n;
        positions_dtype_ = positions.dtype;
        return *this;
    }
    // [B + 1]: atoms of system b are ptr[b] ... ptr[b + 1] - 1
    template <class C> batch_input &ptr(const C &ptr) noexcept
    {
        c_.ptr = take_ids(ptr);
        counted_ = detail::scalars(ptr) - 1;
        return *this;
    }
    // [n]: the system of each atom. Systems behind the last of them are empty: n_systems().
    template <class C> batch_input &batch(const C &ids) noexcept
    {
        c_.batch = take_ids(ids);
        const std::int64_t last = std::size(ids) == 0 ? -1 : std::data(ids)[std::size(ids) - 1];
        counted_ = last < std::numeric_limits<std::int64_t>::max() ? last + 1 : last;
        ids_ = detail::scalars(ids);
        return *this;
    }
    batch_input &n_systems(std::int64_t n) noexcept
    {
        n_systems_ = n;
        told_ = true;
        return *this;
    }
    // [B][3][3], or [1][3][3] for all
    template <class C> batch_input &cells(const C &cells) noexcept
    {
        static_assert(detail::is_real<const C>, "cells are float or double");
        c_.cells = detail::address(static_cast<const void *>(std::data(cells)));
        c_.n_cells = whole(detail::scalars(cells), 9);
        cells_dtype_ = detail::dtype<detail::scalar_of<const C>>();
        return *this;
    }
    // [n_cells], one byte (bool or char) each
    template <class C> batch_input &has_cell(const C &flags) noexcept
    {
        c_.has_cell = bytes(flags);
        flags_ = detail::scalars(flags);
        return *this;
    }
    // [B][3], or [1][3] for all, one byte each
    template <class C> batch_input &pbc(const C &flags) noexcept
    {
        c_.pbc = bytes(flags);
        c_.n_pbc = whole(detail::scalars(flags), 3);
        return *this;
    }
    // [B], or [1] for all
    batch_input &cutoffs(view<const double> cutoffs) noexcept
    {
        c_.cutoffs = detail::address(cutoffs.data());
        c_.n_cutoffs = static_cast<std::int64_t>(cutoffs.size());
        return *this;
    }
    batch_input &cutoff(double cutoff) noexcept
    {
        cutoff_ = cutoff;
        c_.cutoffs = nullptr;
        c_.n_cutoffs = 1;
        return *this;
    }

  private:
    friend class batch;
    friend class result;
    // What is wrong with lengths that C is not told, or null.
    const char *read(nbl_batch_input &c, nbl_build_options &options) const noexcept
    {
        c = c_;
        c.n_systems = told_ ? n_systems_ : counted_;
        if (c.cutoffs == nullptr && c.n_cutoffs == 1)
            c.cutoffs = &cutoff_;
        options.positions_dtype = positions_dtype_;
        options.cell_dtype = cells_dtype_;
        if (c.ptr != nullptr && c.batch == nullptr && c.n_systems > counted_)
            return "ptr has fewer than n_systems + 1 entries";
        if (c.ptr != nullptr && counted_ < 0)
            return "ptr has no entries";
        if (c.batch != nullptr && ids_ != c.n_atoms)
            return "batch and positions differ in number";
        if (c.has_cell != nullptr && flags_ != c.n_cells)
            return "has_cell and cells differ in number";
        return nullptr;
    }
    static std::int64_t whole(std::int64_t scalars, std::int64_t each) noexcept
    {
        return scalars % each == 0 ? scalars / each : -1;
    }
    template <class C> const void *take_ids(const C &ids) noexcept
    {
        static_assert(detail::is_index<const C>,
                      "numbers of systems and atoms are of 32 or 64 bits, and signed");
        c_.ids_dtype = detail::dtype<detail::scalar_of<const C>>();
        return detail::address(static_cast<const void *>(std::data(ids)));
    }
    template <class C> static const std::uint8_t *bytes(const C &flags) noexcept
    {
        static_assert(sizeof(detail::scalar_of<const C>) == 1, "a flag is one byte: bool, char, std::uint8_t");
        return static_cast<const std::uint8_t *>(detail::address(static_cast<const void *>(std::data(flags))));
    }

    nbl_batch_input c_;
    double cutoff_ = 0;
    std::int64_t n_systems_ = 0, counted_ = 0, ids_ = 0, flags_ = 0;
    bool told_ = false;
    std::int32_t positions_dtype_ = NBL_DTYPE_DEFAULT, cells_dtype_ = NBL_DTYPE_DEFAULT;
};

inline status result::try_verify(nbl_verify_report &report, const batch_input &input, std::int32_t list,
                                 const build_options &options) noexcept
{
    nbl_batch_input c;
    nbl_build_options own = options;
    report = NBL_VERIFY_REPORT_INIT;
    if (const char *wrong = input.read(c, own))
        return refuse(NBL_ESIZE, wrong);
    const nbl_status code = open().code();
    return code != NBL_OK ? code : nbl_verify_batch(h_, list, &c, &own, &report);
}

// Cutoffs of a search in a batch: those of the build; one for all systems; one for each; or a table of lists,
// [n_sets][n_lists] with n_sets 1 or B. A table of another size is refused by the search.
class batch_cutoffs
{
  public:
    constexpr batch_cutoffs() noexcept = default;
    constexpr batch_cutoffs(double cutoff) noexcept : one_(cutoff), n_sets_(1), told_(true) {}
    template <class C, class = std::enable_if_t<std::is_convertible_v<const C &, view<const double>>>>
    constexpr batch_cutoffs(const C &of_systems) noexcept : batch_cutoffs(view<const double>(of_systems))
    {
    }
    constexpr batch_cutoffs(view<const double> of_systems) noexcept : batch_cutoffs(of_systems, 1) {}
    constexpr batch_cutoffs(view<const double> table, std::int32_t n_lists) noexcept
        : data_(table.data()), n_lists_(n_lists),
          n_sets_(n_lists > 0 && table.size() % static_cast<std::size_t>(n_lists) == 0
                      ? static_cast<std::int64_t>(table.size()) / n_lists
                      : -1),
          told_(true)
    {
    }
    [[nodiscard]] constexpr const double *data() const noexcept
    {
        return data_ == nullptr && told_ ? &one_ : data_;
    }
    [[nodiscard]] constexpr std::int64_t n_sets() const noexcept
    {
        return n_sets_;
    }
    [[nodiscard]] constexpr std::int32_t n_lists() const noexcept
    {
        return n_lists_;
    }

  private:
    const double *data_ = nullptr;
    double one_ = 0;
    std::int32_t n_lists_ = 1;
    std::int64_t n_sets_ = 0;
    bool told_ = false; // else those of the build
};

class batch : public detail::handle<nbl_batch, nbl_batch_create, nbl_batch_destroy, nbl_batch_message>
{
  public:
    // statuses: [B] or empty. NBL_EBATCH: some systems were refused, the others are built.
    status try_build(const batch_input &input, const build_options &options = {},
                     view<std::int32_t> statuses = {}) noexcept
    {
        nbl_batch_input c;
        nbl_build_options own = options;
        const char *wrong = input.read(c, own);
        if (wrong == nullptr && statuses.data() != nullptr &&
            static_cast<std::int64_t>(statuses.size()) < c.n_systems)
            wrong = "statuses has fewer than n_systems entries";
        if (wrong != nullptr)
            return refuse(NBL_ESIZE, wrong);
        const nbl_status code = open().code();
        return code != NBL_OK ? code : nbl_batch_build(h_, &c, &own, statuses.data());
    }
    status try_info(nbl_batch_info &info) noexcept
    {
        info = NBL_BATCH_INFO_INIT;
        const nbl_status code = open().code();
        return code != NBL_OK ? code : nbl_batch_get_info(h_, &info);
    }
    status try_search(result &to, const batch_cutoffs &cutoffs = {},
                      const search_options &options = search_options()) const noexcept
    {
        nbl_status code = to.open().code();
        if (code == NBL_OK && h_ == nullptr)
            code = to.refuse(NBL_EUNBUILT, "nothing was built in this batch");
        if (code != NBL_OK)
            return code;
        return cutoffs.n_lists() == 1 ? nbl_batch_search(h_, cutoffs.n_sets(), cutoffs.data(), &options, to.h_)
                                      : nbl_batch_search_multi(h_, cutoffs.n_lists(), cutoffs.n_sets(),
                                                               cutoffs.data(), &options, to.h_);
    }
    // As cell_list::try_visit().
    template <class F>
    status try_visit(const batch_cutoffs &cutoffs, result &to, F &&function,
                     const search_options &options = search_options()) const
    {
        detail::visitor<std::remove_reference_t<F>> visitor(function);
        nbl_status code = to.open().code();
        if (code == NBL_OK)
            code = h_ == nullptr ? to.refuse(NBL_EUNBUILT, "nothing was built in this batch")
                                 : nbl_batch_visit(h_, cutoffs.n_lists(), cutoffs.n_sets(), cutoffs.data(),
                                                   &options, to.h_, visitor.call, &visitor);
        return visitor.finish(code);
    }

#if NBL_EXCEPTIONS
    // Throws, too, where only some systems are refused; the others are built all the same.
    void build(const batch_input &input, const build_options &options = {}, view<std::int32_t> statuses = {})
    {
        detail::check(try_build(input, options, statuses), *this);
    }
    [[nodiscard]] nbl_batch_info info()
    {
        nbl_batch_info info;
        detail::check(try_info(info), *this);
        return info;
    }
    void search(result &to, const batch_cutoffs &cutoffs = {},
                const search_options &options = search_options()) const
    {
        detail::check(try_search(to, cutoffs, options), to);
    }
    template <class F>
    void visit(const batch_cutoffs &cutoffs, result &to, F &&function,
               const search_options &options = search_options()) const
    {
        detail::check(try_visit(cutoffs, to, std::forward<F>(function), options), to);
    }
#endif
};

NBL_NAMESPACE_END

#endif
