/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "svg.h"

#include <stdint.h>
#include <stdlib.h>

#include <nblist/io.h>

#include "cli.h"
#include "interrupt.h"
#include "outputs.h"
#include "panel.h"

enum { FIRST_ROOM = 4096 }; /* bytes, for a drawing; most need more, so that the doubling is in use */

struct nbl__cli_svg {
    nbl_text_writer *writer;
    int guard;
};

static void draw(FILE *f, const struct nbl__cli_drawing *drawing)
{
    const int width = CLI_SVG_WIDTH, height = drawing->height;
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
        width, height, width, height, width, height);
    nbl__cli_panel_put_text(f, 90, 30, "start", "title", drawing->title);
    nbl__cli_panel_put_text(f, 90, 50, "start", "note", drawing->below);
    drawing->draw(f, drawing->data);
    fputs("</svg>\n", f);
}

static bool failed(const struct nbl__cli_svg *svg, nbl_io_status status)
{
    nbl__cli_write_failed(nbl_text_writer_message(svg->writer), status);
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

/*
 * The drawing as text, to be freed; NULL: out of memory. A stream of open_memstream() loses what it has no
 * memory for without a word, so that room is made before, and doubled until it is enough.
 */
static char *draw_text(const struct nbl__cli_drawing *drawing, size_t *size)
{
    for (size_t room = FIRST_ROOM; room <= SIZE_MAX / 2; room *= 2) {
        char *text = malloc(room);
        FILE *stream = text ? fmemopen(text, room, "w") : NULL;
        if (!stream) {
            free(text);
            return NULL;
        }
        draw(stream, drawing);
        const bool good = fflush(stream) == 0 && !ferror(stream);
        const long end = ftell(stream);
        fclose(stream);
        if (good && end >= 0 && (size_t)end < room - 1) {
            *size = (size_t)end;
            return text;
        }
        free(text);
    }
    return NULL;
}

bool nbl__cli_svg_finish(struct nbl__cli_svg *svg, const struct nbl__cli_drawing *drawing)
{
    size_t size = 0;
    char *text = draw_text(drawing, &size);
    if (!text) {
        nbl__cli_error("out of memory");
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
