// SPDX-License-Identifier: MIT
//
// A part of <nblist/nblist.hpp>: where results go, and results.
#ifndef NBLIST_CXX_RESULT_HPP
#define NBLIST_CXX_RESULT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <nblist/cxx/base.hpp>

NBL_NAMESPACE_BEGIN

// Where a fetch writes. Each array lessens the room that is counted on; two types for what has one in C (i and
// j, say) make the fetch an NBL_ECONFLICT. The arrays must outlive the fetch.
class outputs
{
  public:
    outputs() noexcept : c_ NBL_OUTPUTS_INIT {}
    template <class C> outputs &i(C &&to) noexcept
    {
        return index(c_.i, to, 1);
    }
    template <class C> outputs &j(C &&to) noexcept
    {
        return dense_ ? wide(c_.j, c_.index_dtype, to, 1) : index(c_.j, to, 1);
    }
    template <class C> outputs &pairs(C &&to) noexcept
    {
        return index(c_.pairs, to, 2);
    }
    template <class C> outputs &batch(C &&to) noexcept
    {
        return index(c_.batch, to, 1);
    }
    // [2][m], or [2][stride] where the array is larger
    template <class C> outputs &edge_index(C &&to) noexcept
    {
        c_.edge_index_stride = detail::scalars(to) / 2;
        return index(c_.edge_index, to, 2);
    }
    template <class C> outputs &shifts(C &&to) noexcept
    {
        static_assert(detail::is_shift<C>, "shifts are of 32 or of 8 bits, and signed");
        return dense_ ? wide(c_.shifts, c_.shift_dtype, to, 3)
                      : take(c_.shifts, c_.shift_dtype, to, 3, pairs_, 0);
    }
    template <class C> outputs &vectors(C &&to) noexcept
    {
        return real(c_.vectors, to, 3);
    }
    template <class C> outputs &distances(C &&to) noexcept
    {
        return real(c_.distances, to, 1);
    }
    template <class C> outputs &row_ptr(C &&to) noexcept
    {
        return offset(c_.row_ptr, to, rows_, 1);
    }
    template <class C> outputs &counts(C &&to) noexcept
    {
        return offset(c_.counts, to, rows_, 0);
    }
    template <class C> outputs &reverse(C &&to) noexcept
    {
        return offset(c_.reverse, to, pairs_, 0);
    }
    template <class C> outputs &edge_ptr(C &&to) noexcept
    {
        return offset(c_.edge_ptr, to, systems_, 1);
    }
    template <class C> outputs &atom_ptr(C &&to) noexcept
    {
        return offset(c_.atom_ptr, to, systems_, 1);
    }

    // To be called before the arrays of pairs are named: j, shifts, vectors and distances become rows of
    // `width` entries.
    outputs &dense(std::int64_t width, std::int64_t fill = -1) noexcept
    {
        if (pairs_ != most || (dense_ && width != c_.dense_width))
            wrong_ = "outputs: dense() comes before the arrays of pairs";
        dense_ = true;
        c_.layout = NBL_LAYOUT_DENSE;
        c_.dense_width = width;
        c_.dense_fill = fill;
        return *this;
    }
    outputs &index_base(std::int32_t base) noexcept
    {
        c_.index_base = base;
        return *this;
    }
    outputs &local_indices(bool local = true) noexcept
    {
        c_.local_indices = local;
        return *this;
    }

    // What is wrong with what was named, or null.
    [[nodiscard]] const char *wrong() const noexcept
    {
        return wrong_;
    }
    [[nodiscard]] nbl_outputs c() const noexcept
    {
        nbl_outputs c = c_;
        c.pair_capacity = pairs_ == most ? 0 : pairs_;
        c.row_capacity = rows_ == most && !(dense_ && c_.dense_width == 0) ? 0 : rows_; // rows of no entries
        c.system_capacity = systems_ == most ? 0 : systems_;
        return c;
    }

  private:
    static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

