/* SPDX-License-Identifier: MIT */
/*
 * For the tests in Python: prints what the reader makes of a file, one JSON object per frame with every
 * real as a hexadecimal text, then the status; or (npz) writes a file of arrays, whose values the test
 * knows; or (copy) writes the frames of one file into another; or (elements) prints the table of elements.
 */
#include <nblist/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == '"' || c == '\\')
            printf("\\u%04x", (unsigned)c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_item(const nbl_xyz_column *column, int64_t k)
{
    switch (column->type) {
    case NBL_XYZ_REAL:
        printf("\"%a\"", ((const double *)column->data)[k]);
        break;
    case NBL_XYZ_INTEGER:
        printf("%lld", (long long)((const int64_t *)column->data)[k]);
        break;
    case NBL_XYZ_LOGICAL:
        fputs(((const uint8_t *)column->data)[k] ? "true" : "false", stdout);
        break;
    default:
        print_text(((const char *const *)column->data)[k]);
    }
}

static void print_frame(nbl_xyz_reader *reader, const nbl_xyz_frame *frame)
{
    printf("{\"n\": %lld, \"pbc\": [%d, %d, %d], \"has_cell\": %d, \"cell\": [", (long long)frame->n,
           frame->pbc[0], frame->pbc[1], frame->pbc[2], frame->has_cell);
    for (int k = 0; k < 9; k++)
        printf("%s\"%a\"", k > 0 ? ", " : "", frame->cell[k]);
    printf("], \"numbers\": [");
    for (int64_t k = 0; k < frame->n; k++)
        printf("%s%d", k > 0 ? ", " : "", (int)frame->numbers[k]);
    printf("], \"columns\": {");
    for (int64_t c = 0; c < frame->n_columns; c++) {
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
        nbl_xyz_reader_column_at(reader, c, &column);
        printf(c > 0 ? ", " : "");
        print_text(column.name);
        printf(": [");
        for (int64_t k = 0; k < frame->n * column.width; k++) {
            printf(k > 0 ? ", " : "");
            print_item(&column, k);
        }
        printf("]");
    }
    printf("}, \"pairs\": {");
    for (int64_t k = 0; k < frame->n_pairs; k++) {
        const char *key, *value;
        nbl_xyz_reader_pair_at(reader, k, &key, &value);
        printf(k > 0 ? ", " : "");
        print_text(key);
        printf(": ");
        print_text(value);
    }
    printf("}}\n");
}

static int dump(const char *path)
{
    nbl_xyz_reader *reader = NULL;
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    if (nbl_xyz_reader_create(&reader) != NBL_IO_OK)
        return 1;
    nbl_io_status status = nbl_xyz_reader_open(reader, path, NULL);
    while (status == NBL_IO_OK && (status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK)
        print_frame(reader, &frame);
    print_text(nbl_io_status_name(status));
    putchar('\n');
    fputs(nbl_xyz_reader_message(reader), stderr);
    nbl_xyz_reader_destroy(&reader);
    return status != NBL_IO_END;
}

static nbl_io_status copy_frame(nbl_xyz_writer *writer, nbl_xyz_reader *reader, const nbl_xyz_frame *frame)
{
    nbl_xyz_column columns[64];
    nbl_xyz_pair pairs[64];
    nbl_xyz_output output = NBL_XYZ_OUTPUT_INIT;
    output.n = frame->n;
    output.positions = frame->positions;
    output.labels = frame->labels;
    output.numbers = frame->numbers;
    output.cell = frame->has_cell ? frame->cell : NULL;
    output.pbc = frame->pbc;
    output.columns = columns;
    output.pairs = pairs;
    for (int64_t c = 0; c < frame->n_columns && c < 64; c++) {
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
        nbl_xyz_reader_column_at(reader, c, &column);
        if (strcmp(column.name, "pos") != 0 && strcmp(column.name, "species") != 0)
            columns[output.n_columns++] = column;
    }
    for (int64_t k = 0; k < frame->n_pairs && k < 64; k++) {
        nbl_xyz_pair pair;
        nbl_xyz_reader_pair_at(reader, k, &pair.key, &pair.value);
        if (strcmp(pair.key, "Lattice") != 0 && strcmp(pair.key, "pbc") != 0 &&
            strcmp(pair.key, "Properties") != 0)
            pairs[output.n_pairs++] = pair;
    }
    return nbl_xyz_writer_write(writer, &output);
}

static int copy(const char *from, const char *to)
{
    nbl_xyz_reader *reader = NULL;
    nbl_xyz_writer *writer = NULL;
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    if (nbl_xyz_reader_create(&reader) != NBL_IO_OK || nbl_xyz_writer_create(&writer) != NBL_IO_OK)
        return 1;
    nbl_io_status status = nbl_xyz_reader_open(reader, from, NULL),
                  written = nbl_xyz_writer_open(writer, to, 0);
    while (written == NBL_IO_OK && status == NBL_IO_OK &&
           (status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK)
        written = copy_frame(writer, reader, &frame);
    if (written == NBL_IO_OK && status == NBL_IO_END)
        written = nbl_xyz_writer_close(writer);
    fputs(nbl_xyz_reader_message(reader), stderr);
    fputs(nbl_xyz_writer_message(writer), stderr);
    nbl_xyz_reader_destroy(&reader);
    nbl_xyz_writer_destroy(&writer);
    return status != NBL_IO_END || written != NBL_IO_OK;
}

/* n large: float64 in pieces, value k * 0.5. Then one small array of each type. */
static int write_npz(const char *path, int64_t n)
{
    enum { PIECE = 8192 };
    static double piece[PIECE];
    static const int8_t i1[] = {-128, 127};
    static const int32_t i4[] = {1, 2, 3, 4, 5, -6};
    static const int64_t i8[] = {INT64_MIN, INT64_MAX};
    static const float f4[] = {0.1f, 1e30f};
    const int64_t two[] = {2}, matrix[] = {2, 3}, none[] = {0, 3};
    nbl_npz_writer *writer = NULL;
    if (nbl_npz_writer_create(&writer) != NBL_IO_OK)
        return 1;
    nbl_io_status status = nbl_npz_writer_open(writer, path, NBL_IO_OVERWRITE);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_begin(writer, "large", NBL_FLOAT64, 1, &n);
    for (int64_t k = 0; status == NBL_IO_OK && k < n; k += PIECE) {
        int64_t part = n - k < PIECE ? n - k : PIECE;
        for (int64_t m = 0; m < part; m++)
            piece[m] = (double)(k + m) * 0.5;
        status = nbl_npz_writer_write(writer, part, piece);
    }
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_end(writer);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "i1", NBL_INT8, 1, two, i1);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "f0/i4", NBL_INT32, 2, matrix, i4);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "f0/i8", NBL_INT64, 1, two, i8);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "f4", NBL_FLOAT32, 1, two, f4);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "scalar", NBL_INT32, 0, NULL, i4);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_add(writer, "empty", NBL_FLOAT64, 2, none, NULL);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_close(writer);
    fputs(nbl_npz_writer_message(writer), stderr);
    nbl_npz_writer_destroy(&writer);
    return status != NBL_IO_OK;
}

static int print_elements(void)
{
    for (int32_t z = 1; z <= 118; z++)
        printf("[%d, \"%s\", \"%s\", \"%a\", \"%a\"]\n", (int)z, nbl_element_symbol(z), nbl_element_name(z),
               nbl_element_mass(z), nbl_element_covalent_radius(z));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "dump") == 0)
        return dump(argv[2]);
    if (argc == 4 && strcmp(argv[1], "copy") == 0)
        return copy(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "npz") == 0)
        return write_npz(argv[2], strtoll(argv[3], NULL, 10));
    if (argc == 2 && strcmp(argv[1], "elements") == 0)
        return print_elements();
    fprintf(stderr, "usage: %s dump FILE | copy FROM TO | npz FILE N | elements\n", argv[0]);
    return 2;
}
