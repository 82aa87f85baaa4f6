! SPDX-License-Identifier: MIT
!
! nbl_verify, nbl_verify_batch: a result against brute force, on the caller's own input.
module nblist_checks
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_loc, c_ptr, c_sizeof
  use nblist_c
  use nblist_results, only: list_number, nbl_result, result_finish, result_handle
  use nblist_systems, only: many, read_many, read_single, single
  use nblist_views, only: fault, refuse
  implicit none
  private
  public :: nbl_verify, nbl_verify_batch

contains

  ! stat is nbl_ok if the list is equal to that of brute force and nbl_everify if not; either way report is filled,
  ! with atoms from 1. Pass what was passed to the build.
  subroutine nbl_verify(found, positions, cell, pbc, report, list, options, stat, errmsg)
    class(nbl_result), intent(inout) :: found
    class(*), intent(in), target :: positions(:, :), cell(:, :)
    logical, intent(in) :: pbc(3)
    type(nbl_verify_report), intent(out), optional :: report
    integer, intent(in), optional :: list
    type(nbl_build_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(single), target :: given
    type(nbl_verify_report), target :: own
    type(fault) :: wrong
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    handle = result_handle(found)
    if (.not. c_associated(handle)) call refuse(wrong, nbl_eunbuilt, 'nothing was searched into this result')
    call read_single(wrong, given, positions, cell, pbc, options)
    own%size = c_sizeof(own)
    status = nbl_ok
    if (wrong%status == nbl_ok) status = c_verify(handle, list_number(list), given%n, given%positions, given%cell, &
      c_loc(given%pbc), c_loc(given%options), c_loc(own))
    if (present(report)) report = from_one(own)
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine nbl_verify

  subroutine nbl_verify_batch(found, positions, cells, pbc, ptr, ids, n_systems, has_cell, report, list, options, &
    stat, errmsg)
    class(nbl_result), intent(inout) :: found
    class(*), intent(in), target :: positions(:, :), cells(:, :, :)
    logical, intent(in) :: pbc(:, :)
    class(*), intent(in), optional :: ptr(:), ids(:)
    integer, intent(in), optional :: n_systems
    logical, intent(in), optional :: has_cell(:)
    type(nbl_verify_report), intent(out), optional :: report
    integer, intent(in), optional :: list
    type(nbl_build_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(many), target :: given
    type(nbl_verify_report), target :: own
    type(fault) :: wrong
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    handle = result_handle(found)
    if (.not. c_associated(handle)) call refuse(wrong, nbl_eunbuilt, 'nothing was searched into this result')
    call read_many(wrong, given, positions, cells, pbc, ptr=ptr, ids=ids, n_systems=n_systems, has_cell=has_cell, &
      options=options)
    own%size = c_sizeof(own)
    status = nbl_ok
    if (wrong%status == nbl_ok) status = c_verify_batch(handle, list_number(list), c_loc(given%input), &
      c_loc(given%options), c_loc(own))
    if (present(report)) report = from_one(own)
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine nbl_verify_batch

  ! As the report of C, with numbers from 1 where it is about a pair.
  function from_one(report) result(same)
    type(nbl_verify_report), intent(in) :: report
    type(nbl_verify_report) :: same
    same = report
    if (report%verdict == nbl_verify_equal) return
    same%i = report%i + 1
    same%j = report%j + 1
    same%system = report%system + 1
  end function from_one
end module nblist_checks
