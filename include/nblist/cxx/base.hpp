// SPDX-License-Identifier: MIT
//
// A part of <nblist/nblist.hpp>: statuses and errors, arrays of all kinds as C wants them, options.
#ifndef NBLIST_CXX_BASE_HPP
#define NBLIST_CXX_BASE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include <nblist/nblist.h>

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define NBL_EXCEPTIONS 1
#include <stdexcept>
#else
#define NBL_EXCEPTIONS 0
#endif

// Files with and without exceptions may be linked together: their inline functions differ, and so do the names.
#if NBL_EXCEPTIONS
#define NBL_NAMESPACE_BEGIN                                                                                    \
    namespace nbl                                                                                              \
    {                                                                                                          \
    inline namespace v0                                                                                        \
    {
#else
#define NBL_NAMESPACE_BEGIN                                                                                    \
    namespace nbl                                                                                              \
    {                                                                                                          \
    inline namespace v0_no_exceptions                                                                          \
    {
#endif
#define NBL_NAMESPACE_END                                                                                      \
    }                                                                                                          \
    }

NBL_NAMESPACE_BEGIN

// -------------------------------------------------------------------------------------------------------------
// Errors
// -------------------------------------------------------------------------------------------------------------

class [[nodiscard]] status
{
  public:
    constexpr status(nbl_status code = NBL_OK) noexcept : code_(code) {}
    [[nodiscard]] constexpr bool ok() const noexcept
    {
        return code_ == NBL_OK;
    }
    [[nodiscard]] constexpr nbl_status code() const noexcept
    {
        return code_;
    }
    [[nodiscard]] const char *name() const noexcept
    {
        return nbl_status_name(code_);
    }
    [[nodiscard]] const char *text() const noexcept
    {
        return nbl_status_text(code_);
    }

  private:
    nbl_status code_;
};

#if NBL_EXCEPTIONS
class error : public std::runtime_error
{
  public:
    error(nbl::status status, const char *message)
        : std::runtime_error(*message != '\0' ? message : status.text()), status_(status)
    {
    }
    nbl::status status() const noexcept
    {
        return status_;
    }
    [[nodiscard]] nbl_status code() const noexcept
    {
        return status_.code();
    }

  private:
    nbl::status status_;
};
#endif

// -------------------------------------------------------------------------------------------------------------
// Arrays
// -------------------------------------------------------------------------------------------------------------

// Scalars of which an array is made. Specialise it for a vector type of your own that is `count` scalars and
// nothing else: template <> struct nbl::element<vec3> { using scalar = double; static constexpr std::size_t
// count = 3; };
template <class T> struct element {
    using scalar = T;
    static constexpr std::size_t count = 1;
};
template <class T, std::size_t N> struct element<std::array<T, N>> {
    using scalar = typename element<T>::scalar;
    static constexpr std::size_t count = N * element<T>::count;
};
template <class T, std::size_t N> struct element<T[N]> {
    using scalar = typename element<T>::scalar;
    static constexpr std::size_t count = N * element<T>::count;
};

// A pointer and a size.
template <class T> class view
{
  public:
    constexpr view() noexcept = default;
    constexpr view(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <class C,
              class = std::enable_if_t<std::is_convertible_v<decltype(std::data(std::declval<C &>())), T *> &&
                                       sizeof(*std::data(std::declval<C &>())) == sizeof(T)>>
    constexpr view(C &&container) noexcept : data_(std::data(container)), size_(std::size(container))
    {
    }
    [[nodiscard]] constexpr T *data() const noexcept
    {
        return data_;
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept
    {
        return size_;
    }
    [[nodiscard]] constexpr T *begin() const noexcept
    {
        return data_;
    }
    [[nodiscard]] constexpr T *end() const noexcept
    {
        return data_ + size_;
    }
    [[nodiscard]] constexpr T &operator[](std::size_t k) const noexcept
    {
        return data_[k];
    }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

template <class T> view(T *, std::size_t) -> view<T>;

namespace detail
{
// Of the type of a status, which the constants of C are not.
inline constexpr nbl_status fine = NBL_OK, unbuilt = NBL_EUNBUILT;

template <class C> using element_of = std::remove_reference_t<decltype(*std::data(std::declval<C &>()))>;
template <class C>
using scalar_of = std::remove_const_t<typename element<std::remove_const_t<element_of<C>>>::scalar>;

// By size, not by name: int64_t may be long, and yours long long.
template <class T> constexpr std::int32_t dtype() noexcept
{
    if constexpr (std::is_same_v<T, float>)
        return NBL_FLOAT32;
    else if constexpr (std::is_same_v<T, double>)
        return NBL_FLOAT64;
    else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
        return sizeof(T) == 1 ? NBL_INT8 : sizeof(T) == 4 ? NBL_INT32 : sizeof(T) == 8 ? NBL_INT64 : -1;
    else
        return -1;
}

template <class C> constexpr bool is_real = std::is_floating_point_v<scalar_of<C>> &&dtype<scalar_of<C>>() > 0;
template <class C>
constexpr bool is_index = dtype<scalar_of<C>>() == NBL_INT32 || dtype<scalar_of<C>>() == NBL_INT64;
template <class C>
constexpr bool is_shift = dtype<scalar_of<C>>() == NBL_INT32 || dtype<scalar_of<C>>() == NBL_INT8;

template <class C> constexpr std::int64_t scalars(const C &container) noexcept
{
    return static_cast<std::int64_t>(std::size(container) *
                                     element<std::remove_const_t<element_of<const C>>>::count);
}

// An empty array is not the same as none.
template <class T> T *address(T *data) noexcept
{
    alignas(8) static char nothing[8];
    return data != nullptr ? data : reinterpret_cast<T *>(nothing);
}

#if NBL_EXCEPTIONS
// The handle, not its message: that must not be asked for before the call, which may make it.
template <class H> void check(status code, const H &handle)
{
    if (!code.ok())
        throw error(code, handle.message());
}
#endif

template <class T> T size_or_status(T size)
{
#if NBL_EXCEPTIONS
    if (size < 0)
        throw error(static_cast<nbl_status>(size), "");
#endif
    return size;
}

} // namespace detail

// Positions: [n][3], float or double. Numbers of scalars that are not a multiple of 3 make an NBL_ESIZE.
class positions_view
{
  public:
    template <class C, class = std::enable_if_t<detail::is_real<const C>>>
    positions_view(const C &container) noexcept
        : data(detail::address(static_cast<const void *>(std::data(container)))),
          n(detail::scalars(container) % 3 == 0 ? detail::scalars(container) / 3 : -1),
          dtype(detail::dtype<detail::scalar_of<const C>>())
    {
    }
    const void *data;
    std::int64_t n;
    std::int32_t dtype;
};

// A cell: nine float or double, rows a, b, c; or none: nbl::no_cell.
class cell_view
{
  public:
    constexpr cell_view() noexcept = default;
    template <class C, class = std::enable_if_t<detail::is_real<const C>>>
    cell_view(const C &container) noexcept
        : data(std::data(container)), dtype(detail::dtype<detail::scalar_of<const C>>()),
          good(detail::scalars(container) == 9)
    {
    }
    const void *data = nullptr;
    std::int32_t dtype = NBL_DTYPE_DEFAULT;
    bool good = true;
};

// Which axes are periodic. Without flags: those of a cell, if there is one.
class pbc_flags
{
  public:
    constexpr pbc_flags() noexcept = default;
    constexpr pbc_flags(bool a, bool b, bool c) noexcept
        : given(true), bytes{static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
                             static_cast<std::uint8_t>(c)}
    {
    }
    constexpr pbc_flags(const std::array<bool, 3> &axes) noexcept : pbc_flags(axes[0], axes[1], axes[2]) {}
    [[nodiscard]] constexpr const std::uint8_t *get() const noexcept
    {
        return given ? bytes : nullptr;
    }

  private:
    bool given = false;
    std::uint8_t bytes[3] = {0, 0, 0};
};

inline constexpr cell_view no_cell{};
inline constexpr pbc_flags periodic{true, true, true};
inline constexpr pbc_flags open{false, false, false};

// -------------------------------------------------------------------------------------------------------------
// Options: the structs of C, with their sizes set
// -------------------------------------------------------------------------------------------------------------

struct handle_options : nbl_handle_options {
    handle_options() noexcept : nbl_handle_options NBL_HANDLE_OPTIONS_INIT {}
};

// Types and strides are set by the calls.
struct build_options : nbl_build_options {
    build_options() noexcept : nbl_build_options NBL_BUILD_OPTIONS_INIT {}
};

struct search_options : nbl_search_options {
    explicit search_options(std::uint32_t flags_ = 0) noexcept : nbl_search_options NBL_SEARCH_OPTIONS_INIT
    {
        flags = flags_;
    }
};

NBL_NAMESPACE_END

#endif
