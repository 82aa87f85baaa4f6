! SPDX-License-Identifier: MIT
!
! How many neighbours are in structure files: totals CUTOFF FILE prints frames, atoms and pairs of all frames
! together.
program totals
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use nblist
  use nblist_io
  implicit none
  type(nbl_xyz_reader) :: reader
  type(nbl_xyz_frame) :: frame
  type(nbl_cell_list) :: list
  type(nbl_result) :: found
  character(len=4096) :: text
  real(real64) :: cutoff
  integer(int64) :: atoms, frames, pairs
  if (command_argument_count() /= 2) error stop 'usage: totals CUTOFF FILE'
  call get_command_argument(1, text)
  read (text, *) cutoff
  call get_command_argument(2, text)
  atoms = 0
  frames = 0
  pairs = 0
  call reader%open(text)
  do while (reader%next(frame))
    call list%build(frame%positions, frame%cell, frame%pbc, cutoff)
    call list%search(cutoff, found)
    frames = frames + 1
    atoms = atoms + size(frame%positions, 2)
    pairs = pairs + found%n_pairs()
  end do
  write (*, '(i0, 2(1x, i0))') frames, atoms, pairs
end program totals
