! SPDX-License-Identifier: MIT
!
! Structure files for Fortran: the reader of (extended) XYZ of libnblist-io.
!
!     use nblist_io
!     type(nbl_xyz_reader) :: reader
!     type(nbl_xyz_frame) :: frame
!
!     call reader%open('water.xyz.gz')
!     do while (reader%next(frame))
!       call use(frame%positions, frame%cell, frame%pbc)
!     end do
!
! stat and errmsg are those of module nblist; a malformed frame is an error, never a frame. What a file may hold is
! written in <nblist/io.h>. A reader, too, belongs to one variable: assignment leaves the left one closed.
module nblist_io
  use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_int8_t, c_int32_t, &
    c_int64_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t, c_sizeof
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use nblist_owner, only: owner
  use nblist_support, only: finish, text_of
  implicit none
  private
  public :: nbl_xyz_frame, nbl_xyz_reader

  integer(c_int32_t), parameter :: nbl_io_ok = 0
  integer(c_int32_t), parameter :: nbl_io_end = 1
  integer(c_int32_t), parameter :: nbl_io_estate = -105
  integer(c_int32_t), parameter :: nbl_io_enomem = -107

  ! One frame. Valid after the file is closed, and until it is read into again.
  type :: nbl_xyz_frame
    integer(int64) :: number = 0                 ! in the file, from 1
    real(real64), allocatable :: positions(:, :) ! (3, n)
    integer(int32), allocatable :: numbers(:)    ! atomic numbers, 0 where unknown
    real(real64) :: cell(3, 3) = 0               ! columns a, b, c; 0 if has_cell is .false.
    logical :: pbc(3) = .false.
    logical :: has_cell = .false.
  end type nbl_xyz_frame

  type :: nbl_xyz_reader
    private
    type(owner) :: own
  contains
    procedure :: open => reader_open
    procedure :: next => reader_next
    procedure :: close => reader_close
    procedure, private :: assign => reader_assign
    generic :: assignment(=) => assign
    final :: reader_finalize
  end type nbl_xyz_reader

  type, bind(c) :: c_xyz_frame
    integer(c_size_t) :: size = 0
    integer(c_int64_t) :: index = 0
    integer(c_int64_t) :: line = 0
    integer(c_int64_t) :: n = 0
    type(c_ptr) :: positions = c_null_ptr
    type(c_ptr) :: numbers = c_null_ptr
    type(c_ptr) :: labels = c_null_ptr
    type(c_ptr) :: comment = c_null_ptr
    integer(c_int64_t) :: n_columns = 0
    integer(c_int64_t) :: n_pairs = 0
    real(c_double) :: cell(9) = 0
    integer(c_int8_t) :: pbc(3) = 0_c_int8_t
    integer(c_int8_t) :: has_cell = 0_c_int8_t
    integer(c_int8_t) :: has_pbc = 0_c_int8_t
    integer(c_int8_t) :: reserved(3) = 0_c_int8_t
  end type c_xyz_frame

  interface
    function c_xyz_reader_create(reader) bind(c, name='nbl_xyz_reader_create') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), intent(out) :: reader
      integer(c_int32_t) :: status
    end function c_xyz_reader_create

    subroutine c_xyz_reader_destroy(reader) bind(c, name='nbl_xyz_reader_destroy')
      import :: c_ptr
      type(c_ptr), intent(inout) :: reader
    end subroutine c_xyz_reader_destroy

    function c_xyz_reader_message(reader) bind(c, name='nbl_xyz_reader_message') result(text)
      import :: c_ptr
      type(c_ptr), value :: reader
      type(c_ptr) :: text
    end function c_xyz_reader_message

    function c_xyz_reader_open(reader, path, options) bind(c, name='nbl_xyz_reader_open') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: reader, path, options
      integer(c_int32_t) :: status
    end function c_xyz_reader_open

    function c_xyz_reader_next(reader, frame) bind(c, name='nbl_xyz_reader_next') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: reader, frame
      integer(c_int32_t) :: status
    end function c_xyz_reader_next

    function c_io_status_text(status) bind(c, name='nbl_io_status_text') result(text)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: status
      type(c_ptr) :: text
    end function c_io_status_text
  end interface

