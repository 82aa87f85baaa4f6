/* SPDX-License-Identifier: MIT */
#include "io/zip.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/*
 * Numbers of the format: .ZIP File Format Specification (APPNOTE), version 6.3. The time is the first that
 * the format can express, 1 January 1980, 0:00.
 */
enum {
    LOCAL_HEADER = 0x04034b50,
    CENTRAL_HEADER = 0x02014b50,
    DESCRIPTOR = 0x08074b50,
    END_64 = 0x06064b50,
    END_64_LOCATOR = 0x07064b50,
    END = 0x06054b50,
    VERSION_PLAIN = 20,
    VERSION_64 = 45,
    MADE_BY_UNIX = 3 << 8,
    FLAG_DESCRIPTOR = 1 << 3,
    FIXED_DATE = (1 << 5) | 1,
    EXTRA_64 = 1,
    CRC_PLACE = 14, /* offset of the checksum in a local header */
    MODE = 0100644
};

#define FULL_32 0xffffffffu
#define FULL_16 0xffffu

/* A record that is being put together, little-endian. */
struct record {
    unsigned char data[128];
    size_t size;
};

static void put(struct record *record, uint64_t value, int bytes)
{
    for (int k = 0; k < bytes; k++)
        record->data[record->size++] = (unsigned char)(value >> (8 * k));
}

static uint32_t cap_32(uint64_t value)
{
    return value < FULL_32 ? (uint32_t)value : FULL_32;
}

void nbl__io_zip_init(nbl__io_zip *zip)
{
    *zip = (nbl__io_zip){.entries = NULL};
    nbl__io_sink_init(&zip->sink);
}

void nbl__io_zip_free(nbl__io_zip *zip)
{
    nbl__io_sink_free(&zip->sink);
    free(zip->entries);
    free(zip->names);
    free(zip->table);
    nbl__io_zip_init(zip);
}

nbl_io_status nbl__io_zip_open(nbl__io_zip *zip, const char *path, uint32_t flags, nbl__io_message *message)
{
    zip->n_entries = 0;
    zip->names_size = 0;
    zip->left = 0;
    zip->in_entry = false;
    if (zip->table != NULL)
        memset(zip->table, 0, zip->table_size * sizeof *zip->table);
    return nbl__io_sink_open(&zip->sink, path, flags, false, message);
}

/* ---- names ---- */

static uint32_t hash_name(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash ^ hash >> 15;
}

/* The place of a name in the table, or the free one where it belongs. */
static size_t find_place(const nbl__io_zip *zip, const char *name, uint32_t hash)
{
    size_t place = hash & (zip->table_size - 1);
    for (; zip->table[place] != 0; place = (place + 1) & (zip->table_size - 1)) {
        const nbl__io_zip_entry *entry = &zip->entries[zip->table[place] - 1];
        if (entry->hash == hash && strcmp(zip->names + entry->name, name) == 0)
            break;
    }
    return place;
}

/* Table at most half full. */
static bool grow_table(nbl__io_zip *zip)
{
    if (2 * (zip->n_entries + 1) <= zip->table_size)
        return true;
    size_t size = zip->table_size == 0 ? 64 : 2 * zip->table_size;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    free(zip->table);
    zip->table = table;
    zip->table_size = size;
    for (size_t k = 0; k < zip->n_entries; k++) {
        const nbl__io_zip_entry *entry = &zip->entries[k];
        zip->table[find_place(zip, zip->names + entry->name, entry->hash)] = (uint32_t)k + 1;
    }
    return true;
}

static bool reserve(nbl__io_zip *zip, size_t length)
{
    if (zip->n_entries == zip->entry_capacity) {
        size_t capacity = 2 * zip->entry_capacity + 32;
        nbl__io_zip_entry *entries = realloc(zip->entries, capacity * sizeof *entries);
        if (entries == NULL)
            return false;
        zip->entries = entries;
        zip->entry_capacity = capacity;
    }
    if (zip->names_size + length > zip->names_capacity) {
        size_t capacity = 2 * (zip->names_size + length) + 256;
        char *names = realloc(zip->names, capacity);
        if (names == NULL)
            return false;
        zip->names = names;
        zip->names_capacity = capacity;
    }
    return grow_table(zip);
}

