/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: structs of options and outputs whose bytes, sizes and capacities are the input's, as a newer, an
 * older or a careless caller hands them over. A fetch that succeeds has to write what the plainest fetch of the
 * same search gives, in the layout and types asked for; whatever else there is in the arrays must stay as it
 * was, and after a failure everything. structs_expected.c says what has to be where; structs_calls.c makes the
 * calls around it.
 */
#include <stdbool.h>
#include <string.h>

#include "structs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNTOUCHED = 0xA5, MOST_SIZE = 512, MOST_STRIDE = 256, POSITION_BYTES = ATOMS * MOST_STRIDE + 24 };

/* A struct of any size, with any bytes behind today's fields. */
typedef union wounded {
    uint64_t words[MOST_SIZE / sizeof(uint64_t)];
    uint8_t byte[MOST_SIZE];
    size_t size;
    nbl_build_options build;
    nbl_search_options search;
    nbl_outputs outputs;
} wounded;

/* What the caller holds. */
typedef struct scene {
    uint8_t positions[POSITION_BYTES], pbc[SYSTEMS][3];
    double cells[SYSTEMS][3][3], cutoff;
    int64_t ptr[SYSTEMS + 1];
    nbl_batch_input in;
    wounded build, search, outputs;
} scene;

static scene now;
static plain right;
static arrays_of written, expected;

/* Any byte of a struct may come from the input; mostly few do, or nothing would ever be accepted. */
static void wound(input *in, wounded *to, size_t own)
{
    const unsigned how = fuzz_byte(in);
    to->size = how & 1 ? (size_t)fuzz_byte(in) * 2 : own;
    for (unsigned k = how >> 5; k > 0; k--) {
        const size_t at = sizeof(size_t) + 2u * fuzz_byte(in) % (how & 2 ? MOST_SIZE - 10 : own - 10);
        to->byte[at + (how >> 2 & 1)] = fuzz_byte(in);
    }
}

static void decode_systems(input *in)
{
    memset(&now, 0, sizeof now);
    for (size_t i = 0; i < ATOMS; i++)
        for (size_t k = 0; k < 3; k++) {
            const double r = (int8_t)fuzz_byte(in) / 32.0;
            memcpy(now.positions + (3 * i + k) * sizeof r, &r, sizeof r);
        }
    for (int b = 0; b < SYSTEMS; b++) {
        const unsigned periodic = fuzz_byte(in);
        now.ptr[b + 1] = ATOMS_OF * (b + 1);
        for (int k = 0; k < 3; k++) {
            now.pbc[b][k] = periodic >> k & 1;
            now.cells[b][k][k] = 3 + (periodic >> 3) / 16.0;
        }
    }
    now.cutoff = 1 + fuzz_byte(in) / 128.0;
    now.in = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
    now.in.n_systems = now.in.n_cells = now.in.n_pbc = SYSTEMS;
    now.in.n_atoms = ATOMS;
    now.in.positions = now.positions;
    now.in.ptr = now.ptr;
    now.in.cells = now.cells;
    now.in.pbc = now.pbc[0];
    now.in.cutoffs = &now.cutoff;
    now.in.n_cutoffs = 1;
}

/* A size that the arrays of this program have; what is negative is for the library to refuse. */
static int64_t within(int64_t value, int64_t most)
{
    return value > most ? value % (most + 1) : value;
}

static void decode_options(input *in)
{
    now.build.build = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    now.search.search = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
    now.search.search.flags = fuzz_byte(in) & (NBL_HALF | NBL_SORTED | NBL_SELF | NBL_INCLUSIVE);
    now.search.search.mode = fuzz_byte(in) % 3;
    wound(in, &now.build, sizeof now.build.build);
    wound(in, &now.search, sizeof now.search.search);
    now.build.build.positions_stride = within(now.build.build.positions_stride, MOST_STRIDE);
    now.build.build.n_threads = (int32_t)within(now.build.build.n_threads, 4);
    now.search.search.n_threads = (int32_t)within(now.search.search.n_threads, 4);
    now.search.search.max_pairs = within(now.search.search.max_pairs, PAIRS);
    if (now.search.search.max_pairs == 0)
        now.search.search.max_pairs = PAIRS;
}

static int beside(unsigned choice)
{
    static const int steps[4] = {0, 0, 1, -1};
    return steps[choice & 3];
}

