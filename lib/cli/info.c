/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <nblist/nblist.h>

#include "cli.h"
#include "options.h"

enum { MOST_ISA = 64 }; /* above every level that the header knows; levels without a kernel have no name */

static void print_levels(void)
{
    const int32_t best = nbl_isa_detect();
    fputs("isa levels:", stdout);
    for (int32_t isa = 1; isa <= MOST_ISA; isa++) {
        const char *name = nbl_isa_name(isa);
        if (name)
            printf(" %s%s", name, isa == best ? " (in use)" : "");
    }
    putchar('\n');
}

/* The program and the library that it found may be of different ages; only then are there two versions. */
static void print_version(void)
{
    const char *library = nbl_version_string();
    printf("version: %s", NBL_VERSION_STRING);
    if (strcmp(library, NBL_VERSION_STRING) != 0)
        printf(", with library %s", library);
    putchar('\n');
}

static void print_build(void)
{
    static const char version[] = "version=";
    const char *line = nbl_build_info();
    while (*line) {
        int length = (int)strcspn(line, "\n");
        if (length > 0 && strncmp(line, version, sizeof version - 1) != 0)
            printf("build: %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

int nbl__cli_info(int argc, char **argv)
{
    struct nbl__cli_options options;
    int status;
    if (!nbl__cli_options_parse(&options, CLI_INFO, argc, argv, &status))
        return status;
    print_version();
    print_build();
    print_levels();
    printf("threads: %d\n", (int)nbl_max_threads());
    return nbl__cli_stdout_good() ? CLI_OK : CLI_FAILED;
}
