! SPDX-License-Identifier: MIT
!
! Lists of made-up systems against brute force: numbers from 1, every output, every kind, every mask of axes.
program lists
  use, intrinsic :: iso_fortran_env, only: int8, int32, int64, real32, real64
  use check
  use nblist
  implicit none
  logical :: pbc(3)
  integer :: mask, seed
  do mask = 0, 7
    pbc = [btest(mask, 0), btest(mask, 1), btest(mask, 2)]
    do seed = 1, 3
      call one_system(17 * mask + seed, 4 + 3 * seed, pbc)
    end do
  end do
  call no_atoms
  call columns_are_vectors
  call finished(400)

contains

  subroutine one_system(seed, n, pbc)
    integer, intent(in) :: seed, n
    logical, intent(in) :: pbc(3)
    real(real64) :: positions(3, n), cell(3, 3)
    type(pair_list) :: truth
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    type(nbl_verify_report) :: report
    real(real64), parameter :: cutoff = 2.5_real64
    call made_up(seed, n, positions, cell)
    truth = brute(positions, cell, pbc, cutoff, 6)
    call list%build(positions, cell, pbc, cutoff)
    call list%search(cutoff, found, nbl_search_options(flags=nbl_sorted))
    call expect(found%n_pairs() == truth%m, 'number of pairs')
    if (found%n_pairs() /= truth%m) return
    call expect(found%n_lists() == 1 .and. found%n_systems() == 1 .and. found%n_rows() == n, 'sizes')
    call expect(found%n_bytes() > 0 .and. found%mode() == nbl_mode_pairs, 'memory and mode')
    call pairs_wide(found, truth)
    call pairs_narrow(found, truth)
    call rows(found, truth, n)
    call dense(found, truth, n)
    call one_call(positions, cell, pbc, cutoff, truth)
    call single_precision(real(positions, real32), real(cell, real32), pbc, cutoff)
    call kinds_apart(real(positions, real32), cell, pbc, cutoff)
    call list%search(cutoff, found)
    call nbl_verify(found, positions, cell, pbc, report)
    call expect(report%verdict == nbl_verify_equal .and. report%n_pairs == truth%m, 'verify')
    call other_rows(list, found, truth, cutoff, n)
  end subroutine one_system

  ! int64 and real64, in arrays larger than needed.
  subroutine pairs_wide(found, truth)
    type(nbl_result), intent(inout) :: found
    type(pair_list), intent(in) :: truth
    integer(int64) :: i(truth%m + 2), j(truth%m + 1), edge_index(truth%m, 2), pairs(2, truth%m), batch(truth%m)
    integer(int64) :: reverse(truth%m)
    integer(int32) :: shifts(3, truth%m)
    real(real64) :: vectors(3, truth%m), distances(truth%m)
    integer :: k, m
    m = truth%m
    i = -7
    call found%fetch(i, j, shifts, vectors, distances, edge_index=edge_index, pairs=pairs, reverse=reverse, &
      batch=batch)
    call expect(all(i(:m) == truth%i(:m)) .and. all(j(:m) == truth%j(:m)), 'indices from 1')
    call expect(all(i(m + 1:) == -7), 'nothing behind the last pair')
    call expect(all(shifts == truth%shifts(:, :m)), 'shifts')
    call expect(all(vectors == truth%vectors(:, :m)), 'vectors, to the last bit')
    call expect(all(distances == truth%distances(:m)), 'distances, to the last bit')
    call expect(all(edge_index(:, 1) == truth%i(:m)) .and. all(edge_index(:, 2) == truth%j(:m)), 'edge_index')
    call expect(all(pairs(1, :) == truth%i(:m)) .and. all(pairs(2, :) == truth%j(:m)), 'pairs')
    call expect(all(batch == 1), 'the one system is number 1')
    do k = 1, m
      if (truth%i(reverse(k)) == truth%j(k) .and. truth%j(reverse(k)) == truth%i(k) .and. &
        all(truth%shifts(:, reverse(k)) == -truth%shifts(:, k))) cycle
      call expect(.false., 'reverse')
      return
    end do
    call expect(.true., 'reverse')
  end subroutine pairs_wide

  ! int32, int8 and real32, in sections of larger arrays.
  subroutine pairs_narrow(found, truth)
    type(nbl_result), intent(inout) :: found
    type(pair_list), intent(in) :: truth
    integer(int32) :: both(truth%m, 4)
    integer(int8) :: shifts(3, truth%m + 4)
    real(real32) :: vectors(3, truth%m), distances(truth%m)
    integer :: m
    m = truth%m
    both = -1
    shifts = -99_int8
    call found%fetch(both(:, 2), both(:, 3), shifts(:, 3:m + 2), vectors, distances)
    call expect(all(both(:, 2) == truth%i(:m)) .and. all(both(:, 3) == truth%j(:m)), 'columns of an array')
    call expect(all(both(:, 1) == -1) .and. all(both(:, 4) == -1), 'other columns are left alone')
    call expect(all(shifts(:, 3:m + 2) == truth%shifts(:, :m)), 'int8 shifts')
    call expect(all(shifts(:, :2) == -99_int8) .and. all(shifts(:, m + 3:) == -99_int8), 'around a section')
    call expect(all(vectors == real(truth%vectors(:, :m), real32)), 'real32 vectors are rounded ones')
    call expect(all(distances == real(truth%distances(:m), real32)), 'real32 distances are rounded ones')
  end subroutine pairs_narrow

  subroutine rows(found, truth, n)
    type(nbl_result), intent(inout) :: found
    type(pair_list), intent(in) :: truth
    integer, intent(in) :: n
    integer(int32) :: row_ptr(n + 1), counts(n), edge_ptr(2), atom_ptr(2)
    integer(int64) :: row_ptr_wide(n + 1)
    integer :: a
    call found%fetch(row_ptr=row_ptr, counts=counts, edge_ptr=edge_ptr, atom_ptr=atom_ptr)
    call found%fetch(row_ptr=row_ptr_wide)
    call expect(all([(counts(a) == count(truth%i(:truth%m) == a), a=1, n)]), 'counts')
    call expect(row_ptr(1) == 1 .and. row_ptr(n + 1) == truth%m + 1, 'ends of row_ptr')
    call expect(all([(all(truth%i(row_ptr(a):row_ptr(a + 1) - 1) == a), a=1, n)]), 'row_ptr')
    call expect(all(row_ptr_wide == row_ptr), 'row_ptr of int64')
    call expect(all(edge_ptr == [1, truth%m + 1]) .and. all(atom_ptr == [1, n + 1]), 'edge_ptr and atom_ptr')
    call expect(found%max_count() == maxval(counts) .and. found%max_count(1) == maxval(counts), 'max_count')
  end subroutine rows

  subroutine dense(found, truth, n)
    type(nbl_result), intent(inout) :: found
    type(pair_list), intent(in) :: truth
    integer, intent(in) :: n
    integer(int32), allocatable :: j(:, :), shifts(:, :, :), counts(:)
    real(real64), allocatable :: vectors(:, :, :)
    real(real64), allocatable :: distances(:, :)
    integer :: a, first, k, width
    logical :: good
    width = int(found%max_count()) + 1
    allocate (j(width, n), shifts(3, width, n), vectors(3, width, n), distances(width, n), counts(n))
    call found%fetch_dense(j, shifts, vectors, distances, counts=counts, fill=-5_int64)
    good = .true.
    first = 1
    do a = 1, n
      k = counts(a)
      good = good .and. all(j(:k, a) == truth%j(first:first + k - 1)) .and. all(j(k + 1:, a) == -5) &
        .and. all(shifts(:, :k, a) == truth%shifts(:, first:first + k - 1)) .and. all(shifts(:, k + 1:, a) == 0) &
        .and. all(vectors(:, :k, a) == truth%vectors(:, first:first + k - 1)) &
        .and. all(distances(:k, a) == truth%distances(first:first + k - 1)) .and. all(distances(k + 1:, a) == 0)
      first = first + k
    end do
    call expect(good, 'dense')
    j = 1
    call found%fetch_dense(j)
    call expect(count(j == 0) == size(j) - truth%m, 'dense is filled with 0, which is no atom')
  end subroutine dense

  subroutine one_call(positions, cell, pbc, cutoff, truth)
    real(real64), intent(in) :: positions(:, :), cell(3, 3), cutoff
    logical, intent(in) :: pbc(3)
    type(pair_list), intent(in) :: truth
    type(nbl_search_options) :: options
    integer(int32), allocatable :: i(:), j(:), shifts(:, :)
    integer(int64), allocatable :: i_wide(:), j_wide(:)
    real(real64), allocatable :: vectors(:, :), distances(:)
    integer :: m, stat
    m = truth%m
    options%flags = nbl_sorted
    call neighbors(positions, cell, pbc, cutoff, i, j, shifts, vectors, distances, options=options)
    call expect(size(i) == m .and. size(shifts, 2) == m .and. size(shifts, 1) == 3, 'neighbors allocates')
    call expect(all(i == truth%i(:m)) .and. all(j == truth%j(:m)) .and. all(shifts == truth%shifts(:, :m)), &
      'neighbors')
    call expect(all(vectors == truth%vectors(:, :m)) .and. all(distances == truth%distances(:m)), 'neighbors: reals')
    options%flags = nbl_half + nbl_sorted
    call neighbors(positions, cell, pbc, cutoff, i_wide, j_wide, stat=stat, options=options)
    call expect(stat == nbl_ok .and. 2 * size(i_wide) == m .and. all(i_wide <= j_wide), 'half list of int64')
  end subroutine one_call

  ! real32 positions mean the doubles that they convert to; real32 results are those doubles, rounded.
  subroutine single_precision(positions, cell, pbc, cutoff)
    real(real32), intent(in) :: positions(:, :), cell(3, 3)
    logical, intent(in) :: pbc(3)
    real(real64), intent(in) :: cutoff
    type(pair_list) :: truth
    integer(int32), allocatable :: i(:), j(:), shifts(:, :)
    integer(int64), allocatable :: i_wide(:), j_wide(:)
    real(real32), allocatable :: vectors(:, :), distances(:)
    real(real32) :: wide(5, size(positions, 2))
    type(nbl_search_options) :: options
    integer :: m
    options%flags = nbl_sorted
    truth = brute(real(positions, real64), real(cell, real64), pbc, cutoff, 6)
    m = truth%m
    call neighbors(positions, cell, pbc, cutoff, i, j, shifts, vectors, distances, options=options)
    call expect(size(i) == m, 'real32: number of pairs')
    if (size(i) /= m) return
    call expect(all(i == truth%i(:m)) .and. all(j == truth%j(:m)) .and. all(shifts == truth%shifts(:, :m)), 'real32')
    call expect(all(vectors == real(truth%vectors(:, :m), real32)), 'real32 vectors')
    call expect(all(distances == real(truth%distances(:m), real32)), 'real32 distances')
    wide = 1e9
    wide(2:4, :) = positions
    call neighbors(wide(2:4, :), cell, pbc, cutoff, i_wide, j_wide, options=options)
    call expect(size(i_wide) == m, 'three rows of an array')
    if (size(i_wide) == m) call expect(all(i_wide == truth%i(:m)) .and. all(j_wide == truth%j(:m)), &
      'rows of an array')
  end subroutine single_precision

  ! A cell may be of another kind; three rows of an array are used where they lie.
  subroutine kinds_apart(positions, cell, pbc, cutoff)
    real(real32), intent(in) :: positions(:, :)
    real(real64), intent(in) :: cell(3, 3), cutoff
    logical, intent(in) :: pbc(3)
    type(pair_list) :: truth
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    real(real32), target :: wide(4, size(positions, 2))
    integer(int64), allocatable :: j(:)
    truth = brute(real(positions, real64), cell, pbc, cutoff, 6)
    wide = 1e9
    wide(1:3, :) = positions
    call list%build(wide(1:3, :), cell, pbc, cutoff)
    call list%search(cutoff, found, nbl_search_options(flags=nbl_sorted))
    call expect(found%n_pairs() == truth%m, 'positions of real32, cell of real64')
    allocate (j(truth%m))
    if (found%n_pairs() == truth%m) then
      call found%fetch(j=j)
      call expect(all(j == truth%j(:truth%m)), 'positions of real32, cell of real64: j')
    end if
  end subroutine kinds_apart

  ! Centres, self, several cutoffs, shells, counts only.
  subroutine other_rows(list, found, truth, cutoff, n)
    type(nbl_cell_list), intent(in) :: list
    type(nbl_result), intent(inout) :: found
    type(pair_list), intent(in) :: truth
    real(real64), intent(in) :: cutoff
    integer, intent(in) :: n
    type(nbl_search_options) :: options
    integer(int64) :: within
    real(real64) :: distances(truth%m)
    options%flags = nbl_centers
    options%n_centers = 2
    call list%search(cutoff, found, options)
    call expect(found%n_rows() == 2 .and. found%n_pairs() == count(truth%i(:truth%m) <= 2), 'centres')
    options = nbl_search_options(flags=nbl_self)
    call list%search(cutoff, found, options)
    call expect(found%n_pairs() == truth%m + n, 'self')
    within = count(truth%distances(:truth%m) < 1.7_real64)
    call list%search([cutoff, 1.7_real64], found)
    call expect(found%n_lists() == 2 .and. found%n_pairs(1) == truth%m .and. found%n_pairs(2) == within, 'cutoffs')
    call found%fetch(distances=distances, list=2)
    call expect(all(distances(:within) < 1.7_real64), 'list 2')
    options = nbl_search_options(flags=nbl_disjoint, mode=nbl_mode_counts)
    call list%search([cutoff, 1.7_real64], found, options)
    call expect(found%n_pairs(1) == truth%m - within .and. found%mode() == nbl_mode_counts, 'shells')
    call found%fetch(distances=distances, list=1)
    call expect(all(distances(:truth%m - within) >= 1.7_real64), 'list 1')
  end subroutine other_rows

  subroutine no_atoms
    real(real64) :: none(3, 0), cell(3, 3)
    integer(int32), allocatable :: i(:), j(:), shifts(:, :)
    cell = 0
    call neighbors(none, cell, [.false., .false., .false.], 1.0_real64, i, j, shifts)
    call expect(size(i) == 0 .and. size(shifts, 1) == 3 .and. size(shifts, 2) == 0, 'no atoms')
  end subroutine no_atoms

  ! One atom, only b periodic: the columns of the cell are the vectors, and the shift counts them.
  subroutine columns_are_vectors
    real(real64) :: cell(3, 3)
    integer(int32), allocatable :: i(:), j(:), shifts(:, :)
    real(real64), allocatable :: vectors(:, :)
    cell = 0
    cell(:, 2) = [1.0_real64, 2.0_real64, 0.0_real64]
    call neighbors(reshape([0.0_real64, 0.0_real64, 0.0_real64], [3, 1]), cell, [.false., .true., .false.], &
      3.0_real64, i, j, shifts, vectors, options=nbl_search_options(flags=nbl_half))
    call expect(size(i) == 1, 'one half image')
    if (size(i) /= 1) return
    call expect(i(1) == 1 .and. j(1) == 1 .and. all(shifts(:, 1) == [0, 1, 0]), 'its shift')
    call expect(all(vectors(:, 1) == cell(:, 2)), 'its vector is column 2')
  end subroutine columns_are_vectors
end program lists
