/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli.h"
#include "engine.h"
#include "options.h"
#include "progress.h"
#include "source.h"
#include "text.h"

/* Verifies one frame; *differs is set if its list is wrong. Returns the exit status of a failure. */
static int verify_frame(struct nbl__cli_engine *engine, const struct nbl__cli_frame *frame, bool *differs)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    nbl_status status = nbl__cli_engine_run(engine, frame);
    if (status != NBL_OK)
        return nbl__cli_engine_complain(frame, status, engine->message);
    status =
        nbl_verify(engine->result, 0, frame->n, frame->positions, frame->cell, frame->pbc, &build, &report);
    if (status == NBL_EVERIFY) {
        *differs = true;
        nbl__cli_progress_clear();
        nbl__cli_put_plain(stdout, frame->file);
        printf(": frame %lld: different: %s\n", (long long)frame->number_in_file,
               nbl_result_message(engine->result));
    } else if (status != NBL_OK) {
        return nbl__cli_engine_complain(frame, status, nbl_result_message(engine->result));
    } else if (!engine->options->quiet) {
        nbl__cli_progress_clear();
        nbl__cli_put_plain(stdout, frame->file);
        printf(": frame %lld: equal, %lld pair%s; %lld distance%s within 4 ulp of the cutoff\n",
               (long long)frame->number_in_file, (long long)report.n_pairs, report.n_pairs == 1 ? "" : "s",
               (long long)report.n_close, report.n_close == 1 ? "" : "s");
    }
    return CLI_OK;
}

int nbl__cli_verify(int argc, char **argv)
{
    struct nbl__cli_options options;
    struct nbl__cli_engine engine = {0};
    struct nbl__cli_frame frame;
    bool differs = false;
    int status;
    if (!nbl__cli_options_parse(&options, CLI_VERIFY, argc, argv, &status))
        return status;
    struct nbl__cli_source *source = nbl__cli_source_create(&options);
    if (!source || nbl__cli_engine_create(&engine, &options) != NBL_OK) {
        nbl__cli_error("out of memory");
        nbl__cli_engine_destroy(&engine);
        nbl__cli_source_destroy(source);
        return CLI_FAILED;
    }
    nbl__cli_progress_enable(!options.quiet);
    status = CLI_OK;
    while (status != CLI_FAILED && nbl__cli_source_next(source, &frame)) {
        int one = verify_frame(&engine, &frame, &differs);
        status = one != CLI_OK ? one : status;
        if (ferror(stdout))
            break;
        nbl__cli_progress(frame.number + 1, nbl__cli_source_fraction(source));
    }
    nbl__cli_progress_clear();
    if (status == CLI_OK)
        status = nbl__cli_source_status(source);
    else if (nbl__cli_source_status(source) == CLI_FAILED)
        status = CLI_FAILED;
    nbl__cli_engine_destroy(&engine);
    nbl__cli_source_destroy(source);
    return !nbl__cli_stdout_good() || differs ? CLI_FAILED : status;
}
