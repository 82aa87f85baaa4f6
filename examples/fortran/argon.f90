! SPDX-License-Identifier: MIT
!
! Molecular dynamics of liquid argon: Lennard-Jones atoms in a periodic box, velocity Verlet, and a half list made
! anew in every step. Energy is conserved, and so is the total momentum, which the end of the program checks.
!
!   argon [STEPS [TIME-STEP]]      500 steps of 0.004, in reduced units (of 8.6 fs for argon)
!
! The handles are kept: steps after the first few allocate nothing in the library. Positions are never wrapped; the
! shifts refer to them as they are.
program argon
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use nblist
  implicit none
  integer, parameter :: side = 6, n = 4 * side**3
  real(real64), parameter :: density = 0.8442_real64, temperature = 0.72_real64, cutoff = 2.5_real64
  real(real64) :: positions(3, n), velocities(3, n), forces(3, n), cell(3, 3)
  real(real64) :: potential, first, drift, momentum(3), time_step
  integer :: step, steps
  type(nbl_cell_list) :: list
  type(nbl_result) :: found
  integer(int32), allocatable :: i(:), j(:)
  real(real64), allocatable :: vectors(:, :)

  steps = nint(argument(1, 500.0_real64))
  time_step = argument(2, 0.004_real64)
  call crystal
  call heat
  call compute_forces
  first = potential + kinetic()
  drift = 0
  write (*, '(a)') '  step  temperature   potential     kinetic       total   (energies per atom)'
  call report(0)
  do step = 1, steps
    velocities = velocities + 0.5_real64 * time_step * forces
    positions = positions + time_step * velocities
    call compute_forces
    velocities = velocities + 0.5_real64 * time_step * forces
    drift = max(drift, abs(potential + kinetic() - first) / n)
    if (mod(step, 100) == 0) call report(step)
  end do

  momentum = sum(velocities, 2)
  write (*, '(a, es9.1)') 'largest change of the energy per atom:', drift
  write (*, '(2a)') 'total momentum is zero within rounding: ', &
    merge('yes', 'no ', maxval(abs(momentum)) < 1e-10_real64)
  if (drift > 2e-3_real64 .or. maxval(abs(momentum)) > 1e-10_real64) error stop 'energy or momentum is not conserved'

contains

  ! Argument number k as a number, or what is usual.
  real(real64) function argument(k, usual)
    integer, intent(in) :: k
    real(real64), intent(in) :: usual
    character(len=32) :: text
    argument = usual
    if (command_argument_count() < k) return
    call get_command_argument(k, text)
    read (text, *) argument
  end function argument

  ! Face-centred cubic; the columns of the cell are the edges of the box.
  subroutine crystal
    real(real64), parameter :: corner(3, 4) = reshape([0., 0., 0., 0., .5, .5, .5, 0., .5, .5, .5, 0.], [3, 4])
    real(real64) :: edge
    integer :: atom
    edge = (4 / density)**(1.0_real64 / 3)
    cell = 0
    cell(1, 1) = side * edge
    cell(2, 2) = side * edge
    cell(3, 3) = side * edge
    do atom = 0, n - 1
      positions(:, atom + 1) = edge * (corner(:, mod(atom, 4) + 1) + &
        [mod(atom / 4, side), mod(atom / 4 / side, side), atom / 4 / side**2])
    end do
  end subroutine crystal

  ! Velocities from a fixed sequence, without a drift of the whole, at twice the temperature: half of it goes into the
  ! potential energy as the crystal melts.
  subroutine heat
    integer(int64) :: state
    integer :: atom, k
    state = 20240229
    do atom = 1, n
      do k = 1, 3
        state = mod(state * 16807_int64, 2147483647_int64)  ! Park and Miller, Comm. ACM 31, 1192 (1988)
        velocities(k, atom) = real(state, real64) / 2147483647.0_real64 - 0.5_real64
      end do
    end do
    velocities = velocities - spread(sum(velocities, 2) / n, 2, n)
    velocities = velocities * sqrt(2 * temperature * 1.5_real64 * n / kinetic())
  end subroutine heat

  ! The shifted-force potential: energy and force go to zero at the cutoff, or energy would not be conserved there.
  subroutine compute_forces
    real(real64), parameter :: edge_energy = 4 * (cutoff**(-12) - cutoff**(-6))
    real(real64), parameter :: edge_slope = 24 * (cutoff**(-6) - 2 * cutoff**(-12)) / cutoff
    real(real64) :: inverse6, length, pull(3), square
    integer :: m, k
    call list%build(positions, cell, [.true., .true., .true.], cutoff)
    call list%search(cutoff, found, nbl_search_options(flags=nbl_half))
    m = int(found%n_pairs())
    call make_room(m)
    call found%fetch(i, j, vectors=vectors)
    forces = 0
    potential = 0
    do k = 1, m
      square = sum(vectors(:, k)**2)
      length = sqrt(square)
      inverse6 = 1 / square**3
      potential = potential + 4 * inverse6 * (inverse6 - 1) - edge_energy - edge_slope * (length - cutoff)
      pull = vectors(:, k) * (24 * inverse6 * (1 - 2 * inverse6) / square - edge_slope / length)
      forces(:, i(k)) = forces(:, i(k)) + pull
      forces(:, j(k)) = forces(:, j(k)) - pull
    end do
  end subroutine compute_forces

  ! Arrays grow with the largest list, and never shrink: a fetch fills what it needs of them.
  subroutine make_room(m)
    integer, intent(in) :: m
    if (allocated(i)) then
      if (size(i) >= m) return
      deallocate (i, j, vectors)
    end if
    allocate (i(m + m / 8), j(m + m / 8), vectors(3, m + m / 8))
  end subroutine make_room

  real(real64) function kinetic()
    kinetic = 0.5_real64 * sum(velocities**2)
  end function kinetic

  subroutine report(number)
    integer, intent(in) :: number
    write (*, '(i6, f13.3, 3f12.3)') number, kinetic() / (1.5_real64 * n), potential / n, kinetic() / n, &
      (potential + kinetic()) / n
  end subroutine report
end program argon
