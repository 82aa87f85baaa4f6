/* SPDX-License-Identifier: MIT */
/*
 * A program as old as the frozen headers that it is compiled against: it uses every struct of them, in the
 * sizes that they had, with the libraries of today. Whatever lies behind these structs must stay as it is.
 */
#include <math.h>
#include <nblist/io.h>
#include <nblist/nblist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FENCE = 0x5a, MOST = 64 };

/* A struct with bytes behind it that nobody but this program may write. */
#define FENCED(type, name, init)                                                                               \
    struct {                                                                                                   \
        type own;                                                                                              \
        unsigned char fence[256];                                                                              \
    } name = {init, {0}};                                                                                      \
    memset(name.fence, FENCE, sizeof name.fence)

#define CHECK(what)     check((what) ? 1 : 0, #what, __LINE__)
#define UNTOUCHED(name) CHECK(untouched(name.fence, sizeof name.fence))

static int failures;

static void check(int good, const char *what, int line)
{
    if (!good) {
        fprintf(stderr, "old_program.c:%d: %s does not hold\n", line, what);
        failures++;
    }
}

static int untouched(const unsigned char *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (bytes[k] != FENCE)
            return 0;
    return 1;
}

static void *take(void *user, size_t size, size_t alignment)
{
    ++*(int *)user;
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void give(void *user, void *pointer, size_t size)
{
    (void)size;
    --*(int *)user;
    free(pointer);
}

/* One atom, face-centred cubic with an edge of 3: 12 neighbours at 2.12, 6 at 3, 24 at 3.67. */
static const double position[3] = {0, 0, 0};
static const double cell[3][3] = {{0, 1.5, 1.5}, {1.5, 0, 1.5}, {1.5, 1.5, 0}};

static void fetch(nbl_result *result)
{
    int64_t i[MOST], j[MOST], row_ptr[2], counts[1], edge_ptr[2];
    int32_t shifts[MOST][3];
    double vectors[MOST][3], distances[MOST];
    FENCED(nbl_outputs, out, NBL_OUTPUTS_INIT);
    out.own.pair_capacity = MOST, out.own.row_capacity = out.own.system_capacity = 1;
    out.own.i = i, out.own.j = j, out.own.shifts = shifts, out.own.vectors = vectors;
    out.own.distances = distances, out.own.row_ptr = row_ptr, out.own.counts = counts,
    out.own.edge_ptr = edge_ptr;
    CHECK(nbl_result_fetch(result, 0, &out.own) == NBL_OK);
    CHECK(row_ptr[0] == 0 && row_ptr[1] == 18 && counts[0] == 18 && edge_ptr[1] == 18);
    for (int e = 0; e < 18; e++) {
        double d =
            sqrt(vectors[e][0] * vectors[e][0] + vectors[e][1] * vectors[e][1] + vectors[e][2] * vectors[e][2]);
        CHECK(i[e] == 0 && j[e] == 0 && fabs(d - distances[e]) < 1e-12 && d < 3.4);
        CHECK(shifts[e][0] || shifts[e][1] || shifts[e][2]);
    }
    UNTOUCHED(out);
}

static int count_rows(void *user, const nbl_rows *rows)
{
    CHECK(rows->size >= sizeof(nbl_rows));
    CHECK(rows->n_rows == 1 && rows->i[0] == 0 && rows->shells == NULL && rows->d2 != NULL);
    *(int64_t *)user += rows->row_ptr[rows->n_rows];
    return 0;
}

static void one_system(const nbl_handle_options *handle)
{
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    int64_t n_visited = 0;
    FENCED(nbl_build_options, build, NBL_BUILD_OPTIONS_INIT);
    FENCED(nbl_search_options, search, NBL_SEARCH_OPTIONS_INIT);
    FENCED(nbl_cell_list_info, info, NBL_CELL_LIST_INFO_INIT);
    FENCED(nbl_verify_report, report, NBL_VERIFY_REPORT_INIT);
    build.own.algorithm = NBL_ALGORITHM_CELLS;
    search.own.flags = NBL_SORTED, search.own.fields = NBL_ROW_D2;

    CHECK(nbl_cell_list_create(&list, handle) == NBL_OK && nbl_result_create(&result, handle) == NBL_OK);
    CHECK(nbl_cell_list_build(list, 1, position, cell, NULL, 3.4, &build.own) == NBL_OK);
    CHECK(nbl_cell_list_get_info(list, &info.own) == NBL_OK);
    CHECK(info.own.size == sizeof info.own && info.own.n_atoms == 1 && info.own.cutoff == 3.4);
    CHECK(info.own.pbc[0] == 1 && info.own.pbc[1] == 1 && info.own.pbc[2] == 1);
    CHECK(nbl_cell_list_search(list, 3.4, &search.own, result) == NBL_OK);
    CHECK(nbl_result_n_pairs(result, 0) == 18);
    fetch(result);
    CHECK(nbl_verify(result, 0, 1, position, cell, NULL, &build.own, &report.own) == NBL_OK);
    CHECK(report.own.size == sizeof report.own && report.own.verdict == NBL_VERIFY_EQUAL);
    CHECK(report.own.n_pairs == 18);
    CHECK(nbl_cell_list_visit(list, 1, &info.own.cutoff, &search.own, result, count_rows, &n_visited) ==
          NBL_OK);
    CHECK(n_visited == 18);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    UNTOUCHED(build);
    UNTOUCHED(search);
    UNTOUCHED(info);
    UNTOUCHED(report);
}

static void many_systems(const nbl_handle_options *handle)
{
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    const int64_t ptr[] = {0, 1};
    const double cutoff = 3.4;
    FENCED(nbl_batch_input, in, NBL_BATCH_INPUT_INIT);
    FENCED(nbl_batch_info, info, NBL_BATCH_INFO_INIT);
    in.own.n_systems = in.own.n_atoms = in.own.n_cells = in.own.n_cutoffs = 1;
    in.own.positions = position, in.own.ptr = ptr, in.own.cells = cell, in.own.cutoffs = &cutoff;

    CHECK(nbl_batch_create(&batch, handle) == NBL_OK && nbl_result_create(&result, handle) == NBL_OK);
    CHECK(nbl_batch_build(batch, &in.own, NULL, NULL) == NBL_OK);
    CHECK(nbl_batch_get_info(batch, &info.own) == NBL_OK);
    CHECK(info.own.size == sizeof info.own && info.own.n_systems == 1 && info.own.n_atoms == 1);
    CHECK(info.own.n_failed == 0);
    CHECK(nbl_batch_search(batch, 0, NULL, NULL, result) == NBL_OK && nbl_result_n_pairs(result, 0) == 18);
    fetch(result);
    CHECK(nbl_verify_batch(result, 0, &in.own, NULL, NULL) == NBL_OK);
    nbl_result_destroy(&result);
    nbl_batch_destroy(&batch);
    UNTOUCHED(in);
    UNTOUCHED(info);
}

static void files(const char *path)
{
    nbl_xyz_writer *writer = NULL;
    nbl_xyz_reader *reader = NULL;
    const double charge = 0.5;
    const nbl_xyz_pair pair = {"step", "7"};
    const int32_t number = 29;
    FENCED(nbl_xyz_column, column, NBL_XYZ_COLUMN_INIT);
    FENCED(nbl_xyz_output, out, NBL_XYZ_OUTPUT_INIT);
    column.own.name = "charge", column.own.data = &charge, column.own.type = NBL_XYZ_REAL, column.own.width = 1;
    out.own.n = out.own.n_columns = out.own.n_pairs = 1;
    out.own.positions = position, out.own.numbers = &number, out.own.cell = cell[0];
    out.own.columns = &column.own, out.own.pairs = &pair;
    CHECK(nbl_xyz_writer_create(&writer) == NBL_IO_OK);
    CHECK(nbl_xyz_writer_open(writer, path, NBL_IO_OVERWRITE) == NBL_IO_OK);
    CHECK(nbl_xyz_writer_write(writer, &out.own) == NBL_IO_OK && nbl_xyz_writer_close(writer) == NBL_IO_OK);
    nbl_xyz_writer_destroy(&writer);

    FENCED(nbl_xyz_reader_options, options, NBL_XYZ_READER_OPTIONS_INIT);
    FENCED(nbl_xyz_frame, frame, NBL_XYZ_FRAME_INIT);
    options.own.max_atoms = 10;
    CHECK(nbl_xyz_reader_create(&reader) == NBL_IO_OK);
    CHECK(nbl_xyz_reader_open(reader, path, &options.own) == NBL_IO_OK);
    CHECK(nbl_xyz_reader_next(reader, &frame.own) == NBL_IO_OK);
    CHECK(frame.own.size == sizeof frame.own && frame.own.n == 1 && frame.own.has_cell == 1);
    CHECK(frame.own.numbers[0] == 29 && memcmp(frame.own.cell, cell, sizeof cell) == 0);
    CHECK(nbl_xyz_reader_column(reader, "charge", &column.own) == NBL_IO_OK);
    CHECK(column.own.size == sizeof column.own && column.own.width == 1);
    CHECK(*(const double *)column.own.data == 0.5);
    CHECK(strcmp(nbl_xyz_reader_value(reader, "step"), "7") == 0);
    CHECK(nbl_xyz_reader_next(reader, &frame.own) == NBL_IO_END);
    nbl_xyz_reader_destroy(&reader);
    UNTOUCHED(column);
    UNTOUCHED(out);
    UNTOUCHED(options);
    UNTOUCHED(frame);
    remove(path);
}

/* old_program FILE: FILE is written, read and removed */
int main(int n_arguments, char **arguments)
{
    int n_blocks = 0;
    if (n_arguments != 2)
        return 2;
    FENCED(nbl_allocator, allocator, NBL_ALLOCATOR_INIT);
    FENCED(nbl_handle_options, handle, NBL_HANDLE_OPTIONS_INIT);
    allocator.own.allocate = take, allocator.own.release = give, allocator.own.user = &n_blocks;
    handle.own.allocator = &allocator.own, handle.own.n_threads = 1;
    one_system(&handle.own);
    many_systems(&handle.own);
    CHECK(n_blocks == 0);
    files(arguments[1]);
    UNTOUCHED(allocator);
    UNTOUCHED(handle);
    printf("headers of %s, library %s: %d failures\n", NBL_VERSION_STRING, nbl_version_string(), failures);
    return failures ? 1 : 0;
}
