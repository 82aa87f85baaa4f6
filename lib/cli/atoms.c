/* SPDX-License-Identifier: MIT */
#include "atoms.h"

#include <string.h>

enum kind { INT32, BYTE, CLASS, REAL };

/* Where a column comes from; `offset` in a row of `stride` items. */
struct origin {
    const void *data;
    enum kind kind;
    int stride, offset;
};

static const char *const names[CLI_N_ATOM_COLUMNS] = {
    "degree",
    "coordination",
    "component",
    "ring",
    "cna",
    "cna_adaptive",
    "q4",
    "q6",
    "q8",
    "w4",
    "w6",
    "w8",
    "q4_averaged",
    "q6_averaged",
    "q8_averaged",
    "clustering",
    "angle_entropy",
    "radial_variance",
    "anisotropy",
};

static const char *name_of_class(uint8_t cna)
{
    switch (cna) {
    case NBL_CNA_FCC:
        return "fcc";
    case NBL_CNA_HCP:
        return "hcp";
    case NBL_CNA_BCC:
        return "bcc";
    case NBL_CNA_ICOSAHEDRAL:
        return "ico";
    default:
        return "other";
    }
}

/* In the order of the names. */
static void find_origins(const nbl_metrics_outputs *a, struct origin origins[CLI_N_ATOM_COLUMNS])
{
    const struct origin all[CLI_N_ATOM_COLUMNS] = {
        {a->degree, INT32, 1, 0},
        {a->coordination, INT32, 1, 0},
        {a->component, INT32, 1, 0},
        {a->ring, BYTE, 1, 0},
        {a->cna, CLASS, 1, 0},
        {a->cna_adaptive, CLASS, 1, 0},
        {a->q, REAL, CLI_N_L, 0},
        {a->q, REAL, CLI_N_L, 1},
        {a->q, REAL, CLI_N_L, 2},
        {a->w, REAL, CLI_N_L, 0},
        {a->w, REAL, CLI_N_L, 1},
        {a->w, REAL, CLI_N_L, 2},
        {a->q_averaged, REAL, CLI_N_L, 0},
        {a->q_averaged, REAL, CLI_N_L, 1},
        {a->q_averaged, REAL, CLI_N_L, 2},
        {a->clustering, REAL, 1, 0},
        {a->angle_entropy, REAL, 1, 0},
        {a->radial_variance, REAL, 1, 0},
        {a->anisotropy, REAL, 1, 0},
    };
    memcpy(origins, all, sizeof all);
}

static void convert(void *to, int64_t n, const struct origin *from)
{
    for (int64_t k = 0; k < n; k++) {
        const int64_t item = k * from->stride + from->offset;
        if (from->kind == INT32)
            ((int64_t *)to)[k] = ((const int32_t *)from->data)[item];
        else if (from->kind == REAL)
            ((double *)to)[k] = ((const double *)from->data)[item];
        else if (from->kind == CLASS)
            ((const char **)to)[k] = name_of_class(((const uint8_t *)from->data)[item]);
        else
            ((uint8_t *)to)[k] = ((const uint8_t *)from->data)[item];
    }
}

bool nbl__cli_atoms_fill(struct nbl__cli_atoms *atoms, int64_t n, const nbl_metrics_outputs *arrays)
{
    static const int32_t types[] = {NBL_XYZ_INTEGER, NBL_XYZ_LOGICAL, NBL_XYZ_STRING, NBL_XYZ_REAL};
    static const size_t widths[] = {sizeof(int64_t), sizeof(uint8_t), sizeof(char *), sizeof(double)};
    struct origin origins[CLI_N_ATOM_COLUMNS];
    find_origins(arrays, origins);
    for (int c = 0; c < CLI_N_ATOM_COLUMNS; c++) {
        const enum kind kind = origins[c].kind;
        void *data = nbl__cli_buffer_get(&atoms->data[c], n, widths[kind]);
        if (!data)
            return false;
        convert(data, n, &origins[c]);
        atoms->columns[c] = (nbl_xyz_column)NBL_XYZ_COLUMN_INIT;
        atoms->columns[c].name = names[c];
        atoms->columns[c].data = data;
        atoms->columns[c].type = types[kind];
        atoms->columns[c].width = 1;
    }
    return true;
}

void nbl__cli_atoms_free(struct nbl__cli_atoms *atoms)
{
    for (int c = 0; c < CLI_N_ATOM_COLUMNS; c++)
        nbl__cli_buffer_free(&atoms->data[c]);
}

bool nbl__cli_atoms_have(const char *name)
{
    for (int c = 0; c < CLI_N_ATOM_COLUMNS; c++)
        if (strcmp(name, names[c]) == 0)
            return true;
    return false;
}
