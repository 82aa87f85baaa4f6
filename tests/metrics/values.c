/* SPDX-License-Identifier: MIT */
/*
 * The reference values of data/values.tsv: |found - expected| <= 1e-9 |expected| + 1e-12. Where a bond angle
 * lies on the edge of a bin, bond_angle_entropy must be the value of some choice of the side, and so must the
 * expected one, which shows that the search for such a choice is not vacuous. No other decision of these cases
 * is a tie.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "structures.h"
#include "ties.h"

enum { PARAMETERS = 10, COLUMNS = PARAMETERS + NBL_METRICS_COUNT };

static const char *folder;

struct reference {
    char name[2048];
    double p[PARAMETERS]; /* p[0] is the name's place */
    double values[NBL_METRICS_COUNT];
    int default_cutoff;
};

static int read_line(char *line, struct reference *c)
{
    char *at = line;
    for (int k = 0; k < COLUMNS; k++) {
        const size_t length = strcspn(at, "\t\n");
        const int last = at[length] != '\t';
        at[length] = '\0';
        if (last != (k == COLUMNS - 1))
            return 0;
        const double value = strcmp(at, "-") == 0 ? NAN : strtod(at, NULL);
        if (k == 0)
            snprintf(c->name, sizeof c->name, "%s", at);
        else if (k < PARAMETERS)
            c->p[k] = value;
        else
            c->values[k - PARAMETERS] = value;
        at += length + 1;
    }
    c->default_cutoff = isnan(c->p[1]);
    return 1;
}

static int close_to(double found, double expected)
{
    if (isnan(expected))
        return isnan(found);
    return fabs(found - expected) <= 1e-9 * fabs(expected) + 1e-12;
}

static void compute(nbl_metrics *m, const struct reference *c, const struct structure *s, double *found,
                    double *cutoff)
{
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    options.cutoffs = c->default_cutoff ? NULL : &c->p[1];
    options.n_cutoffs = !c->default_cutoff;
    options.cov_scale = c->p[2];
    options.n_bins = (int32_t)c->p[3];
    options.w_atom = c->p[4];
    options.w_spatial = c->p[5];
    out.values = found;
    out.cutoffs_used = cutoff;
    out.system_capacity = 1;
    structure_compute(m, s, &options, &out);
}

static int one_element(const struct structure *s)
{
    for (int64_t a = 1; a < s->n; a++)
        if (s->numbers[a] != s->numbers[0])
            return 0;
    return 1;
}

/* Returns the metrics that are wrong. */
static int check_case(nbl_metrics *m, const struct reference *c, double *worst, int *ties)
{
    struct structure s;
    double found[NBL_METRICS_COUNT], cutoff;
    int wrong = 0;
    structure_read(&s, folder, c->name);
    compute(m, c, &s, found, &cutoff);
    check_bits(cutoff, c->p[6]);
    for (int k = 0; k < NBL_METRICS_COUNT; k++) {
        /* Without differences of electronegativity, theirs is rounding noise over rounding noise: 0 or 1. */
        const double expected = k == NBL_METRIC_MORAN_I_CHI && one_element(&s) ? 0 : c->values[k];
        const double error = fabs(found[k] - expected);
        if (close_to(found[k], expected)) {
            *worst = fmax(*worst, error / (1e-9 * fabs(expected) + 1e-12));
            continue;
        }
        const double tolerance = 1e-9 * fabs(expected) + 1e-12;
        if (k == NBL_METRIC_BOND_ANGLE_ENTROPY && c->p[9] < 1e-9) {
            const int own = ties_can_give(&s, cutoff, found[k], tolerance);
            const int theirs = ties_can_give(&s, cutoff, expected, tolerance);
            ++*ties;
            if (own && theirs)
                continue;
            print_error("ties: own value possible: %d, reference possible: %d\n", own, theirs);
        }
        print_error("%s, cutoff %g: %s is %.17g, expected %.17g\n", c->name, cutoff, nbl_metric_name(k),
                    found[k], expected);
        wrong++;
    }
    structure_free(&s);
    return wrong;
}

static void reference_values(void **state)
{
    char path[1024], line[2048];
    nbl_metrics *m = NULL;
    int cases = 0, wrong = 0, ties = 0;
    double worst = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/values.tsv", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    check_int(nbl_metrics_create(&m, NULL), NBL_OK);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        struct reference c;
        assert_true(read_line(line, &c));
        wrong += check_case(m, &c, &worst, &ties);
        cases++;
    }
    fclose(file);
    nbl_metrics_destroy(&m);
    print_message(
        "%d cases, %d values wrong, %d of ties on the other side, worst of the others %.2g of what is "
        "allowed\n",
        cases, wrong, ties, worst);
    check_int(cases, 59);
    check_int(wrong, 0);
}

/* The header of the table has the names in the order of the numbers. */
static void names_in_order(void **state)
{
    char path[1024], line[2048];
    (void)state;
    snprintf(path, sizeof path, "%s/values.tsv", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    char *name = strtok(line, "\t\n");
    for (int k = 0; k < COLUMNS; k++, name = strtok(NULL, "\t\n")) {
        assert_non_null(name);
        if (k >= PARAMETERS)
            assert_string_equal(name, nbl_metric_name(k - PARAMETERS));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_order),
        cmocka_unit_test(reference_values),
    };
    folder = argc > 1 ? argv[1] : "data";
    return cmocka_run_group_tests_name("metrics: values", tests, NULL, NULL);
}
