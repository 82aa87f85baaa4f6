/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "systems.h"

void system_pbc(const struct system *s, uint8_t pbc[3])
{
    for (int a = 0; a < 3; a++)
        pbc[a] = s->has_pbc ? s->pbc[a] != 0 : s->has_cell != 0;
}

struct oracle_input system_input(const struct system *s)
{
    struct oracle_input in = {s->n, &s->r[0][0], s->has_cell ? &s->h[0][0] : NULL, {0, 0, 0}, s->rc};
    system_pbc(s, in.pbc);
    return in;
}

static size_t real_bytes(int is_f32)
{
    return is_f32 ? sizeof(float) : sizeof(double);
}

static void put(unsigned char *to, double value, int is_f32)
{
    float narrow = (float)value;
    if (is_f32)
        memcpy(to, &narrow, sizeof narrow);
    else
        memcpy(to, &value, sizeof value);
}

/* Gaps between atoms hold a NaN pattern: whoever reads them is found out. */
void system_positions(const struct system *s, void *buffer)
{
    unsigned char *bytes = buffer;
    size_t real = real_bytes(s->positions_f32);
    size_t stride = s->stride ? (size_t)s->stride : 3 * real;
    for (int64_t i = 0; i < s->n; i++) {
        if (s->stride)
            memset(bytes + (size_t)i * stride, 0xff, stride);
        for (int k = 0; k < 3; k++)
            put(bytes + (size_t)i * stride + (size_t)k * real, s->r[i][k], s->positions_f32);
    }
}

void system_cell(const struct system *s, void *buffer)
{
    unsigned char *bytes = buffer;
    size_t real = real_bytes(s->cell_f32);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            put(bytes + (size_t)(3 * a + k) * real, s->h[a][k], s->cell_f32);
}

static void print_real(double x, FILE *file)
{
    if (x != x)
        fprintf(file, "NAN");
    else if (x > 1.7976931348623157e308)
        fprintf(file, "INFINITY");
    else
        fprintf(file, "%a", x);
}

static void print_rows(const char *field, int64_t n, const double *rows, FILE *file)
{
    fprintf(file, "    .%s = {", field);
    for (int64_t i = 0; i < n; i++) {
        fprintf(file, "%s{", i ? ",\n          " : "");
        for (int k = 0; k < 3; k++) {
            print_real(rows[3 * i + k], file);
            fprintf(file, k < 2 ? ", " : "}");
        }
    }
    fprintf(file, "},\n");
}

void system_print(const struct system *s, FILE *file)
{
    fprintf(file, "/* seed %llu: cell %s, atoms %s, cutoff %s */\n", (unsigned long long)s->seed, s->cell_kind,
            s->atom_kind, s->cutoff_kind);
    fprintf(file, "static const struct system reproducer = {\n    .n = %lld,\n", (long long)s->n);
    if (s->n > 0)
        print_rows("r", s->n, &s->r[0][0], file);
    fprintf(file, "    .has_cell = %d, .has_pbc = %d,\n", s->has_cell, s->has_pbc);
    print_rows("h", 3, &s->h[0][0], file);
    fprintf(file, "    .pbc = {%d, %d, %d},\n    .rc = ", s->pbc[0], s->pbc[1], s->pbc[2]);
    print_real(s->rc, file);
    fprintf(file, ", /* %.17g */\n    .positions_f32 = %d, .cell_f32 = %d, .stride = %lld,\n};\n", s->rc,
            s->positions_f32, s->cell_f32, (long long)s->stride);
}
