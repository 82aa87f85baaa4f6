/* SPDX-License-Identifier: MIT */
/* What is written comes back, to the last bit; what cannot come back is refused before a byte is written. */
#include "scratch.h"

#include <nblist/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nbl_xyz_writer *writer;
static nbl_xyz_reader *reader;
static nbl_xyz_frame frame;

static int open_both(void **state)
{
    (void)state;
    frame = (nbl_xyz_frame)NBL_XYZ_FRAME_INIT;
    return nbl_xyz_writer_create(&writer) != NBL_IO_OK || nbl_xyz_reader_create(&reader) != NBL_IO_OK;
}

static int close_both(void **state)
{
    (void)state;
    nbl_xyz_writer_destroy(&writer);
    nbl_xyz_reader_destroy(&reader);
    return writer != NULL;
}

static void good(nbl_io_status status)
{
    if (status != NBL_IO_OK)
        fail_msg("%s: %s%s", nbl_io_status_name(status), nbl_xyz_writer_message(writer),
                 nbl_xyz_reader_message(reader));
}

static const double positions[] = {0.1, -4e-52, 1.0 / 3, 12345678901234567.0, 5e-324, -0.0};
static const double cell[] = {5.43, 0, 0, -2.715, 4.702518, 0, 0, 0, NAN};
static const uint8_t slab[] = {1, 1, 0};

static void test_bytes(void **state)
{
    (void)state;
    const int32_t numbers[] = {14, 0};
    const int64_t ids[] = {-1, 2, 3, 4};
    const double charge[] = {0.25, NAN};
    const uint8_t fixed[] = {1, 0};
    const char *const tags[] = {"a", "b\xc3\xa4"};
    const nbl_xyz_column columns[] = {{sizeof *columns, "id", ids, NBL_XYZ_INTEGER, 2},
                                      {sizeof *columns, "q", charge, NBL_XYZ_REAL, 1},
                                      {sizeof *columns, "fixed", fixed, NBL_XYZ_LOGICAL, 1},
                                      {sizeof *columns, "tag", tags, NBL_XYZ_STRING, 1}};
    const nbl_xyz_pair pairs[] = {{"energy", "-1.5"}, {"name", "two words"}, {"list", "[1, 2]"}, {"empty", ""}};
    nbl_xyz_output output = NBL_XYZ_OUTPUT_INIT;
    output.n = 2;
    output.positions = positions;
    output.numbers = numbers;
    output.cell = cell;
    output.pbc = slab;
    output.columns = columns;
    output.n_columns = 4;
    output.pairs = pairs;
    output.n_pairs = 4;
    const char *path = scratch_path("bytes.xyz");
    good(nbl_xyz_writer_open(writer, path, 0));
    good(nbl_xyz_writer_write(writer, &output));
    output = (nbl_xyz_output)NBL_XYZ_OUTPUT_INIT;
    good(nbl_xyz_writer_write(writer, &output));
    good(nbl_xyz_writer_close(writer));
    char *text = scratch_read(path, NULL);
    assert_string_equal(text, "2\n"
                              "Lattice=\"5.43 0 0 -2.715 4.702518 0 0 0 nan\" pbc=\"T T F\" "
                              "Properties=species:S:1:pos:R:3:id:I:2:q:R:1:fixed:L:1:tag:S:1 energy=-1.5 "
                              "name=\"two words\" list=[1, 2] empty=\"\"\n"
                              "Si 0.1 -4e-52 0.3333333333333333 -1 2 0.25 T a\n"
                              "X 12345678901234568 4.94065645841247e-324 -0 3 4 nan F b\xc3\xa4\n"
                              "0\nProperties=species:S:1:pos:R:3\n");
    free(text);
}

