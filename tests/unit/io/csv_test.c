/* SPDX-License-Identifier: MIT */
/* The CSV writer, and on it what all writers share: names of files, failures, partial files. */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <nblist/io.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static nbl_csv_writer *writer;
static const char *const one_name[] = {"x"};
static const int32_t one_type[] = {NBL_INT64};

static int open_writer(void **state)
{
    (void)state;
    return nbl_csv_writer_create(&writer);
}

static int close_writer(void **state)
{
    (void)state;
    nbl_csv_writer_destroy(&writer);
    return writer != NULL;
}

static void check_file(const char *path, const char *text)
{
    char *got = scratch_read(path, NULL);
    assert_string_equal(got, text);
    free(got);
}

static nbl_io_status open_one(const char *path, uint32_t flags)
{
    return nbl_csv_writer_open(writer, path, flags, 1, one_name, one_type);
}

static nbl_io_status write_one(int64_t value)
{
    const void *data[] = {&value};
    return nbl_csv_writer_rows(writer, 1, data, NULL);
}

/* The name of the partial file, which outlives the call that removes the file: PATH.XXXXXX.part. */
static void remember_part(char *part, size_t size, const char *path)
{
    const char *name = nbl_csv_writer_part(writer);
    size_t length = strlen(path);
    assert_non_null(name);
    assert_true(scratch_exists(name));
    assert_int_equal(strlen(name), length + strlen(".XXXXXX.part"));
    assert_int_equal(strncmp(name, path, length), 0);
    assert_string_equal(name + length + 7, ".part");
    snprintf(part, size, "%s", name);
}

static void test_pairs(void **state)
{
    (void)state;
    static const char *const names[] = {"frame", "i", "j", "sx", "sy", "sz", "dx", "dy", "dz", "d"};
    static const int32_t types[] = {NBL_INT64, NBL_INT64,   NBL_INT64,   NBL_INT32,   NBL_INT32,
                                    NBL_INT32, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64};
    const int64_t frame = 3, i[] = {0, 1}, j[] = {1, 0}, strides[] = {0, 1, 1, 3, 3, 3, 3, 3, 3, 1};
    const int32_t s[] = {1, 0, -2, -1, 0, 2};
    const double d[] = {0.1, -1e-5, 1.0 / 3, -0.1, 1e-5, -1.0 / 3}, r[] = {2.5, 1e22};
    const void *data[] = {&frame, i, j, s, s + 1, s + 2, d, d + 1, d + 2, r};
    const char *path = scratch_path("pairs.csv");
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 10, names, types), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(writer, 2, data, strides), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(writer, 0, NULL, NULL), NBL_IO_OK);
    char part[1200];
    remember_part(part, sizeof part, path);
    assert_false(scratch_exists(path));
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    assert_false(scratch_exists(part));
    assert_null(nbl_csv_writer_part(writer));
    check_file(path, "frame,i,j,sx,sy,sz,dx,dy,dz,d\n"
                     "3,0,1,1,0,-2,0.10000000000000001,-1.0000000000000001e-05,0.33333333333333331,2.5\n"
                     "3,1,0,-1,0,2,-0.10000000000000001,1.0000000000000001e-05,-0.33333333333333331,1e+22\n");
}

static void test_types_and_names(void **state)
{
    (void)state;
    static const char *const names[] = {"plain", "with,comma", "with \"quotes\"", "x", "\xc3\xa4"};
    static const int32_t types[] = {NBL_INT8, NBL_INT32, NBL_INT64, NBL_FLOAT32, NBL_FLOAT64};
    const int8_t a[] = {-128, 127};
    const int32_t b[] = {INT32_MIN, INT32_MAX};
    const int64_t c[] = {INT64_MIN, INT64_MAX};
    const float d[] = {0.1f, -HUGE_VALF};
    const double e[] = {-0.0, NAN};
    const void *data[] = {a, b, c, d, e};
    const char *path = scratch_path("types.csv");
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 5, names, types), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(writer, 2, data, NULL), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "plain,\"with,comma\",\"with \"\"quotes\"\"\",x,\xc3\xa4\n"
                     "-128,-2147483648,-9223372036854775808,0.10000000149011612,-0\n"
                     "127,2147483647,9223372036854775807,-inf,nan\n");
}

/* More than every buffer, plain and packed, against snprintf. */
static void test_many_rows(void **state)
{
    (void)state;
    enum { N = 60000 };
    static const char *const names[] = {"k", "v"};
    static const int32_t types[] = {NBL_INT32, NBL_FLOAT64};
    int32_t *k = malloc(N * sizeof *k);
    double *v = malloc(N * sizeof *v);
    char *expected = malloc(N * 48);
    assert_true(k != NULL && v != NULL && expected != NULL);
    size_t size = (size_t)sprintf(expected, "k,v\n");
    for (int m = 0; m < N; m++) {
        k[m] = m * 37 - 1000;
        v[m] = sin(m) * pow(10, m % 30 - 12);
        size += (size_t)sprintf(expected + size, "%d,%.17g\n", (int)k[m], v[m]);
    }
    const void *data[] = {k, v};
    const char *path = scratch_path("many.csv"), *packed = scratch_path("many.csv.gz");
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 2, names, types), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(writer, N, data, NULL), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, expected);

    assert_int_equal(nbl_csv_writer_open(writer, packed, 0, 2, names, types), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(writer, N, data, NULL), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    char *unpacked = scratch_read_gzip(packed, size + 1);
    assert_string_equal(unpacked, expected);
    free(unpacked);
    free(k);
    free(v);
    free(expected);
}

