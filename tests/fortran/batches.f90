! SPDX-License-Identifier: MIT
!
! Batches against their systems one by one; refused systems; ptr and ids; what is wrong with the arrays.
program batches
  use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
  use, intrinsic :: ieee_arithmetic, only: ieee_quiet_nan, ieee_value
  use check
  use nblist
  implicit none
  integer, parameter :: n_systems = 5, sizes(n_systems) = [4, 0, 7, 1, 6], n = 18
  integer, parameter :: ptr(n_systems + 1) = [1, 5, 5, 12, 13, 19]
  real(real64) :: positions(3, n), cells(3, 3, n_systems), cutoffs(n_systems)
  logical :: pbc(3, n_systems)
  integer(int64) :: ids(n)
  integer :: b
  do b = 1, n_systems
    call made_up(40 + b, sizes(b), positions(:, ptr(b):ptr(b + 1) - 1), cells(:, :, b))
    ids(ptr(b):ptr(b + 1) - 1) = b
    pbc(:, b) = [.true., mod(b, 2) == 0, b > 2]
    cutoffs(b) = 1.9_real64 + 0.1_real64 * b
  end do
  call as_singles
  call several
  call one_for_all
  call refused
  call bad_input
  call finished(70)

contains

  subroutine as_singles
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    type(nbl_batch_info) :: info
    integer(int32), allocatable :: i(:), j(:), local(:), shifts(:, :), system(:)
    integer(int32) :: edge_ptr(n_systems + 1), atom_ptr(n_systems + 1)
    integer(int32) :: statuses(n_systems)
    real(real64), allocatable :: vectors(:, :)
    type(pair_list) :: truth
    integer :: first, last, m
    statuses = 99
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr, statuses=statuses)
    call expect(all(statuses == nbl_ok), 'all systems are good')
    call batch%get_info(info)
    call expect(info%n_systems == n_systems .and. info%n_atoms == n .and. info%n_failed == 0, 'info')
    call batch%search(found, nbl_search_options(flags=nbl_sorted))
    m = int(found%n_pairs())
    allocate (i(m), j(m), local(m), shifts(3, m), system(m), vectors(3, m))
    call found%fetch(i, j, shifts, vectors, batch=system, edge_ptr=edge_ptr, atom_ptr=atom_ptr)
    call found%fetch(local, local_indices=.true.)
    call expect(all(atom_ptr == ptr) .and. edge_ptr(1) == 1 .and. edge_ptr(n_systems + 1) == m + 1, 'offsets')
    do b = 1, n_systems
      truth = brute(positions(:, ptr(b):ptr(b + 1) - 1), cells(:, :, b), pbc(:, b), cutoffs(b), 6)
      first = edge_ptr(b)
      last = edge_ptr(b + 1) - 1
      call expect(last - first + 1 == truth%m, 'pairs of a system')
      if (last - first + 1 /= truth%m) cycle
      call expect(all(system(first:last) == b), 'system of a pair')
      call expect(all(i(first:last) == truth%i(:truth%m) + ptr(b) - 1), 'i through the batch')
      call expect(all(j(first:last) == truth%j(:truth%m) + ptr(b) - 1), 'j through the batch')
      call expect(all(local(first:last) == truth%i(:truth%m)), 'i in the system')
      call expect(all(shifts(:, first:last) == truth%shifts(:, :truth%m)), 'shifts')
      call expect(all(vectors(:, first:last) == truth%vectors(:, :truth%m)), 'vectors')
      call expect(found%system_status(b) == nbl_ok, 'status')
    end do
    call ways_to_say_it(m)
  end subroutine as_singles

  ! ids instead of ptr, kinds, systems without a cell: the same pairs, and as brute force has them.
  subroutine ways_to_say_it(m)
    integer, intent(in) :: m
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    type(nbl_verify_report) :: report
    call batch%build(positions, cells, pbc, cutoffs, ids=ids, n_systems=n_systems)
    call batch%search(found)
    call expect(found%n_pairs() == m .and. found%n_systems() == n_systems, 'ids of int64')
    call nbl_verify_batch(found, positions, cells, pbc, ids=ids, n_systems=n_systems, report=report)
    call expect(report%verdict == nbl_verify_equal .and. report%n_pairs == m, 'verify')
    call batch%build(positions, cells, pbc, cutoffs, ids=int(ids, int32))
    call batch%search(found)
    call expect(found%n_pairs() == m .and. found%n_systems() == n_systems, 'ids of int32')
    call batch%build(positions, cells, pbc, cutoffs, ptr=int(ptr, int64))
    call batch%search(found)
    call expect(found%n_pairs() == m, 'ptr of int64')
    call batch%build(real(positions, real32), real(cells, real32), pbc, cutoffs, ptr=ptr)
    call batch%search(found)
    call nbl_verify_batch(found, real(positions, real32), real(cells, real32), pbc, ptr=ptr, report=report)
    call expect(report%verdict == nbl_verify_equal, 'real32')
    call batch%build(positions, cells, spread([.false., .false., .false.], 2, 1), cutoffs, ptr=ptr, &
      has_cell=spread(.false., 1, n_systems))
    call batch%search(found)
    call nbl_verify_batch(found, positions, cells, spread([.false., .false., .false.], 2, 1), ptr=ptr, &
      has_cell=spread(.false., 1, n_systems), report=report)
    call expect(report%verdict == nbl_verify_equal .and. found%n_pairs() < m, 'no cells')
  end subroutine ways_to_say_it

  subroutine several
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    integer(int64) :: whole, small
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr)
    call batch%search(found)
    whole = found%n_pairs()
    call batch%search([1.5_real64], found)
    small = found%n_pairs()
    call expect(small < whole, 'a smaller cutoff')
    call batch%search(cutoffs, found)
    call expect(found%n_pairs() == whole, 'a cutoff for each system')
    call batch%search(reshape([spread(1.5_real64, 1, n_systems), cutoffs], [2, n_systems], order=[2, 1]), found)
    call expect(found%n_lists() == 2 .and. found%n_pairs(1) == small .and. found%n_pairs(2) == whole, 'sets')
    call batch%search(reshape([1.5_real64, 1.0_real64, 1.5_real64], [3, 1]), found)
    call expect(found%n_lists() == 3 .and. found%n_pairs(3) == small .and. found%n_pairs(2) < small, 'one set')
  end subroutine several

  subroutine one_for_all
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    type(nbl_verify_report) :: report
    call batch%build(positions, cells(:, :, 1:1), pbc(:, 3:3), [2.0_real64], ptr=ptr)
    call batch%search(found)
    call nbl_verify_batch(found, positions, cells(:, :, 1:1), pbc(:, 3:3), ptr=ptr, report=report)
    call expect(report%verdict == nbl_verify_equal .and. report%n_pairs == found%n_pairs(), 'one cell for all')
  end subroutine one_for_all

  ! A refused system is empty and has a status; the others are as before.
  subroutine refused
    type(nbl_batch) :: batch
    type(nbl_result) :: found, whole
    real(real64) :: bad(3, n), bad_cells(3, 3, n_systems)
    integer(int32) :: statuses(n_systems), edge_ptr(n_systems + 1), whole_ptr(n_systems + 1)
    integer :: stat
    character(len=200) :: told
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr)
    call batch%search(whole)
    call whole%fetch(edge_ptr=whole_ptr)
    bad = positions
    bad(2, 6) = ieee_value(1.0_real64, ieee_quiet_nan)
    bad_cells = cells
    bad_cells(:, :, 5) = 0
    call batch%build(bad, bad_cells, pbc, cutoffs, ptr=ptr, statuses=statuses, stat=stat, errmsg=told)
    call expect(stat == nbl_ebatch .and. index(told, 'positions[5][1] is') > 0, 'refused: ' // trim(told))
    call expect(all(statuses == [0, 0, int(nbl_eposition), 0, int(nbl_esingular)]), 'statuses')
    call batch%search(found, stat=stat)
    call found%fetch(edge_ptr=edge_ptr)
    call expect(stat == nbl_ok .and. found%system_status(3) == nbl_eposition, 'search after that')
    call expect(all(edge_ptr(2:) - edge_ptr(:5) == (whole_ptr(2:) - whole_ptr(:5)) * [1, 1, 0, 1, 0]), 'the others')
    call batch%build(bad, bad_cells, pbc, cutoffs, ptr=ptr, options=nbl_build_options(flags=nbl_all_or_nothing), &
      stat=stat)
    call expect(stat == nbl_eposition, 'all or nothing')
  end subroutine refused

  subroutine bad_input
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    integer(int32) :: statuses(n_systems - 1)
    integer :: stat
    character(len=200) :: told
    call batch%search(found, stat=stat, errmsg=told)
    call expect(stat == nbl_eunbuilt .and. index(told, 'nothing was built') > 0, 'search before a build')
    call batch%build(positions, cells, pbc, cutoffs, stat=stat, errmsg=told)
    call expect(stat == nbl_enull .and. index(told, 'ptr or ids') > 0, 'neither: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr, ids=ids, stat=stat, errmsg=told)
    call expect(stat == nbl_econflict .and. index(told, 'ptr or ids') > 0, 'both: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=real(ptr), stat=stat, errmsg=told)
    call expect(stat == nbl_eoption .and. index(told, 'ptr is not of int32') > 0, 'reals: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr - 1, stat=stat, errmsg=told)
    call expect(stat == nbl_eptr, 'ptr from 0: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ids=ids(n:1:-1), n_systems=n_systems, stat=stat, errmsg=told)
    call expect(stat == nbl_eids, 'ids that decrease: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ids=ids(2:), stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'differ in number') > 0, 'ids too few: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr(1:0), stat=stat, errmsg=told)
    call expect(stat == nbl_esize, 'empty ptr: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr, n_systems=9, stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'n_systems + 1') > 0, 'more systems: ' // trim(told))
    call batch%build(positions, cells, pbc(1:2, :), cutoffs, ptr=ptr, stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'pbc') > 0, 'two flags: ' // trim(told))
    call batch%build(positions, cells(:, :, 1:3), pbc, cutoffs, ptr=ptr, stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'n_cells is 3') > 0, 'three cells: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs(1:2), ptr=ptr, stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'n_cutoffs is 2') > 0, 'two cutoffs: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr, has_cell=[.true.], stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'has_cell') > 0, 'has_cell: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr, statuses=statuses, stat=stat, errmsg=told)
    call expect(stat == nbl_esize .and. index(told, 'statuses') > 0, 'statuses: ' // trim(told))
    call batch%build(positions, cells, pbc, cutoffs, ptr=ptr)
    call batch%search(cutoffs(1:2), found, stat=stat, errmsg=told)
    call expect(stat == nbl_esize, 'two cutoffs to search with: ' // trim(told))
    call batch%search([99.0_real64], found, stat=stat, errmsg=told)
    call expect(stat == nbl_ebatch .and. found%system_status(1) == nbl_ecutoff_build, 'too large: ' // trim(told))
  end subroutine bad_input
end program batches
