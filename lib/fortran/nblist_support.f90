! SPDX-License-Identifier: MIT
!
! What every module needs: texts of C as those of Fortran, stat and errmsg in the manner of allocate, and flags as
! bytes. The one place that may end the program: an error, and nobody asked for its status.
module nblist_support
  use, intrinsic :: iso_c_binding, only: c_char, c_f_pointer, c_associated, c_int8_t, c_int32_t, c_intptr_t, &
    c_ptr, c_size_t
  use nblist_c, only: c_status_text, nbl_ok
  implicit none
  private
  public :: address_of, bytes_of, finish, text_of

  interface
    function c_strlen(text) bind(c, name='strlen') result(length)
      import :: c_ptr, c_size_t
      type(c_ptr), value :: text
      integer(c_size_t) :: length
    end function c_strlen
  end interface

contains

  ! A zero-terminated text; '' for a null pointer.
  function text_of(pointer) result(text)
    type(c_ptr), intent(in) :: pointer
    character(len=:), allocatable :: text
    character(kind=c_char), pointer :: bytes(:)
    integer :: k
    text = ''
    if (.not. c_associated(pointer)) return
    call c_f_pointer(pointer, bytes, [c_strlen(pointer)])
    deallocate (text)
    allocate (character(len=size(bytes)) :: text)
    do k = 1, size(bytes)
      text(k:k) = bytes(k)
    end do
  end function text_of

  ! The end of every call that can fail: as allocate does it, errmsg is left alone where nothing went wrong, and an
  ! error that nobody takes ends the program.
  subroutine finish(status, message, stat, errmsg)
    integer(c_int32_t), intent(in) :: status
    character(len=*), intent(in) :: message
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    character(len=:), allocatable :: told
    if (present(stat)) stat = int(status)
    if (status == nbl_ok) return
    told = message
    if (len(told) == 0) told = text_of(c_status_text(status))
    if (present(errmsg)) errmsg = told
    if (.not. present(stat)) error stop 'nblist: ' // told
  end subroutine finish

  elemental function bytes_of(flag) result(byte)
    logical, intent(in) :: flag
    integer(c_int8_t) :: byte
    byte = merge(1_c_int8_t, 0_c_int8_t, flag)
  end function bytes_of

  function address_of(pointer) result(address)
    type(c_ptr), intent(in) :: pointer
    integer(c_intptr_t) :: address
    address = transfer(pointer, address)
  end function address_of
end module nblist_support
