! SPDX-License-Identifier: MIT
!
! What fragments of Fortran on the pages may use: two atoms in a cell, and handles. A fragment is the body of a
! subroutine, so that it may begin with `use`.
program context
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use nblist
  implicit none
  type(nbl_cell_list) :: list
  type(nbl_result) :: result
  real(real64) :: positions(3, 2), cell(3, 3)
  logical :: pbc(3)
  positions(:, 1) = 0
  positions(:, 2) = 1.5_real64
  cell = reshape([3, 0, 0, 0, 3, 0, 0, 0, 3], [3, 3])
  pbc = .true.
  call fragment
contains
  subroutine fragment
! BODY
  end subroutine fragment
end program context
