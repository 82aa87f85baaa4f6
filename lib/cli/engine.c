/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include "cli.h"
#include "group.h"
#include "options.h"
#include "progress.h"
#include "source.h"

nbl_status nbl__cli_engine_create(struct nbl__cli_engine *engine, const struct nbl__cli_options *options)
{
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    handle.n_threads = options->n_threads;
    *engine = (struct nbl__cli_engine){.options = options, .message = ""};
    nbl_status status = nbl_batch_create(&engine->batch, &handle);
    if (status == NBL_OK)
        status = nbl_result_create(&engine->result, &handle);
    if (status == NBL_OK)
        status = nbl_cell_list_create(&engine->list, &handle);
    if (status == NBL_OK)
        status = nbl_result_create(&engine->alone, &handle);
    return status;
}

void nbl__cli_engine_destroy(struct nbl__cli_engine *engine)
{
    nbl_result_destroy(&engine->alone);
    nbl_cell_list_destroy(&engine->list);
    nbl_result_destroy(&engine->result);
    nbl_batch_destroy(&engine->batch);
}

static nbl_status build(struct nbl__cli_engine *engine, struct nbl__cli_group *group, int64_t first,
                        int64_t count)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    nbl_batch_input input = nbl__cli_group_input(group, first, count);
    input.cutoffs = &engine->options->cutoffs[engine->options->largest];
    input.n_cutoffs = 1;
    options.algorithm = engine->options->algorithm;
    return nbl_batch_build(engine->batch, &input, &options, NULL);
}

static int64_t count_pairs(const nbl_result *result)
{
    int64_t n = 0;
    for (int32_t list = 0; list < nbl_result_n_lists(result); list++)
        n += nbl_result_n_pairs(result, list);
    return n;
}

nbl_status nbl__cli_engine_run(struct nbl__cli_engine *engine, struct nbl__cli_group *group, int64_t first,
                               int64_t count)
{
    const struct nbl__cli_options *options = engine->options;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    search.flags = options->flags;
    search.max_pairs = count > 1 ? CLI_MOST_PAIRS : options->max_pairs;
    const double start = nbl__cli_now();
    nbl_status status = build(engine, group, first, count);
    if (status == NBL_OK || status == NBL_EBATCH)
        status = nbl_batch_search_multi(engine->batch, options->n_cutoffs, 1, options->cutoffs, &search,
                                        engine->result);
    engine->seconds = nbl__cli_now() - start;
    if (status != NBL_OK && status != NBL_EBATCH)
        return status;
    return count > 1 && count_pairs(engine->result) > CLI_MOST_PAIRS ? NBL_ELIMIT : NBL_OK;
}

static bool lacks_cell(const struct nbl__cli_frame *frame)
{
    return !frame->cell && (frame->pbc[0] || frame->pbc[1] || frame->pbc[2]);
}

const char *nbl__cli_engine_lacks_cell(const struct nbl__cli_options *options,
                                       const struct nbl__cli_frame *frame)
{
    if (!lacks_cell(frame))
        return NULL;
    return options->has_pbc ? "--pbc makes an axis periodic, but there is no Lattice (--cell gives one)"
                            : "pbc makes an axis periodic, but there is no Lattice";
}

nbl_status nbl__cli_engine_run_alone(struct nbl__cli_engine *engine, const struct nbl__cli_frame *frame)
{
    const struct nbl__cli_options *options = engine->options;
    nbl_build_options build_options = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    build_options.algorithm = options->algorithm;
    search.flags = options->flags;
    search.max_pairs = options->max_pairs;
    engine->message = nbl__cli_engine_lacks_cell(options, frame);
    if (engine->message)
        return NBL_ECELL;
    nbl_status status = nbl_cell_list_build(engine->list, frame->n, frame->positions, frame->cell, frame->pbc,
                                            options->cutoffs[options->largest], &build_options);
    engine->message = nbl_cell_list_message(engine->list);
    if (status != NBL_OK)
        return status;
    status =
        nbl_cell_list_search_multi(engine->list, options->n_cutoffs, options->cutoffs, &search, engine->alone);
    engine->message = nbl_result_message(engine->alone);
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
