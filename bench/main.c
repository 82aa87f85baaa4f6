/* SPDX-License-Identifier: MIT */
/* nbl_bench: what the library costs on this machine, against what the machine can do and what others need. */
#include "session.h"

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

static int list_cases(void)
{
    for (size_t k = 0; k < nbl__bench_n_cases; k++)
        printf("%-23s  cutoff %-3g %s%s\n", nbl__bench_cases[k].name, nbl__bench_cases[k].cutoff,
               nbl__bench_cases[k].text, nbl__bench_cases[k].large ? " (large)" : "");
    return EXIT_GOOD;
}

static int run(const bench_options *options)
{
    bench_session session;
    const bool open = nbl__bench_session_open(&session, options);
    if (open)
        nbl__bench_session_run(&session);
    nbl__bench_session_close(&session);
    if (!open)
        return EXIT_USAGE;
    return session.good ? EXIT_GOOD : EXIT_BAD;
}

int main(int argc, char **argv)
{
    bench_options options;
    if (!nbl__bench_options_parse(argc, argv, &options))
        return EXIT_USAGE;
    if (options.help)
        return fputs(nbl__bench_help, stdout) < 0 ? EXIT_BAD : EXIT_GOOD;
    return options.list ? list_cases() : run(&options);
}
