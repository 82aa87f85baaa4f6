/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli.h"
#include "engine.h"
#include "group.h"
#include "options.h"
#include "progress.h"
#include "source.h"
#include "text.h"

struct verification {
    const struct nbl__cli_options *options;
    struct nbl__cli_engine engine;
    bool differs; /* a list is wrong */
    int64_t n_frames, n_atoms, n_pairs;
};

/* "FILE: frame K: ", with the list where there are several. */
static void put_place(const struct verification *self, const struct nbl__cli_frame *frame, int32_t number)
{
    nbl__cli_progress_clear();
    nbl__cli_put_plain(stdout, frame->file);
    printf(": frame %lld: ", (long long)frame->number_in_file);
    if (self->options->n_cutoffs > 1)
        printf("list %d (cutoff %.10g): ", (int)number, self->options->cutoffs[number]);
}

/* Returns the exit status of a failure; a list that differs is none. */
static int verify_list(struct verification *self, const struct nbl__cli_frame *frame, int32_t number)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    nbl_result *result = self->engine.alone;
    nbl_status status =
        nbl_verify(result, number, frame->n, frame->positions, frame->cell, frame->pbc, &build, &report);
    if (status == NBL_EVERIFY) {
        self->differs = true;
        put_place(self, frame, number);
        printf("different: %s\n", nbl_result_message(result));
    } else if (status != NBL_OK) {
        return nbl__cli_engine_complain(frame, status, nbl_result_message(result));
    } else if (!self->options->quiet) {
        put_place(self, frame, number);
        printf("equal, %lld pair%s; %lld distance%s within 4 ulp of the cutoff\n", (long long)report.n_pairs,
               report.n_pairs == 1 ? "" : "s", (long long)report.n_close, report.n_close == 1 ? "" : "s");
    }
    self->n_pairs += nbl_result_n_pairs(result, number);
    return CLI_OK;
}

/* One frame at a time: a verification of many would tell of the first that differs alone. */
static int verify_frame(struct verification *self, const struct nbl__cli_frame *frame)
{
    nbl_status status = nbl__cli_engine_run_alone(&self->engine, frame);
    int answer = CLI_OK;
    if (status != NBL_OK)
        return nbl__cli_engine_complain(frame, status, self->engine.message);
    for (int32_t k = 0; answer == CLI_OK && !ferror(stdout) && k < self->options->n_cutoffs; k++)
        answer = verify_list(self, frame, k);
    return answer;
}

static int verify_all(struct verification *self, struct nbl__cli_source *source, struct nbl__cli_group *group)
{
    int status = CLI_OK;
    nbl__cli_progress_enable(!self->options->quiet);
    while (status != CLI_FAILED && !ferror(stdout) && nbl__cli_source_collect(source, group, 0)) {
        for (int64_t k = 0; status != CLI_FAILED && !ferror(stdout) && k < group->n; k++) {
            const struct nbl__cli_frame frame = nbl__cli_group_frame(group, k);
            int one = verify_frame(self, &frame);
            status = one != CLI_OK ? one : status;
            self->n_frames++;
            self->n_atoms += frame.n;
            nbl__cli_progress(self->n_frames, self->n_atoms, self->n_pairs, nbl__cli_source_fraction(source));
        }
    }
    nbl__cli_progress_clear();
    if (status == CLI_OK || nbl__cli_source_status(source) == CLI_FAILED)
        status = nbl__cli_source_status(source);
    return status;
}

int nbl__cli_verify(int argc, char **argv)
{
    struct nbl__cli_options options;
    struct verification self = {.options = &options};
    struct nbl__cli_group group = {0};
    int status;
    if (!nbl__cli_options_parse(&options, CLI_VERIFY, argc, argv, &status))
        return status;
    struct nbl__cli_source *source = nbl__cli_source_create(&options);
    if (source && nbl__cli_engine_create(&self.engine, &options) == NBL_OK) {
        status = verify_all(&self, source, &group);
    } else {
        nbl__cli_error("out of memory");
        status = CLI_FAILED;
    }
    nbl__cli_group_free(&group);
    nbl__cli_engine_destroy(&self.engine);
    nbl__cli_source_destroy(source);
    return !nbl__cli_stdout_good() || self.differs ? CLI_FAILED : status;
}
