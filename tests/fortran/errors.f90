! SPDX-License-Identifier: MIT
!
! Every way to fail comes back in stat, with a message that says what; errmsg is left alone by what succeeds.
program errors
  use, intrinsic :: iso_fortran_env, only: int8, int32, int64, real32, real64
  use, intrinsic :: ieee_arithmetic, only: ieee_quiet_nan, ieee_value
  use check
  use nblist
  implicit none
  real(real64) :: positions(3, 5), cell(3, 3)
  logical, parameter :: all_periodic(3) = .true., open_axes(3) = .false.
  integer :: stat
  character(len=200) :: told
  call made_up(3, 5, positions, cell)
  call names
  call bad_builds
  call bad_handles
  call bad_searches
  call bad_fetches
  call bad_arrays
  call bad_checks
  call bad_neighbors
  call finished(60)

contains

  ! Status and message of the call before; both are then set back.
  subroutine told_as(status, words, what)
    integer, intent(in) :: status
    character(len=*), intent(in) :: words, what
    call expect(stat == status, what // ': ' // nbl_status_name(stat))
    if (status == nbl_ok) call expect(told == 'untouched', what // ': errmsg is left alone')
    if (status /= nbl_ok) call expect(index(told, words) > 0, what // ': ' // trim(told))
    stat = 77
    told = 'untouched'
  end subroutine told_as

  subroutine names
    character(len=20) :: version
    call expect(nbl_status_name(nbl_ecell) == 'NBL_ECELL', 'name of a status')
    call expect(nbl_status_text(nbl_enomem) == 'out of memory', 'text of a status')
    write (version, '(i0, ".", i0, ".", i0)') nbl_version() / 1000000, mod(nbl_version() / 1000, 1000), &
      mod(nbl_version(), 1000)
    call expect(nbl_version_string() == trim(version), 'the version as a number and as text')
    call expect(index(nbl_build_info(), '=') > 0, 'build info')
    call expect(nbl_isa_name(nbl_isa_portable) == 'portable' .and. nbl_isa_name(-1) == '', 'names of levels')
    call expect(len(nbl_isa_name(nbl_isa_detect())) > 0 .and. nbl_max_threads() >= 1, 'what runs here')
  end subroutine names

  subroutine bad_builds
    type(nbl_cell_list) :: list
    type(nbl_build_options) :: options
    real(real64) :: bad(3, 5), singular(3, 3)
    told = 'untouched'
    bad = positions
    bad(3, 2) = ieee_value(1.0_real64, ieee_quiet_nan)
    call list%build(bad, cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_eposition, 'positions[1][2] is', 'NaN')
    bad(3, 2) = 1e200_real64
    call list%build(bad, cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_erange, 'positions[1][2]', 'far away')
    bad(3, 2) = 1e20_real64
    call list%build(bad, cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_eshift, 'positions[1]', 'too many cells away')
    singular = cell
    singular(:, 3) = cell(:, 1)
    call list%build(positions, singular, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_esingular, 'cell', 'singular cell')
    singular(1, 3) = ieee_value(1.0_real64, ieee_quiet_nan)
    call list%build(positions, singular, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_ecell, 'cell[2][0]', 'NaN in the third vector')
    call list%build(positions, singular, [.true., .true., .false.], 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_ok, '', 'NaN on an open axis')
    call list%build(positions, cell, all_periodic, -1.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_ecutoff, 'cutoff', 'cutoff')
    options%algorithm = 99
    call list%build(positions, cell, all_periodic, 2.0_real64, options, stat, told)
    call told_as(nbl_eoption, 'algorithm', 'algorithm')
    options = nbl_build_options(n_threads=-1)
    call list%build(positions, cell, all_periodic, 2.0_real64, options, stat, told)
    call told_as(nbl_esize, 'n_threads', 'threads')
    options = nbl_build_options(max_bytes=1)
    call list%build(positions, cell, all_periodic, 2.0_real64, options, stat, told)
    call told_as(nbl_elimit, 'max_bytes', 'limit')
    call list%build(int(positions), cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_eoption, 'positions is of int32, not of real32 or real64', 'integers for positions')
    call list%build(positions, cell > 0, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_eoption, 'cell is of another type', 'logicals for a cell')
    call list%build(positions(1:2, :), cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'positions has extent 2, not 3, in dimension 1', 'two coordinates')
    call list%build(positions(:, 5:1:-1), cell, all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'from the last to the first', 'backwards')
    call list%build(positions, cell(:, 1:2), all_periodic, 2.0_real64, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'cell has extent 2, not 3, in dimension 2', 'two vectors')
  end subroutine bad_builds

  subroutine bad_handles
    type(nbl_cell_list) :: list
    type(nbl_batch) :: batch
    type(nbl_result) :: found
    type(nbl_cell_list_info) :: info
    type(nbl_batch_info) :: batch_info
    call list%create(nbl_handle_options(n_threads=-3), stat, told)
    call told_as(nbl_esize, 'negative or too large', 'threads of a list')
    call batch%create(nbl_handle_options(isa=1234), stat, told)
    call told_as(nbl_eoption, 'unknown value', 'level of a batch')
    call found%create(nbl_handle_options(n_threads=-3), stat, told)
    call told_as(nbl_esize, 'negative or too large', 'threads of a result')
    call list%get_info(info, stat, told)
    call told_as(nbl_eunbuilt, 'nothing was built', 'info before a build')
    call batch%get_info(batch_info, stat, told)
    call told_as(nbl_eunbuilt, 'nothing was built', 'info of a batch before a build')
    call list%create(nbl_handle_options(n_threads=1), stat, told)
    call told_as(nbl_ok, '', 'options')
    call list%get_info(info, stat, told)
    call told_as(nbl_eunbuilt, '', 'info of a list that was created')
    call list%build(positions, cell, [.true., .false., .true.], 2.0_real64, stat=stat, errmsg=told)
    call list%get_info(info, stat, told)
    call told_as(nbl_ok, '', 'info')
    call expect(info%n_atoms == 5 .and. abs(info%cutoff - 2) <= 0 .and. all(info%pbc == [1, 0, 1, 0]), 'info')
  end subroutine bad_handles

  subroutine bad_searches
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    real(real64) :: none(0)
    call list%search(2.0_real64, found, stat=stat, errmsg=told)
    call told_as(nbl_eunbuilt, 'nothing was built', 'search before a build')
    call list%build(positions, cell, all_periodic, 2.0_real64)
    call list%search(2.5_real64, found, stat=stat, errmsg=told)
    call told_as(nbl_ecutoff_build, 'cutoff', 'larger cutoff')
    call list%search(none, found, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'n_cutoffs', 'no cutoffs')
    call list%search(2.0_real64, found, nbl_search_options(flags=1024), stat, told)
    call told_as(nbl_eoption, 'flags', 'flags')
    call list%search(2.0_real64, found, nbl_search_options(flags=nbl_half + nbl_centers), stat, told)
    call told_as(nbl_econflict, 'NBL_CENTERS', 'centres of a half list')
    call list%search(2.0_real64, found, nbl_search_options(flags=nbl_centers, n_centers=6), stat, told)
    call told_as(nbl_esize, 'n_centers', 'more centres than atoms')
    call list%search(2.0_real64, found, nbl_search_options(max_pairs=1), stat, told)
    call told_as(nbl_elimit, 'max_pairs', 'limit of pairs')
    call expect(found%n_pairs() == nbl_eunbuilt .and. found%n_rows() == nbl_eunbuilt, 'a failed search is empty')
  end subroutine bad_searches

  subroutine bad_fetches
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    integer(int32), allocatable :: i(:), j(:, :), counts(:)
    integer(int8), allocatable :: shifts(:, :)
    integer :: m
    real(real64) :: far(3, 2)
    allocate (i(2), counts(4), j(1, 5), shifts(3, 1000))
    call found%fetch(i, stat=stat, errmsg=told)
    call told_as(nbl_eunbuilt, 'nothing was searched', 'fetch before a search')
    call expect(found%n_lists() == nbl_eunbuilt .and. found%n_pairs() == nbl_eunbuilt, 'sizes before a search')
    call expect(found%n_rows() == nbl_eunbuilt .and. found%n_systems() == nbl_eunbuilt, 'rows before a search')
    call expect(found%max_count() == nbl_eunbuilt .and. found%n_bytes() == nbl_eunbuilt, 'width before a search')
    call expect(found%mode() == nbl_eunbuilt .and. found%system_status(1) == nbl_eunbuilt, 'mode before a search')
    call list%build(positions, cell, all_periodic, 2.0_real64)
    call list%search(2.0_real64, found)
    m = int(found%n_pairs())
    call expect(found%n_pairs(2) == nbl_eargument .and. found%n_pairs(0) == nbl_eargument, 'no such list')
    call expect(found%system_status(1) == nbl_ok .and. found%system_status(2) == nbl_eargument, 'no such system')
    i = -7
    call found%fetch(i, stat=stat, errmsg=told)
    call told_as(nbl_ecapacity, 'pair_capacity is 2', 'too small')
    call expect(all(i == -7), 'nothing is written')
    call found%fetch(i(1:0), stat=stat, errmsg=told)
    call told_as(nbl_ecapacity, 'pair_capacity is 0', 'no room at all')
    call found%fetch(counts=counts, stat=stat, errmsg=told)
    call told_as(nbl_ecapacity, 'row_capacity is 4', 'too few rows')
    call found%fetch(row_ptr=i(1:0), stat=stat, errmsg=told)
    call told_as(nbl_esize, 'row_capacity', 'a pointer without entries')
    call found%fetch_dense(j, stat=stat, errmsg=told)
    call told_as(nbl_ecapacity, 'dense_width is 1', 'too narrow')
    call found%fetch(counts=counts, list=3, stat=stat, errmsg=told)
    call told_as(nbl_eargument, 'list', 'list 3 of 1')
    call list%search(2.0_real64, found, nbl_search_options(flags=nbl_half))
    deallocate (i)
    allocate (i(m))
    call found%fetch(reverse=i, stat=stat, errmsg=told)
    call told_as(nbl_econflict, 'reverse', 'mirrors in a half list')
    far = 0
    far(1, 2) = 200 * 2.0_real64
    call list%build(far, reshape([2.0_real64, 0.0_real64, 0.0_real64, 0.0_real64, 2.0_real64, 0.0_real64, &
      0.0_real64, 0.0_real64, 2.0_real64], [3, 3]), all_periodic, 1.0_real64)
    call found%fetch(counts=i, stat=stat, errmsg=told)
    call told_as(nbl_estale, 'rebuilt', 'stale')
    call list%search(1.0_real64, found)
    call found%fetch(shifts=shifts, stat=stat, errmsg=told)
    call told_as(nbl_enarrow, 'shift', 'shift of 200 in int8')
    call list%destroy()
    call found%fetch(counts=i, stat=stat, errmsg=told)
    call told_as(nbl_estale, 'destroyed', 'fetch after destroy')
  end subroutine bad_fetches

  ! Kinds, shapes and gaps that only Fortran knows.
  subroutine bad_arrays
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    integer(int32), allocatable :: i(:), shifts(:, :), twice(:, :)
    integer(int64), allocatable :: j(:)
    real(real32), allocatable :: vectors(:, :)
    real(real64), allocatable :: distances(:)
    integer :: m
    call list%build(positions, cell, all_periodic, 2.0_real64)
    call list%search(2.0_real64, found)
    m = int(found%n_pairs())
    allocate (i(m), j(m), shifts(4, m), twice(2, m), vectors(3, m), distances(m))
    call found%fetch(i, j, stat=stat, errmsg=told)
    call told_as(nbl_econflict, 'j is of int64, another array of int32', 'two kinds of indices')
    call found%fetch(vectors=vectors, distances=distances, stat=stat, errmsg=told)
    call told_as(nbl_econflict, 'distances is of real64', 'two kinds of reals')
    call found%fetch(distances, stat=stat, errmsg=told)
    call told_as(nbl_eoption, 'i is of real64, not of int32 or int64', 'reals for indices')
    call found%fetch(shifts=shifts, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'shifts has extent 4, not 3, in dimension 1', 'four components')
    call found%fetch(shifts=shifts(1:3, :), stat=stat, errmsg=told)
    call told_as(nbl_esize, 'shifts is not contiguous', 'three rows of four')
    call found%fetch(twice(1, :), stat=stat, errmsg=told)
    call told_as(nbl_esize, 'i is not contiguous', 'a row')
    call found%fetch(edge_index=twice, stat=stat, errmsg=told)
    call told_as(nbl_esize, 'edge_index does not have two columns', 'edge_index on its side')
    call found%fetch(pairs=twice, counts=i, stat=stat, errmsg=told)
    call told_as(nbl_ok, '', 'pairs')
  end subroutine bad_arrays

  subroutine bad_checks
    type(nbl_cell_list) :: list
    type(nbl_result) :: found
    type(nbl_verify_report) :: report
    real(real64) :: moved(3, 5)
    call nbl_verify(found, positions, cell, all_periodic, stat=stat, errmsg=told)
    call told_as(nbl_eunbuilt, 'nothing was searched', 'verify before a search')
    call list%build(positions, cell, all_periodic, 2.0_real64)
    call list%search(2.0_real64, found)
    moved = positions
    moved(:, 2) = moved(:, 2) + 0.25_real64
    call nbl_verify(found, moved, cell, all_periodic, report, stat=stat, errmsg=told)
    call told_as(nbl_everify, 'j = ', 'other positions')
    call expect(report%verdict /= nbl_verify_equal .and. (report%i == 2 .or. report%j == 2), 'the pair has atom 2')
    call expect(report%system == 1, 'of system 1')
    call nbl_verify(found, positions, cell, all_periodic, report, list=9, stat=stat, errmsg=told)
    call told_as(nbl_eargument, 'list', 'verify list 9')
  end subroutine bad_checks

  subroutine bad_neighbors
    integer(int32), allocatable :: i(:), j(:)
    real(real64) :: flat(3, 3)
    flat = 0
    allocate (i(3))
    call neighbors(positions, flat, all_periodic, 2.0_real64, i, j, stat=stat, errmsg=told)
    call told_as(nbl_esingular, 'cell', 'neighbors: no cell')
    call expect(.not. allocated(i) .and. .not. allocated(j), 'nothing is allocated')
    call neighbors(positions, flat, open_axes, 2.0_real64, i, j, stat=stat, errmsg=told)
    call told_as(nbl_ok, '', 'neighbors: no cell needed')
    call neighbors(positions, flat, open_axes, 2.0_real64, i, j, stat=stat, errmsg=told, &
      options=nbl_search_options(flags=-1))
    call told_as(nbl_eoption, 'flags', 'neighbors: flags')
  end subroutine bad_neighbors
end program errors
