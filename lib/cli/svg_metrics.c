/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <math.h>

#include "panel.h"
#include "totals.h"

/* Two panels side by side; what a panel takes with its labels. */
enum { LEFT = 90, TOP = 100, APART = 370, STEP = 190, PANEL_WIDTH = 270, PANEL_HEIGHT = 100 };
enum { MOST_BARS = 45, SLOTS = 9 };

/* Whether all values are the same but for rounding, so that bars would show noise. */
static bool is_one_value(const struct nbl__cli_spread *spread)
{
    return spread->max - spread->min <= 1e-6 * fmax(1.0, fmax(fabs(spread->min), fabs(spread->max)));
}

static void put_bar(FILE *f, const struct nbl__cli_panel *p, double x0, double x1, int64_t count)
{
    const double left = nbl__cli_panel_x(p, x0), top = nbl__cli_panel_y(p, (double)count);
    if (count > 0)
        fprintf(f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"bar\"/>\n", left, top,
                nbl__cli_panel_x(p, x1) - left, nbl__cli_panel_y(p, 0) - top);
}

static void put_lone_bar(FILE *f, struct nbl__cli_panel *p, const struct nbl__cli_spread *spread)
{
    char text[32];
    p->x0 = 0;
    p->x1 = SLOTS;
    nbl__cli_panel_set_height(p, (double)spread->n, 1, 4);
    nbl__cli_panel_put_y_axis(f, p, "frames");
    put_bar(f, p, SLOTS / 2, SLOTS / 2 + 1, spread->n);
    snprintf(text, sizeof text, "%.6g", spread->sum / (double)spread->n);
    nbl__cli_panel_put_x_tick(f, p, SLOTS / 2.0, text);
}

static void put_bars(FILE *f, struct nbl__cli_panel *p, const struct nbl__cli_spread *spread)
{
    struct nbl__cli_bars bars;
    nbl__cli_spread_bars(spread, MOST_BARS, &bars);
    p->x0 = bars.start;
    p->x1 = bars.start + bars.n * bars.width;
    nbl__cli_panel_set_height(p, (double)bars.largest, 1, 4);
    nbl__cli_panel_put_y_axis(f, p, "frames");
    for (int k = 0; k < bars.n; k++)
        put_bar(f, p, p->x0 + k * bars.width, p->x0 + (k + 1) * bars.width, bars.counts[k]);
    nbl__cli_panel_put_x_ticks(f, p, 5);
}

static void put_panel(FILE *f, int place, int32_t metric, const struct nbl__cli_spread *spread)
{
    struct nbl__cli_panel p = {
        LEFT + APART * (place % 2), TOP + STEP * (place / 2), PANEL_WIDTH, PANEL_HEIGHT, 0, 1, 1, 1};
    char below[96] = "no value";
    if (spread->n > 0)
        snprintf(below, sizeof below, "mean %.5g", spread->sum / (double)spread->n);
    if (spread->n > 0 && spread->n_nan > 0)
        snprintf(below, sizeof below, "mean %.5g; no value in %lld frame%s", spread->sum / (double)spread->n,
                 (long long)spread->n_nan, spread->n_nan == 1 ? "" : "s");
    if (spread->n > 0 && is_one_value(spread))
        put_lone_bar(f, &p, spread);
    else if (spread->n > 0)
        put_bars(f, &p, spread);
    nbl__cli_panel_put_frame(f, &p, nbl_metric_name(metric), below);
}

static void draw(FILE *f, const void *data)
{
    const struct nbl__cli_totals *totals = data;
    int place = 0;
    for (int32_t metric = 0; metric < CLI_N_METRICS; metric++)
        if (totals->shown & NBL_METRIC_BIT(metric))
            put_panel(f, place++, metric, &totals->spreads[metric]);
}

bool nbl__cli_svg_finish_metrics(struct nbl__cli_svg *svg, const struct nbl__cli_totals *totals,
                                 const char *title)
{
    char below[160];
    snprintf(below, sizeof below, "%lld frame%s, %lld atom%s", (long long)totals->n_frames,
             totals->n_frames == 1 ? "" : "s", (long long)totals->n_atoms, totals->n_atoms == 1 ? "" : "s");
    const int rows = (nbl_metrics_n_columns(totals->shown) + 1) / 2;
    const struct nbl__cli_drawing drawing = {TOP + STEP * rows - 20, title, below, draw, totals};
    return nbl__cli_svg_finish(svg, &drawing);
}
