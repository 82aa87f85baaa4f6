/* SPDX-License-Identifier: MIT */
/*
 * A folder of temporary files for one test program, and what the tests do with files. Every failure of the
 * operating system fails the test that runs.
 */
#ifndef TESTS_UNIT_IO_SCRATCH_H
#define TESTS_UNIT_IO_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka fixtures of a group: make the folder, and remove it with all that is in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* The path of a file in the folder; four such texts live at a time. */
const char *scratch_path(const char *name);

void scratch_write(const char *path, const void *data, size_t size);
void scratch_write_text(const char *path, const char *text);
void scratch_write_gzip(const char *path, const void *data, size_t size);

/* The whole file with a zero behind it; *size may be NULL. To be freed. */
char *scratch_read(const char *path, size_t *size);

/* What gzip makes of a file, with a zero behind it, up to `most` bytes. To be freed. */
char *scratch_read_gzip(const char *path, size_t most);

/* From now on files of this process end at `size` bytes with EFBIG; -1 = no such limit. 0 on success. */
int scratch_limit_file_size(long size);

/* Opens a named pipe for reading at once, though nobody writes yet. */
int scratch_open_fifo(const char *path);

bool scratch_exists(const char *path);

#endif
