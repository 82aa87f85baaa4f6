/* SPDX-License-Identifier: MIT */
/* Well-formed (extended) XYZ: everything a frame can say, and how it is handed out. */
#include "scratch.h"

#include <nblist/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nbl_xyz_reader *reader;
static nbl_xyz_frame frame;

static int open_reader(void **state)
{
    (void)state;
    frame = (nbl_xyz_frame)NBL_XYZ_FRAME_INIT;
    return nbl_xyz_reader_create(&reader);
}

static int close_reader(void **state)
{
    (void)state;
    nbl_xyz_reader_destroy(&reader);
    return reader != NULL;
}

static void open_text(const char *text)
{
    const char *path = scratch_path("in.xyz");
    scratch_write_text(path, text);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
}

static void next(void)
{
    nbl_io_status status = nbl_xyz_reader_next(reader, &frame);
    if (status != NBL_IO_OK)
        fail_msg("%s: %s", nbl_io_status_name(status), nbl_xyz_reader_message(reader));
    assert_string_equal(nbl_xyz_reader_message(reader), "");
}

static void at_end(void)
{
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_END);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_END);
}

static void check_reals(const double *got, const double *expected, int n)
{
    for (int k = 0; k < n; k++)
        if (got[k] != expected[k])
            fail_msg("[%d]: %.17g, not %.17g", k, got[k], expected[k]);
}

static void check_pbc(int a, int b, int c)
{
    assert_int_equal(frame.pbc[0], a);
    assert_int_equal(frame.pbc[1], b);
    assert_int_equal(frame.pbc[2], c);
}

static void test_plain(void **state)
{
    (void)state;
    open_text("3\nwater, an ordinary comment\nO 0 0 0.1 9 9\nH_w\t1.0D+00 -2.5d-1 3e-1\n 1 4 5 6\n");
    next();
    static const double expected[] = {0, 0, 0.1, 1, -0.25, 0.3, 4, 5, 6};
    assert_int_equal(frame.n, 3);
    assert_int_equal(frame.index, 0);
    assert_int_equal(frame.line, 1);
    check_reals(frame.positions, expected, 9);
    assert_string_equal(frame.labels[1], "H_w");
    assert_int_equal(frame.numbers[0], 8);
    assert_int_equal(frame.numbers[1], 1);
    assert_int_equal(frame.numbers[2], 1);
    assert_string_equal(frame.comment, "water, an ordinary comment");
    assert_int_equal(frame.has_cell, 0);
    assert_int_equal(frame.has_pbc, 0);
    check_pbc(0, 0, 0);
    assert_int_equal(frame.n_columns, 2);
    assert_true(frame.size == sizeof frame);
    at_end();
}

