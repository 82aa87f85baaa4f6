/* SPDX-License-Identifier: MIT */
#include <nblist/io.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { LAST = 118, LONGEST_SYMBOL = 2 };

#define NONE 0 /* no value; handed out as NaN */

struct element {
    char symbol[LONGEST_SYMBOL + 1];
    char name[14];
    double mass, covalent_radius, electronegativity, radius;
};

/*
 * Masses: Meija et al. 2016, doi 10.1515/pac-2015-0305. Covalent radii: Cordero et al. 2008, doi
 * 10.1039/b801115j. Electronegativities: Allred 1961, doi 10.1016/0022-1902(61)80142-5, and additions. Radii of
 * single bonds: Pyykko and Atsumi 2009, doi 10.1002/chem.200800987, up to Rn; then those of the element above
 * in the same group (Fr: Cs) or of the lanthanoid above (U: Nd). Row k is element k + 1.
 */
/* clang-format off */
static const struct element elements[LAST] = {
    {"H", "hydrogen", 1.008, 0.31, 2.2, 0.32},
    {"He", "helium", 4.002602, 0.28, NONE, 0.46},
    {"Li", "lithium", 6.94, 1.28, 0.98, 1.33},
    {"Be", "beryllium", 9.0121831, 0.96, 1.57, 1.02},
    {"B", "boron", 10.81, 0.84, 2.04, 0.85},
    {"C", "carbon", 12.011, 0.76, 2.55, 0.75},
    {"N", "nitrogen", 14.007, 0.71, 3.04, 0.71},
    {"O", "oxygen", 15.999, 0.66, 3.44, 0.63},
    {"F", "fluorine", 18.998403163, 0.57, 3.98, 0.64},
    {"Ne", "neon", 20.1797, 0.58, NONE, 0.67},
    {"Na", "sodium", 22.98976928, 1.66, 0.93, 1.55},
    {"Mg", "magnesium", 24.305, 1.41, 1.31, 1.39},
    {"Al", "aluminium", 26.9815385, 1.21, 1.61, 1.26},
    {"Si", "silicon", 28.085, 1.11, 1.9, 1.16},
    {"P", "phosphorus", 30.973761998, 1.07, 2.19, 1.11},
    {"S", "sulfur", 32.06, 1.05, 2.58, 1.03},
    {"Cl", "chlorine", 35.45, 1.02, 3.16, 0.99},
    {"Ar", "argon", 39.948, 1.06, NONE, 0.96},
    {"K", "potassium", 39.0983, 2.03, 0.82, 1.96},
    {"Ca", "calcium", 40.078, 1.76, 1.0, 1.71},
    {"Sc", "scandium", 44.955908, 1.7, 1.36, 1.48},
    {"Ti", "titanium", 47.867, 1.6, 1.54, 1.36},
    {"V", "vanadium", 50.9415, 1.53, 1.63, 1.34},
    {"Cr", "chromium", 51.9961, 1.39, 1.66, 1.22},
    {"Mn", "manganese", 54.938044, 1.39, 1.55, 1.19},
    {"Fe", "iron", 55.845, 1.32, 1.83, 1.16},
    {"Co", "cobalt", 58.933194, 1.26, 1.88, 1.11},
    {"Ni", "nickel", 58.6934, 1.24, 1.91, 1.1},
    {"Cu", "copper", 63.546, 1.32, 1.9, 1.12},
    {"Zn", "zinc", 65.38, 1.22, 1.65, 1.18},
    {"Ga", "gallium", 69.723, 1.22, 1.81, 1.24},
    {"Ge", "germanium", 72.63, 1.2, 2.01, 1.24},
    {"As", "arsenic", 74.921595, 1.19, 2.18, 1.21},
    {"Se", "selenium", 78.971, 1.2, 2.55, 1.16},
    {"Br", "bromine", 79.904, 1.2, 2.96, 1.14},
    {"Kr", "krypton", 83.798, 1.16, 3.0, 1.17},
    {"Rb", "rubidium", 85.4678, 2.2, 0.82, 2.1},
    {"Sr", "strontium", 87.62, 1.95, 0.95, 1.85},
    {"Y", "yttrium", 88.90584, 1.9, 1.22, 1.63},
    {"Zr", "zirconium", 91.224, 1.75, 1.33, 1.54},
    {"Nb", "niobium", 92.90637, 1.64, 1.6, 1.47},
    {"Mo", "molybdenum", 95.95, 1.54, 2.16, 1.38},
    {"Tc", "technetium", 97.90721, 1.47, 1.9, 1.28},
    {"Ru", "ruthenium", 101.07, 1.46, 2.2, 1.25},
    {"Rh", "rhodium", 102.9055, 1.42, 2.28, 1.25},
    {"Pd", "palladium", 106.42, 1.39, 2.2, 1.2},
    {"Ag", "silver", 107.8682, 1.45, 1.93, 1.28},
    {"Cd", "cadmium", 112.414, 1.44, 1.69, 1.36},
    {"In", "indium", 114.818, 1.42, 1.78, 1.42},
    {"Sn", "tin", 118.71, 1.39, 1.96, 1.4},
    {"Sb", "antimony", 121.76, 1.39, 2.05, 1.4},
    {"Te", "tellurium", 127.6, 1.38, 2.1, 1.36},
    {"I", "iodine", 126.90447, 1.39, 2.66, 1.33},
    {"Xe", "xenon", 131.293, 1.4, 2.6, 1.31},
    {"Cs", "caesium", 132.90545196, 2.44, 0.79, 2.32},
    {"Ba", "barium", 137.327, 2.15, 0.89, 1.96},
    {"La", "lanthanum", 138.90547, 2.07, 1.1, 1.8},
    {"Ce", "cerium", 140.116, 2.04, 1.12, 1.63},
    {"Pr", "praseodymium", 140.90766, 2.03, 1.13, 1.76},
    {"Nd", "neodymium", 144.242, 2.01, 1.14, 1.74},
    {"Pm", "promethium", 144.91276, 1.99, 1.13, 1.73},
    {"Sm", "samarium", 150.36, 1.98, 1.17, 1.72},
    {"Eu", "europium", 151.964, 1.98, 1.2, 1.68},
    {"Gd", "gadolinium", 157.25, 1.96, 1.2, 1.69},
    {"Tb", "terbium", 158.92535, 1.94, 1.1, 1.68},
    {"Dy", "dysprosium", 162.5, 1.92, 1.22, 1.67},
    {"Ho", "holmium", 164.93033, 1.92, 1.23, 1.66},
    {"Er", "erbium", 167.259, 1.89, 1.24, 1.65},
    {"Tm", "thulium", 168.93422, 1.9, 1.25, 1.64},
    {"Yb", "ytterbium", 173.054, 1.87, 1.1, 1.7},
    {"Lu", "lutetium", 174.9668, 1.87, 1.27, 1.62},
    {"Hf", "hafnium", 178.49, 1.75, 1.3, 1.52},
    {"Ta", "tantalum", 180.94788, 1.7, 1.5, 1.46},
    {"W", "tungsten", 183.84, 1.62, 2.36, 1.37},
    {"Re", "rhenium", 186.207, 1.51, 1.9, 1.31},
    {"Os", "osmium", 190.23, 1.44, 2.2, 1.29},
    {"Ir", "iridium", 192.217, 1.41, 2.2, 1.22},
    {"Pt", "platinum", 195.084, 1.36, 2.28, 1.23},
    {"Au", "gold", 196.966569, 1.36, 2.54, 1.24},
    {"Hg", "mercury", 200.592, 1.32, 2.0, 1.33},
    {"Tl", "thallium", 204.38, 1.45, 1.62, 1.44},
    {"Pb", "lead", 207.2, 1.46, 2.33, 1.44},
    {"Bi", "bismuth", 208.9804, 1.48, 2.02, 1.51},
    {"Po", "polonium", 208.98243, 1.4, 2.0, 1.45},
    {"At", "astatine", 209.98715, 1.5, 2.2, 1.47},
    {"Rn", "radon", 222.01758, 1.5, NONE, 1.42},
    {"Fr", "francium", 223.01974, 2.6, 0.7, 2.32},
    {"Ra", "radium", 226.02541, 2.21, 0.9, 1.96},
    {"Ac", "actinium", 227.02775, 2.15, 1.1, 1.8},
    {"Th", "thorium", 232.0377, 2.06, 1.3, 1.63},
    {"Pa", "protactinium", 231.03588, 2.0, 1.5, 1.76},
    {"U", "uranium", 238.02891, 1.96, 1.38, 1.74},
    {"Np", "neptunium", 237.04817, 1.9, 1.36, 1.73},
    {"Pu", "plutonium", 244.06421, 1.87, 1.28, 1.72},
    {"Am", "americium", 243.06138, 1.8, 1.13, 1.68},
    {"Cm", "curium", 247.07035, 1.69, 1.28, 1.69},
    {"Bk", "berkelium", 247.07031, NONE, 1.3, 1.68},
    {"Cf", "californium", 251.07959, NONE, 1.3, 1.67},
    {"Es", "einsteinium", 252.083, NONE, 1.3, 1.66},
    {"Fm", "fermium", 257.09511, NONE, 1.3, 1.65},
    {"Md", "mendelevium", 258.09843, NONE, 1.3, 1.64},
    {"No", "nobelium", 259.101, NONE, 1.3, 1.7},
    {"Lr", "lawrencium", 262.11, NONE, NONE, 1.62},
    {"Rf", "rutherfordium", 267.122, NONE, NONE, 1.52},
    {"Db", "dubnium", 268.126, NONE, NONE, 1.46},
    {"Sg", "seaborgium", 271.134, NONE, NONE, 1.37},
    {"Bh", "bohrium", 270.133, NONE, NONE, NONE},
    {"Hs", "hassium", 269.1338, NONE, NONE, NONE},
    {"Mt", "meitnerium", 278.156, NONE, NONE, NONE},
    {"Ds", "darmstadtium", 281.165, NONE, NONE, NONE},
    {"Rg", "roentgenium", 281.166, NONE, NONE, NONE},
    {"Cn", "copernicium", 285.177, NONE, NONE, NONE},
    {"Nh", "nihonium", 286.182, NONE, NONE, NONE},
    {"Fl", "flerovium", 289.19, NONE, NONE, NONE},
    {"Mc", "moscovium", 289.194, NONE, NONE, NONE},
    {"Lv", "livermorium", 293.204, NONE, NONE, NONE},
    {"Ts", "tennessine", 293.208, NONE, NONE, NONE},
    {"Og", "oganesson", 294.214, NONE, NONE, NONE},
};
/* clang-format on */

