/* SPDX-License-Identifier: MIT */
/*
 * libnblist-io: structure files in, tables out, and data of the elements. A library of its own beside
 * libnblist: it needs zlib, and does not need the core.
 *
 *     nbl_xyz_reader *reader = NULL;
 *     nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
 *     nbl_io_status status;
 *
 *     nbl_xyz_reader_create(&reader);
 *     status = nbl_xyz_reader_open(reader, "water.xyz.gz", NULL);
 *     while (status == NBL_IO_OK && (status = nbl_xyz_reader_next(reader, &frame)) == NBL_IO_OK)
 *         use(frame.n, frame.positions, frame.has_cell ? frame.cell : NULL, frame.pbc);
 *     if (status != NBL_IO_END)
 *         complain(nbl_xyz_reader_message(reader));      // "water.xyz.gz:17: ..."
 *     nbl_xyz_reader_destroy(&reader);
 *
 * ## Handles
 *
 * Readers and writers are created empty, then opened on a file, and may be opened again on another one;
 * their memory is reused. Every function that can fail returns an nbl_io_status; the handle keeps the
 * message of the last failure. Nothing aborts, exits or prints. One handle is used by one thread at a
 * time; different handles are independent. The locale never matters, in either direction.
 *
 * ## Files that are written
 *
 * A path of "-" is standard output (not closed at the end). Otherwise everything goes to a new file
 * beside the target, PATH.XXXXXX.part with six drawn letters or digits, which gets its final name when the
 * writer is closed successfully: a file with the final name is always complete. On failure, and when a
 * writer is destroyed without having been closed, this partial file is removed; no other file ever is. An
 * existing file is refused with NBL_IO_EEXIST unless NBL_IO_OVERWRITE is given. A path that
 * exists and is not a regular file (a device, a named pipe) is written directly. The first write that
 * fails (full disk, closed pipe) fails the writer for good; a program that does not want to be ended by
 * SIGPIPE must ignore that signal itself.
 */
#ifndef NBLIST_IO_H
#define NBLIST_IO_H

#include <nblist/nblist.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------
 * Statuses
 * ---------------------------------------------------------------------------------------------------- */

/* All statuses: name, value, text; as NBL_STATUS_MAP of the core, whose values they avoid. */
#define NBL_IO_STATUS_MAP(X)                                                                                   \
    X(NBL_IO_OK, 0, "success")                                                                                 \
    X(NBL_IO_END, 1, "no more frames")                                                                         \
    X(NBL_IO_ENULL, -101, "a required pointer is NULL")                                                        \
    X(NBL_IO_ESIZE, -102, "a count or size is negative, too large, or does not match")                         \
    X(NBL_IO_ESTRUCT, -103, "a struct has an impossible size or unknown fields that are not zero")             \
    X(NBL_IO_EOPTION, -104, "a flag, data type or option has an unknown value")                                \
    X(NBL_IO_ESTATE, -105, "the handle is not open, or in the middle of something else")                       \
    X(NBL_IO_ENAME, -106, "a name is not allowed, given twice, or not there")                                  \
    X(NBL_IO_ENOMEM, -107, "out of memory")                                                                    \
    X(NBL_IO_EOPEN, -108, "the file cannot be opened")                                                         \
    X(NBL_IO_EEXIST, -109, "the file exists already")                                                          \
    X(NBL_IO_EREAD, -110, "reading failed")                                                                    \
    X(NBL_IO_EWRITE, -111, "writing failed")                                                                   \
    X(NBL_IO_EGZIP, -112, "the compressed data are corrupt, end too early or are followed by others")          \
    X(NBL_IO_ETRUNCATED, -113, "the file ends inside a frame")                                                 \
    X(NBL_IO_ECOUNT, -114, "a frame does not begin with its number of atoms")                                  \
    X(NBL_IO_EHEADER, -115, "the comment line of a frame is malformed")                                        \
    X(NBL_IO_ELATTICE, -116, "the lattice is malformed")                                                       \
    X(NBL_IO_EPBC, -117, "the periodic boundary flags are malformed")                                          \
    X(NBL_IO_ECOLUMNS, -118, "an atom line has too few or too many columns")                                   \
    X(NBL_IO_ENUMBER, -119, "a value is not of the type of its column")                                        \
    X(NBL_IO_EPOSITION, -120, "a position is NaN or infinite")                                                 \
    X(NBL_IO_EBINARY, -121, "the file holds NUL bytes: it is not text")                                        \
    X(NBL_IO_ELONG, -122, "a line is longer than the limit")