/* Where an array of the outputs is asked for, it is this program's of that field. */
static void decode_outputs(input *in)
{
    nbl_outputs *o = &now.outputs.outputs;
    const unsigned asked = (unsigned)fuzz_byte(in) | (unsigned)fuzz_byte(in) << 8, how = fuzz_byte(in);
    *o = (nbl_outputs)NBL_OUTPUTS_INIT;
    o->layout = how & 1;
    o->index_base = how >> 1 & 1;
    o->index_dtype = how & 4 ? NBL_INT32 : NBL_INT64;
    o->offset_dtype = how & 8 ? NBL_INT32 : 0;
    o->shift_dtype = how & 16 ? NBL_INT8 : 0;
    o->real_dtype = how & 32 ? NBL_FLOAT32 : 0;
    o->local_indices = how >> 6 & 1;
    const unsigned room = fuzz_byte(in); /* exactly what is needed, or one less or more of something */
    o->pair_capacity = right.m + beside(room);
    o->row_capacity = right.rows + beside(room >> 2);
    o->dense_width = right.most + beside(room >> 4);
    o->system_capacity = SYSTEMS + beside(room >> 6);
    wound(in, &now.outputs, sizeof *o);
    o->pair_capacity = within(o->pair_capacity, PAIRS);
    o->row_capacity = within(o->row_capacity, PAIRS);
    o->edge_index_stride = within(o->edge_index_stride, PAIRS);
    o->dense_width = within(o->dense_width, PAIRS / ATOMS);
    o->system_capacity = within(o->system_capacity, PAIRS);
    void **const places[N_ARRAYS] = {&o->i,       &o->j,         &o->edge_index, &o->pairs,  &o->shifts,
                                     &o->vectors, &o->distances, &o->row_ptr,    &o->counts, &o->reverse,
                                     &o->batch,   &o->edge_ptr,  &o->atom_ptr};
    for (int k = 0; k < N_ARRAYS; k++)
        *places[k] = asked >> k & 1 ? written.bytes[k] : NULL;
}

/* False: rows that were only counted are to be found again, for which the search left too little memory. */
static bool fetch_plain(nbl_result *result)
{
    nbl_outputs to = NBL_OUTPUTS_INIT;
    right.m = nbl_result_n_pairs(result, 0);
    right.rows = nbl_result_n_rows(result);
    right.most = nbl_result_max_count(result, 0);
    REQUIRE(right.m >= 0 && right.m <= PAIRS && right.rows >= 0 && right.rows <= ATOMS);
    to.pair_capacity = right.m;
    to.row_capacity = right.rows;
    to.i = right.i;
    to.j = right.j;
    to.shifts = right.s;
    to.vectors = right.d;
    to.distances = right.x;
    to.row_ptr = right.ptr;
    const nbl_status status = nbl_result_fetch(result, 0, &to);
    const nbl_search_options *asked = &now.search.search;
    REQUIRE(status == NBL_OK ||
            (status == NBL_ELIMIT && asked->max_bytes != 0 && asked->mode != NBL_MODE_PAIRS));
    return status == NBL_OK;
}

/* As the library has to read it: an old caller's struct ends early, and has zeros there. */
static nbl_outputs as_read(void)
{
    nbl_outputs own;
    memset(&own, 0, sizeof own);
    memcpy(&own, &now.outputs, now.outputs.size < sizeof own ? now.outputs.size : sizeof own);
    return own;
}

static void fetch_wounded(input *in, nbl_result *result)
{
    decode_outputs(in);
    memset(&written, UNTOUCHED, sizeof written);
    memset(&expected, UNTOUCHED, sizeof expected);
    const nbl_status status = nbl_result_fetch(result, 0, &now.outputs.outputs);
    REQUIRE((status == NBL_OK) == (nbl_result_message(result)[0] == '\0'));
    REQUIRE(status <= NBL_OK && strcmp(nbl_status_name(status), "NBL_E?") != 0);
    if (status == NBL_OK) {
        const nbl_outputs own = as_read();
        fuzz_expect(&right, &own, &expected);
    }
    REQUIRE(memcmp(&written, &expected, sizeof written) == 0);
}

/* Masks of small systems may fit a limit that is too low to verify them: then the same is found without one. */
static void verify(nbl_batch *batch, nbl_result *result)
{
    uint64_t *limit = &now.search.search.max_bytes;
    const uint64_t given = *limit;
    nbl_status status = nbl_verify_batch(result, 0, &now.in, &now.build.build, NULL);
    if (status == NBL_ELIMIT && given != 0) {
        *limit = 0;
        REQUIRE(nbl_batch_search(batch, 0, NULL, &now.search.search, result) == NBL_OK);
        REQUIRE(fetch_plain(result));
        status = nbl_verify_batch(result, 0, &now.in, &now.build.build, NULL);
        *limit = given;
    }
    REQUIRE(status == NBL_OK);
}

static void search(input *in, nbl_batch *batch, nbl_result *result)
{
    const nbl_status built = nbl_batch_build(batch, &now.in, &now.build.build, NULL);
    REQUIRE((built == NBL_OK) == (nbl_batch_message(batch)[0] == '\0'));
    if (built != NBL_OK && built != NBL_EBATCH)
        return;
    nbl_status status = nbl_batch_search(batch, 0, NULL, &now.search.search, result);
    REQUIRE((status == NBL_OK) == (nbl_result_message(result)[0] == '\0'));
    if (status != NBL_OK)
        return;
    if (!fetch_plain(result))
        return;
    verify(batch, result);
    for (int k = 0; k < 4; k++)
        fetch_wounded(in, result);
    if (built == NBL_OK)
        fuzz_calls(in, &(around){batch, result, &now.in, &now.build.build, &now.search.search});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    decode_systems(&in);
    decode_options(&in);
    REQUIRE(nbl_batch_create(&batch, NULL) == NBL_OK && nbl_result_create(&result, NULL) == NBL_OK);
    search(&in, batch, result);
    nbl_result_destroy(&result);
    nbl_batch_destroy(&batch);
    return 0;
}