/* ---- entries ---- */

static nbl_io_status put_record(nbl__io_zip *zip, const struct record *record, nbl__io_message *message)
{
    return nbl__io_sink_write(&zip->sink, record->data, record->size, message);
}

/* What local header and directory have in common. */
static void put_common(struct record *record, const nbl__io_zip_entry *entry, bool patchable, bool wide,
                       const char *name, size_t extra)
{
    put(record, wide ? VERSION_64 : VERSION_PLAIN, 2);
    put(record, patchable ? 0 : FLAG_DESCRIPTOR, 2);
    put(record, 0, 2); /* stored */
    put(record, 0, 2); /* time */
    put(record, FIXED_DATE, 2);
    put(record, entry->crc, 4);
    put(record, cap_32(entry->size), 4);
    put(record, cap_32(entry->size), 4);
    put(record, strlen(name), 2);
    put(record, extra, 2);
}

nbl_io_status nbl__io_zip_begin(nbl__io_zip *zip, const char *name, uint64_t size, nbl__io_message *message)
{
    size_t length = strlen(name) + 1;
    if (zip->n_entries >= FULL_32 - 1 || !reserve(zip, length))
        return nbl__io_message_set(message, NBL_IO_ENOMEM, "%s: out of memory", zip->sink.name);
    uint32_t hash = hash_name(name);
    size_t place = find_place(zip, name, hash);
    if (zip->table[place] != 0)
        return nbl__io_message_set(message, NBL_IO_ENAME, "'%s' is in the file already", name);

    nbl__io_zip_entry *entry = &zip->entries[zip->n_entries];
    *entry = (nbl__io_zip_entry){zip->names_size, size, (uint64_t)zip->sink.offset, 0, hash};
    bool wide = size >= FULL_32;
    struct record record = {.size = 0};
    put(&record, LOCAL_HEADER, 4);
    put_common(&record, entry, zip->sink.patchable, wide, name, wide ? 20 : 0);
    nbl_io_status status = put_record(zip, &record, message);
    if (status == NBL_IO_OK)
        status = nbl__io_sink_write(&zip->sink, name, length - 1, message);
    if (status == NBL_IO_OK && wide) {
        record.size = 0;
        put(&record, EXTRA_64, 2);
        put(&record, 16, 2);
        put(&record, size, 8);
        put(&record, size, 8);
        status = put_record(zip, &record, message);
    }
    if (status != NBL_IO_OK)
        return status;
    memcpy(zip->names + zip->names_size, name, length);
    zip->names_size += length;
    zip->table[place] = (uint32_t)++zip->n_entries;
    zip->left = size;
    zip->in_entry = true;
    return NBL_IO_OK;
}

nbl_io_status nbl__io_zip_write(nbl__io_zip *zip, const void *data, size_t size, nbl__io_message *message)
{
    nbl__io_zip_entry *entry = &zip->entries[zip->n_entries - 1];
    const unsigned char *p = data;
    zip->left -= size;
    while (size > 0) {
        size_t part = size < (1u << 20) ? size : 1u << 20;
        entry->crc = (uint32_t)crc32_z(entry->crc, p, part);
        nbl_io_status status = nbl__io_sink_write(&zip->sink, p, part, message);
        if (status != NBL_IO_OK)
            return status;
        p += part;
        size -= part;
    }
    return NBL_IO_OK;
}