#define NBL_IO_STATUS_ENUM_(name, value, text) name = value,
enum nbl_io_status_code { NBL_IO_STATUS_MAP(NBL_IO_STATUS_ENUM_) NBL_IO_STATUS_MIN_ = -2147483647 };
#undef NBL_IO_STATUS_ENUM_

typedef int32_t nbl_io_status; /* one of enum nbl_io_status_code; failures are negative */

/*
 * The name ("NBL_IO_EREAD") and the text ("reading failed") of a status. Never NULL: for an unknown value
 * "NBL_IO_E?" and "unknown status". Static strings. Thread-safety: any. Since: 0.1.
 */
NBL_API const char *nbl_io_status_name(nbl_io_status status);
NBL_API const char *nbl_io_status_text(nbl_io_status status);

/* Flags of the open functions of all writers. */
enum nbl_io_flag {
    NBL_IO_OVERWRITE = 1 /* replace an existing file */
};

/* ------------------------------------------------------------------------------------------------------
 * (Extended) XYZ: reading
 *
 * A file is a sequence of frames; a frame is a line with the number of atoms n, a comment line, and n atom
 * lines. Blank lines between frames and at the end are skipped, lines may end in CR LF, columns are
 * separated by blanks or tabs. n = 0 is legal. An empty file has no frames.
 *
 * The comment line may hold key=value pairs. A value is a bare word, a text in double or single quotes
 * (with \" \' \\ \n as escapes), or a bracketed array, [1, 2], [[1 0] [0 1]] or {1 2}, which is kept as
 * text with its brackets; a key alone counts as key=T. Where a key occurs twice, the last one holds. A
 * comment that does not follow this grammar is an ordinary comment without pairs, unless it holds
 * Lattice= or Properties=, where it is refused. Three keys have a meaning, in any case of letters, and may
 * be given once only:
 *
 *   Lattice=     the cell, 9 numbers "ax ay az bx by bz cx cy cz", in quotes or any kind of brackets: rows
 *                are lattice vectors; or 3 numbers, the edges of an orthorhombic cell. A vector of an open
 *                axis may be anything, NaN too; NaN or infinity on a periodic axis is refused.
 *   pbc=         three flags: T or F, true or false, 1 or 0, apart ("T T F", [1,1,0]) or together (TTF);
 *                or one flag for all axes. Without pbc=, an axis is periodic if there is a Lattice whose
 *                vector of that axis is not zero, and open otherwise.
 *   Properties=  the columns of the atom lines, name:type:width repeated, with types S (text), I (integer),
 *                R (real), L (logical), in any order, no name twice. pos:R:3 is required.
 *
 * Without Properties= the columns are species, x, y, z, and whatever follows them is ignored.
 *
 * Numbers are decimal, with an optional exponent (e, E, or Fortran's d, D), and are converted with one
 * correct rounding. Positions must be finite; other real columns may hold nan and inf.
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_xyz_reader nbl_xyz_reader;

enum nbl_xyz_type {
    NBL_XYZ_STRING = 'S',  /* const char *const *: zero-terminated texts */
    NBL_XYZ_INTEGER = 'I', /* const int64_t * */
    NBL_XYZ_REAL = 'R',    /* const double * */
    NBL_XYZ_LOGICAL = 'L'  /* const uint8_t *: 0 or 1 */
};

/* One column of the atom lines: data of shape [n][width] and the type that `type` says. */
typedef struct nbl_xyz_column {
    size_t size;
    const char *name;
    const void *data;
    int32_t type; /* enum nbl_xyz_type */
    int32_t width;
} nbl_xyz_column;

#define NBL_XYZ_COLUMN_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_xyz_column), NULL, NULL, 0, 0                                                               \
    }

/* Limits that keep malformed files from taking memory. A field of 0 is its default. */
typedef struct nbl_xyz_reader_options {
    size_t size;
    int64_t max_atoms;        /* per frame; default and largest 2^31 - 1 */
    int64_t max_line;         /* bytes of a count or atom line; default 1 MiB */
    int64_t max_comment_line; /* bytes of a comment line; default 16 MiB; both at most 1 GiB */
} nbl_xyz_reader_options;

#define NBL_XYZ_READER_OPTIONS_INIT                                                                            \
    {                                                                                                          \
        sizeof(nbl_xyz_reader_options), 0, 0, 0                                                                \
    }

