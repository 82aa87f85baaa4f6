/* SPDX-License-Identifier: MIT */
/*
 * Bond angles that lie on the edge of a bin within rounding, as in every perfect lattice: two correct programs
 * may count them on either side. Whether a value of bond_angle_entropy is that of some such choice.
 */
#ifndef TESTS_METRICS_TIES_H
#define TESTS_METRICS_TIES_H

#include "structures.h"

/* 1 if some assignment of the tied angles to adjacent bins gives `value` within `tolerance`. */
int ties_can_give(const struct structure *s, double rc, double value, double tolerance);

#endif
