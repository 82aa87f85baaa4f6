! SPDX-License-Identifier: MIT
!
! nbl_cell_list: the atoms of one system.
module nblist_cell_lists
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_loc, c_null_ptr, c_ptr, c_sizeof
  use, intrinsic :: iso_fortran_env, only: real64
  use nblist_c
  use nblist_owner, only: owner
  use nblist_results, only: nbl_result, result_finish, result_open
  use nblist_support, only: finish, text_of
  use nblist_systems, only: read_single, single
  use nblist_views, only: fault, refuse
  use nblist_visits, only: nbl_visitor, visit_context, visit_function
  implicit none
  private
  public :: nbl_cell_list

  ! The atoms of one system, sorted into cells. Keeps its memory from one build to the next. Assignment leaves the
  ! variable on the left empty: a list belongs to one variable, and ends with it.
  type :: nbl_cell_list
    private
    type(owner) :: own
  contains
    procedure :: create => list_create
    procedure :: destroy => list_destroy
    procedure :: build => list_build
    procedure :: get_info => list_get_info
    procedure, private :: search_one, search_several, visit_one, visit_several
    generic :: search => search_one, search_several
    generic :: visit => visit_one, visit_several
    procedure, private :: assign => list_assign
    generic :: assignment(=) => assign
    final :: list_finalize
  end type nbl_cell_list

contains

  ! Creates the handle anew. Without this call, the first build does, with default options.
  subroutine list_create(self, options, stat, errmsg)
    class(nbl_cell_list), intent(inout) :: self
    type(nbl_handle_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_handle_options), target :: given
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    call self%destroy()
    if (present(options)) given = options
    given%size = c_sizeof(given)
    status = c_cell_list_create(handle, c_loc(given))
    if (status == nbl_ok) call self%own%set(handle)
    call finish(status, '', stat, errmsg)
  end subroutine list_create

  subroutine list_destroy(self)
    class(nbl_cell_list), intent(inout) :: self
    type(c_ptr) :: handle
    handle = self%own%get()
    if (c_associated(handle)) call c_cell_list_destroy(handle)
    call self%own%set(c_null_ptr)
  end subroutine list_destroy

  impure elemental subroutine list_finalize(self)
    type(nbl_cell_list), intent(inout) :: self
    call self%destroy()
  end subroutine list_finalize

  impure elemental subroutine list_assign(left, right)
    class(nbl_cell_list), intent(inout) :: left
    class(nbl_cell_list), intent(in) :: right
    if (left%own%is_in(right%own)) return
    call left%destroy()
  end subroutine list_assign

  ! Builds the list for searches with any cutoff up to `cutoff`. Everything that is needed is copied.
  !
  ! positions (3, n) and cell (3, 3), real64 or real32 each; cell(:, 1), cell(:, 2) and cell(:, 3) are the lattice
  ! vectors a, b and c. pbc: which of them are periodic. The others are never read; where none is, any cell will do.
  subroutine list_build(self, positions, cell, pbc, cutoff, options, stat, errmsg)
    class(nbl_cell_list), intent(inout) :: self
    class(*), intent(in), target :: positions(:, :), cell(:, :)
    logical, intent(in) :: pbc(3)
    real(real64), intent(in) :: cutoff
    type(nbl_build_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(single), target :: given
    type(fault) :: wrong
    type(c_ptr) :: handle
    integer :: code
    call read_single(wrong, given, positions, cell, pbc, options)
    code = nbl_ok
    if (wrong%status == nbl_ok .and. .not. c_associated(self%own%get())) call self%create(stat=code)
    if (code /= nbl_ok) call refuse(wrong, int(code, c_int32_t), '')
    if (wrong%status /= nbl_ok) then
      call finish(wrong%status, wrong%message, stat, errmsg)
      return
    end if
    handle = self%own%get()
    code = c_cell_list_build(handle, given%n, given%positions, given%cell, c_loc(given%pbc), cutoff, &
      c_loc(given%options))
    call finish(int(code, c_int32_t), text_of(c_cell_list_message(handle)), stat, errmsg)
  end subroutine list_build

  subroutine list_get_info(self, info, stat, errmsg)
    class(nbl_cell_list), intent(in) :: self
    type(nbl_cell_list_info), intent(out), target :: info
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(fault) :: wrong
    integer(c_int32_t) :: status
    call check_built(self, wrong)
    status = wrong%status
    info%size = c_sizeof(info)
    if (status == nbl_ok) then
      status = c_cell_list_get_info(self%own%get(), c_loc(info))
      wrong%message = text_of(c_cell_list_message(self%own%get()))
    end if
    call finish(status, wrong%message, stat, errmsg)
  end subroutine list_get_info

  subroutine check_built(self, wrong)
    class(nbl_cell_list), intent(in) :: self
    type(fault), intent(inout) :: wrong
    if (.not. c_associated(self%own%get())) call refuse(wrong, nbl_eunbuilt, 'nothing was built in this cell list')
  end subroutine check_built

  ! Finds all pairs within the cutoff: list 1 of `found`.
  subroutine search_one(self, cutoff, found, options, stat, errmsg)
    class(nbl_cell_list), intent(in) :: self
    real(real64), intent(in) :: cutoff
    class(nbl_result), intent(inout) :: found
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call self%search([cutoff], found, options, stat, errmsg)
  end subroutine search_one

  ! Several cutoffs in one pass, in any order: list k of `found` holds the pairs within cutoffs(k).
  subroutine search_several(self, cutoffs, found, options, stat, errmsg)
    class(nbl_cell_list), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:)
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
    if (wrong%status == nbl_ok) status = c_cell_list_search_multi(self%own%get(), size(cutoffs, kind=c_int32_t), &
      c_loc(cutoffs), c_loc(given), handle)
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine search_several

  ! Calls visitor(rows, user, stop) until it has seen the row of every atom once, in no order between the atoms.
  ! `found` lends its memory and is empty afterwards.
  subroutine visit_one(self, cutoff, visitor, found, user, options, stat, errmsg)
    class(nbl_cell_list), intent(in) :: self
    real(real64), intent(in) :: cutoff
    procedure(nbl_visitor) :: visitor
    class(nbl_result), intent(inout) :: found
    class(*), intent(inout), optional, target :: user
    type(nbl_search_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    call self%visit([cutoff], visitor, found, user, options, stat, errmsg)
  end subroutine visit_one

  ! Rows are those of the largest cutoff; rows%shells(k) tells the smallest one that holds pair k.
  subroutine visit_several(self, cutoffs, visitor, found, user, options, stat, errmsg)
    class(nbl_cell_list), intent(in) :: self
    real(real64), intent(in), contiguous, target :: cutoffs(:)
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
    if (wrong%status == nbl_ok) status = c_cell_list_visit(self%own%get(), size(cutoffs, kind=c_int32_t), &
      c_loc(cutoffs), c_loc(given), handle, visit_function(), c_loc(context))
    if (context%exhausted) call refuse(wrong, nbl_enomem, '')
    call result_finish(handle, wrong, status, stat, errmsg)
  end subroutine visit_several
end module nblist_cell_lists