/*
 * What a frame holds. All pointers are into memory of the reader, valid until its next call of next(),
 * open() or destroy(). pbc[] is always usable, by the rule above; has_pbc tells whether the file said it.
 * pbc may be set where there is no cell, if the file says so.
 */
typedef struct nbl_xyz_frame {
    size_t size;
    int64_t index;           /* number of the frame in the file, from 0 */
    int64_t line;            /* line of the file with its number of atoms, from 1 */
    int64_t n;               /* atoms */
    const double *positions; /* [n][3] */
    /* atomic numbers [n]: from a column Z:I:1, atomic_numbers:I:1, numbers:I:1 or species:I:1, else from
       the species labels by nbl_element_from_label(); 0 where unknown */
    const int32_t *numbers;
    const char *const *labels; /* [n] species as written; NULL if the file has none */
    const char *comment;       /* the comment line */
    int64_t n_columns;         /* of the atom lines, pos and species included */
    int64_t n_pairs;           /* key=value pairs, Lattice, pbc and Properties included */
    double cell[9];            /* rows; all 0 if has_cell is 0 */
    uint8_t pbc[3];
    uint8_t has_cell;
    uint8_t has_pbc;
    uint8_t reserved[3]; /* 0 */
} nbl_xyz_frame;

#define NBL_XYZ_FRAME_INIT                                                                                     \
    {                                                                                                          \
        sizeof(nbl_xyz_frame), 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0},  \
            0, 0,                                                                                              \
        {                                                                                                      \
            0, 0, 0                                                                                            \
        }                                                                                                      \
    }

/*
 * Creates a reader that is not open, or closes and frees one and sets *reader to NULL (NULL and a pointer
 * to NULL are fine). Statuses: NBL_IO_ENULL, NBL_IO_ENOMEM; on error *reader is NULL.
 * Thread-safety: any. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_reader_create(nbl_xyz_reader **reader);
NBL_API void nbl_xyz_reader_destroy(nbl_xyz_reader **reader);

/*
 * The message of the last failure ("water.xyz:17: 'O?' is not a number"), "" after success; never NULL.
 * Valid until the next call on the handle. Bytes that are not printable appear as \xNN.
 */
NBL_API const char *nbl_xyz_reader_message(const nbl_xyz_reader *reader);

/*
 * Opens a file; "-" is standard input. gzip is recognised by its first bytes, whatever the name, on
 * standard input too; several gzip members count as one file, and zero bytes after a member are skipped.
 * Anything else there is NBL_IO_EGZIP ("trailing data"), which next() returns after the complete frames.
 * A file that was open before is closed. options: NULL = defaults.
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTRUCT, NBL_IO_ESIZE (an option out of range), NBL_IO_EOPEN (missing, no
 * permission, a directory), NBL_IO_ENOMEM. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_reader_open(nbl_xyz_reader *reader, const char *path,
                                          const nbl_xyz_reader_options *options);

/*
 * Reads the next frame and describes it in *frame (at most frame->size bytes). NBL_IO_END when the file
 * ends after a complete frame. A malformed frame is never returned in part: the frames before it come
 * first, then its status, again and again. Memory grows with the lines that are there, not with the
 * number that the count line announces, and is kept for the following frames.
 * Statuses: NBL_IO_END, NBL_IO_ENULL, NBL_IO_ESTRUCT, NBL_IO_ESTATE (not open), NBL_IO_EREAD,
 * NBL_IO_EGZIP, NBL_IO_ETRUNCATED, NBL_IO_ECOUNT, NBL_IO_EHEADER, NBL_IO_ELATTICE, NBL_IO_EPBC,
 * NBL_IO_ECOLUMNS, NBL_IO_ENUMBER, NBL_IO_EPOSITION, NBL_IO_EBINARY, NBL_IO_ELONG, NBL_IO_ENOMEM.
 * Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_reader_next(nbl_xyz_reader *reader, nbl_xyz_frame *frame);

/*
 * A column of the current frame, by name (exact) or by number (0 ... n_columns - 1, in file order).
 * Fills *column (at most column->size bytes). A file without Properties= has the columns species and pos.
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTRUCT, NBL_IO_ESTATE (no frame), NBL_IO_ENAME, NBL_IO_ESIZE (number).
 * A lookup that fails does not fail the reader. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_reader_column(nbl_xyz_reader *reader, const char *name, nbl_xyz_column *column);
NBL_API nbl_io_status nbl_xyz_reader_column_at(nbl_xyz_reader *reader, int64_t number, nbl_xyz_column *column);

/*
 * The value of a key of the comment line of the current frame (exact name), NULL if it is not there; and
 * pair number 0 ... n_pairs - 1 in file order, both NULL outside that range. Valid as frame data.
 * Since: 0.1.
 */
