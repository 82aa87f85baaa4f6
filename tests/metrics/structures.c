/* SPDX-License-Identifier: MIT */
#include "structures.h"

#include <math.h>
#include <nblist/io.h>
#include <stdlib.h>

#include "check.h"

const double lattice_fcc[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
const double lattice_bcc[2][3] = {{0, 0, 0}, {0.5, 0.5, 0.5}};
const double lattice_diamond[8][3] = {{0, 0, 0},          {0, 0.5, 0.5},      {0.5, 0, 0.5},
                                      {0.5, 0.5, 0},      {0.25, 0.25, 0.25}, {0.25, 0.75, 0.75},
                                      {0.75, 0.25, 0.75}, {0.75, 0.75, 0.25}};

void structure_make(struct structure *s, int64_t n, int32_t z)
{
    memset(s, 0, sizeof *s);
    s->n = n;
    s->r = calloc((size_t)(n > 0 ? n : 1) * 3, sizeof *s->r);
    s->numbers = calloc((size_t)(n > 0 ? n : 1), sizeof *s->numbers);
    assert_true(s->r && s->numbers);
    for (int64_t a = 0; a < n; a++)
        s->numbers[a] = z;
}

void structure_free(struct structure *s)
{
    free(s->r);
    free(s->numbers);
    memset(s, 0, sizeof *s);
}

void structure_read(struct structure *s, const char *folder, const char *name)
{
    char path[1024];
    nbl_xyz_reader *reader = NULL;
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    snprintf(path, sizeof path, "%s/%s.xyz", folder, name);
    check_int(nbl_xyz_reader_create(&reader), NBL_IO_OK);
    if (nbl_xyz_reader_open(reader, path, NULL) != NBL_IO_OK ||
        nbl_xyz_reader_next(reader, &frame) != NBL_IO_OK)
        fail_msg("%s", nbl_xyz_reader_message(reader));
    structure_make(s, frame.n, 0);
    memcpy(s->r, frame.positions, (size_t)frame.n * 3 * sizeof *s->r);
    memcpy(s->numbers, frame.numbers, (size_t)frame.n * sizeof *s->numbers);
    nbl_xyz_reader_destroy(&reader);
}

static int too_near(const struct structure *s, int64_t n, const double x[3], double apart)
{
    for (int64_t a = 0; a < n; a++) {
        double square = 0;
        for (int k = 0; k < 3; k++)
            square += (s->r[3 * a + k] - x[k]) * (s->r[3 * a + k] - x[k]);
        if (square < apart * apart)
            return 1;
    }
    return 0;
}

void structure_ball(struct structure *s, int64_t n, int kinds, const int32_t *z, double radius, double apart,
                    uint64_t seed)
{
    struct random g;
    random_seed(&g, seed);
    structure_make(s, n, 0);
    for (int64_t a = 0, tries = 0; a < n; tries++) {
        double x[3], square = 0;
        assert_true(tries < 1000 * n);
        for (int k = 0; k < 3; k++) {
            x[k] = random_range(&g, -radius, radius);
            square += x[k] * x[k];
        }
        if (square > radius * radius || too_near(s, a, x, apart))
            continue;
        memcpy(s->r + 3 * a, x, sizeof x);
        s->numbers[a] = z[a % kinds];
        a++;
    }
}

void structure_lattice(struct structure *s, int n, const double basis[][3], double edge, int cells, int32_t z)
{
    int64_t a = 0;
    structure_make(s, (int64_t)n * cells * cells * cells, z);
    s->has_cell = 1;
    for (int k = 0; k < 3; k++)
        s->h[4 * k] = edge * cells;
    for (int x = 0; x < cells; x++)
        for (int y = 0; y < cells; y++)
            for (int w = 0; w < cells; w++)
                for (int b = 0; b < n; b++, a++) {
                    s->r[3 * a] = edge * (x + basis[b][0]);
                    s->r[3 * a + 1] = edge * (y + basis[b][1]);
                    s->r[3 * a + 2] = edge * (w + basis[b][2]);
                }
}

void structure_repeat(struct structure *to, const struct structure *from, int by)
{
    int64_t a = 0;
    structure_make(to, from->n * by * by * by, 0);
    to->has_cell = 1;
    for (int k = 0; k < 9; k++)
        to->h[k] = by * from->h[k];
    for (int x = 0; x < by; x++)
        for (int y = 0; y < by; y++)
            for (int z = 0; z < by; z++)
                for (int64_t b = 0; b < from->n; b++, a++) {
                    to->numbers[a] = from->numbers[b];
                    for (int k = 0; k < 3; k++)
                        to->r[3 * a + k] =
                            from->r[3 * b + k] + x * from->h[k] + y * from->h[3 + k] + z * from->h[6 + k];
                }
}

void structure_copy(struct structure *to, const struct structure *from)
{
    structure_make(to, from->n, 0);
    memcpy(to->r, from->r, (size_t)from->n * 3 * sizeof *to->r);
    memcpy(to->numbers, from->numbers, (size_t)from->n * sizeof *to->numbers);
    to->has_cell = from->has_cell;
    memcpy(to->h, from->h, sizeof to->h);
}

static void rotate(double *v, double m[3][3])
{
    const double x[3] = {v[0], v[1], v[2]};
    for (int k = 0; k < 3; k++)
        v[k] = m[k][0] * x[0] + m[k][1] * x[1] + m[k][2] * x[2];
}

void structure_rotate(struct structure *s, double m[3][3])
{
    for (int64_t a = 0; a < s->n; a++)
        rotate(s->r + 3 * a, m);
    for (int a = 0; a < 3; a++)
        rotate(s->h + 3 * a, m);
}

void structure_move(struct structure *s, double x, double y, double z)
{
    const double by[3] = {x, y, z};
    for (int64_t a = 0; a < 3 * s->n; a++)
        s->r[a] += by[a % 3];
}

void structure_permute(struct structure *s, const int64_t *order)
{
    struct structure from;
    structure_copy(&from, s);
    for (int64_t a = 0; a < s->n; a++) {
        memcpy(s->r + 3 * a, from.r + 3 * order[a], 3 * sizeof *s->r);
        s->numbers[a] = from.numbers[order[a]];
    }
    structure_free(&from);
}

void structure_compute(nbl_metrics *metrics, const struct structure *s, const nbl_metrics_options *options,
                       const nbl_metrics_outputs *outputs)
{
    if (nbl_metrics_compute(metrics, s->n, s->r, s->has_cell ? s->h : NULL, NULL, s->numbers, options,
                            outputs) != NBL_OK)
        fail_msg("%s", nbl_metrics_message(metrics));
    assert_string_equal(nbl_metrics_message(metrics), "");
}
