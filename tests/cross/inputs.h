/* SPDX-License-Identifier: MIT */
/*
 * Systems that are the same doubles on every platform: drawn as integers, and brought to doubles by one rounded
 * sum per number. All products are by powers of two, and of the C library's mathematics there are only ldexp()
 * and sqrt(), so that contraction and the library of the platform have nothing to change. No expression draws
 * twice: the order would be the compiler's choice.
 */
#ifndef TESTS_CROSS_INPUTS_H
#define TESTS_CROSS_INPUTS_H

#include <stdint.h>

#include "random.h"

enum input_shape {
    INPUT_NONE,      /* no cell, all axes open */
    INPUT_BOX,       /* three orthogonal axes */
    INPUT_TRICLINIC, /* moderately skewed, of either hand */
    INPUT_SKEWED,    /* one or two vectors plus several times another one */
    INPUT_THIN,      /* heights far below the cutoff */
    INPUT_LATTICE    /* on halves of integers, with a shell of neighbours exactly at the cutoff; the rest of
                        the recipe is not read */
};

enum { INPUT_MASK_EACH = 8 };

struct input_recipe {
    int systems; /* how many of them */
    enum input_shape shape;
    int mask; /* 0 ... 7: axes that are periodic; INPUT_MASK_EACH: one after the other */
    int64_t n_low, n_high;
    int64_t room;            /* volume per atom */
    int64_t rc_low, rc_high; /* in sixteenths */
    int64_t away;            /* atoms lie up to so many cells from the origin cell */
    int is_f32;
    int exponent; /* all lengths times 2^exponent */
};

struct input {
    int64_t n;
    double *r;  /* [n][3] */
    float *low; /* the same as float32; NULL: positions are float64 */
    int has_cell;
    double h[9];
    uint8_t pbc[3];
    double rc;
};

/* System number `k` of a recipe. */
void input_draw(struct input *in, struct random *g, const struct input_recipe *recipe, int k);

void input_free(struct input *in);

/* The double `steps` places above x > 0 in the order of doubles. */
double input_ulps(double x, int64_t steps);

#endif
