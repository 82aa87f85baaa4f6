/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation of the process fails, for every n, alone or with all after it, in every reader and
 * writer: the status and a message with the name of the file say so, no block is lost, frames that are complete
 * come first, no file is left in part and an older one stays; and the same handle then does it all.
 */
#include "scratch.h"

#include <nblist/io.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "malloc_count.h"

enum { SKIPPED = 77, MOST_FRAMES = 8, MOST_CALLS = 2000 };

#define PRECIOUS "precious"

/* ---- reading ---- */

struct reading {
    nbl_io_status status;
    int n_frames;
    uint64_t frames[MOST_FRAMES];
    char message[600];
};

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t k = 0; k < size; k++)
        hash = (hash ^ p[k]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    return mix(hash, text, strlen(text) + 1);
}

static uint64_t mix_column(uint64_t hash, int64_t n, const nbl_xyz_column *column)
{
    hash = mix_text(hash, column->name);
    for (int64_t k = 0; column->type == NBL_XYZ_STRING && k < n * column->width; k++)
        hash = mix_text(hash, ((const char *const *)column->data)[k]);
    size_t item = column->type == NBL_XYZ_STRING ? 0 : column->type == NBL_XYZ_LOGICAL ? 1 : 8;
    return mix(hash, column->data, (size_t)(n * column->width) * item);
}

/* All that a frame holds. */
static uint64_t digest(nbl_xyz_reader *reader, const nbl_xyz_frame *frame)
{
    uint64_t hash = mix(UINT64_C(14695981039346656037), &frame->n, sizeof frame->n);
    hash = mix(hash, frame->positions, (size_t)frame->n * 3 * sizeof *frame->positions);
    hash = mix(hash, frame->numbers, (size_t)frame->n * sizeof *frame->numbers);
    hash = mix(hash, frame->cell, sizeof frame->cell);
    hash = mix(hash, frame->pbc, sizeof frame->pbc);
    hash = mix_text(hash, frame->comment);
    for (int64_t c = 0; c < frame->n_columns; c++) {
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
        if (nbl_xyz_reader_column_at(reader, c, &column) != NBL_IO_OK)
            return 0;
        hash = mix_column(hash, frame->n, &column);
    }
    for (int64_t k = 0; k < frame->n_pairs; k++) {
        const char *key, *value;
        nbl_xyz_reader_pair_at(reader, k, &key, &value);
        hash = mix_text(mix_text(hash, key), value);
    }
    return hash;
}

/* Opens and reads to the end or the first failure; allocates nothing itself. */
static void read_all(nbl_xyz_reader *reader, const char *path, struct reading *r)
{
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    r->n_frames = 0;
    r->status = nbl_xyz_reader_open(reader, path, NULL);
    while (r->status == NBL_IO_OK) {
        r->status = nbl_xyz_reader_next(reader, &frame);
        if (r->status == NBL_IO_OK && r->n_frames < MOST_FRAMES)
            r->frames[r->n_frames++] = digest(reader, &frame);
    }
    snprintf(r->message, sizeof r->message, "%s", nbl_xyz_reader_message(reader));
}

static void same_frames(const struct reading *r, const struct reading *right)
{
    assert_true(r->n_frames <= right->n_frames);
    assert_memory_equal(r->frames, right->frames, (size_t)r->n_frames * sizeof *r->frames);
}

/* One failure; false if there are fewer allocations than that. */
static bool fail_reading(const char *path, const struct reading *right, long long nth, int rest, int *frames)
{
    nbl_xyz_reader *reader = NULL;
    struct reading r = {.n_frames = 0, .message = ""};
    long long live = malloc_live(), before = malloc_count();
    malloc_fail(nth, rest);
    r.status = nbl_xyz_reader_create(&reader);
    if (r.status == NBL_IO_OK)
        read_all(reader, path, &r);
    malloc_fail(0, 0);
    bool reached = malloc_count() - before >= nth;
    same_frames(&r, right);
    *frames = r.n_frames;
    assert_int_equal(r.status, reached ? NBL_IO_ENOMEM : NBL_IO_END);
    assert_int_equal(r.status == NBL_IO_END, r.n_frames == right->n_frames && !reached);
    if (reached && reader != NULL) {
        nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
        assert_int_equal(strncmp(r.message, path, strlen(path)), 0);
        assert_non_null(strstr(r.message, "out of memory"));
        nbl_io_status again = nbl_xyz_reader_next(reader, &frame);
        assert_true(again == NBL_IO_ENOMEM || (again == NBL_IO_ESTATE && r.n_frames == 0));
        read_all(reader, path, &r);
        assert_int_equal(r.status, NBL_IO_END);
        assert_int_equal(r.n_frames, right->n_frames);
        same_frames(&r, right);
    }
    assert_int_equal(reader == NULL, nth == 1 && reached);
    nbl_xyz_reader_destroy(&reader);
    assert_int_equal(malloc_live(), live);
    return reached;
}

