/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <math.h>

#include "histogram.h"
#include "panel.h"

enum { HEIGHT = 696, N_BINS = 240, MOST_GROUPS = 40 };

static void put_radial(FILE *f, const struct nbl__cli_histogram *histogram)
{
    struct nbl__cli_panel p = {90, 100, CLI_SVG_WIDTH - 120, 210, 0, histogram->cutoff, 1, 0.2};
    double values[N_BINS], largest = 0;
    nbl__cli_histogram_radial(histogram, N_BINS, values);
    for (int k = 0; k < N_BINS; k++)
        largest = fmax(largest, values[k]);
    if (largest > 0)
        nbl__cli_panel_set_height(&p, largest, histogram->open ? 1 : 0, 5);

    nbl__cli_panel_put_y_axis(f, &p, histogram->open ? "pairs per shell" : "g(r)");
    fprintf(f, "<path class=\"area\" d=\"M%.2f %.2f", p.left, nbl__cli_panel_y(&p, 0));
    for (int k = 0; k < N_BINS; k++)
        fprintf(f, "V%.2fH%.2f", nbl__cli_panel_y(&p, values[k]),
                nbl__cli_panel_x(&p, histogram->cutoff * (k + 1) / N_BINS));
    fprintf(f, "V%.2fZ\"/>\n", nbl__cli_panel_y(&p, 0));

    nbl__cli_panel_put_x_ticks(f, &p, 10);
    nbl__cli_panel_put_frame(f, &p,
                             histogram->open
                                 ? "Pairs per distance shell (an axis is open: not normalised), each pair once"
                                 : "Radial distribution function, normalised by the density",
                             "distance r");
}

static void put_coordination(FILE *f, const struct nbl__cli_histogram *histogram)
{
    struct nbl__cli_groups groups;
    nbl__cli_histogram_groups(histogram, MOST_GROUPS, &groups);
    /* A lone bar as wide as the panel would look like a background. */
    const int slots = groups.n < 5 ? 5 : groups.n;
    const double shift = (slots - groups.n) / 2.0;
    struct nbl__cli_panel p = {90, 410, CLI_SVG_WIDTH - 120, 210, 0, slots, 1, 1};
    if (groups.largest > 0)
        nbl__cli_panel_set_height(&p, (double)groups.largest, 1, 5);

    nbl__cli_panel_put_y_axis(f, &p, "atoms");
    const int every = (groups.n + 15) / 16;
    for (int k = 0; k < groups.n; k++) {
        char text[48];
        double x = nbl__cli_panel_x(&p, k + shift + 0.1), y = nbl__cli_panel_y(&p, (double)groups.atoms[k]);
        fprintf(f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"bar\"/>\n", x, y,
                nbl__cli_panel_x(&p, k + shift + 0.9) - x, nbl__cli_panel_y(&p, 0) - y);
        if (k % (every > 0 ? every : 1) != 0)
            continue;
        snprintf(text, sizeof text, "%lld", (long long)(groups.first + k * groups.width));
        nbl__cli_panel_put_x_tick(f, &p, nbl__cli_panel_x(&p, k + shift + 0.5), text);
    }
    char title[96] = "neighbours per atom";
    if (groups.width > 1)
        snprintf(title, sizeof title, "neighbours per atom, in groups of %lld from the number shown",
                 (long long)groups.width);
    nbl__cli_panel_put_frame(f, &p, "Atoms by number of neighbours", title);
}

static void draw(FILE *f, const void *data)
{
    put_radial(f, data);
    put_coordination(f, data);
}

bool nbl__cli_svg_finish_pairs(struct nbl__cli_svg *svg, const struct nbl__cli_histogram *histogram,
                               const char *title)
{
    char below[160];
    snprintf(below, sizeof below, "cutoff %.10g, %lld frame%s, %lld atom%s, %lld pair%s", histogram->cutoff,
             (long long)histogram->n_frames, histogram->n_frames == 1 ? "" : "s", (long long)histogram->n_atoms,
             histogram->n_atoms == 1 ? "" : "s", (long long)histogram->n_pairs,
             histogram->n_pairs == 1 ? "" : "s");
    const struct nbl__cli_drawing drawing = {HEIGHT, title, below, draw, histogram};
    return nbl__cli_svg_finish(svg, &drawing);
}
