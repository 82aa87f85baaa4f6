! SPDX-License-Identifier: MIT
!
! What builds and checks are given: positions and cells as they lie in memory; flags as bytes and ids from 0, which
! are copies. Variables of these types must be targets, and live until the call of C is over.
module nblist_systems
  use, intrinsic :: iso_c_binding, only: c_int8_t, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr, c_sizeof
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use nblist_c
  use nblist_support, only: bytes_of
  use nblist_views
  implicit none
  private
  public :: many, read_many, read_single, single

  type :: single
    integer(c_int64_t) :: n = 0
    type(c_ptr) :: positions = c_null_ptr
    type(c_ptr) :: cell = c_null_ptr
    integer(c_int8_t) :: pbc(3) = 0_c_int8_t
    type(nbl_build_options) :: options
  end type single

  type :: many
    type(nbl_batch_input) :: input
    type(nbl_build_options) :: options
    integer(c_int64_t), allocatable :: ids(:)
    integer(c_int8_t), allocatable :: pbc(:, :), has_cell(:)
    real(real64), allocatable :: cutoffs(:)
  end type many

contains

  subroutine read_single(wrong, own, positions, cell, pbc, options)
    type(fault), intent(inout) :: wrong
    type(single), intent(inout), target :: own
    class(*), intent(in), target :: positions(:, :), cell(:, :)
    logical, intent(in) :: pbc(3)
    type(nbl_build_options), intent(in), optional :: options
    integer(c_int64_t) :: any_number
    any_number = 1
    call read_options(own%options, options)
    call take_atoms(wrong, positions, own%positions, own%options%positions_dtype, own%options%positions_stride)
    call take(wrong, 'cell', view_of_2(cell), real_kinds, own%cell, own%options%cell_dtype, any_number, &
      [3_c_int64_t, 3_c_int64_t])
    own%n = size(positions, 2, kind=c_int64_t)
    own%pbc = bytes_of(pbc)
  end subroutine read_single

  subroutine read_options(own, options)
    type(nbl_build_options), intent(inout) :: own
    type(nbl_build_options), intent(in), optional :: options
    if (present(options)) own = options
    own%size = c_sizeof(own)
    own%positions_dtype = nbl_dtype_default
    own%cell_dtype = nbl_dtype_default
  end subroutine read_options

  subroutine read_many(wrong, own, positions, cells, pbc, cutoffs, ptr, ids, n_systems, has_cell, options)
    type(fault), intent(inout) :: wrong
    type(many), intent(inout), target :: own
    class(*), intent(in), target :: positions(:, :), cells(:, :, :)
    logical, intent(in) :: pbc(:, :)
    real(real64), intent(in), optional :: cutoffs(:)
    class(*), intent(in), optional :: ptr(:), ids(:)
    integer, intent(in), optional :: n_systems
    logical, intent(in), optional :: has_cell(:)
    type(nbl_build_options), intent(in), optional :: options
    own%input%size = c_sizeof(own%input)
    own%input%n_atoms = size(positions, 2, kind=c_int64_t)
    own%input%n_cells = size(cells, 3, kind=c_int64_t)
    call read_options(own%options, options)
    call take_atoms(wrong, positions, own%input%positions, own%options%positions_dtype, own%options%positions_stride)
    call take(wrong, 'cells', view_of_3(cells), real_kinds, own%input%cells, own%options%cell_dtype, &
      own%input%n_cells, [3_c_int64_t, 3_c_int64_t])
    call read_ids(wrong, own, ptr, ids, n_systems)
    if (size(pbc, 1) /= 3) call refuse(wrong, nbl_esize, 'pbc does not have extent 3 in dimension 1')
    own%pbc = bytes_of(pbc)
    own%input%n_pbc = size(pbc, 2, kind=c_int64_t)
    own%input%pbc = c_loc(own%pbc)
    if (present(cutoffs)) then
      own%cutoffs = cutoffs
    else
      own%cutoffs = [1.0_real64]  ! a check does not read them
    end if
    own%input%n_cutoffs = size(own%cutoffs, kind=c_int64_t)
    own%input%cutoffs = c_loc(own%cutoffs)
    if (present(has_cell)) then
      if (size(has_cell) /= size(cells, 3)) call refuse(wrong, nbl_esize, 'has_cell and cells differ in number')
      own%has_cell = bytes_of(has_cell)
      own%input%has_cell = c_loc(own%has_cell)
    end if
  end subroutine read_many

  subroutine read_ids(wrong, own, ptr, ids, n_systems)
    type(fault), intent(inout) :: wrong
    type(many), intent(inout), target :: own
    class(*), intent(in), optional :: ptr(:), ids(:)
    integer, intent(in), optional :: n_systems
    if (present(ptr) .eqv. present(ids)) then
      call refuse(wrong, merge(nbl_econflict, nbl_enull, present(ptr)), 'ptr or ids: give one of them')
      return
    end if
    if (present(ptr)) call from_zero(wrong, 'ptr', ptr, own%ids)
    if (present(ids)) call from_zero(wrong, 'ids', ids, own%ids)
    if (wrong%status /= nbl_ok) return
    own%input%ids_dtype = nbl_int64
    if (present(ptr)) then
      own%input%ptr = c_loc(own%ids)
      own%input%n_systems = size(own%ids, kind=c_int64_t) - 1
    else
      own%input%batch = c_loc(own%ids)
      own%input%n_systems = 0
      if (size(own%ids) > 0) own%input%n_systems = own%ids(size(own%ids)) + 1  ! never decreasing
      if (size(own%ids, kind=c_int64_t) /= own%input%n_atoms) &
        call refuse(wrong, nbl_esize, 'ids and positions differ in number')
    end if
    if (present(n_systems)) own%input%n_systems = n_systems
    if (present(ptr) .and. own%input%n_systems > size(own%ids, kind=c_int64_t) - 1) &
      call refuse(wrong, nbl_esize, 'ptr has fewer than n_systems + 1 entries')
    if (size(own%ids) == 0 .and. present(ptr)) call refuse(wrong, nbl_esize, 'ptr has no entries')
  end subroutine read_ids

  subroutine from_zero(wrong, name, given, own)
    type(fault), intent(inout) :: wrong
    character(len=*), intent(in) :: name
    class(*), intent(in) :: given(:)
    integer(c_int64_t), allocatable, intent(inout) :: own(:)
    integer :: stat
    allocate (own(size(given)), stat=stat)
    if (stat /= 0) then
      call refuse(wrong, nbl_enomem, '')
      return
    end if
    select type (given)
    type is (integer(int32))
      own = int(given, c_int64_t) - 1
    type is (integer(int64))
      own = given - 1
    class default
      call refuse(wrong, nbl_eoption, name // ' is not of int32 or int64')
    end select
  end subroutine from_zero
end module nblist_systems
