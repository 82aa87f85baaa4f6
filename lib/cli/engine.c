/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include "cli.h"
#include "options.h"
#include "progress.h"
#include "source.h"

nbl_status nbl__cli_engine_create(struct nbl__cli_engine *engine, const struct nbl__cli_options *options)
{
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    handle.n_threads = options->n_threads;
    *engine = (struct nbl__cli_engine){.options = options, .message = ""};
    nbl_status status = nbl_cell_list_create(&engine->list, &handle);
    if (status == NBL_OK)
        status = nbl_result_create(&engine->result, &handle);
    return status;
}

void nbl__cli_engine_destroy(struct nbl__cli_engine *engine)
{
    nbl_result_destroy(&engine->result);
    nbl_cell_list_destroy(&engine->list);
}

/* The library would name its arguments, which the user of the program has never seen. */
static bool lacks_cell(const struct nbl__cli_frame *frame)
{
    return !frame->cell && (frame->pbc[0] || frame->pbc[1] || frame->pbc[2]);
}

nbl_status nbl__cli_engine_run(struct nbl__cli_engine *engine, const struct nbl__cli_frame *frame)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    build.algorithm = engine->options->algorithm;
    search.flags = engine->options->flags;
    search.max_pairs = engine->options->max_pairs;
    if (lacks_cell(frame)) {
        engine->message = engine->options->has_pbc
                              ? "--pbc makes an axis periodic, but there is no Lattice (--cell gives one)"
                              : "pbc makes an axis periodic, but there is no Lattice";
        return NBL_ECELL;
    }

    const double start = nbl__cli_now();
    nbl_status status = nbl_cell_list_build(engine->list, frame->n, frame->positions, frame->cell, frame->pbc,
                                            engine->options->cutoff, &build);
    if (status != NBL_OK) {
        engine->message = nbl_cell_list_message(engine->list);
        return status;
    }
    status = nbl_cell_list_search(engine->list, engine->options->cutoff, &search, engine->result);
    engine->seconds = nbl__cli_now() - start;
    if (status != NBL_OK)
        engine->message = nbl_result_message(engine->result);
    return status;
}

int nbl__cli_engine_complain(const struct nbl__cli_frame *frame, nbl_status status, const char *message)
{
    if (lacks_cell(frame))
        nbl__cli_complain("%s:%lld: frame %lld: %s", frame->file, (long long)frame->line,
                          (long long)frame->number_in_file, message);
    else
        nbl__cli_complain("%s: frame %lld: %s", frame->file, (long long)frame->number_in_file,
                          message[0] ? message : nbl_status_text(status));
    return status == NBL_ENOMEM ? CLI_FAILED : CLI_INPUT;
}
