/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the input as an (extended) XYZ file. Whatever the bytes, the reader ends with a status and a
 * message, hands out only complete and finite frames, and a frame that is written is read back the same.
 */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nblist/io.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                     \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                           \
        }                                                                                                      \
    } while (0)

static char in_path[64], out_path[64];
static int in_file = -1;
static nbl_xyz_reader *reader, *again;
static nbl_xyz_writer *writer;

static void clean_up(void)
{
    if (in_file >= 0)
        close(in_file);
    unlink(in_path);
    unlink(out_path);
    nbl_xyz_reader_destroy(&reader);
    nbl_xyz_reader_destroy(&again);
    nbl_xyz_writer_destroy(&writer);
}

/* The handles live through all inputs: what one input leaves behind must not hurt the next. */
static void set_up(void)
{
    if (in_file >= 0)
        return;
    strcpy(in_path, "/tmp/nblist-fuzz-XXXXXX");
    in_file = mkstemp(in_path);
    REQUIRE(in_file >= 0);
    snprintf(out_path, sizeof out_path, "%s.xyz", in_path);
    REQUIRE(nbl_xyz_reader_create(&reader) == NBL_IO_OK);
    REQUIRE(nbl_xyz_reader_create(&again) == NBL_IO_OK);
    REQUIRE(nbl_xyz_writer_create(&writer) == NBL_IO_OK);
    atexit(clean_up);
}

static void check_columns(const nbl_xyz_frame *frame)
{
    for (int64_t c = 0; c < frame->n_columns; c++) {
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT, named = NBL_XYZ_COLUMN_INIT;
        REQUIRE(nbl_xyz_reader_column_at(reader, c, &column) == NBL_IO_OK);
        REQUIRE(column.width > 0 && column.name != NULL);
        REQUIRE(nbl_xyz_reader_column(reader, column.name, &named) == NBL_IO_OK);
        REQUIRE(named.data == column.data && named.type == column.type && named.width == column.width);
        for (int64_t k = 0; k < frame->n * column.width; k++) {
            if (column.type == NBL_XYZ_STRING)
                REQUIRE(((const char *const *)column.data)[k][0] != '\0');
            else if (column.type == NBL_XYZ_LOGICAL)
                REQUIRE(((const uint8_t *)column.data)[k] <= 1);
        }
    }
    nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
    REQUIRE(nbl_xyz_reader_column_at(reader, frame->n_columns, &column) == NBL_IO_ESIZE);
}

static void check_pairs(const nbl_xyz_frame *frame)
{
    for (int64_t k = 0; k < frame->n_pairs; k++) {
        const char *key = NULL, *value = NULL;
        nbl_xyz_reader_pair_at(reader, k, &key, &value);
        REQUIRE(key != NULL && value != NULL);
        REQUIRE(nbl_xyz_reader_value(reader, key) != NULL);
    }
}

static void check_frame(const nbl_xyz_frame *frame)
{
    REQUIRE(frame->n >= 0 && frame->line >= 1 && frame->comment != NULL);
    for (int64_t k = 0; k < 3 * frame->n; k++)
        REQUIRE(isfinite(frame->positions[k]));
    for (int64_t atom = 0; atom < frame->n; atom++) {
        REQUIRE(frame->numbers[atom] >= 0 && frame->numbers[atom] <= 118);
        REQUIRE(frame->labels == NULL || frame->labels[atom][0] != '\0');
    }
    for (int k = 0; k < 9; k++)
        REQUIRE(frame->has_cell ? isfinite(frame->cell[k]) || !frame->pbc[k / 3] : frame->cell[k] == 0);
    check_columns(frame);
    check_pairs(frame);
}

/* The reader takes labels as they are; the writer refuses to make files with control characters. */
static int has_control(const nbl_xyz_frame *frame)
{
    for (int64_t atom = 0; frame->labels && atom < frame->n; atom++)
        for (const char *c = frame->labels[atom]; *c; c++)
            if ((unsigned char)*c <= ' ' || *c == 127)
                return 1;
    return 0;
}

static void check_round_trip(const nbl_xyz_frame *frame)
{
    nbl_xyz_output out = NBL_XYZ_OUTPUT_INIT;
    out.n = frame->n;
    out.positions = frame->positions;
    out.numbers = frame->numbers;
    out.labels = frame->labels;
    out.cell = frame->has_cell ? frame->cell : NULL;
    out.pbc = frame->pbc;
    REQUIRE(nbl_xyz_writer_open(writer, out_path, NBL_IO_OVERWRITE) == NBL_IO_OK);
    const nbl_io_status status = nbl_xyz_writer_write(writer, &out);
    REQUIRE(status == (has_control(frame) ? NBL_IO_ENAME : NBL_IO_OK));
    REQUIRE(nbl_xyz_writer_close(writer) == NBL_IO_OK);
    if (status != NBL_IO_OK)
        return;

    nbl_xyz_frame back = NBL_XYZ_FRAME_INIT;
    REQUIRE(nbl_xyz_reader_open(again, out_path, NULL) == NBL_IO_OK);
    REQUIRE(nbl_xyz_reader_next(again, &back) == NBL_IO_OK);
    REQUIRE(back.n == frame->n && back.has_cell == frame->has_cell);
    REQUIRE(memcmp(back.pbc, frame->pbc, sizeof back.pbc) == 0);
    if (frame->n > 0)
        REQUIRE(memcmp(back.positions, frame->positions, (size_t)frame->n * 3 * sizeof(double)) == 0);
    for (int k = 0; k < 9; k++)
        REQUIRE(isnan(frame->cell[k]) ? isnan(back.cell[k]) : back.cell[k] == frame->cell[k]);
    for (int64_t atom = 0; frame->labels && atom < frame->n; atom++)
        REQUIRE(strcmp(back.labels[atom], frame->labels[atom]) == 0);
    REQUIRE(nbl_xyz_reader_next(again, &back) == NBL_IO_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    REQUIRE(ftruncate(in_file, 0) == 0);
    REQUIRE(pwrite(in_file, data, size, 0) == (ssize_t)size);

    nbl_xyz_reader_options options = NBL_XYZ_READER_OPTIONS_INIT;
    options.max_line = 4096;
    options.max_comment_line = 16384;
    REQUIRE(nbl_xyz_reader_open(reader, in_path, &options) == NBL_IO_OK);
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    nbl_io_status status;
    int64_t frames = 0;
    while ((status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK) {
        REQUIRE(frame.index == frames++);
        check_frame(&frame);
        if (frames <= 4)
            check_round_trip(&frame);
    }
    REQUIRE(strcmp(nbl_io_status_name(status), "NBL_IO_E?") != 0);
    const char *message = nbl_xyz_reader_message(reader);
    if (status == NBL_IO_END) {
        REQUIRE(message[0] == '\0');
    } else {
        REQUIRE(strncmp(message, in_path, strlen(in_path)) == 0 && strlen(message) > strlen(in_path) + 2);
        for (const char *c = message; *c; c++)
            REQUIRE((unsigned char)*c >= ' ' && *c != 127);
    }
    REQUIRE(nbl_xyz_reader_next(reader, &frame) == status);
    return 0;
}
