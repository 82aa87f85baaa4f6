/* SPDX-License-Identifier: MIT */
/* Every way in which a file can be wrong: its status, its message with file and line, and what comes before. */
#include "scratch.h"

#include <nblist/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOOD "1\ngood\nH 1 2 3\n"

/* Text, status, message after the name of the file; one good frame of three lines comes before each. */
static const struct {
    const char *text;
    nbl_io_status status;
    const char *message;
} cases[] = {
    {"two\nx\n", NBL_IO_ECOUNT, "4: 'two' is not a number of atoms"},
    {"2.0\nx\n", NBL_IO_ECOUNT, "4: '2.0' is not a number of atoms"},
    {"2 atoms\nx\n", NBL_IO_ECOUNT, "4: '2 atoms' is not a number of atoms"},
    {"-3\nx\n", NBL_IO_ECOUNT, "4: the number of atoms is negative: -3"},
    {"99999999999\nx\n", NBL_IO_ECOUNT,
     "4: the number of atoms is too large: 99999999999 (at most 2147483647)"},
    {"99999999999999999999999\nx\n", NBL_IO_ECOUNT,
     "4: the number of atoms is too large: 99999999999999999999999 (at most 2147483647)"},
    {"\x7f"
     "ELF\x02\x01\n",
     NBL_IO_ECOUNT, "4: '\\x7fELF\\x02\\x01' is not a number of atoms"},
    {"H 4 5 6\n", NBL_IO_ECOUNT, "4: 'H 4 5 6' is not a number of atoms"},
    {"2", NBL_IO_ETRUNCATED, "5: the file ends before the comment line of frame 1"},
    {"2\nx", NBL_IO_ETRUNCATED, "6: the file ends after 0 of 2 atoms of frame 1"},
    {"2\nx\nH 1 2 3\n", NBL_IO_ETRUNCATED, "7: the file ends after 1 of 2 atoms of frame 1"},
    {"2000000000\nx\nH 1 2 3\n", NBL_IO_ETRUNCATED, "7: the file ends after 1 of 2000000000 atoms of frame 1"},
    {"2\nx\nH 1 2 3\n1\ny\nH 1 2 3\n", NBL_IO_ECOLUMNS, "7: 1 column where an atom line has 4"},
    {"2\nx\nH 1 2 3\n\nH 1 2 3\n", NBL_IO_ECOLUMNS, "7: 0 columns where an atom line has 4"},
    {"1\nx\nH 1 2\n", NBL_IO_ECOLUMNS, "6: 3 columns where an atom line has 4"},
    {"1\nx\nH 1 2 3 4", NBL_IO_OK, NULL},
    {"1\nProperties=species:S:1:pos:R:3\nH 1 2 3 4\n", NBL_IO_ECOLUMNS, "6: 5 columns where Properties has 4"},
    {"1\nProperties=species:S:1:pos:R:3:f:R:3\nH 1 2 3 4 5\n", NBL_IO_ECOLUMNS,
     "6: 6 columns where Properties has 7"},
    {"1\nx\nH 1 O 3\n", NBL_IO_ENUMBER, "6: 'O' is not a number (pos[1])"},
    {"1\nx\nH 1 2 ********\n", NBL_IO_ENUMBER, "6: '********' is not a number (pos[2])"},
    {"1\nx\nH 1 2,5 3\n", NBL_IO_ENUMBER, "6: '2,5' is not a number (pos[1])"},
    {"1\nx\nH 0x10 2 3\n", NBL_IO_ENUMBER, "6: '0x10' is not a number (pos[0])"},
    {"1\nx\nH 1e999 2 3\n", NBL_IO_ENUMBER, "6: '1e999' is too large for a double (pos[0])"},
    {"1\nx\nH 1 \x01\x02 3\n", NBL_IO_ENUMBER, "6: '\\x01\\x02' is not a number (pos[1])"},
    {"1\nx\nH 1 nan 3\n", NBL_IO_EPOSITION, "6: pos[1] is nan"},
    {"1\nx\nH 1 2 -Inf\n", NBL_IO_EPOSITION, "6: pos[2] is infinite"},
    {"1\nProperties=pos:R:3:id:I:1\n1 2 3 1.5\n", NBL_IO_ENUMBER, "6: '1.5' is not an integer (id)"},
    {"1\nProperties=pos:R:3:id:I:1\n1 2 3 99999999999999999999\n", NBL_IO_ENUMBER,
     "6: '99999999999999999999' is too large for 64 bits (id)"},
    {"1\nProperties=pos:R:3:fix:L:2\n1 2 3 T maybe\n", NBL_IO_ENUMBER, "6: 'maybe' is not T or F (fix[1])"},
    {"1\nLattice=\"1 2 3 4 5 6 7 8\"\nH 1 2 3\n", NBL_IO_ELATTICE, "5: Lattice has 8 numbers, not 9 or 3"},
    {"1\nLattice=\"1 2 3 4 5 6 7 8 9 10\"\nH 1 2 3\n", NBL_IO_ELATTICE,
     "5: Lattice has 10 numbers, not 9 or 3"},
    {"1\nLattice=\"\"\nH 1 2 3\n", NBL_IO_ELATTICE, "5: Lattice has 0 numbers, not 9 or 3"},
    {"1\nLattice=\"1 2 x\"\nH 1 2 3\n", NBL_IO_ELATTICE, "5: 'x' in Lattice is not a number"},
    {"1\nLattice=\"1 2 1e999\"\nH 1 2 3\n", NBL_IO_ELATTICE,
     "5: '1e999' in Lattice is not a number that fits a double"},
    {"1\nLattice=\"1 0 0 0 nan 0 0 0 1\"\nH 1 2 3\n", NBL_IO_ELATTICE,
     "5: Lattice[1][1] is nan, and the axis periodic"},
    {"1\nLattice=\"1 0 0 0 1 0 0 inf 1\" pbc=\"F F T\"\nH 1 2 3\n", NBL_IO_ELATTICE,
     "5: Lattice[2][1] is infinite, and the axis periodic"},
    {"1\nLattice=\"1 2 3\" lattice=\"1 2 3\"\nH 1 2 3\n", NBL_IO_EHEADER, "5: Lattice is given twice"},
    {"1\nLattice=\"1 2 3\nH 1 2 3\n", NBL_IO_EHEADER, "5: the comment line: a quote is not closed"},
    {"1\nx Properties=[pos:R:3\nH 1 2 3\n", NBL_IO_EHEADER,
     "5: the comment line: a bracket is not closed, or text follows it"},
    {"1\n=1 lattice=\"1 2 3\"\nH 1 2 3\n", NBL_IO_EHEADER, "5: the comment line: a value without a key"},
    {"1\npbc=\"T T\"\nH 1 2 3\n", NBL_IO_EPBC, "5: pbc is 'T T', not three of T and F"},
    {"1\npbc=\"T T F F\"\nH 1 2 3\n", NBL_IO_EPBC, "5: pbc is 'T T F F', not three of T and F"},
    {"1\npbc=xyz\nH 1 2 3\n", NBL_IO_EPBC, "5: pbc is 'xyz', not three of T and F"},
    {"1\npbc=\"2 0 0\"\nH 1 2 3\n", NBL_IO_EPBC, "5: pbc is '2 0 0', not three of T and F"},
    {"1\npbc=T pbc=T\nH 1 2 3\n", NBL_IO_EHEADER, "5: pbc is given twice"},
    {"1\nProperties=species:S:1\nH\n", NBL_IO_EHEADER, "5: Properties: pos:R:3 is missing"},
    {"1\nProperties=pos:R:2\n1 2\n", NBL_IO_EHEADER, "5: Properties: pos is not pos:R:3"},
    {"1\nProperties=pos:I:3\n1 2 3\n", NBL_IO_EHEADER, "5: Properties: pos is not pos:R:3"},
    {"1\nProperties=pos:R:3:a:R:1:a:R:1\n1 2 3 4 5\n", NBL_IO_EHEADER, "5: Properties: 'a' is there twice"},
    {"1\nProperties=pos:R:3:a:R\n1 2 3\n", NBL_IO_EHEADER, "5: Properties: not a sequence of name:type:width"},
    {"1\nProperties=pos:R:3:\n1 2 3\n", NBL_IO_EHEADER, "5: Properties: not a sequence of name:type:width"},
    {"1\nProperties=pos:R:3::R:1\n1 2 3 4\n", NBL_IO_EHEADER, "5: Properties: a name is empty"},
    {"1\nProperties=pos:R:3:a:Q:1\n1 2 3 4\n", NBL_IO_EHEADER,
     "5: Properties: the type of 'a' is none of S, I, R, L"},
    {"1\nProperties=pos:R:3:a:R:0\n1 2 3\n", NBL_IO_EHEADER,
     "5: Properties: the width of 'a' is not 1 ... 65536"},
    {"1\nProperties=pos:R:3:a:R:x\n1 2 3\n", NBL_IO_EHEADER,
     "5: Properties: the width of 'a' is not 1 ... 65536"},
    {"1\nProperties=pos:R:3:a:R:65536\n1 2 3\n", NBL_IO_EHEADER,
     "5: Properties: more than 65536 words per line"},
    {"1\nProperties=pos:R:3 properties=pos:R:3\n1 2 3\n", NBL_IO_EHEADER, "5: Properties is given twice"},
};

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
    return 0;
}

