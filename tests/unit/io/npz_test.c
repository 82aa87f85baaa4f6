/* SPDX-License-Identifier: MIT */
/* npz files, read back by a small reader of zip and npy that shares nothing with the writer. */
#include "scratch.h"

#include "io/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the reader ---- */

struct file {
    unsigned char *data;
    size_t size;
    uint64_t directory, entries;
};

struct entry {
    char name[256];
    uint64_t size, offset;
    uint32_t crc;
    uint16_t flags, version;
    size_t next; /* place of the next record of the directory */
};

static uint64_t get(const struct file *file, size_t place, int bytes)
{
    uint64_t value = 0;
    assert_true(place + (size_t)bytes <= file->size);
    for (int k = 0; k < bytes; k++)
        value |= (uint64_t)file->data[place + (size_t)k] << (8 * k);
    return value;
}

static uint32_t checksum(const unsigned char *data, uint64_t size)
{
    uint32_t crc = 0xffffffffu;
    for (uint64_t k = 0; k < size; k++) {
        crc ^= data[k];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static struct file load(const char *path)
{
    struct file file;
    file.data = (unsigned char *)scratch_read(path, &file.size);
    size_t end = file.size - 22;
    assert_int_equal(get(&file, end, 4), 0x06054b50);
    file.entries = get(&file, end + 10, 2);
    file.directory = get(&file, end + 16, 4);
    if (file.size >= 22 + 20 + 56 && get(&file, end - 20, 4) == 0x07064b50) {
        size_t wide = (size_t)get(&file, end - 12, 8);
        assert_int_equal(wide, end - 76);
        assert_int_equal(get(&file, wide, 4), 0x06064b50);
        assert_int_equal(get(&file, wide + 4, 8), 44);
        file.entries = get(&file, wide + 32, 8);
        file.directory = get(&file, wide + 48, 8);
        assert_int_equal(get(&file, wide + 40, 8), wide - file.directory);
    } else {
        assert_int_equal(get(&file, end + 12, 4), end - file.directory);
    }
    return file;
}

static struct entry read_entry(const struct file *file, size_t place)
{
    struct entry entry;
    assert_int_equal(get(file, place, 4), 0x02014b50);
    entry.version = (uint16_t)get(file, place + 6, 2);
    entry.flags = (uint16_t)get(file, place + 8, 2);
    assert_int_equal(get(file, place + 10, 2), 0);        /* stored */
    assert_int_equal(get(file, place + 12, 4), 0x210000); /* 1980-01-01 */
    entry.crc = (uint32_t)get(file, place + 16, 4);
    entry.size = get(file, place + 24, 4);
    entry.offset = get(file, place + 42, 4);
    size_t name = (size_t)get(file, place + 28, 2), extra = (size_t)get(file, place + 30, 2);
    assert_true(name < sizeof entry.name);
    memcpy(entry.name, file->data + place + 46, name);
    entry.name[name] = '\0';
    size_t p = place + 46 + name;
    entry.next = p + extra;
    if (extra > 0) {
        assert_int_equal(get(file, p, 2), 1);
        assert_int_equal(get(file, p + 2, 2), extra - 4);
        p += 4;
        if (entry.size == 0xffffffffu) {
            entry.size = get(file, p, 8);
            assert_int_equal(get(file, p + 8, 8), entry.size);
            p += 16;
        }
        if (entry.offset == 0xffffffffu) {
            entry.offset = get(file, p, 8);
            p += 8;
        }
        assert_int_equal(p, entry.next);
    }
    return entry;
}

/* Checks the local header against the directory; returns the place of the contents. */
static size_t check_local(const struct file *file, const struct entry *entry)
{
    size_t place = (size_t)entry->offset;
    assert_int_equal(get(file, place, 4), 0x04034b50);
    assert_int_equal(get(file, place + 6, 2), entry->flags);
    assert_int_equal(get(file, place + 14, 4), entry->flags & 8 ? 0 : entry->crc);
    size_t name = (size_t)get(file, place + 26, 2), extra = (size_t)get(file, place + 28, 2);
    assert_int_equal(name, strlen(entry->name));
    assert_memory_equal(file->data + place + 30, entry->name, name);
    if (entry->size < 0xffffffffu) {
        assert_int_equal(get(file, place + 22, 4), entry->size);
        assert_int_equal(extra, 0);
    }
    return place + 30 + name + extra;
}

static size_t read_array(const struct file *file, size_t *place, const char *name, const char *dictionary,
                         size_t *bytes)
{
    struct entry entry = read_entry(file, *place);
    assert_string_equal(entry.name, name);
    assert_int_equal(entry.version, 20);
    size_t start = check_local(file, &entry);
    assert_int_equal(checksum(file->data + start, entry.size), entry.crc);
    assert_memory_equal(file->data + start, "\x93NUMPY\1\0", 8);
    size_t header = 10 + (size_t)get(file, start + 8, 2);
    assert_int_equal(header % 64, 0);
    assert_memory_equal(file->data + start + 10, dictionary, strlen(dictionary));
    for (size_t k = 10 + strlen(dictionary); k + 1 < header; k++)
        assert_int_equal(file->data[start + k], ' ');
    assert_int_equal(file->data[start + header - 1], '\n');
    *bytes = (size_t)entry.size - header;
    *place = entry.next;
    return start + header;
}

/* ---- the tests ---- */

static nbl_npz_writer *writer;

static int open_writer(void **state)
{
    (void)state;
    return nbl_npz_writer_create(&writer);
}

static int close_writer(void **state)
{
    (void)state;
    nbl_npz_writer_destroy(&writer);
    return writer != NULL;
}

static void good(nbl_io_status status)
{
    if (status != NBL_IO_OK)
        fail_msg("%s: %s", nbl_io_status_name(status), nbl_npz_writer_message(writer));
}

static void check_array(const struct file *file, size_t *place, const char *name, const char *dictionary,
                        const void *data, size_t size)
{
    size_t bytes, start = read_array(file, place, name, dictionary, &bytes);
    assert_int_equal(bytes, size);
    if (size > 0)
        assert_memory_equal(file->data + start, data, size);
}

static void write_samples(const char *path, uint32_t flags)
{
    const int8_t i1[] = {-128, 0, 127};
    const int32_t i4[] = {1, -2, 3, 4, 5, 6};
    const int64_t i8[] = {INT64_MIN};
    const float f4[] = {0.5f, -1.5f};
    const double f8[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    const int64_t three[] = {3}, matrix[] = {2, 3}, two[] = {2}, cube[] = {1, 3, 2}, none[] = {0, 3};
    good(nbl_npz_writer_open(writer, path, flags));
    good(nbl_npz_writer_add(writer, "i1", NBL_INT8, 1, three, i1));
    good(nbl_npz_writer_begin(writer, "f0/i", NBL_INT32, 2, matrix));
    good(nbl_npz_writer_write(writer, 4, i4));
    good(nbl_npz_writer_write(writer, 0, NULL));
    good(nbl_npz_writer_write(writer, 2, i4 + 4));
    good(nbl_npz_writer_end(writer));
    good(nbl_npz_writer_add(writer, "scalar", NBL_INT64, 0, NULL, i8));
    good(nbl_npz_writer_add(writer, "f4", NBL_FLOAT32, 1, two, f4));
    good(nbl_npz_writer_add(writer, "a.b-c_d", NBL_FLOAT64, 3, cube, f8));
    good(nbl_npz_writer_add(writer, "empty", NBL_FLOAT64, 2, none, NULL));
    good(nbl_npz_writer_close(writer));
}

static void test_arrays(void **state)
{
    (void)state;
    const int32_t i4[] = {1, -2, 3, 4, 5, 6};
    const int64_t i8[] = {INT64_MIN};
    const float f4[] = {0.5f, -1.5f};
    const double f8[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    const char *path = scratch_path("arrays.npz");
    write_samples(path, 0);
    struct file file = load(path);
    assert_int_equal(file.entries, 6);
    size_t place = (size_t)file.directory;
    check_array(&file, &place, "i1.npy", "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }",
                "\x80\0\x7f", 3);
    check_array(&file, &place, "f0/i.npy", "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", i4,
                24);
    check_array(&file, &place, "scalar.npy", "{'descr': '<i8', 'fortran_order': False, 'shape': (), }", i8, 8);
    check_array(&file, &place, "f4.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", f4, 8);
    check_array(&file, &place, "a.b-c_d.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3, 2), }",
                f8, 48);
    check_array(&file, &place, "empty.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", NULL,
                0);
    assert_int_equal(place, file.size - 22);

    /* the same once more: the same bytes */
    write_samples(path, NBL_IO_OVERWRITE);
    struct file again = load(path);
    assert_int_equal(again.size, file.size);
    assert_memory_equal(again.data, file.data, file.size);
    free(again.data);
    free(file.data);
}

/* Arrays larger than every buffer: the checksum is put into a place that has long been written. */
static void test_large_arrays(void **state)
{
    (void)state;
    enum { N = 700000 };
    double *values = malloc(N * sizeof *values);
    assert_non_null(values);
    for (int k = 0; k < N; k++)
        values[k] = k * 0.37;
    const int64_t shape[] = {N};
    const char *path = scratch_path("large.npz");
    good(nbl_npz_writer_open(writer, path, 0));
    good(nbl_npz_writer_add(writer, "a", NBL_FLOAT64, 1, shape, values));
    good(nbl_npz_writer_begin(writer, "b", NBL_FLOAT64, 1, shape));
    for (int k = 0; k < N; k += 1000)
        good(nbl_npz_writer_write(writer, 1000, values + k));
    good(nbl_npz_writer_end(writer));
    good(nbl_npz_writer_close(writer));
    struct file file = load(path);
    size_t place = (size_t)file.directory;
    static const char dictionary[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (700000,), }";
    check_array(&file, &place, "a.npy", dictionary, values, N * sizeof *values);
    check_array(&file, &place, "b.npy", dictionary, values, N * sizeof *values);
    free(file.data);
    free(values);
}

static void test_many_entries(void **state)
{
    (void)state;
    enum { N = 65600 };
    const char *path = scratch_path("entries.npz");
    char name[32];
    good(nbl_npz_writer_open(writer, path, 0));
    for (int32_t k = 0; k < N; k++) {
        snprintf(name, sizeof name, "f%d/i", (int)k);
        good(nbl_npz_writer_add(writer, name, NBL_INT32, 0, NULL, &k));
    }
    int32_t again = 1;
    assert_int_equal(nbl_npz_writer_add(writer, "f65000/i", NBL_INT32, 0, NULL, &again), NBL_IO_ENAME);
    good(nbl_npz_writer_close(writer));
    struct file file = load(path);
    assert_int_equal(file.entries, N);
    size_t place = (size_t)file.directory;
    for (int32_t k = 0; k < N; k++) {
        snprintf(name, sizeof name, "f%d/i.npy", (int)k);
        check_array(&file, &place, name, "{'descr': '<i4', 'fortran_order': False, 'shape': (), }", &k, 4);
    }
    free(file.data);
}

/*
 * Sizes and offsets beyond 4 GiB without writing as much: the count of the bytes is moved by hand. With
 * data descriptors, as on a pipe, and without.
 */
static void check_zip64(bool patchable)
{
    const uint64_t size = 5000000000u, jump = 4999999000u;
    nbl__io_zip zip;
    nbl__io_message message;
    const char *path = scratch_path("zip64.zip");
    nbl__io_zip_init(&zip);
    assert_int_equal(nbl__io_zip_open(&zip, path, NBL_IO_OVERWRITE, &message), NBL_IO_OK);
    zip.sink.patchable = patchable;
    assert_int_equal(nbl__io_zip_begin(&zip, "big", size, &message), NBL_IO_OK);
    assert_int_equal(nbl__io_zip_write(&zip, "0123456789", 10, &message), NBL_IO_OK);
    assert_true(zip.left == size - 10);
    zip.left = 0;
    assert_int_equal(nbl__io_zip_end(&zip, &message), NBL_IO_OK);
    uint64_t real = (uint64_t)zip.sink.offset;
    zip.sink.offset += (int64_t)jump;
    zip.sink.patchable = false; /* places before the jump are no places in the file */
    assert_int_equal(nbl__io_zip_begin(&zip, "far", 1, &message), NBL_IO_OK);
    assert_int_equal(nbl__io_zip_write(&zip, "x", 1, &message), NBL_IO_OK);
    assert_int_equal(nbl__io_zip_end(&zip, &message), NBL_IO_OK);
    uint64_t directory = (uint64_t)zip.sink.offset;
    zip.sink.patchable = patchable;
    assert_int_equal(nbl__io_zip_close(&zip, &message), NBL_IO_OK);
    nbl__io_zip_free(&zip);

    struct file file;
    file.data = (unsigned char *)scratch_read(path, &file.size);
    struct entry big = read_entry(&file, (size_t)(directory - jump)), far = read_entry(&file, big.next);
    assert_true(big.size == size && big.offset == 0 && big.version == 45);
    assert_true(far.size == 1 && far.offset == real + jump && far.version == 45);
    assert_int_equal(big.crc, checksum((const unsigned char *)"0123456789", 10));
    size_t start = check_local(&file, &big);
    assert_int_equal(start, 30 + 3 + 20);
    assert_int_equal(get(&file, 4, 2), 45);
    assert_int_equal(get(&file, 18, 8), UINT64_MAX);
    assert_int_equal(get(&file, 33, 4), 1 | 16 << 16);
    assert_true(get(&file, 37, 8) == size && get(&file, 45, 8) == size);
    if (!patchable) {
        assert_int_equal(get(&file, start + 10, 4), 0x08074b50);
        assert_int_equal(get(&file, start + 14, 4), big.crc);
        assert_true(get(&file, start + 18, 8) == size && get(&file, start + 26, 8) == size);
        assert_int_equal(start + 34, real);
    }
    size_t wide = far.next, end = file.size - 22;
    assert_int_equal(end, wide + 76);
    assert_int_equal(get(&file, wide, 4), 0x06064b50);
    assert_int_equal(get(&file, wide + 32, 8), 2);
    assert_int_equal(get(&file, wide + 40, 8), wide + jump - directory);
    assert_int_equal(get(&file, wide + 48, 8), directory);
    assert_int_equal(get(&file, end - 20, 4), 0x07064b50);
    assert_int_equal(get(&file, end - 12, 8), wide + jump);
    assert_int_equal(get(&file, end + 10, 2), 2);
    assert_int_equal(get(&file, end + 16, 4), 0xffffffffu);
    free(file.data);
}

static void test_zip64(void **state)
{
    (void)state;
    check_zip64(true);
    check_zip64(false);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",       "/a", "a/",   "a//b", "a b",      "..",
                                        "a/../b", ".",  "a\\b", "a:b",  "\xc3\xa4", "\n"};
    const char *path = scratch_path("refused.npz");
    const int32_t items[] = {1, 2, 3};
    const int64_t shape[] = {3}, negative[] = {-1}, huge[] = {INT64_MAX, 2}, many[9] = {0};
    assert_int_equal(nbl_npz_writer_create(NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_npz_writer_open(writer, NULL, 0), NBL_IO_ENULL);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 1, shape), NBL_IO_ESTATE);
    assert_int_equal(nbl_npz_writer_close(writer), NBL_IO_ESTATE);
    good(nbl_npz_writer_open(writer, path, 0));
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        assert_int_equal(nbl_npz_writer_begin(writer, names[k], NBL_INT32, 1, shape), NBL_IO_ENAME);
    assert_int_equal(nbl_npz_writer_begin(writer, NULL, NBL_INT32, 1, shape), NBL_IO_ENULL);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 1, NULL), NBL_IO_ENULL);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_DTYPE_DEFAULT, 1, shape), NBL_IO_EOPTION);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, -1, shape), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 9, many), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 1, negative), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 2, huge), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_write(writer, 1, items), NBL_IO_ESTATE);
    assert_int_equal(nbl_npz_writer_end(writer), NBL_IO_ESTATE);
    assert_int_equal(nbl_npz_writer_add(writer, "a", NBL_INT32, 1, shape, NULL), NBL_IO_ENULL);

    good(nbl_npz_writer_begin(writer, "a", NBL_INT32, 1, shape));
    assert_int_equal(nbl_npz_writer_begin(writer, "b", NBL_INT32, 1, shape), NBL_IO_ESTATE);
    assert_int_equal(nbl_npz_writer_close(writer), NBL_IO_ESTATE);
    assert_int_equal(nbl_npz_writer_write(writer, 4, items), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_write(writer, -1, items), NBL_IO_ESIZE);
    assert_int_equal(nbl_npz_writer_write(writer, 1, NULL), NBL_IO_ENULL);
    good(nbl_npz_writer_write(writer, 2, items));
    assert_int_equal(nbl_npz_writer_end(writer), NBL_IO_ESIZE);
    assert_string_equal(nbl_npz_writer_message(writer), "1 items of the array are missing");
    good(nbl_npz_writer_write(writer, 1, items + 2));
    good(nbl_npz_writer_end(writer));
    assert_int_equal(nbl_npz_writer_begin(writer, "a", NBL_INT32, 1, shape), NBL_IO_ENAME);
    assert_string_equal(nbl_npz_writer_message(writer), "'a.npy' is in the file already");
    good(nbl_npz_writer_close(writer));

    /* none of the refusals left a trace; and another file knows nothing of the names of this one */
    struct file file = load(path);
    assert_int_equal(file.entries, 1);
    size_t place = (size_t)file.directory;
    check_array(&file, &place, "a.npy", "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", items, 12);
    free(file.data);
    good(nbl_npz_writer_open(writer, path, NBL_IO_OVERWRITE));
    good(nbl_npz_writer_add(writer, "a", NBL_INT32, 1, shape, items));
    char part[1200];
    snprintf(part, sizeof part, "%s", nbl_npz_writer_part(writer));
    assert_true(scratch_exists(part));
    nbl_npz_writer_destroy(&writer);
    assert_false(scratch_exists(part));
}

static void test_empty_file(void **state)
{
    (void)state;
    const char *path = scratch_path("empty.npz");
    good(nbl_npz_writer_open(writer, path, 0));
    good(nbl_npz_writer_close(writer));
    struct file file = load(path);
    assert_int_equal(file.entries, 0);
    assert_int_equal(file.size, 22);
    free(file.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_writer, close_writer)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_arrays), TEST(test_large_arrays), TEST(test_many_entries),
        TEST(test_zip64),  TEST(test_refused),      TEST(test_empty_file),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
