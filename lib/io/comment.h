/* SPDX-License-Identifier: MIT */
/*
 * The comment line of an extended-XYZ frame as key=value pairs: the grammar that <nblist/io.h> states, and
 * nothing of what a key means. Invariant: keys and values point into one text that is kept until the next
 * parse; what is held grows with the longest comment only.
 */
#ifndef NBL_IO_COMMENT_H
#define NBL_IO_COMMENT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct nbl__io_pair {
    const char *key;
    const char *value;
} nbl__io_pair;

typedef struct nbl__io_comment {
    char *line; /* as in the file */
    char *text; /* cut into keys and values */
    size_t capacity;
    nbl__io_pair *pairs;
    size_t n_pairs, pair_capacity;
    const char *problem; /* why it is no list of pairs; NULL if it is one */
} nbl__io_comment;

/* False: out of memory. Where the text is no list of pairs, n_pairs is 0 and problem is set. */
bool nbl__io_comment_parse(nbl__io_comment *comment, const char *line, size_t length);
void nbl__io_comment_free(nbl__io_comment *comment);

/* The value of the last pair with that key, NULL if there is none. */
const char *nbl__io_comment_value(const nbl__io_comment *comment, const char *key);

/* The same in any case of letters; *count = how often the key occurs. */
const char *nbl__io_comment_value_any_case(const nbl__io_comment *comment, const char *key, size_t *count);

/* Whether the line holds "word=" at a place where a key can begin, in any case; for lines that are no list. */
bool nbl__io_comment_mentions(const nbl__io_comment *comment, const char *word);

#endif
