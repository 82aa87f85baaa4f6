/* SPDX-License-Identifier: MIT */
/* The table of elements: its shape, spot values from the papers, and the look-up of symbols and labels. */
#include "scratch.h"

#include <nblist/io.h>

#include <ctype.h>
#include <math.h>
#include <string.h>

static void test_every_element(void **state)
{
    (void)state;
    for (int32_t z = 1; z <= 118; z++) {
        const char *symbol = nbl_element_symbol(z), *name = nbl_element_name(z);
        assert_non_null(symbol);
        assert_int_equal(nbl_element_from_symbol(symbol), z);
        assert_int_equal(nbl_element_from_label(symbol), z);
        assert_in_range(strlen(name), 3, 13);
        for (const char *p = name; *p != '\0'; p++)
            assert_true(islower((unsigned char)*p));
        assert_true(nbl_element_mass(z) >= 1 && nbl_element_mass(z) < 300);
        double radius = nbl_element_covalent_radius(z);
        assert_true(z <= 96 ? radius >= 0.28 && radius <= 2.6 : isnan(radius));
        double bond = nbl_element_radius(z);
        assert_true(z <= 106 ? bond >= 0.32 && bond <= 2.32 : isnan(bond));
        double en = nbl_element_electronegativity(z);
        bool none = z == 2 || z == 10 || z == 18 || z == 86 || z >= 103;
        assert_true(none ? isnan(en) : en >= 0.7 && en <= 3.98);
    }
    /* mass grows with the number but where nature has it the other way round */
    int falls = 0;
    for (int32_t z = 2; z <= 92; z++)
        falls += nbl_element_mass(z) < nbl_element_mass(z - 1);
    assert_int_equal(falls, 4); /* K, Ni, I, Pa */
}

static void test_outside(void **state)
{
    (void)state;
    static const int32_t outside[] = {0, -1, 119, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 5; k++) {
        assert_null(nbl_element_symbol(outside[k]));
        assert_null(nbl_element_name(outside[k]));
        assert_true(isnan(nbl_element_mass(outside[k])));
        assert_true(isnan(nbl_element_covalent_radius(outside[k])));
        assert_true(isnan(nbl_element_electronegativity(outside[k])));
        assert_true(isnan(nbl_element_radius(outside[k])));
    }
}

static void test_radii(void **state)
{
    (void)state;
    static const struct {
        const char *symbol;
        double radius;
    } rows[] = {
        {"H", 0.32},  {"He", 0.46}, {"Li", 1.33}, {"C", 0.75},  {"N", 0.71},  {"O", 0.63},
        {"F", 0.64},  {"Na", 1.55}, {"Si", 1.16}, {"Cl", 0.99}, {"K", 1.96},  {"Fe", 1.16},
        {"Cu", 1.12}, {"Br", 1.14}, {"I", 1.33},  {"Cs", 2.32}, {"Ce", 1.63}, {"W", 1.37},
        {"Pt", 1.23}, {"Au", 1.24}, {"Pb", 1.44}, {"Rn", 1.42},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        assert_true(nbl_element_radius(nbl_element_from_symbol(rows[k].symbol)) == rows[k].radius);
    /* the seventh period stands below the sixth */
    for (int32_t z = 87; z <= 106; z++)
        assert_true(nbl_element_radius(z) == nbl_element_radius(z - 32));
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        int32_t z;
        const char *symbol, *name;
        double mass, radius, en;
    } rows[] = {
        {1, "H", "hydrogen", 1.008, 0.31, 2.20},         {6, "C", "carbon", 12.011, 0.76, 2.55},
        {8, "O", "oxygen", 15.999, 0.66, 3.44},          {9, "F", "fluorine", 18.998403163, 0.57, 3.98},
        {14, "Si", "silicon", 28.085, 1.11, 1.90},       {17, "Cl", "chlorine", 35.45, 1.02, 3.16},
        {25, "Mn", "manganese", 54.938044, 1.39, 1.55},  {26, "Fe", "iron", 55.845, 1.32, 1.83},
        {27, "Co", "cobalt", 58.933194, 1.26, 1.88},     {29, "Cu", "copper", 63.546, 1.32, 1.90},
        {55, "Cs", "caesium", 132.90545196, 2.44, 0.79}, {79, "Au", "gold", 196.966569, 1.36, 2.54},
        {92, "U", "uranium", 238.02891, 1.96, 1.38},     {74, "W", "tungsten", 183.84, 1.62, 2.36},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        assert_string_equal(nbl_element_symbol(rows[k].z), rows[k].symbol);
        assert_string_equal(nbl_element_name(rows[k].z), rows[k].name);
        assert_true(nbl_element_mass(rows[k].z) == rows[k].mass);
        assert_true(nbl_element_covalent_radius(rows[k].z) == rows[k].radius);
        assert_true(nbl_element_electronegativity(rows[k].z) == rows[k].en);
    }
    assert_string_equal(nbl_element_symbol(118), "Og");
    assert_string_equal(nbl_element_name(118), "oganesson");
}

static void test_look_up(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t symbol, label;
    } rows[] = {
        {"Si", 14, 14}, {"SI", 14, 14},     {"si", 14, 14},  {"sI", 14, 14},
        {"CO", 27, 27}, {"co", 27, 27},     {"D", 1, 1},     {"T", 1, 1},
        {"t", 1, 1},    {"X", 0, 0},        {"", 0, 0},      {"Hw", 0, 0},
        {"CB", 0, 0},   {"CA", 20, 20},     {"Foo", 0, 0},   {"H ", 0, 1},
        {"C1", 0, 6},   {"H_w", 0, 1},      {"Fe3+", 0, 26}, {"O-H", 0, 8},
        {"O*", 0, 8},   {"26", 0, 26},      {"118", 0, 118}, {"119", 0, 0},
        {"0", 0, 0},    {"1a", 0, 0},       {"1180", 0, 0},  {"99999999999999999999", 0, 0},
        {"_C", 0, 0},   {"\xc3\xa4", 0, 0}, {"Dx", 0, 0},    {"026", 0, 26},
        {"C.H", 0, 6},  {"Uuo", 0, 0},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (nbl_element_from_symbol(rows[k].text) != rows[k].symbol ||
            nbl_element_from_label(rows[k].text) != rows[k].label)
            fail_msg("%s: %d and %d", rows[k].text, (int)nbl_element_from_symbol(rows[k].text),
                     (int)nbl_element_from_label(rows[k].text));
    }
    assert_int_equal(nbl_element_from_symbol(NULL), 0);
    assert_int_equal(nbl_element_from_label(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_element), cmocka_unit_test(test_outside), cmocka_unit_test(test_values),
        cmocka_unit_test(test_radii),         cmocka_unit_test(test_look_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
