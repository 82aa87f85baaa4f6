! SPDX-License-Identifier: MIT
!
! Visits: every row once, with numbers from 1, by one thread and by several; user data, stopping, batches, shells.
module visitors
  use, intrinsic :: iso_fortran_env, only: int32, real64
  use nblist
  implicit none
  private
  public :: calls_of_nobody, collect, collector, count_inside, stop_at_once, with_nobody

  type :: collector
    integer :: threads = 0
    integer, allocatable :: visited(:)
    integer, allocatable :: counts(:), near(:), sum_of_j(:)
    real(real64), allocatable :: sums(:, :)
    logical :: lean = .false.
  end type collector

  integer :: calls_of_nobody = 0

contains

  ! Each row writes only to the entries of its own atom.
  subroutine collect(rows, user, stop)
    type(nbl_rows), intent(in) :: rows
    class(*), intent(inout), optional :: user
    logical, intent(inout) :: stop
    integer :: atom, first, k, last
    select type (user)
    type is (collector)
      if (rows%thread < 1 .or. rows%thread > user%threads .or. rows%n_rows /= size(rows%i)) stop = .true.
      do k = 1, rows%n_rows
        atom = rows%i(k) + int(rows%first_atom)
        first = int(rows%row_ptr(k))
        last = int(rows%row_ptr(k + 1)) - 1
        user%visited(atom) = user%visited(atom) + 1
        user%counts(atom) = last - first + 1
        user%sum_of_j(atom) = sum(rows%j(first:last)) + 1000 * int(rows%system)
        if (user%lean) then
          if (associated(rows%vectors) .or. associated(rows%shifts) .or. associated(rows%d2)) stop = .true.
          cycle
        end if
        user%sums(:, atom) = sum(rows%vectors(:, first:last), 2)
        if (any(abs(rows%d2(first:last) - sum(rows%vectors(:, first:last)**2, 1)) > 1e-12)) stop = .true.
        if (associated(rows%shells)) user%near(atom) = count(rows%shells(first:last) == 2)
      end do
    class default
      stop = .true.
    end select
  end subroutine collect

  subroutine stop_at_once(rows, user, stop)
    type(nbl_rows), intent(in) :: rows
    class(*), intent(inout), optional :: user
    logical, intent(inout) :: stop
    select type (user)
    type is (integer)
      user = user + rows%n_rows
    end select
    stop = .true.
  end subroutine stop_at_once

  subroutine with_nobody(rows, user, stop)
    type(nbl_rows), intent(in) :: rows
    class(*), intent(inout), optional :: user
    logical, intent(inout) :: stop
    stop = present(user) .or. stop
    calls_of_nobody = calls_of_nobody + rows%n_rows
  end subroutine with_nobody

  ! With a visitor that is an internal procedure.
  subroutine count_inside(list, cutoff, found, seen)
    type(nbl_cell_list), intent(in) :: list
    real(real64), intent(in) :: cutoff
    type(nbl_result), intent(inout) :: found
    integer, intent(out) :: seen
    integer :: own
    own = 0
    call list%visit(cutoff, count_rows, found, options=nbl_search_options(n_threads=1))
    seen = own
  contains
    subroutine count_rows(rows, user, stop)
      type(nbl_rows), intent(in) :: rows
      class(*), intent(inout), optional :: user
      logical, intent(inout) :: stop
      own = own + rows%n_rows
      if (present(user)) stop = .true.
    end subroutine count_rows
  end subroutine count_inside
end module visitors

program visits
  use, intrinsic :: iso_fortran_env, only: int32, real64
  use check
  use nblist
  use visitors
  implicit none
  integer, parameter :: n = 500
  logical, parameter :: pbc(3) = .true.
  real(real64), parameter :: cutoff = 1.2_real64
  real(real64) :: positions(3, n), cell(3, 3)
  integer :: threads
  call made_up(9, n, positions, cell)
  cell = 2.5_real64 * cell
  positions = 1.3_real64 * positions
  do threads = 1, 4
    call as_list(threads)
  end do
  call of_a_batch
  call stopped
  call finished(30)

