/* SPDX-License-Identifier: MIT */
/*
 * The message of a handle: what the last call that failed says to the user. Invariant: one line of
 * printable text (bytes of files and paths that are not, appear as \xNN), always zero-terminated, cut
 * rather than too long.
 */
#ifndef NBL_IO_MESSAGE_H
#define NBL_IO_MESSAGE_H

#include <nblist/io.h>

#include <stddef.h>

#ifdef __GNUC__
#define NBL__PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define NBL__PRINTF(text, first)
#endif

enum { NBL__MESSAGE_SIZE = 512, NBL__EXCERPT_SIZE = 48 };

typedef struct nbl__io_message {
    char text[NBL__MESSAGE_SIZE];
} nbl__io_message;

/* A short printable copy of foreign text, for messages. */
typedef struct nbl__io_excerpt {
    char text[NBL__EXCERPT_SIZE];
} nbl__io_excerpt;

void nbl__io_message_clear(nbl__io_message *message);

/* Sets the message and returns `status`, so that `return nbl__io_message_set(...)` reads well. */
NBL__PRINTF(3, 4)
nbl_io_status nbl__io_message_set(nbl__io_message *message, nbl_io_status status, const char *format, ...);

/* "name:line: " and the text. */
NBL__PRINTF(5, 6)
nbl_io_status nbl__io_message_at(nbl__io_message *message, nbl_io_status status, const char *name, int64_t line,
                                 const char *format, ...);

/* Returns into->text. */
const char *nbl__io_excerpt_make(nbl__io_excerpt *into, const char *text, size_t length);

/* The text of an errno value, whatever the thread. */
const char *nbl__io_errno_text(int error, nbl__io_excerpt *into);

#endif
