// SPDX-License-Identifier: MIT
//
// A part of <nblist/nblist.hpp>: rows on the fly, and callables as visitors.
#ifndef NBLIST_CXX_VISIT_HPP
#define NBLIST_CXX_VISIT_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>

#include <nblist/cxx/base.hpp>

NBL_NAMESPACE_BEGIN

enum class flow { go_on, stop };

// The neighbours of one atom. Arrays of fields that were not asked for are null.
struct row {
    std::int64_t i;
    std::size_t size;
    const std::int32_t *j;
    const std::int32_t *shifts; // [size][3]
    const double *vectors;      // [size][3]
    const double *d2;
    const std::uint8_t *shells;
};

// Some rows of one system, as a visitor gets them. Nothing of it is valid after the call.
class rows
{
  public:
    explicit rows(const nbl_rows &c) noexcept : c_(&c) {}
    [[nodiscard]] const nbl_rows &c() const noexcept
    {
        return *c_;
    }
    [[nodiscard]] std::int32_t thread() const noexcept
    {
        return c_->thread;
    }
    [[nodiscard]] std::int64_t system() const noexcept
    {
        return c_->system;
    }
    [[nodiscard]] std::int64_t first_atom() const noexcept
    {
        return c_->first_atom;
    }
    [[nodiscard]] std::size_t size() const noexcept
    {
        return static_cast<std::size_t>(c_->n_rows);
    }
    [[nodiscard]] row operator[](std::size_t k) const noexcept
    {
        const std::int64_t at = c_->row_ptr[k];
        return {c_->i[k],
                static_cast<std::size_t>(c_->row_ptr[k + 1] - at),
                c_->j + at,
                c_->shifts != nullptr ? c_->shifts + 3 * at : nullptr,
                c_->vectors != nullptr ? c_->vectors + 3 * at : nullptr,
                c_->d2 != nullptr ? c_->d2 + at : nullptr,
                c_->shells != nullptr ? c_->shells + at : nullptr};
    }

    class iterator
    {
      public:
        iterator(const rows &all, std::size_t k) noexcept : all_(&all), k_(k) {}
        [[nodiscard]] row operator*() const noexcept
        {
            return (*all_)[k_];
        }
        iterator &operator++() noexcept
        {
            ++k_;
            return *this;
        }
        [[nodiscard]] bool operator!=(const iterator &other) const noexcept
        {
            return k_ != other.k_;
        }

      private:
        const rows *all_;
        std::size_t k_;
    };
    [[nodiscard]] iterator begin() const noexcept
    {
        return {*this, 0};
    }
    [[nodiscard]] iterator end() const noexcept
    {
        return {*this, size()};
    }

  private:
    const nbl_rows *c_;
};

namespace detail
{

// A callable behind the pointer that C has room for. No exception passes through C: the first one of all
// threads is kept, ends the visit, and is thrown again behind it.
template <class F> class visitor
{
    using returned = std::invoke_result_t<F &, const rows &>;
    static_assert(std::is_void_v<returned> || std::is_same_v<returned, flow>,
                  "a visitor returns nothing or nbl::flow");

  public:
    explicit visitor(F &function) noexcept : function_(&function) {}

    static int call(void *self, const nbl_rows *c) noexcept
    {
#if NBL_EXCEPTIONS
        try {
            return static_cast<visitor *>(self)->visit(*c);
        } catch (...) {
            static_cast<visitor *>(self)->keep();
            return 1;
        }
#else
        return static_cast<visitor *>(self)->visit(*c);
#endif
    }

    status finish(nbl_status code) const
    {
#if NBL_EXCEPTIONS
        if (first_)
            std::rethrow_exception(first_);
#endif
        return code;
    }

  private:
    int visit(const nbl_rows &c) const
    {
        if constexpr (std::is_void_v<returned>) {
            (*function_)(rows(c));
            return 0;
        } else {
            return (*function_)(rows(c)) == flow::stop;
        }
    }
    F *function_;
#if NBL_EXCEPTIONS
    void keep() noexcept
    {
        if (!kept_.exchange(true))
            first_ = std::current_exception();
    }
    std::atomic<bool> kept_{false};
    std::exception_ptr first_;
#endif
};

} // namespace detail

NBL_NAMESPACE_END

#endif
