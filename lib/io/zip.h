/* SPDX-License-Identifier: MIT */
/*
 * A zip file of stored entries whose sizes are known beforehand: headers, checksums, directory. Invariants:
 * equal contents make equal bytes (times are fixed); sizes and offsets of 4 GiB and more, and more than
 * 65534 entries, use zip64. The checksum, which comes last, is put into the local header where the target
 * allows it (some readers of npz files read nothing else), and into a data descriptor otherwise. Knows
 * nothing of arrays.
 */
#ifndef NBL_IO_ZIP_H
#define NBL_IO_ZIP_H

#include "io/sink.h"

typedef struct nbl__io_zip_entry {
    size_t name; /* offset in names */
    uint64_t size, offset;
    uint32_t crc;
    uint32_t hash; /* of the name */
} nbl__io_zip_entry;

typedef struct nbl__io_zip {
    nbl__io_sink sink;
    nbl__io_zip_entry *entries;
    size_t n_entries, entry_capacity;
    char *names;
    size_t names_size, names_capacity;
    uint32_t *table; /* open addressing: number of the entry + 1, 0 = free */
    size_t table_size;
    uint64_t left; /* bytes of the current entry still to come */
    bool in_entry;
} nbl__io_zip;

void nbl__io_zip_init(nbl__io_zip *zip);
void nbl__io_zip_free(nbl__io_zip *zip);
nbl_io_status nbl__io_zip_open(nbl__io_zip *zip, const char *path, uint32_t flags, nbl__io_message *message);

/* NBL_IO_ENAME for a name that is there already; NBL_IO_ENOMEM, NBL_IO_EWRITE. */
nbl_io_status nbl__io_zip_begin(nbl__io_zip *zip, const char *name, uint64_t size, nbl__io_message *message);
/* size <= zip->left */
nbl_io_status nbl__io_zip_write(nbl__io_zip *zip, const void *data, size_t size, nbl__io_message *message);
/* zip->left is 0 */
nbl_io_status nbl__io_zip_end(nbl__io_zip *zip, nbl__io_message *message);

nbl_io_status nbl__io_zip_close(nbl__io_zip *zip, nbl__io_message *message);

#endif