contains

  ! Opens a file, plain or gzip; '-' is standard input. Blanks at the end of the path do not count.
  subroutine reader_open(self, path, stat, errmsg)
    class(nbl_xyz_reader), intent(inout) :: self
    character(len=*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    character(kind=c_char), allocatable, target :: text(:)
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    integer :: k
    status = nbl_io_ok
    handle = self%own%get()
    if (.not. c_associated(handle)) then
      status = c_xyz_reader_create(handle)
      if (status == nbl_io_ok) call self%own%set(handle)
    end if
    if (status /= nbl_io_ok) then
      call finish(status, text_of(c_io_status_text(status)), stat, errmsg)
      return
    end if
    text = [(path(k:k), k=1, len_trim(path)), c_null_char]
    status = c_xyz_reader_open(handle, c_loc(text), c_null_ptr)
    call finish(status, text_of(c_xyz_reader_message(handle)), stat, errmsg)
  end subroutine reader_open

  ! .true., and the next frame; or .false., at the end of the file and on an error, which stat tells apart.
  function reader_next(self, frame, stat, errmsg) result(there)
    class(nbl_xyz_reader), intent(inout) :: self
    type(nbl_xyz_frame), intent(inout) :: frame
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    logical :: there
    type(c_xyz_frame), target :: given
    integer(c_int32_t) :: status
    given%size = c_sizeof(given)
    there = .false.
    if (.not. c_associated(self%own%get())) then
      call finish(nbl_io_estate, 'the reader is not open', stat, errmsg)
      return
    end if
    status = c_xyz_reader_next(self%own%get(), c_loc(given))
    there = status == nbl_io_ok
    if (there) call copy(given, frame, there)
    if (status == nbl_io_ok .and. .not. there) then
      call finish(nbl_io_enomem, text_of(c_io_status_text(nbl_io_enomem)), stat, errmsg)
      return
    end if
    if (status == nbl_io_end) status = nbl_io_ok
    call finish(status, text_of(c_xyz_reader_message(self%own%get())), stat, errmsg)
  end function reader_next

  subroutine copy(given, frame, done)
    type(c_xyz_frame), intent(in) :: given
    type(nbl_xyz_frame), intent(inout) :: frame
    logical, intent(out) :: done
    integer :: stat
    real(real64), pointer, contiguous :: positions(:, :)
    integer(int32), pointer, contiguous :: numbers(:)
    if (allocated(frame%positions)) deallocate (frame%positions)
    if (allocated(frame%numbers)) deallocate (frame%numbers)
    allocate (frame%positions(3, given%n), frame%numbers(given%n), stat=stat)
    done = stat == 0
    if (.not. done) return
    if (given%n > 0) then
      call c_f_pointer(given%positions, positions, [3_int64, given%n])
      call c_f_pointer(given%numbers, numbers, [given%n])
      frame%positions = positions
      frame%numbers = numbers
    end if
    frame%number = given%index + 1
    frame%cell = reshape(given%cell, [3, 3])
    frame%pbc = given%pbc /= 0
    frame%has_cell = given%has_cell /= 0
  end subroutine copy

  subroutine reader_close(self)
    class(nbl_xyz_reader), intent(inout) :: self
    type(c_ptr) :: handle
    handle = self%own%get()
    if (c_associated(handle)) call c_xyz_reader_destroy(handle)
    call self%own%set(c_null_ptr)
  end subroutine reader_close

  impure elemental subroutine reader_finalize(self)
    type(nbl_xyz_reader), intent(inout) :: self
    call self%close()
  end subroutine reader_finalize

  impure elemental subroutine reader_assign(left, right)
    class(nbl_xyz_reader), intent(inout) :: left
    class(nbl_xyz_reader), intent(in) :: right
    if (left%own%is_in(right%own)) return
    call left%close()
  end subroutine reader_assign
end module nblist_io
