! SPDX-License-Identifier: MIT
!
! neighbors(): one call that builds, searches, allocates and fetches.
module nblist_neighbors
  use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
  use nblist_c, only: nbl_enomem, nbl_ok, nbl_outputs, nbl_search_options
  use nblist_cell_lists, only: nbl_cell_list
  use nblist_results, only: fetch_into, nbl_result
  use nblist_support, only: finish
  use nblist_views, only: fault, index_kinds, real_kinds, shift_kinds, take, view_of_1, view_of_2
  implicit none
  private
  public :: neighbors

  ! call neighbors(positions, cell, pbc, cutoff, i, j [, shifts, vectors, distances, stat, errmsg, options])
  !
  ! positions, cell, pbc, cutoff: as for nbl_cell_list%build. i, j: int32 or int64; shifts: int32; vectors and
  ! distances: the kind of the positions. All of them are allocated to the number of pairs. On an error, they may be
  ! left unallocated. In a loop nbl_cell_list and nbl_result are faster: they keep their memory.
  interface neighbors
    module procedure neighbors_r64_i32, neighbors_r64_i64, neighbors_r32_i32, neighbors_r32_i64
  end interface neighbors

contains

#define NAME neighbors_r64_i32
#define REAL_KIND real64
#define INDEX_KIND int32
#include "neighbors_tmpl.inc"
#undef NAME
#undef INDEX_KIND

#define NAME neighbors_r64_i64
#define INDEX_KIND int64
#include "neighbors_tmpl.inc"
#undef NAME
#undef REAL_KIND

#define NAME neighbors_r32_i64
#define REAL_KIND real32
#include "neighbors_tmpl.inc"
#undef NAME
#undef INDEX_KIND

#define NAME neighbors_r32_i32
#define INDEX_KIND int32
#include "neighbors_tmpl.inc"
end module nblist_neighbors
