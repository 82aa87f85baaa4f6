! SPDX-License-Identifier: MIT
!
! Checks that tell what failed and go on; made-up systems; all pairs of a system by a loop over images, written from
! the formula of <nblist/nblist.h> and sharing nothing with the library.
module check
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  implicit none
  private
  public :: brute, expect, finished, made_up, pair_list

  type :: pair_list
    integer :: m = 0
    integer(int32), allocatable :: i(:), j(:), shifts(:, :)
    real(real64), allocatable :: vectors(:, :), distances(:)
  end type pair_list

  integer :: checks = 0, failures = 0

contains

  subroutine expect(holds, what)
    logical, intent(in) :: holds
    character(len=*), intent(in) :: what
    checks = checks + 1
    if (holds) return
    failures = failures + 1
    if (failures <= 20) write (error_unit, '(2a)') 'failed: ', what
  end subroutine expect

  subroutine finished(at_least)
    integer, intent(in) :: at_least
    write (*, '(i0, a, i0, a)') checks, ' checks, ', failures, ' failed'
    if (checks < at_least) error stop 'fewer checks than there are'
    if (failures > 0) error stop 1
  end subroutine finished

  ! A skewed cell and n atoms, some of them outside of it: a function of the seed alone.
  subroutine made_up(seed, n, positions, cell)
    integer, intent(in) :: seed, n
    real(real64), intent(out) :: positions(3, n), cell(3, 3)
    integer(int64) :: state
    integer :: k, l
    state = seed
    do l = 1, 3
      do k = 1, 3
        cell(k, l) = merge(3.0_real64, 0.0_real64, k == l) + 1.2_real64 * (draw() - 0.5_real64)
      end do
    end do
    do l = 1, n
      do k = 1, 3
        positions(k, l) = 6 * draw() - 1.5_real64
      end do
    end do
  contains
    ! Park and Miller's generator (Comm. ACM 31, 1192, 1988), after a step that parts small seeds.
    real(real64) function draw()
      if (state < 100000) state = state * 7919 + 12345
      state = mod(state * 16807_int64, 2147483647_int64)
      draw = real(state, real64) / 2147483647.0_real64
    end function draw
  end subroutine made_up

  ! All pairs, ordered by i, j and shift, through images -reach ... reach of each periodic axis.
  function brute(positions, cell, pbc, cutoff, reach) result(found)
    real(real64), intent(in) :: positions(:, :), cell(3, 3), cutoff
    logical, intent(in) :: pbc(3)
    integer, intent(in) :: reach
    type(pair_list) :: found
    integer :: i, j, a, b, c, most(3), room
    real(real64) :: d(3), length
    most = merge(reach, 0, pbc)
    room = size(positions, 2)**2 * product(2 * most + 1)
    allocate (found%i(room), found%j(room), found%shifts(3, room), found%vectors(3, room), found%distances(room))
    do i = 1, size(positions, 2)
      do j = 1, size(positions, 2)
        do a = -most(1), most(1)
          do b = -most(2), most(2)
            do c = -most(3), most(3)
              if (i == j .and. a == 0 .and. b == 0 .and. c == 0) cycle
              d = (positions(:, j) - positions(:, i)) + ((translate(a, 1) + translate(b, 2)) + translate(c, 3))
              length = sqrt((d(1) * d(1) + d(2) * d(2)) + d(3) * d(3))
              if (.not. length < cutoff) cycle
              found%m = found%m + 1
              found%i(found%m) = i
              found%j(found%m) = j
              found%shifts(:, found%m) = [a, b, c]
              found%vectors(:, found%m) = d + 0.0_real64
              found%distances(found%m) = length
            end do
          end do
        end do
      end do
    end do
  contains
    function translate(times, axis) result(t)
      integer, intent(in) :: times, axis
      real(real64) :: t(3)
      t = 0
      if (pbc(axis)) t = times * cell(:, axis)
    end function translate
  end function brute
end module check
