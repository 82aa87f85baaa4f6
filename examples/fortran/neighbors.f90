! SPDX-License-Identifier: MIT
!
! The neighbours of each atom of rock salt, in one call, and what an error looks like.
program rock_salt
  use, intrinsic :: iso_fortran_env, only: int32, real64
  use nblist
  implicit none
  real(real64), parameter :: a = 5.6402_real64
  logical, parameter :: pbc(3) = .true.
  real(real64) :: positions(3, 2), cell(3, 3)
  integer(int32), allocatable :: i(:), j(:), shifts(:, :)
  real(real64), allocatable :: vectors(:, :), distances(:)
  character(len=100) :: message
  integer :: k, stat

  ! Columns are atoms, and lattice vectors.
  positions = reshape([0.0_real64, 0.0_real64, 0.0_real64, a / 2, 0.0_real64, 0.0_real64], [3, 2])
  cell = a / 2 * reshape([0, 1, 1, 1, 0, 1, 1, 1, 0], [3, 3])

  call neighbors(positions, cell, pbc, 3.0_real64, i, j, shifts, vectors, distances, &
    options=nbl_search_options(flags=nbl_sorted))
  do k = 1, size(i)
    write (*, '(2(a, i0), a, 3i3, a, 3f8.4, a, f7.4)') 'atom ', i(k), ' has atom ', j(k), ', shift', shifts(:, k), &
      ', at', vectors(:, k), ', distance', distances(k)
  end do

  cell(:, 3) = cell(:, 2)
  call neighbors(positions, cell, pbc, 3.0_real64, i, j, stat=stat, errmsg=message)
  write (*, '(a, ": ", a)') nbl_status_name(stat), trim(message)
end program rock_salt