/* All failures. Returns how many of them came after all frames but the last. */
static int fail_each_reading(const char *path, int n_frames)
{
    struct reading right;
    nbl_xyz_reader *reader = NULL;
    int late = 0, frames = 0;
    assert_int_equal(nbl_xyz_reader_create(&reader), NBL_IO_OK);
    read_all(reader, path, &right);
    nbl_xyz_reader_destroy(&reader);
    assert_int_equal(right.status, NBL_IO_END);
    assert_int_equal(right.n_frames, n_frames);
    for (int rest = 1; rest >= 0; rest--) {
        long long nth = 1;
        for (late = 0; fail_reading(path, &right, nth, rest, &frames); nth++) {
            late += frames == n_frames - 1;
            assert_true(nth < MOST_CALLS);
        }
        print_message("%s: %lld failing allocations, %d in the last frame\n", strrchr(path, '/'), nth - 1,
                      late);
        assert_true(nth > 8);
    }
    return late;
}

struct text {
    char *data;
    size_t size, capacity;
};

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text->size += (size_t)vsnprintf(text->data + text->size, text->capacity - text->size, format, arguments);
    va_end(arguments);
    assert_true(text->size < text->capacity);
}

static void add_many(struct text *text, char c, size_t n)
{
    assert_true(n < text->capacity - text->size);
    memset(text->data + text->size, c, n);
    text->size += n;
}

/* Frames that need every array of the reader; lines, texts and numbers longer than what it has room for. */
static struct text hard_frames(void)
{
    enum { ATOMS = 500 };
    struct text text = {malloc(1 << 20), 0, 1 << 20};
    assert_non_null(text.data);
    add(&text, "2\nplain\nH 0 0 0\nO 1 2 3\n%d\nLattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"T F T\"", ATOMS);
    for (int k = 0; k < 40; k++)
        add(&text, " key%d=\"value %d\"", k, k);
    add(&text, " Properties=species:S:1:pos:R:3:tag:I:2:fixed:L:1:name:S:1:charge:R:1\n");
    for (int k = 0; k < ATOMS; k++) {
        add(&text, "C 0.5 %d 1e-3 %d 7 T name_%0100d 1.5", k, k, k);
        add_many(&text, '7', k == 3 ? 600 : 3);
        add(&text, "\n");
    }
    add(&text, "1\n");
    add_many(&text, 'x', 600000);
    add(&text, "\nHe 1 1 1\n");
    return text;
}

/* zlib takes its window when it has unpacked the first bytes: the frames in these come before the failure. */
static void readers(void **state)
{
    (void)state;
    struct text text = hard_frames();
    const char *plain = scratch_path("hard.xyz"), *packed = scratch_path("hard.xyz.gz");
    scratch_write(plain, text.data, text.size);
    scratch_write_gzip(packed, text.data, text.size);
    int late = fail_each_reading(plain, 3);
    int packed_late = fail_each_reading(packed, 3);
    if (strstr(zlibVersion(), "ng") == NULL)
        assert_int_equal(packed_late, late + 1);
    free(text.data);
}

/* ---- writing ---- */

struct writing {
    const char *path;
    uint32_t flags;
    bool goes_on; /* after a failure, on the same writer, where that is allowed */
    char message[600];
};

static nbl_io_status write_text(struct writing *w)
{
    static char text[700000];
    nbl_text_writer *writer = NULL;
    memset(text, 'x', sizeof text);
    nbl_io_status status = nbl_text_writer_create(&writer);
    if (status == NBL_IO_OK)
        status = nbl_text_writer_open(writer, w->path, w->flags);
    if (status == NBL_IO_OK)
        status = nbl_text_writer_write(writer, sizeof text, text);
    if (status == NBL_IO_OK)
        status = nbl_text_writer_close(writer);
    snprintf(w->message, sizeof w->message, "%s", nbl_text_writer_message(writer));
    nbl_text_writer_destroy(&writer);
    return status;
}

static nbl_io_status write_csv(struct writing *w)
{
    static const char *const names[] = {"a", "b,\"c\""};
    static const int32_t dtypes[] = {NBL_INT32, NBL_FLOAT64};
    static const int64_t strides[] = {0, 0};
    const int32_t a = 3;
    const double b = 0.1;
    const void *data[] = {&a, &b};
    nbl_csv_writer *writer = NULL;
    nbl_io_status status = nbl_csv_writer_create(&writer);
    if (status == NBL_IO_OK)
        status = nbl_csv_writer_open(writer, w->path, w->flags, 2, names, dtypes);
    if (status == NBL_IO_OK)
        status = nbl_csv_writer_rows(writer, 20000, data, strides);
    if (status == NBL_IO_OK)
        status = nbl_csv_writer_close(writer);
    snprintf(w->message, sizeof w->message, "%s", nbl_csv_writer_message(writer));
    nbl_csv_writer_destroy(&writer);
    return status;
}

