! SPDX-License-Identifier: MIT
!
! nbl_batch: the atoms of many systems.
module nblist_batches
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr, c_sizeof
  use, intrinsic :: iso_fortran_env, only: int32, real64
  use nblist_c
  use nblist_owner, only: owner
  use nblist_results, only: nbl_result, result_finish, result_open
  use nblist_support, only: finish, text_of
  use nblist_systems, only: many, read_many
  use nblist_views, only: fault, refuse
  use nblist_visits, only: nbl_visitor, visit_context, visit_function
  implicit none
  private
  public :: nbl_batch

  ! The atoms of many systems. Assignment leaves the variable on the left empty, as with the other types.
  type :: nbl_batch
    private
    type(owner) :: own
  contains
    procedure :: create => batch_create
    procedure :: destroy => batch_destroy
    procedure :: build => batch_build
    procedure :: get_info => batch_get_info
    procedure, private :: search_as_built, search_one, search_several, visit_one, visit_several
    generic :: search => search_as_built, search_one, search_several
    generic :: visit => visit_one, visit_several
    procedure, private :: assign => batch_assign
    generic :: assignment(=) => assign
    final :: batch_finalize
  end type nbl_batch

contains

  ! Creates the handle anew. Without this call, the first build does, with default options.
  subroutine batch_create(self, options, stat, errmsg)
    class(nbl_batch), intent(inout) :: self
    type(nbl_handle_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_handle_options), target :: given
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    call self%destroy()
    if (present(options)) given = options
    given%size = c_sizeof(given)
    status = c_batch_create(handle, c_loc(given))
    if (status == nbl_ok) call self%own%set(handle)
    call finish(status, '', stat, errmsg)
  end subroutine batch_create

  subroutine batch_destroy(self)
    class(nbl_batch), intent(inout) :: self
    type(c_ptr) :: handle
    handle = self%own%get()
    if (c_associated(handle)) call c_batch_destroy(handle)
    call self%own%set(c_null_ptr)
  end subroutine batch_destroy

  impure elemental subroutine batch_finalize(self)
    type(nbl_batch), intent(inout) :: self
    call self%destroy()
  end subroutine batch_finalize

  impure elemental subroutine batch_assign(left, right)
    class(nbl_batch), intent(inout) :: left
    class(nbl_batch), intent(in) :: right
    if (left%own%is_in(right%own)) return
    call left%destroy()
  end subroutine batch_assign

  ! Builds all systems, concatenated: first all atoms of system 1, then of system 2, ... One of ptr and ids tells
  ! which is whose:
  !
  !   ptr(n_systems + 1)  atoms ptr(b) ... ptr(b + 1) - 1 are those of system b
  !   ids(n)              the system of each atom, never decreasing; n_systems, if given, counts empty ones at the end
  !
  ! positions (3, n); cells (3, 3, n_systems), or (3, 3, 1) for all; pbc (3, n_systems or 1); cutoffs (n_systems or
  ! 1). has_cell: .false. where there is none. statuses (n_systems): nbl_ok, or why that system was refused; then stat
  ! is nbl_ebatch, and the other systems are built.
  subroutine batch_build(self, positions, cells, pbc, cutoffs, ptr, ids, n_systems, has_cell, statuses, options, &
    stat, errmsg)
    class(nbl_batch), intent(inout) :: self
    class(*), intent(in), target :: positions(:, :), cells(:, :, :)
    logical, intent(in) :: pbc(:, :)
    real(real64), intent(in) :: cutoffs(:)
    class(*), intent(in), optional :: ptr(:), ids(:)
    integer, intent(in), optional :: n_systems
    logical, intent(in), optional :: has_cell(:)
    integer(int32), intent(inout), contiguous, optional, target :: statuses(:)
    type(nbl_build_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(many), target :: given
    type(fault) :: wrong
    type(c_ptr) :: handle, report
    integer :: code
    call read_many(wrong, given, positions, cells, pbc, cutoffs, ptr, ids, n_systems, has_cell, options)
    report = c_null_ptr
    if (present(statuses)) then
      if (size(statuses, kind=c_int64_t) < given%input%n_systems) &
        call refuse(wrong, nbl_esize, 'statuses has fewer than n_systems entries')
      report = c_loc(statuses)
    end if
    code = nbl_ok
    if (wrong%status == nbl_ok .and. .not. c_associated(self%own%get())) call self%create(stat=code)
    if (code /= nbl_ok) call refuse(wrong, int(code, c_int32_t), '')
    if (wrong%status /= nbl_ok) then
      call finish(wrong%status, wrong%message, stat, errmsg)
      return
    end if
    handle = self%own%get()
    code = c_batch_build(handle, c_loc(given%input), c_loc(given%options), report)
    call finish(int(code, c_int32_t), text_of(c_batch_message(handle)), stat, errmsg)
  end subroutine batch_build

  subroutine batch_get_info(self, info, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    type(nbl_batch_info), intent(out), target :: info
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(fault) :: wrong
    integer(c_int32_t) :: status
    call check_built(self, wrong)
    status = wrong%status
    info%size = c_sizeof(info)
    if (status == nbl_ok) then
      status = c_batch_get_info(self%own%get(), c_loc(info))
      wrong%message = text_of(c_batch_message(self%own%get()))
    end if
    call finish(status, wrong%message, stat, errmsg)
  end subroutine batch_get_info

  subroutine check_built(self, wrong)
    class(nbl_batch), intent(in) :: self
    type(fault), intent(inout) :: wrong
    if (.not. c_associated(self%own%get())) call refuse(wrong, nbl_eunbuilt, 'nothing was built in this batch')
  end subroutine check_built

  ! Finds all pairs within the cutoffs of the build: list 1 of `found`, row a that of atom a of the whole batch.
  subroutine search_as_built(self, found, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    class(nbl_result), intent(inout) :: found
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call search(self, 1, 0_c_int64_t, c_null_ptr, found, options, stat, errmsg)
  end subroutine search_as_built

  ! cutoffs (n_systems), or (1) for all.
  subroutine search_one(self, cutoffs, found, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:)
    class(nbl_result), intent(inout) :: found
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call search(self, 1, size(cutoffs, kind=c_int64_t), c_loc(cutoffs), found, options, stat, errmsg)
  end subroutine search_one

  ! Several cutoffs, cutoffs (lists, n_systems), or (lists, 1) for all: list k of `found` holds the pairs of every
  ! system within its k-th cutoff.
  subroutine search_several(self, cutoffs, found, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:, :)
    class(nbl_result), intent(inout) :: found
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call search(self, size(cutoffs, 1), size(cutoffs, 2, kind=c_int64_t), c_loc(cutoffs), found, options, stat, &
      errmsg)
  end subroutine search_several

  subroutine search(self, n_lists, n_sets, cutoffs, found, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    integer, intent(in) :: n_lists
    integer(c_int64_t), intent(in) :: n_sets
    type(c_ptr), intent(in) :: cutoffs
    class(nbl_result), intent(inout) :: found
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_search_options), target :: given
    type(fault) :: wrong
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    if (present(options)) given = options
    given%size = c_sizeof(given)
    call check_built(self, wrong)
    call result_open(found, handle, wrong)
    status = nbl_ok
    if (wrong%status /= nbl_ok) then
      continue
    else if (n_lists == 1) then
      status = c_batch_search(self%own%get(), n_sets, cutoffs, c_loc(given), handle)
    else
      status = c_batch_search_multi(self%own%get(), int(n_lists, c_int32_t), n_sets, cutoffs, c_loc(given), handle)
    end if
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine search

  ! As nbl_cell_list%visit: all rows of all systems, rows%system being the system.
  subroutine visit_one(self, cutoffs, visitor, found, user, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:)
    procedure(nbl_visitor) :: visitor
    class(nbl_result), intent(inout) :: found
    class(*), intent(inout), optional, target :: user
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call visit(self, 1, size(cutoffs, kind=c_int64_t), c_loc(cutoffs), visitor, found, user, options, stat, errmsg)
  end subroutine visit_one

  subroutine visit_several(self, cutoffs, visitor, found, user, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:, :)
    procedure(nbl_visitor) :: visitor
    class(nbl_result), intent(inout) :: found
    class(*), intent(inout), optional, target :: user
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call visit(self, size(cutoffs, 1), size(cutoffs, 2, kind=c_int64_t), c_loc(cutoffs), visitor, found, user, &
      options, stat, errmsg)
  end subroutine visit_several

  subroutine visit(self, n_lists, n_sets, cutoffs, visitor, found, user, options, stat, errmsg)
    class(nbl_batch), intent(in) :: self
    integer, intent(in) :: n_lists
    integer(c_int64_t), intent(in) :: n_sets
    type(c_ptr), intent(in) :: cutoffs
    procedure(nbl_visitor) :: visitor
    class(nbl_result), intent(inout) :: found
    class(*), intent(inout), optional, target :: user
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_search_options), target :: given
    type(visit_context), target :: context
    type(fault) :: wrong
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    context%visitor => visitor
    if (present(user)) context%user => user
    if (present(options)) given = options
    given%size = c_sizeof(given)
    call check_built(self, wrong)
    call result_open(found, handle, wrong)
    status = nbl_ok
    if (wrong%status == nbl_ok) status = c_batch_visit(self%own%get(), int(n_lists, c_int32_t), n_sets, cutoffs, &
      c_loc(given), handle, visit_function(), c_loc(context))
    if (context%exhausted) call refuse(wrong, nbl_enomem, '')
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine visit
end module nblist_batches
