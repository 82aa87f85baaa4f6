! SPDX-License-Identifier: MIT
!
! nbl_result: sizes, and arrays of the caller that are filled.
module nblist_results
  use, intrinsic :: iso_c_binding, only: c_associated, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr, c_sizeof
  use, intrinsic :: iso_fortran_env, only: int64
  use nblist_c
  use nblist_owner, only: owner
  use nblist_support, only: finish, text_of
  use nblist_views
  implicit none
  private
  public :: fetch_into, list_number, nbl_result, result_finish, result_handle, result_open

  ! The pairs that a search found. May serve any number of searches, and keeps its memory between them. Assignment
  ! leaves the variable on the left empty: a result belongs to one variable, and ends with it.
  type :: nbl_result
    private
    type(owner) :: own
  contains
    procedure :: create => result_create
    procedure :: destroy => result_destroy
    procedure :: n_lists => result_n_lists
    procedure :: n_systems => result_n_systems
    procedure :: n_rows => result_n_rows
    procedure :: n_pairs => result_n_pairs
    procedure :: max_count => result_max_count
    procedure :: n_bytes => result_n_bytes
    procedure :: mode => result_mode
    procedure :: system_status => result_system_status
    procedure :: fetch => result_fetch
    procedure :: fetch_dense => result_fetch_dense
    procedure, private :: assign => result_assign
    generic :: assignment(=) => assign
    final :: result_finalize
  end type nbl_result

