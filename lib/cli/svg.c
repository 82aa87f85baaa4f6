/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/io.h>

#include "cli.h"
#include "histogram.h"
#include "interrupt.h"
#include "text.h"

enum { WIDTH = 760, HEIGHT = 696, N_BINS = 240, MOST_GROUPS = 40 };

/* A panel: the rectangle of its data in the picture, and what its axes span. */
struct panel {
    double left, top, width, height;
    double x0, x1, y1, y_step; /* y starts at 0 */
};

static double px(const struct panel *p, double x)
{
    return p->left + (x - p->x0) / (p->x1 - p->x0) * p->width;
}

static double py(const struct panel *p, double y)
{
    return p->top + p->height - y / p->y1 * p->height;
}

static void put_label(FILE *f, double x, double y, const char *anchor, const char *class, const char *text)
{
    fprintf(f, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
    nbl__cli_put_xml(f, text);
    fputs("</text>\n", f);
}

/* Ticks up to the largest value or the first one above it; counts have no fractions. */
static void set_height(struct panel *p, double largest, double least_step)
{
    p->y_step = fmax(nbl__cli_nice_step(largest, 5), least_step);
    p->y1 = ceil(largest / p->y_step - 1e-9) * p->y_step;
}

static void put_y_axis(FILE *f, const struct panel *p, const char *title)
{
    const int n = (int)floor(p->y1 / p->y_step + 1e-9);
    for (int k = 0; k <= n; k++) {
        char text[32];
        double y = py(p, k * p->y_step);
        if (k > 0)
            fprintf(f, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"grid\"/>\n", p->left, y,
                    p->left + p->width, y);
        snprintf(text, sizeof text, "%.6g", k * p->y_step);
        put_label(f, p->left - 8, y + 4, "end", "tick", text);
    }
    fprintf(f,
            "<text transform=\"translate(%.2f %.2f) rotate(-90)\" text-anchor=\"middle\" "
            "class=\"axis\">%s</text>\n",
            p->left - 60, p->top + p->height / 2, title);
}

static void put_x_tick(FILE *f, const struct panel *p, double x, const char *text)
{
    const double bottom = p->top + p->height;
    fprintf(f, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"frame\"/>\n", x, bottom, x,
            bottom + 5);
    put_label(f, x, bottom + 19, "middle", "tick", text);
}

static void put_frame(FILE *f, const struct panel *p, const char *heading, const char *x_title)
{
    fprintf(f, "<path d=\"M%.2f %.2fV%.2fH%.2f\" class=\"frame\"/>\n", p->left, p->top, p->top + p->height,
            p->left + p->width);
    put_label(f, p->left, p->top - 12, "start", "heading", heading);
    put_label(f, p->left + p->width / 2, p->top + p->height + 40, "middle", "axis", x_title);
}

static void put_radial(FILE *f, const struct nbl__cli_histogram *histogram)
{
    struct panel p = {90, 100, WIDTH - 120, 210, 0, histogram->cutoff, 1, 0.2};
    double values[N_BINS], largest = 0;
    nbl__cli_histogram_radial(histogram, N_BINS, values);
    for (int k = 0; k < N_BINS; k++)
        largest = fmax(largest, values[k]);
    if (largest > 0)
        set_height(&p, largest, histogram->open ? 1 : 0);

    put_y_axis(f, &p, histogram->open ? "pairs per shell" : "g(r)");
    fprintf(f, "<path class=\"area\" d=\"M%.2f %.2f", p.left, py(&p, 0));
    for (int k = 0; k < N_BINS; k++)
        fprintf(f, "V%.2fH%.2f", py(&p, values[k]), px(&p, histogram->cutoff * (k + 1) / N_BINS));
    fprintf(f, "V%.2fZ\"/>\n", py(&p, 0));

    const double step = nbl__cli_nice_step(histogram->cutoff, 10);
    const int n = (int)floor(histogram->cutoff / step + 1e-9);
    for (int k = 0; k <= n; k++) {
        char text[32];
        snprintf(text, sizeof text, "%.6g", k * step);
        put_x_tick(f, &p, px(&p, k * step), text);
    }
    put_frame(f, &p,
              histogram->open ? "Pairs per distance shell (an axis is open: not normalised), each pair once"
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
    struct panel p = {90, 410, WIDTH - 120, 210, 0, slots, 1, 1};
    if (groups.largest > 0)
        set_height(&p, (double)groups.largest, 1);

    put_y_axis(f, &p, "atoms");
    const int every = (groups.n + 15) / 16;
    for (int k = 0; k < groups.n; k++) {
        char text[48];
        double x = px(&p, k + shift + 0.1), y = py(&p, (double)groups.atoms[k]);
        fprintf(f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"bar\"/>\n", x, y,
                px(&p, k + shift + 0.9) - x, py(&p, 0) - y);
        if (k % (every > 0 ? every : 1) != 0)
            continue;
        snprintf(text, sizeof text, "%lld", (long long)(groups.first + k * groups.width));
        put_x_tick(f, &p, px(&p, k + shift + 0.5), text);
    }
    char title[96] = "neighbours per atom";
    if (groups.width > 1)
        snprintf(title, sizeof title, "neighbours per atom, in groups of %lld from the number shown",
                 (long long)groups.width);
    put_frame(f, &p, "Atoms by number of neighbours", title);
}

static void draw(FILE *f, const struct nbl__cli_histogram *histogram, const char *title)
{
    char below[160];
    fprintf(
        f,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
        "<style>\n"
        "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#222}\n"
        ".title{font-size:18px;font-weight:bold}.heading{font-size:14px;font-weight:bold}\n"
        ".axis{font-size:13px}.tick{font-size:12px}.note{font-size:12px;fill:#555}\n"
        ".frame{stroke:#222;stroke-width:1.2;fill:none}.grid{stroke:#ddd;stroke-width:1}\n"
        ".area{fill:#9ec3e6;stroke:#1f5f99;stroke-width:1}.bar{fill:#e0a458;stroke:#9a6420;stroke-width:1}\n"
        "</style>\n"
        "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
        WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
    put_label(f, 90, 30, "start", "title", title);
    snprintf(below, sizeof below, "cutoff %.10g, %lld frame%s, %lld atom%s, %lld pair%s", histogram->cutoff,
             (long long)histogram->n_frames, histogram->n_frames == 1 ? "" : "s", (long long)histogram->n_atoms,
             histogram->n_atoms == 1 ? "" : "s", (long long)histogram->n_pairs,
             histogram->n_pairs == 1 ? "" : "s");
    put_label(f, 90, 50, "start", "note", below);
    put_radial(f, histogram);
    put_coordination(f, histogram);
    fputs("</svg>\n", f);
}

/* ---- the file ---- */

struct nbl__cli_svg {
    nbl_text_writer *writer;
    int guard;
};

/* The last failure of the writer, on standard error. */
static bool failed(const struct nbl__cli_svg *svg, nbl_io_status status)
{
    const char *message = nbl_text_writer_message(svg->writer);
    nbl__cli_error("%s%s", message[0] ? message : nbl_io_status_text(status),
                   status == NBL_IO_EEXIST ? " (--force overwrites it)" : "");
    return false;
}

struct nbl__cli_svg *nbl__cli_svg_open(const char *path, bool force)
{
    struct nbl__cli_svg *svg = calloc(1, sizeof *svg);
    if (!svg || nbl_text_writer_create(&svg->writer) != NBL_IO_OK) {
        nbl__cli_error("out of memory");
        free(svg);
        return NULL;
    }
    nbl__cli_interrupt_hold(true);
    nbl_io_status status = nbl_text_writer_open(svg->writer, path, force ? NBL_IO_OVERWRITE : 0);
    svg->guard = nbl__cli_interrupt_guard(nbl_text_writer_part(svg->writer));
    nbl__cli_interrupt_hold(false);
    if (status != NBL_IO_OK) {
        failed(svg, status);
        nbl__cli_svg_close(svg);
        return NULL;
    }
    return svg;
}

bool nbl__cli_svg_finish(struct nbl__cli_svg *svg, const struct nbl__cli_histogram *histogram,
                         const char *title)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream)
        draw(stream, histogram, title);
    /* A stream in memory fails for one reason only; it may show at the last flush alone. */
    const bool drawn = stream && !ferror(stream);
    if ((stream && fclose(stream) != 0) || !drawn) {
        nbl__cli_error("out of memory");
        free(text);
        return false;
    }
    nbl_io_status status = nbl_text_writer_write(svg->writer, (int64_t)size, text);
    if (status == NBL_IO_OK)
        status = nbl_text_writer_close(svg->writer);
    free(text);
    return status == NBL_IO_OK ? true : failed(svg, status);
}

void nbl__cli_svg_close(struct nbl__cli_svg *svg)
{
    if (!svg)
        return;
    nbl_text_writer_destroy(&svg->writer);
    nbl__cli_interrupt_release(svg->guard);
    free(svg);
}
