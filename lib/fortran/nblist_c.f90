! SPDX-License-Identifier: MIT
!
! The C interface, <nblist/nblist.h>, as it is: constants, structs and functions, and nothing else. Every pointer is
! a type(c_ptr) by value, or an intent(out) or intent(inout) one by reference where C has a pointer to a pointer.
! tests/fortran/interface.py holds this file to the header: values, sizes, offsets, arguments.
module nblist_c
  use, intrinsic :: iso_c_binding, only: c_double, c_funptr, c_int8_t, c_int32_t, c_int64_t, c_null_ptr, c_ptr, &
    c_size_t
  implicit none
  public

  ! Statuses
  integer(c_int32_t), parameter :: nbl_ok = 0
  integer(c_int32_t), parameter :: nbl_enull = -1
  integer(c_int32_t), parameter :: nbl_esize = -2
  integer(c_int32_t), parameter :: nbl_estruct = -3
  integer(c_int32_t), parameter :: nbl_eoption = -4
  integer(c_int32_t), parameter :: nbl_econflict = -5
  integer(c_int32_t), parameter :: nbl_eposition = -6
  integer(c_int32_t), parameter :: nbl_ecell = -7
  integer(c_int32_t), parameter :: nbl_esingular = -8
  integer(c_int32_t), parameter :: nbl_erange = -9
  integer(c_int32_t), parameter :: nbl_ecutoff = -10
  integer(c_int32_t), parameter :: nbl_ecutoff_build = -11
  integer(c_int32_t), parameter :: nbl_eshift = -12
  integer(c_int32_t), parameter :: nbl_eunbuilt = -13
  integer(c_int32_t), parameter :: nbl_estale = -14
  integer(c_int32_t), parameter :: nbl_eargument = -15
  integer(c_int32_t), parameter :: nbl_ecapacity = -16
  integer(c_int32_t), parameter :: nbl_enarrow = -17
  integer(c_int32_t), parameter :: nbl_elimit = -18
  integer(c_int32_t), parameter :: nbl_enomem = -19
  integer(c_int32_t), parameter :: nbl_everify = -20
  integer(c_int32_t), parameter :: nbl_ebatch = -21
  integer(c_int32_t), parameter :: nbl_eptr = -22
  integer(c_int32_t), parameter :: nbl_eids = -23
  integer(c_int32_t), parameter :: nbl_estop = -24

  ! Instruction sets: nbl_handle_options%isa
  integer(c_int32_t), parameter :: nbl_isa_auto = 0
  integer(c_int32_t), parameter :: nbl_isa_portable = 1
  integer(c_int32_t), parameter :: nbl_isa_avx2 = 2
  integer(c_int32_t), parameter :: nbl_isa_avx512 = 3
  integer(c_int32_t), parameter :: nbl_isa_neon = 16

  ! Data types of arrays
  integer(c_int32_t), parameter :: nbl_dtype_default = 0
  integer(c_int32_t), parameter :: nbl_int8 = 1
  integer(c_int32_t), parameter :: nbl_int32 = 2
  integer(c_int32_t), parameter :: nbl_int64 = 3
  integer(c_int32_t), parameter :: nbl_float32 = 4
  integer(c_int32_t), parameter :: nbl_float64 = 5

  ! nbl_build_options%algorithm and %flags
  integer(c_int32_t), parameter :: nbl_algorithm_auto = 0
  integer(c_int32_t), parameter :: nbl_algorithm_brute = 1
  integer(c_int32_t), parameter :: nbl_algorithm_cells = 2
  integer(c_int32_t), parameter :: nbl_all_or_nothing = 1

  ! nbl_search_options%flags (to be added up), %mode and %fields (likewise)
  integer(c_int32_t), parameter :: nbl_half = 1
  integer(c_int32_t), parameter :: nbl_inclusive = 2
  integer(c_int32_t), parameter :: nbl_self = 4
  integer(c_int32_t), parameter :: nbl_sorted = 8
  integer(c_int32_t), parameter :: nbl_centers = 16
  integer(c_int32_t), parameter :: nbl_disjoint = 32
  integer(c_int32_t), parameter :: nbl_mode_auto = 0
  integer(c_int32_t), parameter :: nbl_mode_pairs = 1
  integer(c_int32_t), parameter :: nbl_mode_counts = 2
  integer(c_int32_t), parameter :: nbl_row_shifts = 1
  integer(c_int32_t), parameter :: nbl_row_vectors = 2
  integer(c_int32_t), parameter :: nbl_row_d2 = 4
  integer(c_int32_t), parameter :: nbl_row_shells = 8
  integer(c_int32_t), parameter :: nbl_row_indices = 16
  integer(c_int32_t), parameter :: nbl_max_lists = 255

  integer(c_int32_t), parameter :: nbl_layout_pairs = 0
  integer(c_int32_t), parameter :: nbl_layout_dense = 1

  ! nbl_verify_report%verdict
  integer(c_int32_t), parameter :: nbl_verify_equal = 0
  integer(c_int32_t), parameter :: nbl_verify_missing = 1
  integer(c_int32_t), parameter :: nbl_verify_extra = 2
  integer(c_int32_t), parameter :: nbl_verify_wrong = 3

  type, bind(c) :: nbl_handle_options
    integer(c_size_t) :: size = 0
    type(c_ptr) :: allocator = c_null_ptr
    integer(c_int32_t) :: n_threads = 0
    integer(c_int32_t) :: isa = nbl_isa_auto
  end type nbl_handle_options

  type, bind(c) :: nbl_build_options
    integer(c_size_t) :: size = 0
    integer(c_int32_t) :: positions_dtype = 0
    integer(c_int32_t) :: cell_dtype = 0
    integer(c_int64_t) :: positions_stride = 0
    integer(c_int32_t) :: algorithm = nbl_algorithm_auto
    integer(c_int32_t) :: n_threads = 0
    integer(c_int64_t) :: max_bytes = 0
    integer(c_int32_t) :: flags = 0
    integer(c_int32_t) :: reserved = 0
  end type nbl_build_options

  type, bind(c) :: nbl_cell_list_info
    integer(c_size_t) :: size = 0
    integer(c_int64_t) :: n_atoms = 0
    integer(c_int64_t) :: n_images = 0
    integer(c_int64_t) :: n_bins = 0
    integer(c_int64_t) :: n_bytes = 0
    real(c_double) :: cutoff = 0
    integer(c_int32_t) :: algorithm = 0
    integer(c_int8_t) :: pbc(4) = 0_c_int8_t
  end type nbl_cell_list_info

  type, bind(c) :: nbl_batch_input
    integer(c_size_t) :: size = 0
    integer(c_int64_t) :: n_systems = 0
    integer(c_int64_t) :: n_atoms = 0
    type(c_ptr) :: positions = c_null_ptr
    type(c_ptr) :: ptr = c_null_ptr
    type(c_ptr) :: batch = c_null_ptr
    type(c_ptr) :: cells = c_null_ptr
    type(c_ptr) :: has_cell = c_null_ptr
    type(c_ptr) :: pbc = c_null_ptr
    type(c_ptr) :: cutoffs = c_null_ptr
    integer(c_int64_t) :: n_cells = 0
    integer(c_int64_t) :: n_pbc = 0
    integer(c_int64_t) :: n_cutoffs = 0
    integer(c_int32_t) :: ids_dtype = 0
    integer(c_int32_t) :: reserved = 0
  end type nbl_batch_input

  type, bind(c) :: nbl_batch_info
    integer(c_size_t) :: size = 0
    integer(c_int64_t) :: n_systems = 0
    integer(c_int64_t) :: n_atoms = 0
    integer(c_int64_t) :: n_failed = 0
    integer(c_int64_t) :: n_grids = 0
    integer(c_int64_t) :: n_bytes = 0
  end type nbl_batch_info

  type, bind(c) :: nbl_search_options
    integer(c_size_t) :: size = 0
    integer(c_int32_t) :: flags = 0
    integer(c_int32_t) :: mode = nbl_mode_auto
    integer(c_int64_t) :: n_centers = 0
    integer(c_int64_t) :: max_pairs = 0
    integer(c_int64_t) :: max_bytes = 0
    integer(c_int32_t) :: n_threads = 0
    integer(c_int32_t) :: fields = 0
  end type nbl_search_options

  type, bind(c) :: nbl_outputs
    integer(c_size_t) :: size = 0
    integer(c_int32_t) :: layout = nbl_layout_pairs
    integer(c_int32_t) :: index_base = 1
    integer(c_int32_t) :: index_dtype = 0
    integer(c_int32_t) :: offset_dtype = 0
    integer(c_int32_t) :: shift_dtype = 0
    integer(c_int32_t) :: real_dtype = 0
    integer(c_int64_t) :: pair_capacity = 0
    integer(c_int64_t) :: row_capacity = 0
    integer(c_int64_t) :: edge_index_stride = 0
    integer(c_int64_t) :: dense_width = 0
    integer(c_int64_t) :: dense_fill = 0
    type(c_ptr) :: i = c_null_ptr
    type(c_ptr) :: j = c_null_ptr
    type(c_ptr) :: edge_index = c_null_ptr
    type(c_ptr) :: pairs = c_null_ptr
    type(c_ptr) :: shifts = c_null_ptr
    type(c_ptr) :: vectors = c_null_ptr
    type(c_ptr) :: distances = c_null_ptr
    type(c_ptr) :: row_ptr = c_null_ptr
    type(c_ptr) :: counts = c_null_ptr
    type(c_ptr) :: reverse = c_null_ptr
    integer(c_int64_t) :: system_capacity = 0
    integer(c_int32_t) :: local_indices = 0
    integer(c_int32_t) :: reserved = 0
    type(c_ptr) :: batch = c_null_ptr
    type(c_ptr) :: edge_ptr = c_null_ptr
    type(c_ptr) :: atom_ptr = c_null_ptr
  end type nbl_outputs

  type, bind(c) :: nbl_rows
    integer(c_size_t) :: size = 0
    integer(c_int64_t) :: system = 0
    integer(c_int64_t) :: first_atom = 0
    integer(c_int32_t) :: thread = 0
    integer(c_int32_t) :: n_rows = 0
    type(c_ptr) :: i = c_null_ptr
    type(c_ptr) :: row_ptr = c_null_ptr
    type(c_ptr) :: j = c_null_ptr
    type(c_ptr) :: shifts = c_null_ptr
    type(c_ptr) :: vectors = c_null_ptr
    type(c_ptr) :: d2 = c_null_ptr
    type(c_ptr) :: shells = c_null_ptr
  end type nbl_rows

  type, bind(c) :: nbl_verify_report
    integer(c_size_t) :: size = 0
    integer(c_int32_t) :: verdict = nbl_verify_equal
    integer(c_int32_t) :: shift(3) = 0
    integer(c_int64_t) :: i = 0
    integer(c_int64_t) :: j = 0
    real(c_double) :: distance = 0
    real(c_double) :: distance_long = 0
    integer(c_int64_t) :: n_pairs = 0
    integer(c_int64_t) :: n_close = 0
    integer(c_int64_t) :: system = 0
  end type nbl_verify_report

  interface
    function c_status_name(status) bind(c, name='nbl_status_name') result(text)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: status
      type(c_ptr) :: text
    end function c_status_name

    function c_status_text(status) bind(c, name='nbl_status_text') result(text)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: status
      type(c_ptr) :: text
    end function c_status_text

    function c_version() bind(c, name='nbl_version') result(version)
      import :: c_int32_t
      integer(c_int32_t) :: version
    end function c_version

    function c_version_string() bind(c, name='nbl_version_string') result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function c_version_string

    function c_build_info() bind(c, name='nbl_build_info') result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function c_build_info

    function c_isa_name(isa) bind(c, name='nbl_isa_name') result(text)
      import :: c_int32_t, c_ptr
      integer(c_int32_t), value :: isa
      type(c_ptr) :: text
    end function c_isa_name

    function c_isa_detect() bind(c, name='nbl_isa_detect') result(isa)
      import :: c_int32_t
      integer(c_int32_t) :: isa
    end function c_isa_detect

    function c_max_threads() bind(c, name='nbl_max_threads') result(n)
      import :: c_int32_t
      integer(c_int32_t) :: n
    end function c_max_threads

    function c_cell_list_create(list, options) bind(c, name='nbl_cell_list_create') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), intent(out) :: list
      type(c_ptr), value :: options
      integer(c_int32_t) :: status
    end function c_cell_list_create

    subroutine c_cell_list_destroy(list) bind(c, name='nbl_cell_list_destroy')
      import :: c_ptr
      type(c_ptr), intent(inout) :: list
    end subroutine c_cell_list_destroy

    function c_cell_list_message(list) bind(c, name='nbl_cell_list_message') result(text)
      import :: c_ptr
      type(c_ptr), value :: list
      type(c_ptr) :: text
    end function c_cell_list_message

    function c_batch_create(batch, options) bind(c, name='nbl_batch_create') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), intent(out) :: batch
      type(c_ptr), value :: options
      integer(c_int32_t) :: status
    end function c_batch_create

    subroutine c_batch_destroy(batch) bind(c, name='nbl_batch_destroy')
      import :: c_ptr
      type(c_ptr), intent(inout) :: batch
    end subroutine c_batch_destroy

    function c_batch_message(batch) bind(c, name='nbl_batch_message') result(text)
      import :: c_ptr
      type(c_ptr), value :: batch
      type(c_ptr) :: text
    end function c_batch_message

    function c_result_create(found, options) bind(c, name='nbl_result_create') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), intent(out) :: found
      type(c_ptr), value :: options
      integer(c_int32_t) :: status
    end function c_result_create

    subroutine c_result_destroy(found) bind(c, name='nbl_result_destroy')
      import :: c_ptr
      type(c_ptr), intent(inout) :: found
    end subroutine c_result_destroy

    function c_result_message(found) bind(c, name='nbl_result_message') result(text)
      import :: c_ptr
      type(c_ptr), value :: found
      type(c_ptr) :: text
    end function c_result_message

    function c_cell_list_build(list, n, positions, cell, pbc, cutoff, options) &
      bind(c, name='nbl_cell_list_build') result(status)
      import :: c_double, c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: list
      integer(c_int64_t), value :: n
      type(c_ptr), value :: positions, cell, pbc
      real(c_double), value :: cutoff
      type(c_ptr), value :: options
      integer(c_int32_t) :: status
    end function c_cell_list_build

    function c_cell_list_get_info(list, info) bind(c, name='nbl_cell_list_get_info') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: list, info
      integer(c_int32_t) :: status
    end function c_cell_list_get_info

    function c_batch_build(batch, input, options, statuses) bind(c, name='nbl_batch_build') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: batch, input, options, statuses
      integer(c_int32_t) :: status
    end function c_batch_build

    function c_batch_get_info(batch, info) bind(c, name='nbl_batch_get_info') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: batch, info
      integer(c_int32_t) :: status
    end function c_batch_get_info

    function c_cell_list_search(list, cutoff, options, found) &
      bind(c, name='nbl_cell_list_search') result(status)
      import :: c_double, c_int32_t, c_ptr
      type(c_ptr), value :: list
      real(c_double), value :: cutoff
      type(c_ptr), value :: options, found
      integer(c_int32_t) :: status
    end function c_cell_list_search

    function c_cell_list_search_multi(list, n_cutoffs, cutoffs, options, found) &
      bind(c, name='nbl_cell_list_search_multi') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: list
      integer(c_int32_t), value :: n_cutoffs
      type(c_ptr), value :: cutoffs, options, found
      integer(c_int32_t) :: status
    end function c_cell_list_search_multi

    function c_batch_search(batch, n_cutoffs, cutoffs, options, found) &
      bind(c, name='nbl_batch_search') result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: batch
      integer(c_int64_t), value :: n_cutoffs
      type(c_ptr), value :: cutoffs, options, found
      integer(c_int32_t) :: status
    end function c_batch_search

    function c_batch_search_multi(batch, n_lists, n_sets, cutoffs, options, found) &
      bind(c, name='nbl_batch_search_multi') result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: batch
      integer(c_int32_t), value :: n_lists
      integer(c_int64_t), value :: n_sets
      type(c_ptr), value :: cutoffs, options, found
      integer(c_int32_t) :: status
    end function c_batch_search_multi

    function c_result_n_lists(found) bind(c, name='nbl_result_n_lists') result(n)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t) :: n
    end function c_result_n_lists

    function c_result_n_systems(found) bind(c, name='nbl_result_n_systems') result(n)
      import :: c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int64_t) :: n
    end function c_result_n_systems

    function c_result_n_rows(found) bind(c, name='nbl_result_n_rows') result(n)
      import :: c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int64_t) :: n
    end function c_result_n_rows

    function c_result_n_pairs(found, list) bind(c, name='nbl_result_n_pairs') result(n)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t), value :: list
      integer(c_int64_t) :: n
    end function c_result_n_pairs

    function c_result_max_count(found, list) bind(c, name='nbl_result_max_count') result(n)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t), value :: list
      integer(c_int64_t) :: n
    end function c_result_max_count

    function c_result_n_bytes(found) bind(c, name='nbl_result_n_bytes') result(n)
      import :: c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int64_t) :: n
    end function c_result_n_bytes

    function c_result_mode(found) bind(c, name='nbl_result_mode') result(mode)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t) :: mode
    end function c_result_mode

    function c_result_system_status(found, system) bind(c, name='nbl_result_system_status') result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int64_t), value :: system
      integer(c_int32_t) :: status
    end function c_result_system_status

    function c_result_fetch(found, list, outputs) bind(c, name='nbl_result_fetch') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t), value :: list
      type(c_ptr), value :: outputs
      integer(c_int32_t) :: status
    end function c_result_fetch

    function c_cell_list_visit(list, n_cutoffs, cutoffs, options, found, visitor, user) &
      bind(c, name='nbl_cell_list_visit') result(status)
      import :: c_funptr, c_int32_t, c_ptr
      type(c_ptr), value :: list
      integer(c_int32_t), value :: n_cutoffs
      type(c_ptr), value :: cutoffs, options, found
      type(c_funptr), value :: visitor
      type(c_ptr), value :: user
      integer(c_int32_t) :: status
    end function c_cell_list_visit

    function c_batch_visit(batch, n_lists, n_sets, cutoffs, options, found, visitor, user) &
      bind(c, name='nbl_batch_visit') result(status)
      import :: c_funptr, c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: batch
      integer(c_int32_t), value :: n_lists
      integer(c_int64_t), value :: n_sets
      type(c_ptr), value :: cutoffs, options, found
      type(c_funptr), value :: visitor
      type(c_ptr), value :: user
      integer(c_int32_t) :: status
    end function c_batch_visit

    function c_verify(found, list, n, positions, cell, pbc, options, report) &
      bind(c, name='nbl_verify') result(status)
      import :: c_int32_t, c_int64_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t), value :: list
      integer(c_int64_t), value :: n
      type(c_ptr), value :: positions, cell, pbc, options, report
      integer(c_int32_t) :: status
    end function c_verify

    function c_verify_batch(found, list, input, options, report) &
      bind(c, name='nbl_verify_batch') result(status)
      import :: c_int32_t, c_ptr
      type(c_ptr), value :: found
      integer(c_int32_t), value :: list
      type(c_ptr), value :: input, options, report
      integer(c_int32_t) :: status
    end function c_verify_batch
  end interface
end module nblist_c
