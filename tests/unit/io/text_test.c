/* SPDX-License-Identifier: MIT */
/* The text writer: bytes as they are. What it shares with the other writers is tested on the CSV writer. */
#include "scratch.h"

#include <nblist/io.h>

#include <stdlib.h>
#include <string.h>

static nbl_text_writer *writer;

static int open_writer(void **state)
{
    (void)state;
    return nbl_text_writer_create(&writer);
}

static int close_writer(void **state)
{
    (void)state;
    nbl_text_writer_destroy(&writer);
    return writer != NULL;
}

static void test_bytes(void **state)
{
    (void)state;
    static const char text[] = "a\0b\r\n\xff";
    const char *path = scratch_path("plain.txt");
    size_t size = 0;
    assert_int_equal(nbl_text_writer_open(writer, path, 0), NBL_IO_OK);
    assert_int_equal(nbl_text_writer_write(writer, sizeof text, text), NBL_IO_OK);
    assert_int_equal(nbl_text_writer_write(writer, 0, NULL), NBL_IO_OK);
    assert_int_equal(nbl_text_writer_write(writer, 1, "z"), NBL_IO_OK);
    assert_true(scratch_exists(nbl_text_writer_part(writer)) && !scratch_exists(path));
    assert_int_equal(nbl_text_writer_close(writer), NBL_IO_OK);
    assert_null(nbl_text_writer_part(writer));
    char *got = scratch_read(path, &size);
    assert_int_equal(size, sizeof text + 1);
    assert_memory_equal(got, text, sizeof text);
    assert_int_equal(got[sizeof text], 'z');
    free(got);
    assert_int_equal(nbl_text_writer_open(writer, path, 0), NBL_IO_EEXIST);
    assert_non_null(strstr(nbl_text_writer_message(writer), "plain.txt: the file exists already"));
}

static void test_large_and_packed(void **state)
{
    (void)state;
    enum { N = 700000 };
    char *text = malloc(N + 1);
    assert_non_null(text);
    for (int k = 0; k < N; k++)
        text[k] = (char)('a' + k % 23 + k / 30000 % 3);
    text[N] = '\0';
    const char *paths[] = {scratch_path("large.txt"), scratch_path("large.txt.gz")};
    for (int k = 0; k < 2; k++) {
        assert_int_equal(nbl_text_writer_open(writer, paths[k], 0), NBL_IO_OK);
        assert_int_equal(nbl_text_writer_write(writer, 10, text), NBL_IO_OK);
        assert_int_equal(nbl_text_writer_write(writer, N - 10, text + 10), NBL_IO_OK);
        assert_int_equal(nbl_text_writer_close(writer), NBL_IO_OK);
        char *got = k == 0 ? scratch_read(paths[k], NULL) : scratch_read_gzip(paths[k], N + 1);
        assert_string_equal(got, text);
        free(got);
    }
    free(text);
}

static void test_arguments(void **state)
{
    (void)state;
    assert_int_equal(nbl_text_writer_create(NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_text_writer_open(NULL, "x", 0), NBL_IO_ENULL);
    assert_int_equal(nbl_text_writer_open(writer, NULL, 0), NBL_IO_ENULL);
    assert_int_equal(nbl_text_writer_open(writer, scratch_path("none.txt"), 6), NBL_IO_EOPTION);
    assert_int_equal(nbl_text_writer_write(NULL, 0, ""), NBL_IO_ENULL);
    assert_int_equal(nbl_text_writer_write(writer, 0, ""), NBL_IO_ESTATE);
    assert_int_equal(nbl_text_writer_close(writer), NBL_IO_ESTATE);
    assert_int_equal(nbl_text_writer_close(NULL), NBL_IO_ENULL);
    assert_string_equal(nbl_text_writer_message(NULL), "");
    assert_null(nbl_text_writer_part(NULL));
    assert_int_equal(nbl_text_writer_open(writer, scratch_path("none.txt"), 0), NBL_IO_OK);
    assert_int_equal(nbl_text_writer_write(writer, -1, ""), NBL_IO_ESIZE);
    assert_int_equal(nbl_text_writer_write(writer, 1, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_text_writer_close(writer), NBL_IO_OK);
    nbl_text_writer_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_writer, close_writer)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_bytes), TEST(test_large_and_packed), TEST(test_arguments)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