static void test_extended(void **state)
{
    (void)state;
    open_text(
        "2\nLattice=\"5 0 0 0 6 0 0.5 0 7\" Properties=forces:R:3:id:I:1:pos:R:3:fixed:L:2:species:S:1:tag:S:1 "
        "energy=-1.5e3 name=\"a \\\"b\\\" c\\\\ d\" flag list=[1, [2 3]] \"odd key\"='x y' pbc=\"T F T\"\n"
        "1 2 3 7 0.1 0.2 0.3 T false Si alpha\n"
        "nan -inf 6 -9223372036854775808 0.4 0.5 0.6 0 1 Xx9 beta\n");
    next();
    static const double cell[] = {5, 0, 0, 0, 6, 0, 0.5, 0, 7}, positions[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    check_reals(frame.cell, cell, 9);
    check_reals(frame.positions, positions, 6);
    check_pbc(1, 0, 1);
    assert_int_equal(frame.has_pbc, 1);
    assert_int_equal(frame.numbers[0], 14);
    assert_int_equal(frame.numbers[1], 0);
    assert_int_equal(frame.n_columns, 6);
    assert_int_equal(frame.n_pairs, 8);

    nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
    assert_int_equal(nbl_xyz_reader_column(reader, "forces", &column), NBL_IO_OK);
    assert_int_equal(column.type, NBL_XYZ_REAL);
    assert_int_equal(column.width, 3);
    const double *forces = column.data;
    assert_true(forces[2] == 3 && isnan(forces[3]) && forces[4] == -HUGE_VAL);
    assert_int_equal(nbl_xyz_reader_column(reader, "id", &column), NBL_IO_OK);
    assert_int_equal(column.type, NBL_XYZ_INTEGER);
    assert_true(((const int64_t *)column.data)[1] == INT64_MIN);
    assert_int_equal(nbl_xyz_reader_column_at(reader, 3, &column), NBL_IO_OK);
    assert_string_equal(column.name, "fixed");
    assert_memory_equal(column.data, "\1\0\0\1", 4);
    assert_int_equal(nbl_xyz_reader_column(reader, "tag", &column), NBL_IO_OK);
    assert_string_equal(((const char *const *)column.data)[1], "beta");
    assert_int_equal(nbl_xyz_reader_column(reader, "pos", &column), NBL_IO_OK);
    assert_ptr_equal(column.data, frame.positions);

    assert_string_equal(nbl_xyz_reader_value(reader, "energy"), "-1.5e3");
    assert_string_equal(nbl_xyz_reader_value(reader, "name"), "a \"b\" c\\ d");
    assert_string_equal(nbl_xyz_reader_value(reader, "flag"), "T");
    assert_string_equal(nbl_xyz_reader_value(reader, "list"), "[1, [2 3]]");
    assert_string_equal(nbl_xyz_reader_value(reader, "odd key"), "x y");
    assert_null(nbl_xyz_reader_value(reader, "Energy"));
    const char *key, *value;
    nbl_xyz_reader_pair_at(reader, 2, &key, &value);
    assert_string_equal(key, "energy");
    nbl_xyz_reader_pair_at(reader, 8, &key, &value);
    assert_null(key);
    assert_null(value);
}

static void test_lookups_that_fail(void **state)
{
    (void)state;
    nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
    assert_int_equal(nbl_xyz_reader_column(reader, "pos", &column), NBL_IO_ESTATE);
    open_text("1\nx\nH 1 2 3\n1\ny\nH 4 5 6\n");
    next();
    assert_int_equal(nbl_xyz_reader_column(reader, "forces", &column), NBL_IO_ENAME);
    assert_string_equal(nbl_xyz_reader_message(reader), "the frame has no column 'forces'");
    assert_int_equal(nbl_xyz_reader_column_at(reader, 2, &column), NBL_IO_ESIZE);
    assert_int_equal(nbl_xyz_reader_column_at(reader, -1, &column), NBL_IO_ESIZE);
    assert_int_equal(nbl_xyz_reader_column(reader, NULL, &column), NBL_IO_ENULL);
    assert_int_equal(nbl_xyz_reader_column(reader, "pos", NULL), NBL_IO_ENULL);
    column.size = 3;
    assert_int_equal(nbl_xyz_reader_column(reader, "pos", &column), NBL_IO_ESTRUCT);
    next();
    assert_true(frame.positions[0] == 4);
    at_end();
    column.size = sizeof column;
    assert_int_equal(nbl_xyz_reader_column(reader, "pos", &column), NBL_IO_ESTATE);
}

static void check_cell(const char *comment, int has_cell, const double *cell, const char *pbc)
{
    char text[512];
    snprintf(text, sizeof text, "0\n%s\n", comment);
    open_text(text);
    next();
    assert_int_equal(frame.has_cell, has_cell);
    if (cell != NULL)
        check_reals(frame.cell, cell, 9);
    check_pbc(pbc[0] == 'T', pbc[1] == 'T', pbc[2] == 'T');
}

static void test_lattices(void **state)
{
    (void)state;
    static const double rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 10}, edges[] = {4, 0, 0, 0, 5, 0, 0, 0, 6};
    static const double slab[] = {1, 0, 0, 0, 1, 0, 0, 0, 0};
    check_cell("Lattice=\"1 2 3 4 5 6 7 8 10\"", 1, rows, "TTT");
    check_cell("lattice='1 2 3 4 5 6 7 8 10'", 1, rows, "TTT");
    check_cell("LATTICE=[[1, 2, 3], [4, 5, 6], [7, 8, 10]]", 1, rows, "TTT");
    check_cell("Lattice={1 2 3 4 5 6 7 8 10}", 1, rows, "TTT");
    check_cell("Lattice=\"{1 2 3} {4 5 6} {7 8 1.0d1}\"", 1, rows, "TTT");
    check_cell("Lattice = \"4 5 6\" x=1", 1, edges, "TTT");
    check_cell("Lattice=4,5,6", 1, edges, "TTT");
    check_cell("Lattice=\"1 0 0 0 1 0 0 0 0\"", 1, slab, "TTF");
    check_cell("Lattice=\"1 0 0 0 1 0 0 0 0\" pbc=\"T T T\"", 1, slab, "TTT");
    check_cell("Lattice=\"1 0 0 0 1 0 nan inf 0\" pbc=\"T T F\"", 1, NULL, "TTF");
    assert_true(isnan(frame.cell[6]) && isinf(frame.cell[7]));
    check_cell("nothing", 0, NULL, "FFF");
    check_cell("", 0, NULL, "FFF");
    check_cell("pbc=\"T F F\"", 0, NULL, "TFF");
    assert_int_equal(frame.has_pbc, 1);
}