/* Reads the good frame, then expects the failure, twice; *frame must not be touched by it. */
static void expect(const char *path, nbl_io_status status, const char *message)
{
    char expected[1024];
    snprintf(expected, sizeof expected, "%s:%s", path, message != NULL ? message : "");
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_OK);
    assert_true(frame.n == 1 && frame.positions[2] == 3);
    nbl_xyz_frame before = frame;
    for (int k = 0; k < (status == NBL_IO_OK ? 1 : 2); k++) {
        nbl_io_status got = nbl_xyz_reader_next(reader, &frame);
        if (got != status || (message != NULL && strcmp(nbl_xyz_reader_message(reader), expected) != 0))
            fail_msg("%s, %s\n  not %s, %s", nbl_io_status_name(got), nbl_xyz_reader_message(reader),
                     nbl_io_status_name(status), expected);
    }
    if (status != NBL_IO_OK)
        assert_memory_equal(&frame, &before, sizeof frame);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[1024];
        snprintf(text, sizeof text, GOOD "%s", cases[k].text);
        const char *path = scratch_path("bad.xyz");
        scratch_write_text(path, text);
        assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
        expect(path, cases[k].status, cases[k].message);
    }
}

static void test_nul_bytes(void **state)
{
    (void)state;
    static const char atoms[] = GOOD "1\nx\nH 1 \0 2 3\n", count[] = GOOD "\0\0\0\0\n", late[] = GOOD "1\nx\0y";
    const char *path = scratch_path("nul.xyz");
    scratch_write(path, atoms, sizeof atoms - 1);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_EBINARY, "6: NUL byte in column 5: not a text file");
    scratch_write(path, count, sizeof count - 1);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_EBINARY, "4: NUL byte in column 1: not a text file");
    scratch_write(path, late, sizeof late - 1);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_EBINARY, "5: NUL byte in column 2: not a text file");
}