NBL_API const char *nbl_xyz_reader_value(const nbl_xyz_reader *reader, const char *key);
NBL_API void nbl_xyz_reader_pair_at(const nbl_xyz_reader *reader, int64_t number, const char **key,
                                    const char **value);

/*
 * How far the file is read, in bytes of the file (compressed ones, if it is): *done, and *total, which is
 * -1 if not known (pipes). Both 0 if not open. Runs ahead of the frames by up to a buffer. Since: 0.1.
 */
NBL_API void nbl_xyz_reader_progress(const nbl_xyz_reader *reader, int64_t *done, int64_t *total);

/* ------------------------------------------------------------------------------------------------------
 * (Extended) XYZ: writing
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_xyz_writer nbl_xyz_writer;

typedef struct nbl_xyz_pair {
    const char *key;
    const char *value;
} nbl_xyz_pair;

/*
 * A frame to be written. labels may be NULL: then symbols are written for `numbers`; where those are NULL
 * or not 1 ... 118, X. cell NULL: no Lattice. pbc NULL: no pbc, which a reader takes as the rule above
 * says. columns: further ones, not pos or species; columns[k] is found at k * columns->size bytes. pairs:
 * further ones, not Lattice, pbc or Properties. Names of columns are made of letters, digits and _ - .
 * and are not repeated; labels and text columns hold no blanks and are not empty; keys hold no = and no
 * quotes, brackets or blanks.
 */
typedef struct nbl_xyz_output {
    size_t size;
    int64_t n;
    const double *positions; /* [n][3] */
    const int32_t *numbers;
    const char *const *labels;
    const double *cell; /* [9], rows */
    const uint8_t *pbc; /* [3] */
    const nbl_xyz_column *columns;
    int64_t n_columns;
    const nbl_xyz_pair *pairs;
    int64_t n_pairs;
} nbl_xyz_output;

#define NBL_XYZ_OUTPUT_INIT                                                                                    \
    {                                                                                                          \
        sizeof(nbl_xyz_output), 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0                              \
    }

/* As the reader's. destroy() removes the partial file of a writer that was not closed. Since: 0.1. */
NBL_API nbl_io_status nbl_xyz_writer_create(nbl_xyz_writer **writer);
NBL_API void nbl_xyz_writer_destroy(nbl_xyz_writer **writer);
NBL_API const char *nbl_xyz_writer_message(const nbl_xyz_writer *writer);

/*
 * The path of the partial file, for programs that remove it when a signal ends them; NULL while there is
 * none: not open, failed, standard output, a device. Valid until the next call on the handle. Since: 0.1.
 */
NBL_API const char *nbl_xyz_writer_part(const nbl_xyz_writer *writer);

/*
 * Opens a file to be written, "-" for standard output; a name that ends in .gz is compressed. flags: enum
 * nbl_io_flag. A file that is still open is given up, as by destroy().
 * Statuses: NBL_IO_ENULL, NBL_IO_EOPTION, NBL_IO_EEXIST, NBL_IO_EOPEN, NBL_IO_ENOMEM. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_writer_open(nbl_xyz_writer *writer, const char *path, uint32_t flags);

/*
 * Writes one frame, with Properties=, in the fewest digits that give every number back exactly. All of the
 * frame is checked before its first byte is written; a refused frame does not fail the writer.
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTRUCT, NBL_IO_ESTATE, NBL_IO_ESIZE, NBL_IO_EOPTION (column type),
 * NBL_IO_ENAME, NBL_IO_EPOSITION, NBL_IO_EWRITE, NBL_IO_ENOMEM. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_writer_write(nbl_xyz_writer *writer, const nbl_xyz_output *frame);

/*
 * Writes what is buffered, closes the file and gives it its name. On failure the partial file is removed.
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTATE, NBL_IO_EWRITE, NBL_IO_EEXIST. Since: 0.1.
 */
NBL_API nbl_io_status nbl_xyz_writer_close(nbl_xyz_writer *writer);