static void test_pbc_spellings(void **state)
{
    (void)state;
    check_cell("Lattice=\"1 1 1\" pbc=\"F T F\"", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=FTF", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" PBC=010", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=\"0 1 0\"", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=\"False True false\"", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=[F, TRUE, f]", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=[0,1,0]", 1, NULL, "FTF");
    check_cell("Lattice=\"1 1 1\" pbc=F", 1, NULL, "FFF");
    check_cell("pbc", 0, NULL, "TTT");
}

static void test_comments_that_are_no_pairs(void **state)
{
    (void)state;
    check_cell("it's a \"quote that is open", 0, NULL, "FFF");
    assert_int_equal(frame.n_pairs, 0);
    check_cell("== x [", 0, NULL, "FFF");
    assert_int_equal(frame.n_pairs, 0);
    check_cell("a=1 a=2", 0, NULL, "FFF");
    assert_string_equal(nbl_xyz_reader_value(reader, "a"), "2");
    assert_int_equal(frame.n_pairs, 2);
}

static void test_line_ends_and_blank_lines(void **state)
{
    (void)state;
    open_text("\xef\xbb\xbf\r\n\r\n 2 \r\nLattice=\"9 9 9\"\r\nH 1 2 3\r\nHe 4 5 6 \r\n\r\n "
              "\t\r\n0\r\n\r\n\n1\n\nNe 7 8 9");
    next();
    assert_int_equal(frame.n, 2);
    assert_int_equal(frame.line, 3);
    assert_string_equal(frame.comment, "Lattice=\"9 9 9\"");
    assert_true(frame.positions[5] == 6);
    assert_string_equal(frame.labels[1], "He");
    next();
    assert_int_equal(frame.n, 0);
    assert_int_equal(frame.index, 1);
    next();
    assert_int_equal(frame.n, 1);
    assert_int_equal(frame.has_cell, 0);
    assert_true(frame.positions[2] == 9);
    at_end();
    open_text("");
    at_end();
    open_text("\n\n  \n");
    at_end();
}

static void test_element_columns(void **state)
{
    (void)state;
    open_text("2\nProperties=pos:R:3:Z:I:1\n1 2 3 26\n4 5 6 -1\n"
              "1\nProperties=species:I:1:pos:R:3\n79 1 2 3\n"
              "1\nProperties=species:S:1:pos:R:3:atomic_numbers:I:1\nH 1 2 3 6\n"
              "1\nProperties=pos:R:3\n1 2 3\n");
    next();
    assert_null(frame.labels);
    assert_int_equal(frame.numbers[0], 26);
    assert_int_equal(frame.numbers[1], 0);
    next();
    assert_null(frame.labels);
    assert_int_equal(frame.numbers[0], 79);
    next();
    assert_string_equal(frame.labels[0], "H");
    assert_int_equal(frame.numbers[0], 6);
    next();
    assert_null(frame.labels);
    assert_int_equal(frame.numbers[0], 0);
    at_end();
}

