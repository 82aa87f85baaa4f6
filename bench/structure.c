/* SPDX-License-Identifier: MIT */
#include "structure.h"

#include <stdio.h>
#include <string.h>

#if defined(BENCH_IO)
#include <nblist/io.h>

static bool append(bench_systems *set, const nbl_xyz_frame *frame)
{
    static const uint8_t open_axes[3] = {0, 0, 0};
    double *r = nbl__bench_systems_add(set, frame->n, frame->cell, frame->has_cell ? frame->pbc : open_axes);
    if (r && frame->n > 0)
        memcpy(r, frame->positions, (size_t)frame->n * 3 * sizeof *r);
    return r != NULL;
}

bool nbl__bench_structure_read(bench_systems *set, const char *path, char *message, size_t size)
{
    nbl_xyz_reader *reader = NULL;
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    nbl_io_status status = nbl_xyz_reader_create(&reader);
    if (status == NBL_IO_OK)
        status = nbl_xyz_reader_open(reader, path, NULL);
    while (status == NBL_IO_OK && (status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK)
        if (!append(set, &frame))
            status = NBL_IO_ENOMEM;
    if (status != NBL_IO_END) {
        const char *reason = reader ? nbl_xyz_reader_message(reader) : "";
        snprintf(message, size, "%s", reason[0] ? reason : nbl_io_status_text(status));
    } else if (set->count == 0) {
        snprintf(message, size, "%s: no frames", path);
        status = NBL_IO_ETRUNCATED;
    }
    nbl_xyz_reader_destroy(&reader);
    return status == NBL_IO_END;
}
#else
bool nbl__bench_structure_read(bench_systems *set, const char *path, char *message, size_t size)
{
    (void)set;
    snprintf(message, size, "%s: this nbl_bench was built without libnblist-io and reads no files", path);
    return false;
}
#endif
