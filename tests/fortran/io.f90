! SPDX-License-Identifier: MIT
!
! The reader of structure files: io FOLDER reads the shipped ones, and a broken one.
program io
  use, intrinsic :: iso_fortran_env, only: real64
  use check
  use nblist_io
  implicit none
  character(len=512) :: folder
  call get_command_argument(1, folder)
  call one_frame
  call many_frames
  call bad_files
  call copies
  call finished(20)

contains

  subroutine one_frame
    type(nbl_xyz_reader) :: reader
    type(nbl_xyz_frame) :: frame
    call reader%open(trim(folder) // '/calcite.xyz')
    call expect(reader%next(frame), 'a frame')
    call expect(all(shape(frame%positions) == [3, 10]) .and. size(frame%numbers) == 10, 'ten atoms')
    call expect(count(frame%numbers == 8) == 6 .and. count(frame%numbers == 20) == 2, 'CaCO3')
    call expect(frame%has_cell .and. all(frame%pbc) .and. frame%number == 1, 'in a crystal')
    call expect(abs(norm2(frame%cell(:, 1)) - norm2(frame%cell(:, 3))) < 1e-6, 'whose vectors are columns')
    call expect(.not. reader%next(frame), 'the end')
    call reader%open(trim(folder) // '/co_pt111.xyz')
    call expect(reader%next(frame), 'another file')
    call expect(all(frame%pbc .eqv. [.true., .true., .false.]), 'a slab')
    call expect(abs(frame%cell(1, 1) - 11.099) < 0.01 .and. abs(frame%cell(1, 2) - 5.5497) < 0.01, 'cell(:, 2) is b')
  end subroutine one_frame

  subroutine many_frames
    type(nbl_xyz_reader) :: reader
    type(nbl_xyz_frame) :: frame
    integer :: atoms, frames
    atoms = 0
    frames = 0
    call reader%open(trim(folder) // '/molecules.xyz')
    do while (reader%next(frame))
      frames = frames + 1
      atoms = atoms + size(frame%positions, 2)
      if (frame%number /= frames .or. any(frame%pbc) .or. frame%has_cell) exit
    end do
    call expect(frames == 162 .and. atoms == 860, 'all molecules')
    call reader%open(trim(folder) // '/protein.xyz.gz')
    call expect(reader%next(frame), 'gzip')
    call expect(size(frame%numbers) == 1631, 'all atoms of the protein')
  end subroutine many_frames

  subroutine bad_files
    type(nbl_xyz_reader) :: reader
    type(nbl_xyz_frame) :: frame
    integer :: stat, unit
    character(len=200) :: told
    told = 'untouched'
    call expect(.not. reader%next(frame, stat, told), 'not open')
    call expect(stat < 0 .and. index(told, 'not open') > 0, 'not open: ' // trim(told))
    call reader%open(trim(folder) // '/no_such.xyz', stat, told)
    call expect(stat < 0 .and. index(told, 'no_such.xyz') > 0, 'no file: ' // trim(told))
    open (newunit=unit, file='io_bad.xyz', action='write', status='replace')
    write (unit, '(a)') '1', 'good', 'H 1 2 3', '2', 'bad', 'H 1 2 3', 'H 4 x 6'
    close (unit)
    told = 'untouched'
    call reader%open('io_bad.xyz', stat, told)
    call expect(reader%next(frame, stat, told), 'the frame before')
    call expect(stat == 0 .and. told == 'untouched' .and. all(nint(frame%positions(:, 1)) == [1, 2, 3]), 'is good')
    call expect(.not. reader%next(frame, stat, told), 'the bad one')
    call expect(stat < 0 .and. index(told, 'io_bad.xyz:7') > 0, 'is told: ' // trim(told))
    open (newunit=unit, file='io_bad.xyz')
    close (unit, status='delete')
  end subroutine bad_files

  subroutine copies
    type(nbl_xyz_reader) :: reader, copy
    type(nbl_xyz_frame) :: frame, kept
    integer :: stat
    call reader%open(trim(folder) // '/water.xyz')
    copy = reader
    call expect(.not. copy%next(frame, stat), 'a copy of a reader')
    call expect(stat < 0, 'is not open')
    call expect(reader%next(frame), 'the original is')
    kept = frame
    call reader%close()
    call expect(size(kept%positions, 2) == 648, 'a frame is a value')
  end subroutine copies
end program io
