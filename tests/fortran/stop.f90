! SPDX-License-Identifier: MIT
!
! An error that nobody asks for ends the program; stop.sh looks at how.
program stop_test
  use, intrinsic :: iso_fortran_env, only: real64
  use nblist
  implicit none
  type(nbl_cell_list) :: list
  character(len=80) :: told
  real(real64) :: positions(3, 2), cell(3, 3)
  positions = 0
  cell = 0
  call list%build(positions, cell, [.false., .false., .false.], 1.0_real64)
  write (*, '(a)') 'before'
  flush (6)
  call list%build(positions, cell, [.true., .false., .false.], 1.0_real64, errmsg=told)
  write (*, '(a)') 'went on'
end program stop_test