static void test_overwrite(void **state)
{
    (void)state;
    const char *path = scratch_path("old.csv");
    char expected[1200];
    snprintf(expected, sizeof expected, "%s: the file exists already", path);
    scratch_write_text(path, "old");
    chmod(path, 0640);
    assert_int_equal(open_one(path, 0), NBL_IO_EEXIST);
    assert_string_equal(nbl_csv_writer_message(writer), expected);
    assert_int_equal(open_one(path, 6), NBL_IO_EOPTION);
    check_file(path, "old");

    assert_int_equal(open_one(path, NBL_IO_OVERWRITE), NBL_IO_OK);
    assert_int_equal(write_one(1), NBL_IO_OK);
    check_file(path, "old");
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n1\n");
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);

    /* the target of a link is replaced, not the link */
    const char *link = scratch_path("link.csv");
    assert_int_equal(symlink("old.csv", link), 0);
    assert_int_equal(open_one(link, NBL_IO_OVERWRITE), NBL_IO_OK);
    assert_int_equal(write_one(2), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n2\n");
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));

    /* a file that appears while another is written is not lost */
    path = scratch_path("race.csv");
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    char part[1200];
    remember_part(part, sizeof part, path);
    scratch_write_text(path, "other");
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_EEXIST);
    check_file(path, "other");
    assert_false(scratch_exists(part));

    /* a link that leads nowhere is refused at once, and replaced on request */
    path = scratch_path("nowhere.csv");
    assert_int_equal(symlink("not/there", path), 0);
    assert_int_equal(open_one(path, 0), NBL_IO_EEXIST);
    assert_int_equal(open_one(path, NBL_IO_OVERWRITE), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n");
}

static void test_given_up(void **state)
{
    (void)state;
    char part[1200];
    const char *path = scratch_path("gone.csv");
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    assert_int_equal(write_one(1), NBL_IO_OK);
    remember_part(part, sizeof part, path);
    nbl_csv_writer_destroy(&writer);
    assert_false(scratch_exists(path) || scratch_exists(part));
    assert_null(nbl_csv_writer_part(writer));

    assert_int_equal(nbl_csv_writer_create(&writer), NBL_IO_OK);
    assert_null(nbl_csv_writer_part(writer));
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    remember_part(part, sizeof part, path);
    path = scratch_path("kept.csv");
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    assert_false(scratch_exists(part));
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n");
}

/* A file that merely has such a name is somebody's, and two writers of one target do not meet. */
static void test_foreign_part(void **state)
{
    (void)state;
    const char *path = scratch_path("own.csv"), *foreign = scratch_path("own.csv.part");
    char part[1200];
    nbl_csv_writer *other = NULL;
    scratch_write_text(foreign, "mine");
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    remember_part(part, sizeof part, path);
    assert_int_equal(nbl_csv_writer_create(&other), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_open(other, path, 0, 1, one_name, one_type), NBL_IO_OK);
    assert_string_not_equal(nbl_csv_writer_part(other), part);
    nbl_csv_writer_destroy(&other);
    assert_true(scratch_exists(part));
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n");
    check_file(foreign, "mine");
}

static void test_permissions(void **state)
{
    (void)state;
    const char *path = scratch_path("mode.csv");
    struct stat about;
    mode_t before = umask(026);
    nbl_io_status status = open_one(path, 0);
    umask(before);
    assert_int_equal(status, NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
}

static void test_no_such_folder(void **state)
{
    (void)state;
    const char *path = scratch_path("no/such/folder.csv");
    char expected[1200];
    snprintf(expected, sizeof expected, "%s: No such file or directory", path);
    assert_int_equal(open_one(path, 0), NBL_IO_EOPEN);
    assert_string_equal(nbl_csv_writer_message(writer), expected);
    assert_int_equal(open_one(scratch_path("."), NBL_IO_OVERWRITE), NBL_IO_EOPEN);
    assert_int_equal(write_one(1), NBL_IO_ESTATE);
    assert_string_equal(nbl_csv_writer_message(writer), "no file is open");
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_ESTATE);
}

