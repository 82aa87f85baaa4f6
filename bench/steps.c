/* SPDX-License-Identifier: MIT */
/* What several ways have in common. */
#include "library.h"

int64_t nbl__bench_one_step(const bench_work *work)
{
    (void)work;
    return 1;
}

bool nbl__bench_list_build(bench_library *library, int64_t system)
{
    const bench_systems *set = library->work.set;
    const double *positions = library->moved ? library->moved : set->positions;
    const int64_t begin = set->first[system], n = set->first[system + 1] - begin;
    nbl_status status = nbl_cell_list_build(library->list, n, positions + 3 * begin, set->cells[system],
                                            set->pbc[system], library->work.cutoff, NULL);
    return nbl__bench_good(library, system, status, nbl_cell_list_message(library->list));
}

bool nbl__bench_batch_build(bench_library *library, int64_t step)
{
    const bench_systems *set = library->work.set;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = in.n_cells = in.n_pbc = set->count;
    in.n_atoms = set->n_atoms;
    in.n_cutoffs = 1;
    in.positions = set->positions;
    in.ptr = set->first;
    in.cells = set->cells;
    in.pbc = set->pbc[0];
    in.cutoffs = &library->work.cutoff;
    nbl_status status = nbl_batch_build(library->batch, &in, NULL, NULL);
    return nbl__bench_good(library, step, status, nbl_batch_message(library->batch));
}

bool nbl__bench_fetch(bench_library *library, int32_t list)
{
    nbl_status status = nbl_result_fetch(library->result, list, &library->outputs);
    return nbl__bench_good(library, list, status, nbl_result_message(library->result));
}

bench_pairs nbl__bench_fetched(const bench_library *library, int32_t list)
{
    const nbl_outputs *out = &library->outputs;
    return (bench_pairs){.count = nbl_result_n_pairs(library->result, list),
                         .stride = 1,
                         .i = out->i,
                         .j = out->j,
                         .shifts = out->shifts,
                         .vectors = out->vectors,
                         .distances = out->distances,
                         .narrow = library->bytes.i == sizeof(int32_t)};
}

/* The rows of a system stand together. */
void nbl__bench_digest_batch(bench_digest *digest, int64_t first, const bench_systems *set, bench_pairs pairs)
{
    const int64_t m = pairs.count;
    const size_t size = pairs.narrow ? sizeof(int32_t) : sizeof(int64_t);
    int64_t begin = 0;
    for (int64_t system = 0; system < set->count; system++) {
        int64_t end = begin;
        pairs.base = 0;
        while (end < m && nbl__bench_pairs_index(&pairs, pairs.i, end) < set->first[system + 1])
            end++;
        bench_pairs part = pairs;
        part.count = end - begin;
        part.base = set->first[system];
        part.i = (const char *)pairs.i + (size_t)begin * size;
        part.j = (const char *)pairs.j + (size_t)begin * size;
        part.shifts = pairs.shifts + 3 * begin;
        nbl__bench_digest_add(digest, first + system, &part);
        begin = end;
    }
    digest->pairs += m - begin;
}