contains

  subroutine prepare(user, threads)
    type(collector), intent(inout) :: user
    integer, intent(in) :: threads
    user%threads = threads
    user%visited = spread(0, 1, n)
    user%counts = user%visited
    user%near = user%visited
    user%sum_of_j = user%visited
    if (allocated(user%sums)) deallocate (user%sums)
    allocate (user%sums(3, n), source=0.0_real64)
  end subroutine prepare

  subroutine as_list(threads)
    integer, intent(in) :: threads
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    type(collector) :: user
    type(nbl_search_options) :: options
    integer(int32), allocatable :: j(:), near(:)
    integer(int32) :: counts(n), row_ptr(n + 1)
    real(real64), allocatable :: vectors(:, :)
    integer :: a, m
    options%n_threads = threads
    call list%build(positions, cell, pbc, cutoff)
    call list%search([0.7_real64, cutoff], found)
    m = int(found%n_pairs(2))
    allocate (j(m), vectors(3, m), near(n))
    call found%fetch(counts=near, list=1)
    call found%fetch(j=j, vectors=vectors, row_ptr=row_ptr, counts=counts, list=2)
    call expect(m > 2 * n, 'there is something to visit')

    call prepare(user, threads)
    call list%visit(cutoff, collect, found, user, options)
    call expect(all(user%visited == 1) .and. all(user%counts == counts), 'every row once')
    call expect(all([(user%sum_of_j(a) == 1000 + sum(j(row_ptr(a):row_ptr(a + 1) - 1)), a=1, n)]), 'j from 1')
    call expect(all([(all(user%sums(:, a) == sum(vectors(:, row_ptr(a):row_ptr(a + 1) - 1), 2)), a=1, n)]), 'sums')

    call prepare(user, threads)
    call list%visit([cutoff, 0.7_real64], collect, found, user, options)
    call expect(all(user%counts == counts) .and. all(user%near == near), 'shells from 1')

    call prepare(user, threads)
    user%lean = .true.
    options%fields = nbl_row_indices
    call list%visit(cutoff, collect, found, user, options)
    call expect(all(user%visited == 1) .and. all(user%counts == counts), 'fields that were not asked for')
  end subroutine as_list

  subroutine of_a_batch
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    type(collector) :: user
    integer(int32) :: counts(n)
    integer, parameter :: ptr(4) = [1, 201, 201, n + 1]
    call batch%build(positions, spread(cell, 3, 3), spread(pbc, 2, 1), [cutoff], ptr=ptr)
    call batch%search(found)
    call found%fetch(counts=counts)
    call prepare(user, 3)
    call batch%visit([cutoff], collect, found, user, nbl_search_options(n_threads=3))
    call expect(all(user%visited == 1) .and. all(user%counts == counts), 'every row of a batch')
    call expect(all(user%sum_of_j(1:200) >= 1000) .and. all(user%sum_of_j(201:) >= 3000), 'systems from 1')
    call batch%search(reshape([0.7_real64], [1, 1]), found)
    call found%fetch(counts=counts)
    call prepare(user, 3)
    call batch%visit(reshape([cutoff, 0.7_real64], [2, 1]), collect, found, user, nbl_search_options(n_threads=3))
    call expect(all(user%near == counts), 'shells of a batch')
  end subroutine of_a_batch

  subroutine stopped
    type(nbl_cell_list) :: list
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    integer :: seen, stat
    character(len=80) :: told
    call list%visit(cutoff, with_nobody, found, stat=stat, errmsg=told)
    call expect(stat == nbl_eunbuilt .and. index(told, 'nothing was built') == 1, 'visit before a build')
    call batch%visit([cutoff], with_nobody, found, stat=stat, errmsg=told)
    call expect(stat == nbl_eunbuilt .and. index(told, 'nothing was built') == 1, 'visit a batch before a build')
    call list%build(positions, cell, pbc, cutoff)
    seen = 0
    call list%visit(cutoff, stop_at_once, found, seen, nbl_search_options(n_threads=1), stat, told)
    call expect(stat == nbl_estop .and. seen > 0 .and. seen < n, 'stop: ' // trim(told))
    call list%visit(cutoff, with_nobody, found, options=nbl_search_options(n_threads=1))
    call expect(calls_of_nobody == n, 'no user data')
    call list%visit(2 * cutoff, with_nobody, found, stat=stat)
    call expect(stat == nbl_ecutoff_build, 'statuses of the search')
    call count_inside(list, cutoff, found, seen)
    call expect(seen == n, 'an internal procedure, which sees what surrounds it')
  end subroutine stopped
end program visits