static nbl_io_status write_xyz(struct writing *w)
{
    static const double r[3] = {0.1, 0.2, 0.3};
    static const nbl_xyz_pair pair = {"key", "some value"};
    nbl_xyz_writer *writer = NULL;
    nbl_xyz_output frame = NBL_XYZ_OUTPUT_INIT;
    frame.n = 1;
    frame.positions = r;
    frame.pairs = &pair;
    frame.n_pairs = 1;
    nbl_io_status status = nbl_xyz_writer_create(&writer);
    if (status == NBL_IO_OK)
        status = nbl_xyz_writer_open(writer, w->path, w->flags);
    for (int k = 0; status == NBL_IO_OK && k < 5000; k++)
        status = nbl_xyz_writer_write(writer, &frame);
    if (status == NBL_IO_OK)
        status = nbl_xyz_writer_close(writer);
    snprintf(w->message, sizeof w->message, "%s", nbl_xyz_writer_message(writer));
    nbl_xyz_writer_destroy(&writer);
    return status;
}

/* So many arrays that all tables of their names grow. */
static nbl_io_status write_npz(struct writing *w)
{
    const int64_t n = 3, items[3] = {1, 2, 3};
    nbl_npz_writer *writer = NULL;
    nbl_io_status status = nbl_npz_writer_create(&writer);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_open(writer, w->path, w->flags);
    for (int k = 0; status == NBL_IO_OK && k < 200; k++) {
        char name[64];
        snprintf(name, sizeof name, "f%d/a_rather_long_name", k);
        status = nbl_npz_writer_add(writer, name, NBL_INT64, 1, &n, items);
        if (status == NBL_IO_ENOMEM && w->goes_on) {
            snprintf(w->message, sizeof w->message, "%s", nbl_npz_writer_message(writer));
            status = nbl_npz_writer_add(writer, name, NBL_INT64, 1, &n, items);
        }
    }
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_close(writer);
    if (status != NBL_IO_OK || w->message[0] == '\0')
        snprintf(w->message, sizeof w->message, "%s", nbl_npz_writer_message(writer));
    nbl_npz_writer_destroy(&writer);
    return status;
}

static const struct kind {
    nbl_io_status (*write)(struct writing *w);
    const char *name;
} kinds[] = {
    {write_text, "o.svg"}, {write_text, "o.svg.gz"}, {write_csv, "o.csv"}, {write_csv, "o.csv.gz"},
    {write_xyz, "o.xyz"},  {write_xyz, "o.xyz.gz"},  {write_npz, "o.npz"},
};

static int count_files(void)
{
    int n = 0;
    DIR *folder = opendir(scratch_path(""));
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

static void holds(const char *path, const char *content, size_t size)
{
    size_t length;
    char *found = scratch_read(path, &length);
    assert_int_equal(length, size);
    assert_memory_equal(found, content, size);
    free(found);
}

/* One failure; false if there are fewer allocations than that. `older`: there is a file to be replaced. */
static bool fail_writing(const struct kind *kind, struct writing *w, const char *right, size_t size,
                         long long nth, int rest, bool older)
{
    remove(w->path);
    if (older)
        scratch_write_text(w->path, PRECIOUS);
    const int files = count_files();
    w->message[0] = '\0';
    w->flags = older ? NBL_IO_OVERWRITE : 0;
    long long live = malloc_live(), before = malloc_count();
    malloc_fail(nth, rest);
    nbl_io_status status = kind->write(w);
    malloc_fail(0, 0);
    bool reached = malloc_count() - before >= nth;
    assert_int_equal(malloc_live(), live);
    if (reached && nth > 1) {
        assert_int_equal(strncmp(w->message, w->path, strlen(w->path)), 0);
        assert_non_null(strstr(w->message, "out of memory"));
    }
    if (status == NBL_IO_OK) {
        assert_true(!reached || w->goes_on);
        holds(w->path, right, size);
        assert_int_equal(count_files(), older ? files : files + 1);
        return reached;
    }
    assert_int_equal(status, NBL_IO_ENOMEM);
    assert_true(reached);
    assert_int_equal(count_files(), files);
    if (older)
        holds(w->path, PRECIOUS, strlen(PRECIOUS));
    w->message[0] = '\0';
    assert_int_equal(kind->write(w), NBL_IO_OK);
    holds(w->path, right, size);
    return true;
}

static void fail_each_writing(const struct kind *kind)
{
    char path[1024];
    struct writing w = {.path = path};
    size_t size;
    snprintf(path, sizeof path, "%s", scratch_path(kind->name));
    assert_int_equal(kind->write(&w), NBL_IO_OK);
    char *right = scratch_read(w.path, &size);
    for (int variant = 0; variant < (kind->write == write_npz ? 8 : 4); variant++) {
        const bool rest = variant & 1, older = variant & 2;
        w.goes_on = variant & 4;
        long long nth = 1;
        while (fail_writing(kind, &w, right, size, nth, rest, older))
            assert_true(++nth < MOST_CALLS);
        if (variant == 0)
            print_message("%s: %lld failing allocations\n", kind->name, nth - 1);
        assert_true(nth > 4);
    }
    remove(w.path);
    free(right);
}

static void writers(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        fail_each_writing(&kinds[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers),
        cmocka_unit_test(writers),
    };
    if (!malloc_count_works()) {
        puts("malloc cannot be interposed here");
        return SKIPPED;
    }
    return cmocka_run_group_tests_name("io: memory", tests, scratch_setup, scratch_teardown);
}