/* A file may be reached from a folder without a path of its own, and is then not out of memory. */
static void test_folder_that_is_gone(void **state)
{
    (void)state;
    char *before = getcwd(NULL, 0);
    const char *gone = scratch_path("gone");
    struct stat about;
    scratch_write_text(scratch_path("reached.csv"), "old");
    assert_non_null(before);
    assert_int_equal(mkdir(gone, 0700), 0);
    assert_int_equal(chdir(gone), 0);
    assert_int_equal(rmdir(gone), 0);
    bool there = stat("../reached.csv", &about) == 0;
    nbl_io_status status = open_one("../reached.csv", NBL_IO_OVERWRITE);
    assert_int_equal(chdir(before), 0);
    free(before);
    if (!there)
        skip();
    assert_int_equal(status, NBL_IO_EOPEN);
    assert_string_equal(nbl_csv_writer_message(writer), "../reached.csv: No such file or directory");
    check_file(scratch_path("reached.csv"), "old");
}

static void test_full_device(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(open_one("/dev/full", 0), NBL_IO_OK);
    assert_null(nbl_csv_writer_part(writer));
    nbl_io_status status = NBL_IO_OK;
    for (int k = 0; k < 1000000 && status == NBL_IO_OK; k++)
        status = write_one(k);
    assert_int_equal(status, NBL_IO_EWRITE);
    assert_string_equal(nbl_csv_writer_message(writer), "/dev/full: writing failed: No space left on device");
    assert_int_equal(write_one(1), NBL_IO_EWRITE);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_EWRITE);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_ESTATE);

    /* little enough to be noticed only at the end */
    assert_int_equal(open_one("/dev/full", 0), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_EWRITE);
}

/* A limit on the size of files, as a full disk: the partial file must be gone. */
static void test_full_disk(void **state)
{
    (void)state;
    const char *path = scratch_path("full.csv");
    assert_int_equal(scratch_limit_file_size(100000), 0);
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    char part[1200];
    remember_part(part, sizeof part, path);
    nbl_io_status status = NBL_IO_OK;
    for (int k = 0; k < 1000000 && status == NBL_IO_OK; k++)
        status = write_one(k);
    assert_int_equal(scratch_limit_file_size(-1), 0);
    assert_int_equal(status, NBL_IO_EWRITE);
    assert_non_null(strstr(nbl_csv_writer_message(writer), "full.csv: writing failed: File too large"));
    assert_false(scratch_exists(path) || scratch_exists(part));
    assert_null(nbl_csv_writer_part(writer));
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_EWRITE);
}

static void test_closed_pipe(void **state)
{
    (void)state;
    const char *path = scratch_path("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = scratch_open_fifo(path);
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    close(reader);
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    nbl_io_status status = nbl_csv_writer_close(writer);
    signal(SIGPIPE, before);
    assert_int_equal(status, NBL_IO_EWRITE);
    assert_non_null(strstr(nbl_csv_writer_message(writer), "Broken pipe"));
    assert_true(scratch_exists(path));
}

static void test_arguments(void **state)
{
    (void)state;
    const char *path = scratch_path("none.csv");
    const char *const odd[] = {"a\nb"}, *const empty[] = {""}, *const null[] = {NULL};
    const int32_t bad[] = {NBL_DTYPE_DEFAULT};
    assert_int_equal(nbl_csv_writer_create(NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_open(NULL, path, 0, 1, one_name, one_type), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_open(writer, NULL, 0, 1, one_name, one_type), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, NULL, one_type), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, one_name, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 0, one_name, one_type), NBL_IO_ESIZE);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1025, one_name, one_type), NBL_IO_ESIZE);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, odd, one_type), NBL_IO_ENAME);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, empty, one_type), NBL_IO_ENAME);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, null, one_type), NBL_IO_ENAME);
    assert_int_equal(nbl_csv_writer_open(writer, path, 0, 1, one_name, bad), NBL_IO_EOPTION);
    assert_string_equal(nbl_csv_writer_message(writer), "dtypes[0] is 0");
    assert_false(scratch_exists(path));

    const void *nothing[] = {NULL}, *data[] = {path};
    const int64_t backwards[] = {-1};
    assert_int_equal(open_one(path, 0), NBL_IO_OK);
    assert_int_equal(nbl_csv_writer_rows(NULL, 1, data, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_rows(writer, 1, NULL, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_rows(writer, 1, nothing, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_csv_writer_rows(writer, -1, data, NULL), NBL_IO_ESIZE);
    assert_int_equal(nbl_csv_writer_rows(writer, 1, data, backwards), NBL_IO_ESIZE);
    assert_int_equal(nbl_csv_writer_close(writer), NBL_IO_OK);
    check_file(path, "x\n");
    nbl_csv_writer_destroy(NULL);
    assert_int_equal(nbl_csv_writer_close(NULL), NBL_IO_ENULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_writer, close_writer)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pairs),       TEST(test_types_and_names), TEST(test_many_rows),
        TEST(test_overwrite),   TEST(test_given_up),        TEST(test_foreign_part),
        TEST(test_permissions), TEST(test_no_such_folder),  TEST(test_folder_that_is_gone),
        TEST(test_full_device), TEST(test_full_disk),       TEST(test_closed_pipe),
        TEST(test_arguments),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