static void test_random_bytes(void **state)
{
    (void)state;
    unsigned char junk[4096];
    uint32_t x = 12345;
    const char *path = scratch_path("junk.xyz");
    for (int round = 0; round < 200; round++) {
        for (size_t k = 0; k < sizeof junk; k++)
            junk[k] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
        junk[0] = 'j';
        scratch_write(path, junk, sizeof junk);
        assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
        nbl_io_status status = nbl_xyz_reader_next(reader, &frame);
        assert_true(status == NBL_IO_ECOUNT || status == NBL_IO_EBINARY);
        assert_non_null(strstr(nbl_xyz_reader_message(reader), "junk.xyz:1: "));
        for (const char *p = nbl_xyz_reader_message(reader); *p != '\0'; p++)
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
}

/* A line of `length` letters as count, comment or atom line. */
static void write_long(const char *path, const char *before, size_t length, const char *after)
{
    size_t head = strlen(before), tail = strlen(after);
    char *text = malloc(head + length + tail);
    assert_non_null(text);
    memcpy(text, before, head);
    memset(text + head, 'x', length);
    memcpy(text + head + length, after, tail);
    scratch_write(path, text, head + length + tail);
    free(text);
}

static void test_long_lines(void **state)
{
    (void)state;
    const char *path = scratch_path("long.xyz");
    write_long(path, GOOD, 64 << 20, "");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_ELONG, "4: the line is longer than 1048576 bytes");

    write_long(path, GOOD "1\n", 64 << 20, "\nH 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_ELONG, "5: the line is longer than 16777216 bytes");

    write_long(path, GOOD "1\nc\nH 1 2 3 ", (1 << 20) - 8, "\r\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_OK, NULL);

    write_long(path, GOOD "1\nc\nH 1 2 3 ", (1 << 20) - 7, "\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_ELONG, "6: the line is longer than 1048576 bytes");

    write_long(path, GOOD "1\n", 1 << 24, "\nH 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    expect(path, NBL_IO_OK, NULL);
    assert_true(strlen(frame.comment) == 1 << 24);

    nbl_xyz_reader_options options = NBL_XYZ_READER_OPTIONS_INIT;
    options.max_line = 7;
    options.max_comment_line = 4;
    options.max_atoms = 1;
    scratch_write_text(path, GOOD "1\n12345\nH 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, &options), NBL_IO_OK);
    expect(path, NBL_IO_ELONG, "5: the line is longer than 4 bytes");
    scratch_write_text(path, GOOD "1\n1234\nHe 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, &options), NBL_IO_OK);
    expect(path, NBL_IO_ELONG, "6: the line is longer than 7 bytes");
    scratch_write_text(path, GOOD "2\n1234\nH 1 2 3\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, &options), NBL_IO_OK);
    expect(path, NBL_IO_ECOUNT, "4: the number of atoms is too large: 2 (at most 1)");
}

/* 3000 frames, so that the damage is many buffers away from the first; all before it must come out. */
static void test_damaged_gzip(void **state)
{
    (void)state;
    enum { FRAMES = 3000 };
    char *text = malloc(FRAMES * 256);
    assert_non_null(text);
    size_t size = 0, packed_size;
    uint32_t x = 1;
    for (int f = 0; f < FRAMES; f++) {
        size += (size_t)sprintf(text + size, "4\n%d\n", f);
        for (int k = 0; k < 4; k++) {
            x = x * 1664525u + 1013904223u;
            size += (size_t)sprintf(text + size, "H %u.%u %d 3\n", x >> 16, x & 0xffff, f);
        }
    }
    const char *path = scratch_path("bad.xyz.gz");
    scratch_write_gzip(path, text, size);
    char *packed = scratch_read(path, &packed_size);

    scratch_write(path, packed, packed_size * 9 / 10);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    int good = 0;
    nbl_io_status status;
    while ((status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK)
        assert_true(frame.positions[1] == good++);
    assert_int_equal(status, NBL_IO_EGZIP);
    assert_in_range(good, FRAMES * 85 / 100, FRAMES * 95 / 100);
    assert_non_null(strstr(nbl_xyz_reader_message(reader), ": the compressed file ends too early"));
    assert_non_null(strstr(nbl_xyz_reader_message(reader), "bad.xyz.gz:"));

    /* a wrong checksum at the end: every frame is there, but the file is not to be trusted */
    packed[packed_size - 6] = (char)(packed[packed_size - 6] ^ 1);
    scratch_write(path, packed, packed_size);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    for (good = 0; (status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK; good++)
        ;
    assert_int_equal(good, FRAMES);
    assert_int_equal(status, NBL_IO_EGZIP);
    assert_non_null(strstr(nbl_xyz_reader_message(reader), ":18001: the compressed data are corrupt"));

    scratch_write(path, packed, 5);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_EGZIP);
    packed[2] = 99;
    scratch_write(path, packed, packed_size);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_EGZIP);
    assert_non_null(strstr(nbl_xyz_reader_message(reader), ":1: the compressed data are corrupt"));
    free(packed);
    free(text);
}

static void test_files_that_cannot_be_opened(void **state)
{
    (void)state;
    char expected[1024];
    const char *path = scratch_path("missing.xyz");
    snprintf(expected, sizeof expected, "%s: No such file or directory", path);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_EOPEN);
    assert_string_equal(nbl_xyz_reader_message(reader), expected);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_ESTATE);

    path = scratch_path(".");
    snprintf(expected, sizeof expected, "%s: is a directory", path);
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_EOPEN);
    assert_string_equal(nbl_xyz_reader_message(reader), expected);
}

/* A path longer than the message: its end and what is wrong must both be there. */
static void test_long_path(void **state)
{
    (void)state;
    char path[2048];
    snprintf(path, sizeof path, "%s", scratch_path(""));
    for (int k = 0; k < 300; k++)
        strcat(path, "./");
    strcat(path, "deep.xyz");
    scratch_write_text(path, GOOD "x\n");
    assert_int_equal(nbl_xyz_reader_open(reader, path, NULL), NBL_IO_OK);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_OK);
    assert_int_equal(nbl_xyz_reader_next(reader, &frame), NBL_IO_ECOUNT);
    assert_non_null(strstr(nbl_xyz_reader_message(reader), "/deep.xyz:4: 'x' is not a number of atoms"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_reader, close_reader)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cases),      TEST(test_nul_bytes),    TEST(test_random_bytes),
        TEST(test_long_lines), TEST(test_damaged_gzip), TEST(test_files_that_cannot_be_opened),
        TEST(test_long_path),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
