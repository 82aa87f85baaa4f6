! SPDX-License-Identifier: MIT
!
! Arrays of Fortran as C sees them: address, data type, extents. Arrays come as class(*), which costs nothing and lets
! any kind be passed for any optional argument; it is left to take() to refuse one that is out of place. Nothing is
! ever copied: an array with gaps is refused, except positions whose atoms are a fixed distance apart.
module nblist_views
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr
  use, intrinsic :: iso_fortran_env, only: int8, int32, int64, real32, real64
  use nblist_c
  use nblist_support, only: address_of
  implicit none
  private
  public :: fault, index_kinds, real_kinds, refuse, shift_kinds, take, take_atoms, view, view_of_1, view_of_2, &
    view_of_3

  ! The first thing that is wrong with the arguments of a call.
  type :: fault
    integer(c_int32_t) :: status = nbl_ok
    character(len=:), allocatable :: message
  end type fault

  ! address: null where the argument is absent. dtype: nbl_dtype_default where C has no such kind.
  type :: view
    type(c_ptr) :: address = c_null_ptr
    integer(c_int32_t) :: dtype = nbl_dtype_default
    logical :: contiguous = .true.
    integer(c_int64_t) :: extents(3) = 1
  end type view

  integer(c_int32_t), parameter :: index_kinds(2) = [nbl_int32, nbl_int64]
  integer(c_int32_t), parameter :: shift_kinds(2) = [nbl_int8, nbl_int32]
  integer(c_int32_t), parameter :: real_kinds(2) = [nbl_float32, nbl_float64]
  character(len=*), parameter :: kind_names(0:5) = &
    ['another type', 'int8        ', 'int32       ', 'int64       ', 'real32      ', 'real64      ']
  integer(c_int64_t), parameter :: kind_bytes(0:5) = [0, 1, 4, 8, 4, 8]

  ! What an array without elements points to: not null, which would mean that there is no array.
  integer(int64), target, save :: nothing = 0

contains

#define RANK 1
#define RANK_NAME view_of_1
#define RANK_SHAPE (:)
#define RANK_FIRST (1)
#include "view_tmpl.inc"
#undef RANK
#undef RANK_NAME
#undef RANK_SHAPE
#undef RANK_FIRST

#define RANK 2
#define RANK_NAME view_of_2
#define RANK_SHAPE (:, :)
#define RANK_FIRST (1, 1)
#include "view_tmpl.inc"
#undef RANK
#undef RANK_NAME
#undef RANK_SHAPE
#undef RANK_FIRST

#define RANK 3
#define RANK_NAME view_of_3
#define RANK_SHAPE (:, :, :)
#define RANK_FIRST (1, 1, 1)
#include "view_tmpl.inc"

  ! Only the first fault is kept.
  subroutine refuse(wrong, status, message)
    type(fault), intent(inout) :: wrong
    integer(c_int32_t), intent(in) :: status
    character(len=*), intent(in) :: message
    if (wrong%status /= nbl_ok) return
    wrong%status = status
    wrong%message = message
  end subroutine refuse

  ! Puts a given array into the fields of a struct: its address, and its kind, which must be one of `kinds` and the
  ! same for all arrays that share `dtype`. leading: what its first extents must be. The one after these lessens
  ! `capacity`, which `surplus` entries do not count for.
  subroutine take(wrong, name, seen, kinds, address, dtype, capacity, leading, surplus)
    type(fault), intent(inout) :: wrong
    character(len=*), intent(in) :: name
    type(view), intent(in) :: seen
    integer(c_int32_t), intent(in) :: kinds(2)
    type(c_ptr), intent(inout) :: address
    integer(c_int32_t), intent(inout) :: dtype
    integer(c_int64_t), intent(inout) :: capacity
    integer(c_int64_t), intent(in), optional :: leading(:)
    integer, intent(in), optional :: surplus
    integer :: dimension
    if (.not. c_associated(seen%address)) return
    call check_kind(wrong, name, seen, kinds)
    if (.not. seen%contiguous) call refuse(wrong, nbl_esize, name // ' is not contiguous')
    if (dtype /= nbl_dtype_default .and. dtype /= seen%dtype) &
      call refuse(wrong, nbl_econflict, name // ' is of ' // trim(kind_names(seen%dtype)) // ', another array of ' &
      // trim(kind_names(dtype)))
    dimension = 1
    if (present(leading)) then
      call check_leading(wrong, name, seen, leading)
      dimension = size(leading) + 1
    end if
    capacity = min(capacity, seen%extents(dimension))
    if (present(surplus)) capacity = min(capacity, seen%extents(dimension) - surplus)
    if (wrong%status /= nbl_ok) return
    address = seen%address
    dtype = seen%dtype
  end subroutine take

  subroutine check_kind(wrong, name, seen, kinds)
    type(fault), intent(inout) :: wrong
    character(len=*), intent(in) :: name
    type(view), intent(in) :: seen
    integer(c_int32_t), intent(in) :: kinds(2)
    if (all(seen%dtype /= kinds)) &
      call refuse(wrong, nbl_eoption, name // ' is of ' // trim(kind_names(seen%dtype)) // ', not of ' &
      // trim(kind_names(kinds(1))) // ' or ' // trim(kind_names(kinds(2))))
  end subroutine check_kind

  subroutine check_leading(wrong, name, seen, leading)
    type(fault), intent(inout) :: wrong
    character(len=*), intent(in) :: name
    type(view), intent(in) :: seen
    integer(c_int64_t), intent(in) :: leading(:)
    character(len=96) :: text
    integer :: k
    do k = 1, size(leading)
      if (seen%extents(k) == leading(k)) cycle
      write (text, '(3(a, i0))') ' has extent ', seen%extents(k), ', not ', leading(k), ', in dimension ', k
      call refuse(wrong, nbl_esize, name // trim(text))
      return
    end do
  end subroutine check_leading

  ! Positions (3, n), which may be the first three rows of a larger array: x(1:3, :).
  subroutine take_atoms(wrong, positions, address, dtype, stride)
    type(fault), intent(inout) :: wrong
    class(*), intent(in), target :: positions(:, :)
    type(c_ptr), intent(inout) :: address
    integer(c_int32_t), intent(inout) :: dtype
    integer(c_int64_t), intent(out) :: stride
    type(view) :: whole
    integer(c_int64_t) :: first, inside
    stride = 0
    whole = view_of_2(positions)
    call check_kind(wrong, 'positions', whole, real_kinds)
    call check_leading(wrong, 'positions', whole, [3_c_int64_t])
    if (wrong%status /= nbl_ok) return
    address = whole%address
    dtype = whole%dtype
    if (whole%contiguous .or. size(positions, 2) < 2) return
    first = address_of(address)
    inside = 0
    select type (positions)
    type is (real(real32))
      inside = address_of(c_loc(positions(2, 1))) - first
      stride = address_of(c_loc(positions(1, 2))) - first
    type is (real(real64))
      inside = address_of(c_loc(positions(2, 1))) - first
      stride = address_of(c_loc(positions(1, 2))) - first
    end select
    if (inside /= kind_bytes(dtype) .or. stride < 3 * kind_bytes(dtype)) &
      call refuse(wrong, nbl_esize, 'positions has gaps inside of an atom, or atoms from the last to the first')
  end subroutine take_atoms
end module nblist_views