/* ------------------------------------------------------------------------------------------------------
 * npz: arrays for numpy.load()
 *
 * A zip file of uncompressed .npy entries (version 1.0, C order, little-endian), zip64 where sizes need
 * it. Times in it are fixed: equal arrays make equal bytes. Standard output gets entries with data
 * descriptors, files without.
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_npz_writer nbl_npz_writer;

NBL_API nbl_io_status nbl_npz_writer_create(nbl_npz_writer **writer);
NBL_API void nbl_npz_writer_destroy(nbl_npz_writer **writer);
NBL_API const char *nbl_npz_writer_message(const nbl_npz_writer *writer);
NBL_API const char *nbl_npz_writer_part(const nbl_npz_writer *writer);

/* As nbl_xyz_writer_open(), without compression. Since: 0.1. */
NBL_API nbl_io_status nbl_npz_writer_open(nbl_npz_writer *writer, const char *path, uint32_t flags);

/*
 * Begins an array: name as numpy shows it ("i", "f0/i"; letters, digits and _ - . / ; no empty part and no
 * ".." part; not given twice), dtype one of NBL_INT8, NBL_INT32, NBL_INT64, NBL_FLOAT32, NBL_FLOAT64,
 * ndim 0 ... 8, shape [ndim] with entries >= 0. Then write() takes its items in C order, in pieces of any
 * size, and end() closes it: the number of items must match.
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTATE, NBL_IO_ESIZE, NBL_IO_EOPTION (dtype), NBL_IO_ENAME,
 * NBL_IO_EWRITE, NBL_IO_ENOMEM. Items beyond the shape are refused before any is written; end() with items
 * missing is refused and the array stays open. Since: 0.1.
 */
NBL_API nbl_io_status nbl_npz_writer_begin(nbl_npz_writer *writer, const char *name, int32_t dtype,
                                           int32_t ndim, const int64_t *shape);
NBL_API nbl_io_status nbl_npz_writer_write(nbl_npz_writer *writer, int64_t n_items, const void *items);
NBL_API nbl_io_status nbl_npz_writer_end(nbl_npz_writer *writer);

/* begin, write and end in one call. */
NBL_API nbl_io_status nbl_npz_writer_add(nbl_npz_writer *writer, const char *name, int32_t dtype, int32_t ndim,
                                         const int64_t *shape, const void *items);

/* Writes the directory of the zip file, then as nbl_xyz_writer_close(); NBL_IO_ESTATE inside an array. */
NBL_API nbl_io_status nbl_npz_writer_close(nbl_npz_writer *writer);

/* ------------------------------------------------------------------------------------------------------
 * CSV: tables as text
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_csv_writer nbl_csv_writer;

NBL_API nbl_io_status nbl_csv_writer_create(nbl_csv_writer **writer);
NBL_API void nbl_csv_writer_destroy(nbl_csv_writer **writer);
NBL_API const char *nbl_csv_writer_message(const nbl_csv_writer *writer);
NBL_API const char *nbl_csv_writer_part(const nbl_csv_writer *writer);

/*
 * Opens a file, as nbl_xyz_writer_open() and compressed likewise, and writes the header line: names
 * [n_columns], quoted where CSV needs it. dtypes [n_columns]: NBL_INT8 ... NBL_FLOAT64.
 * Statuses: those, and NBL_IO_ESIZE (n_columns not 1 ... 1024), NBL_IO_ENAME (a NULL or empty name, or one
 * with control characters), NBL_IO_EOPTION (a dtype). Since: 0.1.
 */
NBL_API nbl_io_status nbl_csv_writer_open(nbl_csv_writer *writer, const char *path, uint32_t flags,
                                          int32_t n_columns, const char *const *names, const int32_t *dtypes);

/*
 * Writes n_rows lines. Row k of column c is item k * strides[c] of data[c], an array of the column's dtype:
 * a stride of 3 picks one component of an [n][3] array, 0 repeats one value. strides NULL: all 1.
 * Integers in decimal; reals as printf's %.17g writes them (float32 is converted to double), which gives
 * them back exactly. A table of neighbours, frame,i,j,sx,sy,sz,dx,dy,dz,d, is one call:
 *
 *     const void *data[] = { &frame, i, j, s, s + 1, s + 2, d, d + 1, d + 2, r };
 *     const int64_t strides[] = { 0, 1, 1, 3, 3, 3, 3, 3, 3, 1 };
 *     nbl_csv_writer_rows(writer, m, data, strides);
 *
 * Statuses: NBL_IO_ENULL, NBL_IO_ESTATE, NBL_IO_ESIZE (n_rows or a stride negative), NBL_IO_EWRITE.
 * Since: 0.1.
 */