static const struct element *find(int32_t number)
{
    return number >= 1 && number <= LAST ? &elements[number - 1] : NULL;
}

static double value_or_nan(double value)
{
    return value == NONE ? (double)NAN : value;
}

const char *nbl_element_symbol(int32_t number)
{
    const struct element *element = find(number);
    return element == NULL ? NULL : element->symbol;
}

const char *nbl_element_name(int32_t number)
{
    const struct element *element = find(number);
    return element == NULL ? NULL : element->name;
}

double nbl_element_mass(int32_t number)
{
    const struct element *element = find(number);
    return value_or_nan(element == NULL ? NONE : element->mass);
}

double nbl_element_covalent_radius(int32_t number)
{
    const struct element *element = find(number);
    return value_or_nan(element == NULL ? NONE : element->covalent_radius);
}

double nbl_element_radius(int32_t number)
{
    const struct element *element = find(number);
    return value_or_nan(element == NULL ? NONE : element->radius);
}

double nbl_element_electronegativity(int32_t number)
{
    const struct element *element = find(number);
    return value_or_nan(element == NULL ? NONE : element->electronegativity);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Symbols are told apart by their letters alone, so that every case of letters means its capitalised form. */
static int32_t look_up(const char *letters, size_t length)
{
    if (length < 1 || length > LONGEST_SYMBOL)
        return 0;
    char symbol[LONGEST_SYMBOL + 1] = {(char)(letters[0] & ~0x20), '\0', '\0'};
    if (length == 2)
        symbol[1] = (char)(letters[1] | 0x20);
    for (int32_t k = 0; k < LAST; k++)
        if (strcmp(elements[k].symbol, symbol) == 0)
            return k + 1;
    return strcmp(symbol, "D") == 0 || strcmp(symbol, "T") == 0;
}

static size_t count_letters(const char *text)
{
    size_t length = 0;
    while (is_letter(text[length]))
        length++;
    return length;
}

int32_t nbl_element_from_symbol(const char *symbol)
{
    if (symbol == NULL)
        return 0;
    size_t length = count_letters(symbol);
    return symbol[length] == '\0' ? look_up(symbol, length) : 0;
}

int32_t nbl_element_from_label(const char *label)
{
    if (label == NULL)
        return 0;
    size_t length = count_letters(label);
    if (length > 0)
        return look_up(label, length);
    int32_t number = 0;
    const char *p = label;
    for (; *p >= '0' && *p <= '9' && number <= LAST; p++)
        number = 10 * number + (*p - '0');
    return *p == '\0' && number <= LAST ? number : 0;
}