nbl_io_status nbl__io_zip_end(nbl__io_zip *zip, nbl__io_message *message)
{
    const nbl__io_zip_entry *entry = &zip->entries[zip->n_entries - 1];
    struct record record = {.size = 0};
    zip->in_entry = false;
    if (zip->sink.patchable) {
        put(&record, entry->crc, 4);
        return nbl__io_sink_patch(&zip->sink, (int64_t)entry->offset + CRC_PLACE, record.data, record.size,
                                  message);
    }
    int bytes = entry->size >= FULL_32 ? 8 : 4;
    put(&record, DESCRIPTOR, 4);
    put(&record, entry->crc, 4);
    put(&record, entry->size, bytes);
    put(&record, entry->size, bytes);
    return put_record(zip, &record, message);
}

/* ---- directory ---- */

static nbl_io_status put_central(nbl__io_zip *zip, const nbl__io_zip_entry *entry, nbl__io_message *message)
{
    const char *name = zip->names + entry->name;
    struct record extra = {.size = 4};
    if (entry->size >= FULL_32) {
        put(&extra, entry->size, 8);
        put(&extra, entry->size, 8);
    }
    if (entry->offset >= FULL_32)
        put(&extra, entry->offset, 8);
    size_t extra_size = extra.size > 4 ? extra.size : 0;
    extra.size = 0;
    put(&extra, EXTRA_64, 2);
    put(&extra, extra_size > 0 ? extra_size - 4 : 0, 2);
    extra.size = extra_size;

    struct record record = {.size = 0};
    put(&record, CENTRAL_HEADER, 4);
    put(&record, MADE_BY_UNIX | (extra_size > 0 ? VERSION_64 : VERSION_PLAIN), 2);
    put_common(&record, entry, zip->sink.patchable, extra_size > 0, name, extra_size);
    put(&record, 0, 2); /* comment */
    put(&record, 0, 2); /* disk */
    put(&record, 0, 2); /* internal attributes */
    put(&record, (uint64_t)MODE << 16, 4);
    put(&record, cap_32(entry->offset), 4);
    nbl_io_status status = put_record(zip, &record, message);
    if (status == NBL_IO_OK)
        status = nbl__io_sink_write(&zip->sink, name, strlen(name), message);
    return status == NBL_IO_OK ? put_record(zip, &extra, message) : status;
}

static void put_end_64(struct record *record, uint64_t entries, uint64_t offset, uint64_t size)
{
    put(record, END_64, 4);
    put(record, 44, 8); /* bytes of this record after this field */
    put(record, MADE_BY_UNIX | VERSION_64, 2);
    put(record, VERSION_64, 2);
    put(record, 0, 4); /* this disk */
    put(record, 0, 4); /* disk of the directory */
    put(record, entries, 8);
    put(record, entries, 8);
    put(record, size, 8);
    put(record, offset, 8);
    put(record, END_64_LOCATOR, 4);
    put(record, 0, 4);
    put(record, offset + size, 8);
    put(record, 1, 4); /* disks */
}

nbl_io_status nbl__io_zip_close(nbl__io_zip *zip, nbl__io_message *message)
{
    uint64_t offset = (uint64_t)zip->sink.offset, entries = zip->n_entries;
    nbl_io_status status = nbl__io_sink_check(&zip->sink, message);
    for (size_t k = 0; status == NBL_IO_OK && k < zip->n_entries; k++)
        status = put_central(zip, &zip->entries[k], message);
    if (status == NBL_IO_OK) {
        uint64_t size = (uint64_t)zip->sink.offset - offset;
        struct record record = {.size = 0};
        if (entries >= FULL_16 || offset >= FULL_32 || size >= FULL_32)
            put_end_64(&record, entries, offset, size);
        put(&record, END, 4);
        put(&record, 0, 2);
        put(&record, 0, 2);
        put(&record, entries < FULL_16 ? entries : FULL_16, 2);
        put(&record, entries < FULL_16 ? entries : FULL_16, 2);
        put(&record, cap_32(size), 4);
        put(&record, cap_32(offset), 4);
        put(&record, 0, 2); /* comment */
        status = put_record(zip, &record, message);
    }
    if (status != NBL_IO_OK) {
        nbl__io_sink_abandon(&zip->sink);
        return status;
    }
    return nbl__io_sink_commit(&zip->sink, message);
}
