/* SPDX-License-Identifier: MIT */
/*
 * digest [--isa NAME]                                   prints the digest
 * digest [--isa NAME] --check FILE [--except KIND]      compares it with a printed one
 *
 * A digest says what the library returns for a fixed set of inputs, as 64-bit numbers, three for each group of
 * inputs and for all; tally.h tells what they hold. It is the same on every platform, instruction set and
 * compiler. Exit status: 0; 1, any number differs (each is named); 77, the machine or the library lacks this
 * instruction set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"

enum { SKIPPED = 77, KINDS = 3 };

static const char head[] =
    "# What the library returns for fixed inputs: group, kind of numbers, number. Written by\n"
    "#     digest >tests/cross/digest.txt\n"
    "# which is right after a change on purpose to the order of unsorted rows (then only lines of the kind\n"
    "# `sequence` change), or to the inputs. Any other difference is a fault of the library: values and the\n"
    "# order of sorted rows are promised.\n";

struct line {
    const char *group, *kind;
    uint64_t number;
};

struct digest {
    struct line lines[KINDS * (GROUPS + 1)];
    int n_lines;
    int64_t lists, pairs;
};

/* A group without lists has values only. */
static void add_group(struct digest *d, const char *name, const uint64_t numbers[KINDS])
{
    static const char *const kinds[KINDS] = {"values", "sorted", "sequence"};
    for (int k = 0; k < KINDS; k++)
        if (numbers[k] != 0)
            d->lines[d->n_lines++] = (struct line){name, kinds[k], numbers[k]};
}

static void make(struct digest *d, int32_t isa)
{
    uint64_t total[KINDS] = {0};
    memset(d, 0, sizeof *d);
    for (int at = 0; at < GROUPS; at++) {
        struct engine e;
        engine_open(&e, isa, (uint64_t)at + 1);
        group_run(&e, &groups[at]);
        uint64_t numbers[KINDS] = {e.tally.values, e.tally.sorted, e.tally.sequence};
        add_group(d, groups[at].name, numbers);
        for (int k = 0; k < KINDS; k++)
            total[k] = total[k] * 0x9e3779b97f4a7c15u + numbers[k];
        d->lists += e.tally.lists;
        d->pairs += e.tally.pairs;
        engine_close(&e);
    }
    add_group(d, "total", total);
}

static void print(const struct digest *d)
{
    fputs(head, stdout);
    for (int k = 0; k < d->n_lines; k++)
        printf("%-11s %-9s %016llx\n", d->lines[k].group, d->lines[k].kind,
               (unsigned long long)d->lines[k].number);
}

/* The number of the file's line for this group and kind; 0: there is none. */
static uint64_t stored(FILE *file, const struct line *line)
{
    char text[200], group[20], kind[20];
    unsigned long long number;
    rewind(file);
    while (fgets(text, sizeof text, file))
        if (sscanf(text, "%19s %19s %llx", group, kind, &number) == 3 && strcmp(group, line->group) == 0 &&
            strcmp(kind, line->kind) == 0)
            return number;
    return 0;
}

static int check(const struct digest *d, const char *path, const char *except, int32_t isa)
{
    FILE *file = fopen(path, "r");
    int differences = 0;
    if (!file) {
        perror(path);
        return 1;
    }
    for (int k = 0; k < d->n_lines; k++) {
        const struct line *line = &d->lines[k];
        uint64_t expected = stored(file, line);
        if (line->number == expected || (except && strcmp(except, line->kind) == 0))
            continue;
        differences++;
        printf("%s: %s differ: %016llx instead of %016llx\n", line->group, line->kind,
               (unsigned long long)line->number, (unsigned long long)expected);
    }
    fclose(file);
    printf("%s: %lld lists, %lld pairs, %d of %d numbers differ\n", nbl_isa_name(isa), (long long)d->lists,
           (long long)d->pairs, differences, d->n_lines);
    return differences > 0;
}

static int32_t level_of(const char *name)
{
    for (int32_t isa = 1; isa < 100; isa++) {
        const char *known = nbl_isa_name(isa);
        if (known && strcmp(known, name) == 0)
            return isa;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *path = NULL, *except = NULL, *name = NULL;
    int at = 1;
    for (; at + 1 < argc; at += 2) {
        if (strcmp(argv[at], "--check") == 0)
            path = argv[at + 1];
        else if (strcmp(argv[at], "--except") == 0)
            except = argv[at + 1];
        else if (strcmp(argv[at], "--isa") == 0)
            name = argv[at + 1];
        else
            break;
    }
    if (at != argc) {
        fputs("usage: digest [--isa NAME] [--check FILE [--except values|sorted|sequence]]\n", stderr);
        return 2;
    }
    int32_t isa = name ? level_of(name) : nbl_isa_detect();
    if (isa == 0 || isa > nbl_isa_detect()) {
        printf("%s: not on this machine\n", name);
        return SKIPPED;
    }
    struct digest d;
    make(&d, isa);
    if (path)
        return check(&d, path, except, isa);
    print(&d);
    return 0;
}
