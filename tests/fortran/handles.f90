! SPDX-License-Identifier: MIT
!
! Who frees what: scopes, components, arrays, allocatables, copies of all kinds. handles.sh runs it under valgrind,
! which sees what is freed twice or never; here it is told that copies are empty and originals unharmed.
program handles
  use, intrinsic :: iso_fortran_env, only: real64
  use check
  use nblist
  implicit none
  type :: holder
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    integer :: tag = 0
  end type holder
  real(real64), parameter :: cutoff = 2.0_real64
  logical, parameter :: pbc(3) = .true.
  real(real64) :: positions(3, 6), cell(3, 3)
  integer :: round
  call made_up(5, 6, positions, cell)
  do round = 1, 3
    call scope
    call copies
    call sourced
    call moved
    call arrays
    call components
    call batches
    call again
  end do
  call finished(60)

contains

  subroutine build(list, found)
    type(nbl_cell_list), intent(inout) :: list
    type(nbl_result), intent(inout) :: found
    call list%build(positions, cell, pbc, cutoff, nbl_build_options(n_threads=1))
    call list%search(cutoff, found)
  end subroutine build

  ! .true. where the result can be read.
  logical function good(found)
    type(nbl_result), intent(inout) :: found
    integer :: counts(6), stat
    call found%fetch(counts=counts, stat=stat)
    good = stat == nbl_ok
    if (good) good = sum(counts) == found%n_pairs()
  end function good

  integer function state_of(list) result(stat)
    type(nbl_cell_list), intent(in) :: list
    type(nbl_result) :: found
    call list%search(cutoff, found, stat=stat)
  end function state_of

  subroutine scope
    type(nbl_cell_list) :: list, never_used
    type(nbl_result) :: found, never_searched
    call build(list, found)
    call expect(good(found), 'a list and its result')
    call never_used%destroy()
    call never_used%destroy()
    call expect(never_searched%n_pairs() == nbl_eunbuilt, 'nothing searched')
  end subroutine scope

  subroutine copies
    type(nbl_cell_list) :: list, copy
    type(nbl_result) :: found, other
    call build(list, found)
    call build(copy, other)
    copy = list
    other = found
    call expect(state_of(copy) == nbl_eunbuilt, 'a copy of a list is empty')
    call expect(other%n_pairs() == nbl_eunbuilt, 'a copy of a result is empty')
    call expect(good(found), 'the original is not')
    list = list
    found = found
    call expect(good(found), 'assignment to itself')
    call build(copy, other)
    call expect(good(other) .and. good(found), 'a copy is a variable of its own')
  end subroutine copies

  ! Sourced allocation copies bits, and asks nobody.
  subroutine sourced
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    type(nbl_cell_list), allocatable :: copy
    type(nbl_result), allocatable :: other
    call build(list, found)
    allocate (copy, source=list)
    allocate (other, source=found)
    call expect(state_of(copy) == nbl_eunbuilt .and. other%n_pairs() == nbl_eunbuilt, 'sourced copies are empty')
    call build(copy, other)
    call expect(good(other) .and. good(found), 'and can be used on')
    deallocate (copy)
    call expect(.not. good(other) .and. good(found), 'and destroyed without harm')
  end subroutine sourced

  subroutine moved
    type(nbl_cell_list), allocatable :: list, taken
    type(nbl_result), allocatable :: found
    allocate (list, found)
    call build(list, found)
    call move_alloc(list, taken)
    call expect(state_of(taken) == nbl_ok .and. good(found), 'move_alloc')
    deallocate (taken)
    call expect(.not. good(found), 'deallocate destroys')
  end subroutine moved

  subroutine arrays
    type(nbl_cell_list) :: lists(3)
    type(nbl_result) :: found(3)
    type(nbl_cell_list), allocatable :: more(:)
    integer :: k
    do k = 1, 3
      call build(lists(k), found(k))
    end do
    allocate (more(2))
    more = lists(1:2)
    call expect(state_of(more(2)) == nbl_eunbuilt, 'elements are copied to empty ones')
    call build(more(2), found(2))
    call expect(all([(good(found(k)), k=1, 3)]), 'results of arrays')
    deallocate (more)
    call expect(good(found(1)) .and. .not. good(found(2)), 'elements are destroyed with their array')
  end subroutine arrays

  subroutine components
    type(holder) :: one, two
    type(holder), allocatable :: three
    call build(one%list, one%found)
    one%tag = 7
    two = one
    call expect(two%tag == 7 .and. state_of(two%list) == nbl_eunbuilt, 'copies of what holds one')
    allocate (three)
    three = one
    call build(three%list, three%found)
    call expect(good(three%found) .and. good(one%found), 'components')
  end subroutine components

  subroutine batches
    type(nbl_batch) :: batch, copy
    type(nbl_result) :: found
    real(real64) :: cells(3, 3, 1)
    integer :: stat
    cells(:, :, 1) = cell
    call batch%build(positions, cells, reshape(pbc, [3, 1]), [cutoff], ptr=[1, 4, 7])
    call batch%search(found)
    copy = batch
    call copy%search(found, stat=stat)
    call expect(stat == nbl_eunbuilt, 'a copy of a batch is empty')
    call batch%search(found)
    call expect(found%n_systems() == 2, 'the original is not')
    call batch%destroy()
    call expect(.not. good(found), 'a batch is destroyed')
  end subroutine batches

  ! Handles are created anew, with other options, and keep working.
  subroutine again
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    call list%create(nbl_handle_options(n_threads=1))
    call found%create(nbl_handle_options(n_threads=1))
    call build(list, found)
    call list%create(nbl_handle_options(isa=nbl_isa_portable, n_threads=1))
    call expect(.not. good(found), 'the result of a list that was created anew')
    call build(list, found)
    call expect(good(found), 'a list that was created anew')
  end subroutine again
end program handles
