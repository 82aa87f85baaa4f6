/* SPDX-License-Identifier: MIT */
#include "panel.h"

#include <math.h>

#include "histogram.h"
#include "text.h"

double nbl__cli_panel_x(const struct nbl__cli_panel *p, double x)
{
    return p->left + (x - p->x0) / (p->x1 - p->x0) * p->width;
}

double nbl__cli_panel_y(const struct nbl__cli_panel *p, double y)
{
    return p->top + p->height - y / p->y1 * p->height;
}

void nbl__cli_panel_put_text(FILE *f, double x, double y, const char *anchor, const char *class,
                             const char *text)
{
    fprintf(f, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
    nbl__cli_put_xml(f, text);
    fputs("</text>\n", f);
}

void nbl__cli_panel_set_height(struct nbl__cli_panel *p, double largest, double least_step, int most_ticks)
{
    p->y_step = fmax(nbl__cli_nice_step(largest, most_ticks), least_step);
    p->y1 = ceil(largest / p->y_step - 1e-9) * p->y_step;
}

void nbl__cli_panel_put_y_axis(FILE *f, const struct nbl__cli_panel *p, const char *title)
{
    const int n = (int)floor(p->y1 / p->y_step + 1e-9);
    for (int k = 0; k <= n; k++) {
        char text[32];
        double y = nbl__cli_panel_y(p, k * p->y_step);
        if (k > 0)
            fprintf(f, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"grid\"/>\n", p->left, y,
                    p->left + p->width, y);
        snprintf(text, sizeof text, "%.6g", k * p->y_step);
        nbl__cli_panel_put_text(f, p->left - 8, y + 4, "end", "tick", text);
    }
    fprintf(f,
            "<text transform=\"translate(%.2f %.2f) rotate(-90)\" text-anchor=\"middle\" "
            "class=\"axis\">%s</text>\n",
            p->left - 60, p->top + p->height / 2, title);
}

void nbl__cli_panel_put_x_tick(FILE *f, const struct nbl__cli_panel *p, double x, const char *text)
{
    const double bottom = p->top + p->height;
    fprintf(f, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"frame\"/>\n", x, bottom, x,
            bottom + 5);
    nbl__cli_panel_put_text(f, x, bottom + 19, "middle", "tick", text);
}

void nbl__cli_panel_put_x_ticks(FILE *f, const struct nbl__cli_panel *p, int most)
{
    const double step = nbl__cli_nice_step(p->x1 - p->x0, most);
    /* The zero makes one of "-0". */
    const double first = ceil(p->x0 / step - 1e-9) + 0.0, last = floor(p->x1 / step + 1e-9);
    for (double k = first; k <= last; k += 1) {
        char text[32];
        snprintf(text, sizeof text, "%.6g", k * step);
        nbl__cli_panel_put_x_tick(f, p, nbl__cli_panel_x(p, k * step), text);
    }
}

void nbl__cli_panel_put_frame(FILE *f, const struct nbl__cli_panel *p, const char *heading, const char *x_title)
{
    fprintf(f, "<path d=\"M%.2f %.2fV%.2fH%.2f\" class=\"frame\"/>\n", p->left, p->top, p->top + p->height,
            p->left + p->width);
    nbl__cli_panel_put_text(f, p->left, p->top - 12, "start", "heading", heading);
    nbl__cli_panel_put_text(f, p->left + p->width / 2, p->top + p->height + 40, "middle", "axis", x_title);
}