    template <class C>
    outputs &take(void *&slot, std::int32_t &dtype, C &to, std::int64_t width, std::int64_t &room,
                  int surplus) noexcept
    {
        static_assert(!std::is_const_v<detail::element_of<C>>, "an array to write into");
        constexpr std::int32_t own = detail::dtype<detail::scalar_of<C>>();
        if (dtype != NBL_DTYPE_DEFAULT && dtype != own)
            wrong_ = "outputs: two arrays that must be of one type are of two";
        dtype = own;
        slot = detail::address(static_cast<void *>(std::data(to)));
        const std::int64_t entries = width > 0 ? detail::scalars(to) / width - surplus : most;
        room = entries < room ? entries : room;
        return *this;
    }
    template <class C> outputs &wide(void *&slot, std::int32_t &dtype, C &to, std::int64_t width) noexcept
    {
        return take(slot, dtype, to, width * c_.dense_width, rows_, 0);
    }
    template <class C> outputs &index(void *&slot, C &to, std::int64_t width) noexcept
    {
        static_assert(detail::is_index<C>, "indices are of 32 or 64 bits, and signed");
        return take(slot, c_.index_dtype, to, width, pairs_, 0);
    }
    template <class C> outputs &offset(void *&slot, C &to, std::int64_t &room, int surplus) noexcept
    {
        static_assert(detail::is_index<C>, "offsets are of 32 or 64 bits, and signed");
        return take(slot, c_.offset_dtype, to, 1, room, surplus);
    }
    template <class C> outputs &real(void *&slot, C &to, std::int64_t width) noexcept
    {
        static_assert(detail::is_real<C>, "vectors and distances are float or double");
        return dense_ ? wide(slot, c_.real_dtype, to, width) : take(slot, c_.real_dtype, to, width, pairs_, 0);
    }

    nbl_outputs c_;
    std::int64_t pairs_ = most, rows_ = most, systems_ = most;
    bool dense_ = false;
    const char *wrong_ = nullptr;
};

// A list as vectors.
template <class Index = std::int64_t, class Real = double> struct pairs {
    std::vector<Index> i, j;
    std::vector<std::array<std::int32_t, 3>> shifts;
    std::vector<std::array<Real, 3>> vectors;
    std::vector<Real> distances;
    [[nodiscard]] std::size_t size() const noexcept
    {
        return i.size();
    }
    void resize(std::size_t m)
    {
        i.resize(m);
        j.resize(m);
        shifts.resize(m);
        vectors.resize(m);
        distances.resize(m);
    }
};

namespace detail
{

// What is true of all handles: one owner, which may be moved; created by its first use, or by create().
template <class H, nbl_status (*make)(H **, const nbl_handle_options *), void (*unmake)(H **),
          const char *(*tell)(const H *)>
class handle
{
  public:
    handle() noexcept = default;
    handle(handle &&other) noexcept : h_(std::exchange(other.h_, nullptr)), own_(other.own_) {}
    handle &operator=(handle &&other) noexcept
    {
        std::swap(h_, other.h_);
        std::swap(own_, other.own_);
        return *this;
    }
    ~handle()
    {
        unmake(&h_);
    }

    // The message of the last call that failed here, "" after one that succeeded.
    [[nodiscard]] const char *message() const noexcept
    {
        return own_ != nullptr ? own_ : h_ != nullptr ? tell(h_) : "";
    }
    // The handle of C, which stays ours; null before its first use.
    [[nodiscard]] H *c() const noexcept
    {
        return h_;
    }

    status try_create(const handle_options &options = {}) noexcept
    {
        own_ = nullptr;
        unmake(&h_);
        return make(&h_, &options);
    }
#if NBL_EXCEPTIONS
    void create(const handle_options &options = {})
    {
        check(try_create(options), *this);
    }
#endif

  protected:
    // What precedes a call of C; and what does instead of one that cannot be made.
    status open() noexcept
    {
        own_ = nullptr;
        return h_ != nullptr ? detail::fine : make(&h_, nullptr);
    }
    nbl_status refuse(nbl_status code, const char *why) noexcept
    {
        own_ = why;
        return code;
    }
    H *h_ = nullptr;

  private:
    const char *own_ = nullptr;
};

} // namespace detail

// What a build and a check are given of one system, as C wants it.
namespace detail
{
struct single {
    single(const positions_view &positions, const cell_view &cell, const nbl_build_options &given) noexcept
        : options(given), good(cell.good)
    {
        options.positions_dtype = positions.dtype;
        options.cell_dtype = cell.dtype;
    }
    nbl_build_options options;
    bool good;
};
} // namespace detail

class batch_input;

