! SPDX-License-Identifier: MIT
!
! libnblist for Fortran: neighbor lists. What a program uses is this module; the other ones are its parts.
!
!     use nblist
!     type(nbl_cell_list) :: list
!     type(nbl_result) :: found
!
!     call list%build(positions, cell, pbc, 6.0_real64)         ! once per set of positions
!     call list%search(6.0_real64, found)                       ! counts exactly
!     m = found%n_pairs()                                       ! allocate what is needed
!     allocate (i(m), j(m), shifts(3, m), distances(m))
!     call found%fetch(i, j, shifts, distances=distances)       ! into arrays that you own
!
! or, where that happens once, call neighbors(positions, cell, pbc, 6.0_real64, i, j, shifts).
!
! Arrays are used where they lie, without copies: column k of positions (3, n) is atom k, and the columns of cell (3,
! 3) are the lattice vectors a, b and c. (The same memory is positions[n][3] and a cell of three rows in C.)
! Positions, cells, vectors and distances are real64 or real32; indices and offsets int64 or int32; cutoffs are
! real64.
!
! Atoms, pairs, lists, systems and threads are numbered from 1, in everything that goes in or out: row_ptr(a) is the
! first pair of atom a, and a rows%i(k) of a visitor is an atom. Counts and shifts are what they are. Only messages
! quote the arrays as C numbers them, from 0 and with the last index first: "positions[17][2] is nan" is positions(3,
! 18).
!
! Every call that can fail takes stat and errmsg, as allocate does. stat is nbl_ok (0) or one of the negative nbl_e...
! statuses; errmsg is set on an error only. Without stat, an error ends the program by error stop with the message.
!
! Variables of the types nbl_cell_list, nbl_batch and nbl_result free what they hold when they go out of scope or are
! deallocated; %destroy() does so at once. They are not copied: after a = b, a is empty, and its use an error of
! status nbl_eunbuilt. Pass them as arguments, or move an allocatable one with move_alloc. A variable of a main
! program is never finalized by Fortran; that matters to leak checkers only.
!
! What a pair is, and everything else that is promised, is written in <nblist/nblist.h>.
module nblist
  use, intrinsic :: iso_c_binding, only: c_int32_t
  use nblist_batches, only: nbl_batch
  use nblist_c, only: nbl_ok, nbl_enull, nbl_esize, nbl_estruct, nbl_eoption, nbl_econflict, nbl_eposition, &
    nbl_ecell, nbl_esingular, nbl_erange, nbl_ecutoff, nbl_ecutoff_build, nbl_eshift, nbl_eunbuilt, nbl_estale, &
      nbl_eargument, nbl_ecapacity, nbl_enarrow, nbl_elimit, nbl_enomem, nbl_everify, nbl_ebatch, nbl_eptr, &
        nbl_eids, nbl_estop, nbl_isa_auto, nbl_isa_portable, nbl_isa_avx2, nbl_isa_avx512, nbl_isa_neon, &
          nbl_algorithm_auto, nbl_algorithm_brute, nbl_algorithm_cells, nbl_all_or_nothing, nbl_half, &
            nbl_inclusive, nbl_self, nbl_sorted, nbl_centers, nbl_disjoint, nbl_mode_auto, nbl_mode_pairs, &
              nbl_mode_counts, nbl_row_shifts, nbl_row_vectors, nbl_row_d2, nbl_row_shells, nbl_row_indices, &
                nbl_max_lists, nbl_verify_equal, nbl_verify_missing, nbl_verify_extra, nbl_verify_wrong, &
                  nbl_handle_options, nbl_build_options, nbl_cell_list_info, nbl_batch_info, nbl_search_options, &
                    nbl_verify_report, c_build_info, c_isa_detect, c_isa_name, c_max_threads, c_status_name, &
                      c_status_text, c_version, c_version_string
  use nblist_cell_lists, only: nbl_cell_list
  use nblist_checks, only: nbl_verify, nbl_verify_batch
  use nblist_neighbors, only: neighbors
  use nblist_results, only: nbl_result
  use nblist_support, only: text_of
  use nblist_visits, only: nbl_rows, nbl_visitor
  implicit none
  private

  ! Handles; the structs of options, whose `size`, types and strides are set by the calls that take them
  public :: nbl_batch, nbl_cell_list, nbl_result
  public :: nbl_handle_options, nbl_build_options, nbl_search_options
  public :: nbl_cell_list_info, nbl_batch_info, nbl_verify_report
  public :: nbl_rows, nbl_visitor

  ! Calls without a handle
  public :: neighbors, nbl_verify, nbl_verify_batch
  public :: nbl_build_info, nbl_isa_detect, nbl_isa_name, nbl_max_threads, nbl_status_name, nbl_status_text
  public :: nbl_version, nbl_version_string

  public :: nbl_ok, nbl_enull, nbl_esize, nbl_estruct, nbl_eoption, nbl_econflict, nbl_eposition, nbl_ecell, &
    nbl_esingular, nbl_erange, nbl_ecutoff, nbl_ecutoff_build, nbl_eshift, nbl_eunbuilt, nbl_estale, nbl_eargument, &
    nbl_ecapacity, nbl_enarrow, nbl_elimit, nbl_enomem, nbl_everify, nbl_ebatch, nbl_eptr, nbl_eids, nbl_estop
  public :: nbl_isa_auto, nbl_isa_portable, nbl_isa_avx2, nbl_isa_avx512, nbl_isa_neon
  public :: nbl_algorithm_auto, nbl_algorithm_brute, nbl_algorithm_cells, nbl_all_or_nothing
  public :: nbl_half, nbl_inclusive, nbl_self, nbl_sorted, nbl_centers, nbl_disjoint
  public :: nbl_mode_auto, nbl_mode_pairs, nbl_mode_counts, nbl_max_lists
  public :: nbl_row_shifts, nbl_row_vectors, nbl_row_d2, nbl_row_shells, nbl_row_indices
  public :: nbl_verify_equal, nbl_verify_missing, nbl_verify_extra, nbl_verify_wrong

contains

  ! The version of the loaded library, major * 1000000 + minor * 1000 + patch; as text; and how it was built.
  function nbl_version() result(version)
    integer :: version
    version = c_version()
  end function nbl_version

  function nbl_version_string() result(text)
    character(len=:), allocatable :: text
    text = text_of(c_version_string())
  end function nbl_version_string

  function nbl_build_info() result(text)
    character(len=:), allocatable :: text
    text = text_of(c_build_info())
  end function nbl_build_info

  ! "NBL_ENULL", and "a required pointer is NULL".
  function nbl_status_name(status) result(text)
    integer, intent(in) :: status
    character(len=:), allocatable :: text
    text = text_of(c_status_name(int(status, c_int32_t)))
  end function nbl_status_name

  function nbl_status_text(status) result(text)
    integer, intent(in) :: status
    character(len=:), allocatable :: text
    text = text_of(c_status_text(int(status, c_int32_t)))
  end function nbl_status_text

  ! The best level of instructions of this machine; the name of a level, '' where the library has no kernel for it.
  function nbl_isa_detect() result(isa)
    integer :: isa
    isa = c_isa_detect()
  end function nbl_isa_detect

  function nbl_isa_name(isa) result(text)
    integer, intent(in) :: isa
    character(len=:), allocatable :: text
    text = text_of(c_isa_name(int(isa, c_int32_t)))
  end function nbl_isa_name

  function nbl_max_threads() result(n)
    integer :: n
    n = c_max_threads()
  end function nbl_max_threads
end module nblist
