! SPDX-License-Identifier: MIT
!
! Who destroys a handle of C: the variable that it was created in, known by its address, and no copy of that variable.
! Assignment of the types that hold one is defined to copy nothing; allocate(..., source=) and whatever else copies
! bits makes a copy that is at another address, and therefore counts as empty.
module nblist_owner
  use, intrinsic :: iso_c_binding, only: c_associated, c_intptr_t, c_loc, c_null_ptr, c_ptr
  use nblist_support, only: address_of
  implicit none
  private
  public :: owner

  type :: owner
    private
    type(c_ptr) :: pointer = c_null_ptr
    integer(c_intptr_t) :: place = 0
  contains
    procedure :: get => owner_get
    procedure :: set => owner_set
    procedure :: is_in => owner_is_in
  end type owner

contains

  ! The handle; null where there is none.
  function owner_get(self) result(pointer)
    class(owner), intent(in), target :: self
    type(c_ptr) :: pointer
    pointer = c_null_ptr
    if (self%place == address_of(c_loc(self%pointer))) pointer = self%pointer
  end function owner_get

  subroutine owner_set(self, pointer)
    class(owner), intent(inout), target :: self
    type(c_ptr), intent(in) :: pointer
    self%pointer = pointer
    self%place = address_of(c_loc(self%pointer))
  end subroutine owner_set

  ! Assignment of a variable to itself: its right side may be a copy of it.
  function owner_is_in(self, other) result(same)
    class(owner), intent(in) :: self, other
    logical :: same
    same = c_associated(self%get(), other%pointer) .and. self%place == other%place
  end function owner_is_in
end module nblist_owner