// The pairs that a search found. Serves any number of searches, and keeps its memory between them.
class result : public detail::handle<nbl_result, nbl_result_create, nbl_result_destroy, nbl_result_message>
{
  public:
    // Sizes; where there is none, nbl::error is thrown: NBL_EUNBUILT, NBL_EARGUMENT (no such list).
    [[nodiscard]] std::int32_t n_lists() const
    {
        return size(h_ ? nbl_result_n_lists(h_) : detail::unbuilt);
    }
    [[nodiscard]] std::int64_t n_systems() const
    {
        return size(h_ ? nbl_result_n_systems(h_) : detail::unbuilt);
    }
    [[nodiscard]] std::int64_t n_rows() const
    {
        return size(h_ ? nbl_result_n_rows(h_) : detail::unbuilt);
    }
    [[nodiscard]] std::int64_t n_bytes() const
    {
        return size(h_ ? nbl_result_n_bytes(h_) : detail::unbuilt);
    }
    [[nodiscard]] std::int32_t mode() const
    {
        return size(h_ ? nbl_result_mode(h_) : detail::unbuilt);
    }
    [[nodiscard]] std::int64_t n_pairs(std::int32_t list = 0) const
    {
        return size(h_ ? nbl_result_n_pairs(h_, list) : detail::unbuilt);
    }
    [[nodiscard]] std::int64_t max_count(std::int32_t list = 0) const
    {
        return size(h_ ? nbl_result_max_count(h_, list) : detail::unbuilt);
    }
    // Why a system of a batch has empty rows.
    status system_status(std::int64_t system) const noexcept
    {
        return h_ ? nbl_result_system_status(h_, system) : detail::unbuilt;
    }

    status try_fetch(const outputs &to, std::int32_t list = 0) noexcept
    {
        if (h_ == nullptr)
            return refuse(NBL_EUNBUILT, "nothing was searched into this result");
        if (to.wrong() != nullptr)
            return refuse(NBL_ECONFLICT, to.wrong());
        (void)open();
        const nbl_outputs c = to.c();
        return nbl_result_fetch(h_, list, &c);
    }

    // A whole list, into vectors that are resized.
    template <class Index, class Real> status try_get(pairs<Index, Real> &to, std::int32_t list = 0)
    {
        const std::int64_t m = h_ != nullptr ? nbl_result_n_pairs(h_, list) : detail::unbuilt;
        if (m < 0)
            return refuse(static_cast<nbl_status>(m), nbl_status_text(static_cast<nbl_status>(m)));
        to.resize(static_cast<std::size_t>(m));
        return try_fetch(
            outputs().i(to.i).j(to.j).shifts(to.shifts).vectors(to.vectors).distances(to.distances), list);
    }

    // NBL_OK or NBL_EVERIFY, and a report either way, on what was passed to the build.
    status try_verify(nbl_verify_report &report, const positions_view &positions, const cell_view &cell,
                      const pbc_flags &pbc, std::int32_t list = 0, const build_options &options = {}) noexcept
    {
        const detail::single given(positions, cell, options);
        report = NBL_VERIFY_REPORT_INIT;
        if (!given.good)
            return refuse(NBL_ESIZE, "the cell is not nine numbers");
        const nbl_status code = open().code();
        return code != NBL_OK ? code
                              : nbl_verify(c(), list, positions.n, positions.data, cell.data, pbc.get(),
                                           &given.options, &report);
    }
    status try_verify(nbl_verify_report &report, const batch_input &input, std::int32_t list = 0,
                      const build_options &options = {}) noexcept;

#if NBL_EXCEPTIONS
    void fetch(const outputs &to, std::int32_t list = 0)
    {
        detail::check(try_fetch(to, list), *this);
    }
    template <class Index = std::int64_t, class Real = double>
    [[nodiscard]] nbl::pairs<Index, Real> get(std::int32_t list = 0)
    {
        nbl::pairs<Index, Real> to;
        detail::check(try_get(to, list), *this);
        return to;
    }
    // The verdict is in the report; other failures are thrown.
    template <class... Arguments> [[nodiscard]] nbl_verify_report verify(const Arguments &...arguments)
    {
        nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
        const nbl::status status = try_verify(report, arguments...);
        if (status.code() != NBL_EVERIFY)
            detail::check(status, *this);
        return report;
    }
#endif

  private:
    friend class cell_list;
    friend class batch;
    template <class T> static T size(T n)
    {
        return detail::size_or_status(n);
    }
};

NBL_NAMESPACE_END

#endif