NBL_API nbl_io_status nbl_csv_writer_rows(nbl_csv_writer *writer, int64_t n_rows, const void *const *data,
                                          const int64_t *strides);

/* As nbl_xyz_writer_close(). */
NBL_API nbl_io_status nbl_csv_writer_close(nbl_csv_writer *writer);

/* ------------------------------------------------------------------------------------------------------
 * Any other text: bytes as they are, with the promises for files above
 * ---------------------------------------------------------------------------------------------------- */

typedef struct nbl_text_writer nbl_text_writer;

NBL_API nbl_io_status nbl_text_writer_create(nbl_text_writer **writer);
NBL_API void nbl_text_writer_destroy(nbl_text_writer **writer);
NBL_API const char *nbl_text_writer_message(const nbl_text_writer *writer);
NBL_API const char *nbl_text_writer_part(const nbl_text_writer *writer);

/* As nbl_xyz_writer_open(), compressed likewise. */
NBL_API nbl_io_status nbl_text_writer_open(nbl_text_writer *writer, const char *path, uint32_t flags);

/*
 * Appends `size` bytes. Statuses: NBL_IO_ENULL, NBL_IO_ESTATE, NBL_IO_ESIZE (negative), NBL_IO_EWRITE.
 * Since: 0.1.
 */
NBL_API nbl_io_status nbl_text_writer_write(nbl_text_writer *writer, int64_t size, const void *text);

/* As nbl_xyz_writer_close(). */
NBL_API nbl_io_status nbl_text_writer_close(nbl_text_writer *writer);

/* ------------------------------------------------------------------------------------------------------
 * Elements 1 ... 118. Static data; thread-safety: any. Since: 0.1.
 * ---------------------------------------------------------------------------------------------------- */

/*
 * Symbol ("Si") and English name ("silicon", IUPAC spelling) of an atomic number, NULL outside 1 ... 118.
 */
NBL_API const char *nbl_element_symbol(int32_t number);
NBL_API const char *nbl_element_name(int32_t number);

/*
 * Standard atomic weight, in daltons: Meija et al., Pure Appl. Chem. 2016, 88, 265, doi
 * 10.1515/pac-2015-0305, the conventional value where that is an interval; for elements without one, the
 * mass of a long-lived isotope. NaN outside 1 ... 118.
 */
NBL_API double nbl_element_mass(int32_t number);

/*
 * Covalent radius in Angstrom: Cordero et al., Dalton Trans. 2008, 2832, doi 10.1039/b801115j; carbon sp3,
 * Mn, Fe and Co low-spin. NaN beyond curium (96), where that table ends, and outside 1 ... 118.
 */
NBL_API double nbl_element_covalent_radius(int32_t number);

/*
 * Radius of a single bond in Angstrom, for every element that a structure may hold: Pyykko and Atsumi, Chem.
 * Eur. J. 2009, 15, 186, doi 10.1002/chem.200800987, for 1 ... 86. From Fr (87) to Sg (106) a proxy, the radius
 * of the element above in the periodic table (Cs for Fr, Nd for U). NaN beyond, and outside 1 ... 118.
 */
NBL_API double nbl_element_radius(int32_t number);

/*
 * Electronegativity on Pauling's scale: Allred, J. Inorg. Nucl. Chem. 1961, 17, 215, doi
 * 10.1016/0022-1902(61)80142-5, with the usual additions for elements which that lacks (Kr, Xe, Pm, Eu,
 * Tb, Yb, actinoids). NaN where the scale has no value (He, Ne, Ar, Rn, from Lr on) and outside 1 ... 118.
 */
NBL_API double nbl_element_electronegativity(int32_t number);

/*
 * The atomic number of a symbol, 0 if it is none: the exact symbol, or in any other case of letters the
 * one that its capitalised form gives ("SI" and "si": 14; "CO" and "co": 27). D and T are hydrogen.
 */
NBL_API int32_t nbl_element_from_symbol(const char *symbol);

/*
 * The atomic number of an atom label, 0 if unknown. A label of digits alone is an atomic number. Otherwise
 * the letters at its beginning count, up to the first other character ("C1": C, "H_w": H, "Fe3+": Fe,
 * "O-H": O), by nbl_element_from_symbol(). There is no guess from fewer letters: "CA" is calcium, "CB" and
 * "Hw" are unknown.
 */
NBL_API int32_t nbl_element_from_label(const char *label);

#ifdef __cplusplus
}
#endif

#endif