/* Frames of changing size and columns, larger than every first buffer, through plain and gzip files. */
static char *make_frames(size_t *size)
{
    static const int sizes[] = {3, 70000, 0, 1, 1000};
    char *text = malloc(8 << 20);
    assert_non_null(text);
    size_t used = 0;
    for (int f = 0; f < 5; f++) {
        used += (size_t)sprintf(text + used, "%d\nProperties=%sspecies:S:1:pos:R:3 frame=%d\n", sizes[f],
                                f % 2 == 0 ? "" : "name:S:1:", f);
        for (int k = 0; k < sizes[f]; k++) {
            if (f % 2 != 0)
                used += (size_t)sprintf(text + used, "atom_number_%d ", k);
            used += (size_t)sprintf(text + used, "%s %d.5 %d 0.%d\n", k % 3 == 0 ? "O" : "H", k, -k, f);
        }
    }
    *size = used;
    return text;
}

static void check_frames(void)
{
    static const int sizes[] = {3, 70000, 0, 1, 1000};
    for (int f = 0; f < 5; f++) {
        next();
        assert_int_equal(frame.n, sizes[f]);
        for (int k = 0; k < sizes[f]; k++) {
            double expected[] = {k + 0.5, -k, f / 10.0};
            check_reals(frame.positions + 3 * k, expected, 3);
            assert_string_equal(frame.labels[k], k % 3 == 0 ? "O" : "H");
            assert_int_equal(frame.numbers[k], k % 3 == 0 ? 8 : 1);
        }
        if (f % 2 != 0) {
            nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
            char name[32];
            assert_int_equal(nbl_xyz_reader_column(reader, "name", &column), NBL_IO_OK);
            for (int k = 0; k < sizes[f]; k++) {
                snprintf(name, sizeof name, "atom_number_%d", k);
                assert_string_equal(((const char *const *)column.data)[k], name);
            }
        }
    }
    at_end();
}

static void test_many_frames(void **state)
{
    (void)state;
    size_t size;
    char *text = make_frames(&size);
    int64_t done, total;
    nbl_xyz_reader_progress(reader, &done, &total);
    assert_int_equal(done, 0);
    assert_int_equal(total, 0);

    const char *path = scratch_path("many.xyz");
    scratch_write(path, text, size);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    check_frames();
    nbl_xyz_reader_progress(reader, &done, &total);
    assert_int_equal(done, size);
    assert_int_equal(total, size);

    path = scratch_path("many.dat"); /* the name does not matter */
    scratch_write_gzip(path, text, size);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    check_frames();
    nbl_xyz_reader_progress(reader, &done, &total);
    assert_int_equal(done, total);
    assert_true(total < (int64_t)size);

    /* members one after the other, cut inside a line; then zero padding */
    size_t first_size, second_size, cut = size / 3;
    scratch_write_gzip(path, text, cut);
    char *first = scratch_read(path, &first_size);
    scratch_write_gzip(path, text + cut, size - cut);
    char *second = scratch_read(path, &second_size);
    char *both = malloc(first_size + second_size + 7);
    assert_non_null(both);
    memcpy(both, first, first_size);
    memcpy(both + first_size, second, second_size);
    memset(both + first_size + second_size, 0, 7);
    scratch_write(path, both, first_size + second_size + 7);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    check_frames();
    free(first);
    free(second);
    free(both);
    free(text);
}

/* Two members of one frame each, with `between` and `behind` zeros or other bytes around the second. */
static void write_members(const char *path, size_t between, const char *behind, size_t behind_size)
{
    static const char text[] = "1\nx\nH 1 2 3";
    size_t size, padded;
    scratch_write_gzip(path, "1\nx\nH 1 2 3\n", sizeof text);
    char *first = scratch_read(path, &size);
    padded = size + between;
    scratch_write_gzip(path, text, sizeof text - 1);
    size_t second_size;
    char *second = scratch_read(path, &second_size);
    char *all = calloc(1, padded + second_size + behind_size);
    assert_non_null(all);
    memcpy(all, first, size);
    memcpy(all + padded, second, second_size);
    memcpy(all + padded + second_size, behind, behind_size);
    scratch_write(path, all, padded + second_size + behind_size);
    free(first);
    free(second);
    free(all);
}

