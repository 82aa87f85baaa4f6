/* SPDX-License-Identifier: MIT */
#include "io/comment.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static char *skip_blanks(char *p)
{
    while (is_blank(*p))
        p++;
    return p;
}

void nbl__io_comment_free(nbl__io_comment *comment)
{
    free(comment->line);
    free(comment->text);
    free(comment->pairs);
    *comment = (nbl__io_comment){.line = NULL};
}

static bool reserve(nbl__io_comment *comment, size_t bytes)
{
    if (bytes <= comment->capacity)
        return true;
    size_t capacity = bytes + bytes / 2;
    char *line = realloc(comment->line, capacity);
    if (line == NULL)
        return false;
    comment->line = line;
    char *text = realloc(comment->text, capacity);
    if (text == NULL)
        return false;
    comment->text = text;
    comment->capacity = capacity;
    return true;
}

static bool add(nbl__io_comment *comment, const char *key, const char *value)
{
    if (comment->n_pairs == comment->pair_capacity) {
        size_t capacity = comment->pair_capacity * 2 + 16;
        nbl__io_pair *pairs = realloc(comment->pairs, capacity * sizeof *pairs);
        if (pairs == NULL)
            return false;
        comment->pairs = pairs;
        comment->pair_capacity = capacity;
    }
    comment->pairs[comment->n_pairs++] = (nbl__io_pair){key, value};
    return true;
}

/* A quoted text from its opening quote on, unescaped in place. Returns what follows; NULL if it never ends. */
static char *read_quoted(char *p)
{
    char quote = *p++;
    char *out = p;
    for (; *p != quote; p++) {
        if (*p == '\0')
            return NULL;
        if (*p == '\\' && p[1] != '\0') {
            p++;
            *out++ = *p == 'n' ? '\n' : *p;
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
    return p + 1;
}

/* A bracketed array with its brackets, ended in place. Brackets in quotes do not count. */
static char *read_brackets(char *p)
{
    int depth = 0;
    char quote = '\0';
    for (; *p != '\0'; p++) {
        if (quote != '\0') {
            if (*p == '\\' && p[1] != '\0')
                p++;
            else if (*p == quote)
                quote = '\0';
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (*p == '[' || *p == '{') {
            depth++;
        } else if (*p == ']' || *p == '}') {
            if (--depth == 0)
                break;
        }
    }
    if (*p == '\0')
        return NULL;
    p++;
    if (*p == '\0')
        return p;
    if (!is_blank(*p))
        return NULL;
    *p = '\0';
    return p + 1;
}

static char *read_value(char *p, const char **value, const char **problem)
{
    char *end;
    *value = p;
    switch (*p) {
    case '"':
    case '\'':
        *value = p + 1;
        end = read_quoted(p);
        if (end == NULL)
            *problem = "a quote is not closed";
        return end;
    case '[':
    case '{':
        end = read_brackets(p);
        if (end == NULL)
            *problem = "a bracket is not closed, or text follows it";
        return end;
    default:
        for (end = p; *end != '\0' && !is_blank(*end); end++)
            ;
        if (*end != '\0')
            *end++ = '\0';
        return end;
    }
}

/* One pair; *p is not blank. Returns what follows, or NULL with *problem. */
static char *read_pair(char *p, const char **key, const char **value, const char **problem)
{
    char *key_end;
    *key = p;
    if (*p == '"' || *p == '\'') {
        *key = p + 1;
        key_end = p = read_quoted(p);
        if (p == NULL) {
            *problem = "a quote is not closed";
            return NULL;
        }
    } else {
        while (*p != '\0' && *p != '=' && !is_blank(*p))
            p++;
        key_end = p;
    }
    if (**key == '=' || **key == '\0') {
        *problem = "a value without a key";
        return NULL;
    }
    p = skip_blanks(p);
    if (*p != '=') {
        /* for a quoted key key_end is already beyond its end, and may be where the next key begins */
        if (key_end < p)
            *key_end = '\0';
        *value = "T";
        return p;
    }
    *key_end = '\0';
    return read_value(skip_blanks(p + 1), value, problem);
}

bool nbl__io_comment_parse(nbl__io_comment *comment, const char *line, size_t length)
{
    comment->n_pairs = 0;
    comment->problem = NULL;
    if (!reserve(comment, length + 1))
        return false;
    memcpy(comment->line, line, length);
    comment->line[length] = '\0';
    memcpy(comment->text, comment->line, length + 1);
    char *p = skip_blanks(comment->text);
    while (*p != '\0') {
        const char *key, *value;
        p = read_pair(p, &key, &value, &comment->problem);
        if (p == NULL) {
            comment->n_pairs = 0;
            return true;
        }
        if (!add(comment, key, value))
            return false;
        p = skip_blanks(p);
    }
    return true;
}

const char *nbl__io_comment_value(const nbl__io_comment *comment, const char *key)
{
    for (size_t k = comment->n_pairs; k-- > 0;)
        if (strcmp(comment->pairs[k].key, key) == 0)
            return comment->pairs[k].value;
    return NULL;
}

static bool same_any_case(const char *a, const char *b)
{
    for (; *a != '\0' && lower(*a) == lower(*b); a++, b++)
        ;
    return *a == *b;
}

const char *nbl__io_comment_value_any_case(const nbl__io_comment *comment, const char *key, size_t *count)
{
    const char *value = NULL;
    *count = 0;
    for (size_t k = 0; k < comment->n_pairs; k++)
        if (same_any_case(comment->pairs[k].key, key)) {
            value = comment->pairs[k].value;
            ++*count;
        }
    return value;
}

bool nbl__io_comment_mentions(const nbl__io_comment *comment, const char *word)
{
    for (const char *p = comment->line; *p != '\0'; p++) {
        if (p != comment->line && !is_blank(p[-1]))
            continue;
        size_t k = 0;
        while (word[k] != '\0' && lower(p[k]) == word[k])
            k++;
        if (word[k] == '\0' && p[k] == '=')
            return true;
    }
    return false;
}
