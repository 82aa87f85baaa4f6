/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "svg.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

void nbl__cli_svg_write(FILE *f, const struct nbl__cli_histogram *histogram, const char *title)
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

/* A device or pipe, where a partial file beside it makes no sense. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool nbl__cli_svg_allowed(const char *path, bool force)
{
    if (force || access(path, F_OK) != 0 || is_special(path))
        return true;
    nbl__cli_error("%s: the file exists already (--force overwrites it)", path);
    return false;
}

/* link() refuses an existing target, which rename() would replace. */
static bool move_into_place(const char *part, const char *path, bool force)
{
    if (force)
        return rename(part, path) == 0;
    if (link(part, path) == 0)
        return unlink(part) == 0;
    /* Some file systems have no hard links. */
    if (errno == EEXIST || access(path, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(part, path) == 0;
}

static bool write_file(const char *path, const struct nbl__cli_histogram *histogram, const char *title)
{
    FILE *stream = fopen(path, "w");
    if (!stream)
        return false;
    nbl__cli_svg_write(stream, histogram, title);
    bool good = fflush(stream) == 0 && !ferror(stream);
    int reason = errno;
    good = (fclose(stream) == 0) && good;
    if (reason)
        errno = reason;
    return good;
}

bool nbl__cli_svg_save(const char *path, bool force, const struct nbl__cli_histogram *histogram,
                       const char *title)
{
    const size_t size = strlen(path) + sizeof ".part";
    char *part = malloc(size);
    bool good;
    if (!part) {
        nbl__cli_error("out of memory");
        return false;
    }
    errno = 0;
    if (is_special(path)) {
        good = write_file(path, histogram, title);
    } else {
        snprintf(part, size, "%s.part", path);
        nbl__cli_interrupt_guard(path);
        good = write_file(part, histogram, title) && move_into_place(part, path, force);
        int reason = errno;
        if (!good)
            unlink(part);
        nbl__cli_interrupt_release(path);
        errno = reason;
    }
    if (!good)
        nbl__cli_error("%s: cannot be written: %s", path, strerror(errno));
    free(part);
    return good;
}