contains

  ! Creates the handle anew. Without this call, the first search does, with default options.
  subroutine result_create(self, options, stat, errmsg)
    class(nbl_result), intent(inout) :: self
    type(nbl_handle_options), intent(in), optional :: options
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_handle_options), target :: given
    type(c_ptr) :: handle
    integer(c_int32_t) :: status
    call self%destroy()
    if (present(options)) given = options
    given%size = c_sizeof(given)
    status = c_result_create(handle, c_loc(given))
    if (status == nbl_ok) call self%own%set(handle)
    call finish(status, '', stat, errmsg)
  end subroutine result_create

  subroutine result_destroy(self)
    class(nbl_result), intent(inout) :: self
    type(c_ptr) :: handle
    handle = self%own%get()
    if (c_associated(handle)) call c_result_destroy(handle)
    call self%own%set(c_null_ptr)
  end subroutine result_destroy

  impure elemental subroutine result_finalize(self)
    type(nbl_result), intent(inout) :: self
    call self%destroy()
  end subroutine result_finalize

  impure elemental subroutine result_assign(left, right)
    class(nbl_result), intent(inout) :: left
    class(nbl_result), intent(in) :: right
    if (left%own%is_in(right%own)) return
    call left%destroy()
  end subroutine result_assign

  ! The handle for a search, created if need be.
  subroutine result_open(found, handle, wrong)
    class(nbl_result), intent(inout) :: found
    type(c_ptr), intent(out) :: handle
    type(fault), intent(inout) :: wrong
    integer :: stat
    if (.not. c_associated(found%own%get())) then
      call found%create(stat=stat)
      if (stat /= nbl_ok) call refuse(wrong, int(stat, c_int32_t), '')
    end if
    handle = found%own%get()
  end subroutine result_open

  ! The handle; null where there is none.
  function result_handle(found) result(handle)
    class(nbl_result), intent(in) :: found
    type(c_ptr) :: handle
    handle = found%own%get()
  end function result_handle

  ! The end of a call whose message is in the result.
  subroutine result_finish(handle, wrong, status, stat, errmsg)
    type(c_ptr), intent(in) :: handle
    type(fault), intent(in) :: wrong
    integer(c_int32_t), intent(in) :: status
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    if (wrong%status /= nbl_ok) then
      call finish(wrong%status, wrong%message, stat, errmsg)
    else if (status == nbl_ok) then
      call finish(status, '', stat, errmsg)
    else
      call finish(status, text_of(c_result_message(handle)), stat, errmsg)
    end if
  end subroutine result_finish

  ! --- Sizes, or a negative status: nbl_eunbuilt (no search yet), nbl_eargument (no such list or system)
  ! ---------------

  function result_n_lists(self) result(n)
    class(nbl_result), intent(in) :: self
    integer :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_n_lists(self%own%get())
  end function result_n_lists

  function result_n_systems(self) result(n)
    class(nbl_result), intent(in) :: self
    integer(int64) :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_n_systems(self%own%get())
  end function result_n_systems

  function result_n_rows(self) result(n)
    class(nbl_result), intent(in) :: self
    integer(int64) :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_n_rows(self%own%get())
  end function result_n_rows

  function result_n_pairs(self, list) result(n)
    class(nbl_result), intent(in) :: self
    integer, intent(in), optional :: list
    integer(int64) :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_n_pairs(self%own%get(), list_number(list))
  end function result_n_pairs

  function result_max_count(self, list) result(n)
    class(nbl_result), intent(in) :: self
    integer, intent(in), optional :: list
    integer(int64) :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_max_count(self%own%get(), list_number(list))
  end function result_max_count

  function result_n_bytes(self) result(n)
    class(nbl_result), intent(in) :: self
    integer(int64) :: n
    n = nbl_eunbuilt
    if (c_associated(self%own%get())) n = c_result_n_bytes(self%own%get())
  end function result_n_bytes

  ! nbl_mode_pairs or nbl_mode_counts
  function result_mode(self) result(mode)
    class(nbl_result), intent(in) :: self
    integer :: mode
    mode = nbl_eunbuilt
    if (c_associated(self%own%get())) mode = c_result_mode(self%own%get())
  end function result_mode

  ! nbl_ok, or why a system of the batch has empty rows.
  function result_system_status(self, system) result(status)
    class(nbl_result), intent(in) :: self
    integer, intent(in) :: system
    integer :: status
    status = nbl_eunbuilt
    if (c_associated(self%own%get())) &
      status = c_result_system_status(self%own%get(), int(system, c_int64_t) - 1)
  end function result_system_status

  ! From 1 here, from 0 there; a number that is out of range stays out of range.
  pure function list_number(list) result(number)
    integer, intent(in), optional :: list
    integer(c_int32_t) :: number
    number = 0
    if (present(list)) number = int(max(list, 0), c_int32_t) - 1
  end function list_number

  ! --- Arrays ----------------------------------------------------------------------------------------------------

  ! Fills those arrays that are given, for pairs 1 ... m = n_pairs(list). They may be larger. Kinds: int32 or int64
  ! for i, j, edge_index, pairs and batch, the same for all of them, and likewise for row_ptr, counts, reverse,
  ! edge_ptr and atom_ptr; int32 or int8 for shifts; real64 or real32 (rounded) for vectors and distances.
  !
  !   i(m), j(m)          atoms: vectors(:, k) = positions(:, j(k)) - positions(:, i(k)) + matmul(cell, shifts(:, k))
  !   shifts(3, m), vectors(3, m), distances(m)
  !   edge_index(m, 2)    i and j as two columns             pairs(2, m)    i and j side by side
  !   row_ptr(rows + 1)   pairs row_ptr(a) ... row_ptr(a + 1) - 1 are those of atom a
  !   counts(rows)        neighbours of each atom            reverse(m)     number of the mirrored pair; full lists
  !   batch(m)            system of the pair
  !   edge_ptr(systems + 1), atom_ptr(systems + 1)           as row_ptr: pairs, and rows, of each system
  !
  ! local_indices: atoms are numbered in their system, not through the batch.
  subroutine result_fetch(self, i, j, shifts, vectors, distances, row_ptr, counts, edge_index, pairs, reverse, &
    batch, edge_ptr, atom_ptr, list, local_indices, stat, errmsg)
    class(nbl_result), intent(inout) :: self
    class(*), intent(inout), optional, target :: i(:), j(:), shifts(:, :), vectors(:, :), distances(:)
    class(*), intent(inout), optional, target :: row_ptr(:), counts(:)
    class(*), intent(inout), optional, target :: edge_index(:, :), pairs(:, :), reverse(:), batch(:)
    class(*), intent(inout), optional, target :: edge_ptr(:), atom_ptr(:)
    integer, intent(in), optional :: list
    logical, intent(in), optional :: local_indices
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_outputs), target :: out
    type(fault) :: wrong
    integer(c_int64_t), parameter :: two(1) = 2, three(1) = 3
    out%pair_capacity = huge(out%pair_capacity)
    out%row_capacity = huge(out%row_capacity)
    out%system_capacity = huge(out%system_capacity)
    call take(wrong, 'i', view_of_1(i), index_kinds, out%i, out%index_dtype, out%pair_capacity)
    call take(wrong, 'j', view_of_1(j), index_kinds, out%j, out%index_dtype, out%pair_capacity)
    call take(wrong, 'pairs', view_of_2(pairs), index_kinds, out%pairs, out%index_dtype, out%pair_capacity, two)
    call take(wrong, 'batch', view_of_1(batch), index_kinds, out%batch, out%index_dtype, out%pair_capacity)
    call take(wrong, 'shifts', view_of_2(shifts), shift_kinds, out%shifts, out%shift_dtype, out%pair_capacity, three)
    call take(wrong, 'vectors', view_of_2(vectors), real_kinds, out%vectors, out%real_dtype, out%pair_capacity, three)
    call take(wrong, 'distances', view_of_1(distances), real_kinds, out%distances, out%real_dtype, out%pair_capacity)
    call take(wrong, 'reverse', view_of_1(reverse), index_kinds, out%reverse, out%offset_dtype, out%pair_capacity)
    call take(wrong, 'row_ptr', view_of_1(row_ptr), index_kinds, out%row_ptr, out%offset_dtype, out%row_capacity, &
      surplus=1)
    call take(wrong, 'counts', view_of_1(counts), index_kinds, out%counts, out%offset_dtype, out%row_capacity)
    call take(wrong, 'edge_ptr', view_of_1(edge_ptr), index_kinds, out%edge_ptr, out%offset_dtype, &
      out%system_capacity, surplus=1)
    call take(wrong, 'atom_ptr', view_of_1(atom_ptr), index_kinds, out%atom_ptr, out%offset_dtype, &
      out%system_capacity, surplus=1)
    call take(wrong, 'edge_index', view_of_2(edge_index), index_kinds, out%edge_index, out%index_dtype, &
      out%pair_capacity)
    if (present(edge_index)) then
      if (size(edge_index, 2) /= 2) call refuse(wrong, nbl_esize, 'edge_index does not have two columns')
      out%edge_index_stride = size(edge_index, 1, kind=c_int64_t)
    end if
    if (present(local_indices)) out%local_indices = merge(1, 0, local_indices)
    call fetch_into(self, out, wrong, list, stat, errmsg)
  end subroutine result_fetch

  ! The dense layout: column a is the row of atom a, as wide as the arrays are, at least max_count(list); behind its
  ! neighbours are `fill` (0, which is no atom) in j, and 0 elsewhere.
  !
  !   j(width, rows), shifts(3, width, rows), vectors(3, width, rows), distances(width, rows)
  !   row_ptr, counts     as above
  subroutine result_fetch_dense(self, j, shifts, vectors, distances, row_ptr, counts, fill, list, local_indices, &
    stat, errmsg)
    class(nbl_result), intent(inout) :: self
    class(*), intent(inout), optional, target :: j(:, :), shifts(:, :, :), vectors(:, :, :), distances(:, :)
    class(*), intent(inout), optional, target :: row_ptr(:), counts(:)
    integer(int64), intent(in), optional :: fill
    integer, intent(in), optional :: list
    logical, intent(in), optional :: local_indices
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    type(nbl_outputs), target :: out
    type(fault) :: wrong
    integer(c_int64_t) :: flat(1), solid(2)
    out%layout = nbl_layout_dense
    if (present(vectors)) out%dense_width = size(vectors, 2, kind=c_int64_t)
    if (present(shifts)) out%dense_width = size(shifts, 2, kind=c_int64_t)
    if (present(distances)) out%dense_width = size(distances, 1, kind=c_int64_t)
    if (present(j)) out%dense_width = size(j, 1, kind=c_int64_t)
    flat = [out%dense_width]
    solid = [3_c_int64_t, out%dense_width]
    out%row_capacity = huge(out%row_capacity)
    call take(wrong, 'j', view_of_2(j), index_kinds, out%j, out%index_dtype, out%row_capacity, flat)
    call take(wrong, 'shifts', view_of_3(shifts), shift_kinds, out%shifts, out%shift_dtype, out%row_capacity, solid)
    call take(wrong, 'vectors', view_of_3(vectors), real_kinds, out%vectors, out%real_dtype, out%row_capacity, solid)
    call take(wrong, 'distances', view_of_2(distances), real_kinds, out%distances, out%real_dtype, &
      out%row_capacity, flat)
    call take(wrong, 'row_ptr', view_of_1(row_ptr), index_kinds, out%row_ptr, out%offset_dtype, out%row_capacity, &
      surplus=1)
    call take(wrong, 'counts', view_of_1(counts), index_kinds, out%counts, out%offset_dtype, out%row_capacity)
    if (present(fill)) out%dense_fill = fill
    if (present(local_indices)) out%local_indices = merge(1, 0, local_indices)
    call fetch_into(self, out, wrong, list, stat, errmsg)
  end subroutine result_fetch_dense

  subroutine fetch_into(self, out, wrong, list, stat, errmsg)
    class(nbl_result), intent(in) :: self
    type(nbl_outputs), intent(inout), target :: out
    type(fault), intent(inout) :: wrong
    integer, intent(in), optional :: list
    integer, intent(out), optional :: stat
    character(len=*), intent(inout), optional :: errmsg
    integer(c_int32_t) :: status
    out%size = c_sizeof(out)
    if (out%pair_capacity == huge(out%pair_capacity)) out%pair_capacity = 0
    if (out%row_capacity == huge(out%row_capacity)) out%row_capacity = 0
    if (out%system_capacity == huge(out%system_capacity)) out%system_capacity = 0
    status = nbl_ok
    if (.not. c_associated(self%own%get())) call refuse(wrong, nbl_eunbuilt, 'nothing was searched into this result')
    if (wrong%status == nbl_ok) status = c_result_fetch(self%own%get(), list_number(list), c_loc(out))
    call result_finish(self%own%get(), wrong, status, stat, errmsg)
  end subroutine fetch_into
end module nblist_results