/* Values of pairs that need quotes, escapes, brackets or none. */
static void test_values_come_back(void **state)
{
    (void)state;
    static const nbl_xyz_pair pairs[] = {
        {"a", ""},
        {"b", "x y"},
        {"c", "say \"hi\""},
        {"d", "back\\slash"},
        {"e", "it's"},
        {"f", "a=b"},
        {"g", "line\nend"},
        {"h", "[1 2 3]"},
        {"i", "[[1, 2], [3]]"},
        {"j", "{1} 2"},
        {"k", "[1"},
        {"l", "]"},
        {"m", "a,b"},
        {"n", " "},
        {"o", "[\"x y\"]"},
        {"p-q_r.s", "T"},
        {"\xc3\xa4", "1"},
        {"q", "\t\r"},
        {"r", "[1]\n"},
    };
    enum { N = sizeof pairs / sizeof *pairs };
    nbl_xyz_output output = NBL_XYZ_OUTPUT_INIT;
    output.pairs = pairs;
    output.n_pairs = N;
    const char *path = scratch_path("values.xyz");
    good(nbl_xyz_writer_open(writer, path, 0));
    good(nbl_xyz_writer_write(writer, &output));
    good(nbl_xyz_writer_close(writer));
    good(nbl_xyz_reader_open(reader, path, NULL));
    good(nbl_xyz_reader_next(reader, &frame));
    assert_int_equal(frame.n_pairs, N + 1);
    for (int k = 0; k < N; k++) {
        const char *key, *value;
        nbl_xyz_reader_pair_at(reader, k + 1, &key, &value);
        assert_string_equal(key, pairs[k].key);
        assert_string_equal(value, pairs[k].value);
    }
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double any_double(uint64_t *state)
{
    double value;
    do {
        uint64_t bits = next_random(state);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

/* Random doubles of every size, through a packed file of several frames. */
static void test_bits_come_back(void **state)
{
    (void)state;
    enum { N = 500, FRAMES = 3 };
    static const char *const words[] = {"H", "C12", "O_w", "Xx"};
    uint64_t random = 7;
    double *r = malloc(FRAMES * N * 3 * sizeof *r), *f = malloc(FRAMES * N * sizeof *f);
    const char **labels = malloc(N * sizeof *labels);
    assert_true(r != NULL && f != NULL && labels != NULL);
    for (int k = 0; k < FRAMES * N * 3; k++)
        r[k] = k % 2 == 0 ? any_double(&random) : (double)(int64_t)next_random(&random) / 1e12;
    for (int k = 0; k < FRAMES * N; k++)
        f[k] = any_double(&random);
    for (int k = 0; k < N; k++)
        labels[k] = words[next_random(&random) % 4];

    const char *path = scratch_path("bits.xyz.gz");
    good(nbl_xyz_writer_open(writer, path, 0));
    for (int m = 0; m < FRAMES; m++) {
        nbl_xyz_column column = {sizeof column, "f", f + m * N, NBL_XYZ_REAL, 1};
        nbl_xyz_output output = NBL_XYZ_OUTPUT_INIT;
        output.n = N;
        output.positions = r + m * N * 3;
        output.labels = labels;
        output.cell = r + m;
        output.columns = &column;
        output.n_columns = 1;
        good(nbl_xyz_writer_write(writer, &output));
    }
    good(nbl_xyz_writer_close(writer));

    char *packed = scratch_read(path, NULL);
    assert_memory_equal(packed, "\x1f\x8b", 2);
    free(packed);
    good(nbl_xyz_reader_open(reader, path, NULL));
    for (int m = 0; m < FRAMES; m++) {
        good(nbl_xyz_reader_next(reader, &frame));
        assert_int_equal(frame.n, N);
        assert_memory_equal(frame.positions, r + m * N * 3, N * 3 * sizeof *r);
        assert_memory_equal(frame.cell, r + m, sizeof frame.cell);
        for (int k = 0; k < N; k++)
            assert_string_equal(frame.labels[k], labels[k]);
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
        good(nbl_xyz_reader_column(reader, "f", &column));
        assert_memory_equal(column.data, f + m * N, N * sizeof *f);
    }
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_END);
    free(r);
    free(f);
    free(labels);
}

static nbl_xyz_output refused;

static void refuse(nbl_io_status expected, const char *message)
{
    nbl_io_status status = nbl_xyz_writer_write(writer, &refused);
    if (status != expected || strcmp(nbl_xyz_writer_message(writer), message) != 0)
        fail_msg("%s, %s\n  not %s, %s", nbl_io_status_name(status), nbl_xyz_writer_message(writer),
                 nbl_io_status_name(expected), message);
    refused = (nbl_xyz_output)NBL_XYZ_OUTPUT_INIT;
    refused.n = 2;
    refused.positions = positions;
}

static void refuse_column(nbl_xyz_column column, nbl_io_status expected, const char *message)
{
    refused.columns = &column;
    refused.n_columns = 1;
    refuse(expected, message);
}

static void refuse_pair(const char *key, const char *value, nbl_io_status expected, const char *message)
{
    nbl_xyz_pair pair = {key, value};
    refused.pairs = &pair;
    refused.n_pairs = 1;
    refuse(expected, message);
}

static void test_refused_frames(void **state)
{
    (void)state;
    static const double bad[] = {0, 0, 0, 0, NAN, 0}, worse[] = {0, 0, -HUGE_VAL, 0, 0, 0}, q[] = {1, 2};
    static const char *const blanks[] = {"H", "H 1"}, *const null[] = {"H", NULL}, *const empty[] = {"", "H"};
    const char *path = scratch_path("refused.xyz");
    assert_int_equal(nbl_xyz_writer_write(writer, &refused), NBL_IO_ESTATE);
    good(nbl_xyz_writer_open(writer, path, 0));
    assert_int_equal(nbl_xyz_writer_write(writer, NULL), NBL_IO_ENULL);
    refused.size = 4;
    refuse(NBL_IO_ESTRUCT, "frame has an impossible size or unknown fields that are not zero");
    refused.n = -1;
    refuse(NBL_IO_ESIZE, "n is -1");
    refused.positions = NULL;
    refuse(NBL_IO_ENULL, "positions is NULL");
    refused.positions = bad;
    refuse(NBL_IO_EPOSITION, "positions[1][1] is nan");
    refused.positions = worse;
    refuse(NBL_IO_EPOSITION, "positions[0][2] is infinite");
    refused.labels = blanks;
    refuse(NBL_IO_ENAME, "labels[1] is 'H 1': empty, or with blanks");
    refused.labels = null;
    refuse(NBL_IO_ENULL, "labels[1] is NULL");
    refused.labels = empty;
    refuse(NBL_IO_ENAME, "labels[0] is '': empty, or with blanks");
    refused.n_columns = 1;
    refuse(NBL_IO_ENULL, "columns is NULL");
    refused.n_pairs = 1;
    refuse(NBL_IO_ENULL, "pairs is NULL");
    refuse_column((nbl_xyz_column){8, "q", q, NBL_XYZ_REAL, 1}, NBL_IO_ESTRUCT, "columns[0].size is 8");
    const size_t size = sizeof(nbl_xyz_column);
    refuse_column((nbl_xyz_column){size, NULL, q, NBL_XYZ_REAL, 1}, NBL_IO_ENULL, "columns[0].name is NULL");
    refuse_column((nbl_xyz_column){size, "a:b", q, NBL_XYZ_REAL, 1}, NBL_IO_ENAME, "columns[0].name is 'a:b'");
    refuse_column((nbl_xyz_column){size, "pos", q, NBL_XYZ_REAL, 1}, NBL_IO_ENAME,
                  "columns[0].name is 'pos': the frame has that already");
    refuse_column((nbl_xyz_column){size, "q", q, 'Q', 1}, NBL_IO_EOPTION, "columns[0].type is 81");
    refuse_column((nbl_xyz_column){size, "q", q, NBL_XYZ_REAL, 0}, NBL_IO_ESIZE, "columns[0].width is 0");
    refuse_column((nbl_xyz_column){size, "q", NULL, NBL_XYZ_REAL, 1}, NBL_IO_ENULL, "columns[0].data is NULL");
    refuse_column((nbl_xyz_column){size, "q", blanks, NBL_XYZ_STRING, 1}, NBL_IO_ENAME,
                  "q[1] is 'H 1': empty, or with blanks");
    refuse_pair("a b", "1", NBL_IO_ENAME, "pairs[0].key is 'a b'");
    refuse_pair("", "1", NBL_IO_ENAME, "pairs[0].key is ''");
    refuse_pair("LATTICE", "1", NBL_IO_ENAME, "pairs[0].key is 'LATTICE'");
    refuse_pair("a", NULL, NBL_IO_ENULL, "pairs[0] has a key or value that is NULL");
    const nbl_xyz_column twice[] = {{size, "q", q, NBL_XYZ_REAL, 1}, {size, "q", q, NBL_XYZ_REAL, 1}};
    refused.columns = twice;
    refused.n_columns = 2;
    refuse(NBL_IO_ENAME, "columns[1].name is 'q': the frame has that already");

    good(nbl_xyz_writer_write(writer, &refused));
    good(nbl_xyz_writer_close(writer));
    char *text = scratch_read(path, NULL);
    assert_true(strncmp(text, "2\nProperties=species:S:1:pos:R:3\nX 0.1", 38) == 0);
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_both, close_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bytes),
        TEST(test_values_come_back),
        TEST(test_bits_come_back),
        TEST(test_refused_frames),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