/* Data behind the compressed ones are never dropped in silence, and cost no complete frame. */
static void test_behind_gzip(void **state)
{
    (void)state;
    static const struct {
        size_t between;
        const char *behind;
        size_t behind_size;
        nbl_io_status end;
    } cases[] = {
        {0, "", 0, NBL_IO_END},
        {512, "", 0, NBL_IO_END},
        {100000, "\0\0\0", 3, NBL_IO_END},
        {0, "\0", 1, NBL_IO_END},
        {0, "1\nx\nH 1 2 3\n", 12, NBL_IO_EGZIP},
        {7, "\0\0x", 3, NBL_IO_EGZIP},
        {0, "x", 1, NBL_IO_EGZIP},
        {0, "\x1f", 1, NBL_IO_EGZIP},
    };
    const char *path = scratch_path("members.xyz.gz");
    char expected[1200];
    snprintf(expected, sizeof expected, "%s:7: trailing data after the compressed data", path);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        write_members(path, cases[k].between, cases[k].behind, cases[k].behind_size);
        assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
        for (int n = 0; n < 2; n++) {
            assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_OK);
            assert_int_equal(frame.n, 1);
        }
        for (int again = 0; again < 2; again++) {
            assert_int_equal(nbl_xyz_reader_next(reader, &frame), cases[k].end);
            assert_string_equal(nbl_xyz_reader_message(reader), cases[k].end == NBL_IO_END ? "" : expected);
        }
    }
}

static void test_arguments(void **state)
{
    (void)state;
    assert_int_equal(nbl_xyz_reader_create(NULL), NBL_IO_ENULL);
    nbl_xyz_reader_destroy(NULL);
    nbl_xyz_reader *none = NULL;
    nbl_xyz_reader_destroy(&none);
    assert_int_equal(nbl_xyz_reader_open(NULL, "x", NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_xyz_reader_next(NULL, &frame), NBL_IO_ENULL);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_ESTATE);
    assert_int_equal(nbl_xyz_reader_open(reader, NULL, NULL), NBL_IO_ENULL);
    assert_string_equal(nbl_xyz_reader_message(reader), "path is NULL");
    assert_string_equal(nbl_xyz_reader_message(NULL), "");
    assert_null(nbl_xyz_reader_value(reader, "a"));

    open_text("1\nx\nH 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_next(reader, NULL), NBL_IO_ENULL);
    frame.size = 8;
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_ESTRUCT);
    frame.size = sizeof frame;
    next();

    nbl_xyz_reader_options options = NBL_XYZ_READER_OPTIONS_INIT;
    options.max_line = -1;
    assert_int_equal(nbl_xyz_reader_open(reader, "x", &options), NBL_IO_ESIZE);
    assert_string_equal(nbl_xyz_reader_message(reader), "options.max_line is -1, not 0 ... 1073741824");
    options = (nbl_xyz_reader_options)NBL_XYZ_READER_OPTIONS_INIT;
    options.size = 1;
    assert_int_equal(nbl_xyz_reader_open(reader, "x", &options), NBL_IO_ESTRUCT);

    assert_string_equal(nbl_io_status_name(NBL_IO_EGZIP), "NBL_IO_EGZIP");
    assert_string_equal(nbl_io_status_text(NBL_IO_END), "no more frames");
    assert_string_equal(nbl_io_status_name(7), "NBL_IO_E?");
    assert_string_equal(nbl_io_status_text(7), "unknown status");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_reader, close_reader)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain),
        TEST(test_extended),
        TEST(test_lookups_that_fail),
        TEST(test_lattices),
        TEST(test_pbc_spellings),
        TEST(test_comments_that_are_no_pairs),
        TEST(test_line_ends_and_blank_lines),
        TEST(test_element_columns),
        TEST(test_many_frames),
        TEST(test_behind_gzip),
        TEST(test_arguments),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
