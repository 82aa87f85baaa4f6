! SPDX-License-Identifier: MIT
!
! Rows on the fly: what a visitor of the caller gets, and the function of C that calls it.
module nblist_visits
  use, intrinsic :: iso_c_binding, only: c_associated, c_f_pointer, c_funloc, c_funptr, c_int, c_int8_t, c_int32_t, &
    c_int64_t, c_loc, c_ptr
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use nblist_c, only: c_rows => nbl_rows
  implicit none
  private
  public :: nbl_rows, nbl_visitor, visit_context, visit_function

  ! Some complete rows of one system. Row k is that of atom i(k), and has the pairs row_ptr(k) ... row_ptr(k + 1) - 1.
  ! Atoms are numbered in their system. Arrays of fields that were not asked for are not associated. Nothing of it is
  ! valid after the call.
  type :: nbl_rows
    integer(int64) :: system = 1      ! 1 for a cell list
    integer(int64) :: first_atom = 0  ! i(k) + first_atom counts through the batch
    integer :: thread = 1             ! that calls: 1 ... n_threads
    integer :: n_rows = 0
    integer(int32), pointer, contiguous :: i(:) => null()
    integer(int64), pointer, contiguous :: row_ptr(:) => null()
    integer(int32), pointer, contiguous :: j(:) => null()
    integer(int32), pointer, contiguous :: shifts(:, :) => null()  ! (3, pairs)
    real(real64), pointer, contiguous :: vectors(:, :) => null()   ! (3, pairs), from i to j
    real(real64), pointer, contiguous :: d2(:) => null()           ! squared distances
    integer(int32), pointer, contiguous :: shells(:) => null()     ! number of the smallest cutoff that holds the pair
  end type nbl_rows

  ! Called with some rows at a time, by several threads at once unless n_threads is 1. user: what was given to the
  ! visit, or nothing. Sets stop to .true. to end the visit (status nbl_estop); it is .false. before.
  abstract interface
    subroutine nbl_visitor(rows, user, stop)
      import :: nbl_rows
      type(nbl_rows), intent(in) :: rows
      class(*), intent(inout), optional :: user
      logical, intent(inout) :: stop
    end subroutine nbl_visitor
  end interface

  type :: visit_context
    procedure(nbl_visitor), pointer, nopass :: visitor => null()
    class(*), pointer :: user => null()
    logical :: exhausted = .false.  ! a copy found no memory
  end type visit_context

contains

  function visit_function() result(pointer)
    type(c_funptr) :: pointer
    pointer = c_funloc(visit)
  end function visit_function

  ! Numbers count from 1, so these arrays are copies; the others are those of the library.
  recursive function visit(user, given) bind(c) result(code)
    type(c_ptr), value :: user
    type(c_rows), intent(in) :: given
    integer(c_int) :: code
    type(visit_context), pointer :: context
    type(nbl_rows) :: rows
    integer(int32), pointer, contiguous :: i(:), j(:)
    integer(int64), pointer, contiguous :: row_ptr(:)
    integer(c_int8_t), pointer, contiguous :: shells(:)
    integer(int32), allocatable, target :: own_i(:), own_j(:), own_shells(:)
    integer(int64), allocatable, target :: own_row_ptr(:)
    integer(int64) :: m
    integer(int64) :: n_shells
    integer :: stat
    logical :: stop
    call c_f_pointer(user, context)
    call c_f_pointer(given%i, i, [given%n_rows])
    call c_f_pointer(given%row_ptr, row_ptr, [given%n_rows + 1])
    m = row_ptr(size(row_ptr))
    call c_f_pointer(given%j, j, [m])
    n_shells = merge(m, 0_int64, c_associated(given%shells))
    allocate (own_i(size(i)), own_row_ptr(size(row_ptr)), own_j(m), own_shells(n_shells), stat=stat)
    if (stat /= 0) then
      context%exhausted = .true.
      code = 1
      return
    end if
    own_i = i + 1
    own_row_ptr = row_ptr + 1
    own_j = j + 1
    rows%system = given%system + 1
    rows%first_atom = given%first_atom
    rows%thread = given%thread + 1
    rows%n_rows = given%n_rows
    rows%i => own_i
    rows%row_ptr => own_row_ptr
    rows%j => own_j
    if (c_associated(given%shifts)) call c_f_pointer(given%shifts, rows%shifts, [3_int64, m])
    if (c_associated(given%vectors)) call c_f_pointer(given%vectors, rows%vectors, [3_int64, m])
    if (c_associated(given%d2)) call c_f_pointer(given%d2, rows%d2, [m])
    if (c_associated(given%shells)) then
      call c_f_pointer(given%shells, shells, [m])
      own_shells = iand(int(shells, int32), 255_int32) + 1  ! unsigned in C
      rows%shells => own_shells
    end if
    stop = .false.
    if (associated(context%user)) then
      call context%visitor(rows, context%user, stop)
    else
      call context%visitor(rows, stop=stop)
    end if
    code = merge(1_c_int, 0_c_int, stop)
  end function visit
end module nblist_visits
