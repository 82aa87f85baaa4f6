/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nblist/nblist.h>

#include "cli.h"
#include "interrupt.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"pairs", nbl__cli_pairs},
#ifdef NBL_CLI_METRICS
                {"metrics", nbl__cli_metrics},
#endif
                {"verify", nbl__cli_verify},
                {"info", nbl__cli_info}};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static int run(const char *name, int argc, char **argv)
{
    for (size_t k = 0; k < N_COMMANDS; k++) {
        if (strcmp(name, commands[k].name) != 0)
            continue;
        nbl__cli_set_command(name);
        return commands[k].run(argc, argv);
    }
    nbl__cli_usage("unknown command '%s'", name);
    return CLI_INPUT;
}

static void print_help(FILE *stream)
{
    fputs("Usage: nblist COMMAND [OPTION]...\n"
          "\n"
          "Neighbor lists of atomistic structures, exact for every cell and cutoff.\n"
          "\n"
          "Commands:\n"
          "  pairs     list the pairs of atoms within a cutoff\n"
#ifdef NBL_CLI_METRICS
          "  metrics   tell how disordered structures are, and keep those that are so\n"
#endif
          "  verify    compare the lists with a brute-force reference\n"
          "  info      print version, build options, instruction-set levels, threads\n"
          "  help      print this help, or that of a command: nblist help COMMAND\n"
          "\n"
          "  --help    as help\n"
          "  --version print the version\n"
          "\n"
          "Exit status: 0 success; 1 a difference found by verify, or a failure such as a full disk;\n"
          "2 a usage error or malformed input.\n",
          stream);
}

static int help(int argc, char **argv)
{
    char option[] = "--help", *words[] = {argv[1], option, NULL};
    if (argc > 2) {
        nbl__cli_set_command("help");
        nbl__cli_usage("'%s' is one argument too many", argv[2]);
        return CLI_INPUT;
    }
    if (argc == 2 && argv[1][0] != '-' && strcmp(argv[1], "help") != 0)
        return run(argv[1], 2, words);
    print_help(stdout);
    return nbl__cli_stdout_good() ? CLI_OK : CLI_FAILED;
}

/*
 * A standard stream that the caller closed would be reused by the next file that is opened, and messages or
 * tables would end up in it. These stand-ins make every read or write fail instead.
 */
static void occupy_standard_streams(void)
{
    static const int modes[3] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) != fd)
            _exit(CLI_FAILED);
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    /* For the block characters alone: numbers stay as in the "C" locale. */
    setlocale(LC_CTYPE, "");
    nbl__cli_interrupt_setup();
    if (argc < 2) {
        print_help(stderr);
        return CLI_INPUT;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0) {
        printf("nblist %s\n", nbl_version_string());
        return nbl__cli_stdout_good() ? CLI_OK : CLI_FAILED;
    }
    if (argv[1][0] == '-') {
        nbl__cli_usage("unknown option '%s'", argv[1]);
        return CLI_INPUT;
    }
    return run(argv[1], argc - 1, argv + 1);
}
