/* SPDX-License-Identifier: MIT */
#include "batch/set.h"

#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "batch/loader.h"
#include "search/team.h"

/* Atoms, and systems, that are loaded as one piece of work; systems of more atoms are several pieces. */
enum { PIECE_ATOMS = 4096, PIECE_SYSTEMS = 512 };

/* Grids of so many atoms are made one after the other by all threads; smaller ones by one thread each. */
enum { SHARED_GRID = 16384 };

/* Work of a search that is handed out in one go, and of one atom of a block beside its images, in about ns. */
enum { CHUNK_COST = 40000, ATOM_COST = 20 };

typedef struct builder {
    nbl__set *set;
    const nbl__input *input;
    nbl__memory *memory;
    nbl__loader loader;
    const nbl__piece *pieces;
    int64_t n_pieces;
    bool wraps; /* whether any system is more than an open block */
    nbl__team team;
} builder;

static nbl_status reserve_systems(builder *b, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const uint64_t n = (uint64_t)b->input->n_systems;
    /* Pieces are bounded by atoms and systems alike. */
    const uint64_t n_pieces = n + (uint64_t)b->input->n_atoms / PIECE_ATOMS + 1;
    const size_t had = set->member_memory.bytes;
    const struct {
        nbl__buffer *buffer;
        uint64_t count;
        size_t item;
    } wants[] = {
        {&set->first_memory, n + 1, sizeof *set->first},
        {&set->member_memory, n + 1, sizeof *set->members},
        {&set->chunk_memory, n + 1, sizeof *set->chunks},
        {&set->work_memory, n_pieces, sizeof(nbl__piece)},
    };
    for (size_t k = 0; k < sizeof wants / sizeof *wants; k++) {
        nbl_status status = nbl__buffer_reserve(b->memory, wants[k].buffer,
                                                nbl__size_of_count(wants[k].count, wants[k].item), fault);
        if (status == NBL_OK && wants[k].buffer == &set->member_memory && set->member_memory.bytes != had)
            memset(set->member_memory.data, 0, set->member_memory.bytes); /* nothing is known of those */
        if (status != NBL_OK)
            return status;
    }
    set->first = set->first_memory.data;
    set->members = set->member_memory.data;
    set->chunks = set->chunk_memory.data;
    return NBL_OK;
}

/*
 * Where systems first ... end - 1 end. Each thread copies what it meets again in the search: moving that from
 * one core to the other takes longer.
 */
static void copy_ends(const builder *b, int64_t first, int64_t end)
{
    const int64_t *from = b->input->first;
    int64_t *to = b->set->first;
    if (to != from)
        memcpy(to + first + 1, from + first + 1, (size_t)(end - first) * sizeof *to);
}

/* Room for what the kinds of systems need. */
static nbl_status reserve_atoms(const builder *b, bool wraps, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const uint64_t n = (uint64_t)b->input->n_atoms, n_systems = (uint64_t)b->input->n_systems;
    const struct {
        nbl__buffer *buffer;
        uint64_t count;
        size_t item;
    } wants[] = {
        {&set->lattice_memory, (uint64_t)set->n_lattices, sizeof *set->lattices},
        /* One atom more than there are: places of atoms are then never offsets from NULL. */
        {&set->r_memory, n + 1, sizeof *set->r},
        {&set->p_memory, wraps ? n + 1 : 0, sizeof *set->p},
        {&set->w_memory, wraps ? n + 1 : 0, sizeof *set->w},
        {&set->wrapped_memory, wraps ? n_systems : 0, sizeof *set->wrapped},
    };
    for (size_t k = 0; k < sizeof wants / sizeof *wants; k++) {
        nbl_status status = nbl__buffer_reserve(b->memory, wants[k].buffer,
                                                nbl__size_of_count(wants[k].count, wants[k].item), fault);
        if (status != NBL_OK)
            return status;
    }
    set->lattices = set->lattice_memory.data;
    set->r = set->r_memory.data;
    set->p = set->p_memory.data;
    set->w = set->w_memory.data;
    set->wrapped = set->wrapped_memory.data;
    return NBL_OK;
}

/* Members, and room. */
static nbl_status describe_all(builder *b, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const nbl__input *input = b->input;
    set->n_lattices = 0;
    for (int64_t s = 0; s < input->n_systems; s++) {
        const int64_t n = nbl__input_atoms(input, s);
        const bool periodic = nbl__loader_describe(&b->loader, s);
        if (periodic)
            set->members[s].lattice = (int32_t)set->n_lattices++;
        b->wraps |= periodic || !nbl__plan_is_open_block(n, input->algorithm);
    }
    return reserve_atoms(b, b->wraps, fault);
}

static void work_load(void *context, int thread, int team_size)
{
    (void)team_size;
    builder *b = context;
    int64_t k;
    while ((k = nbl__team_next(&b->team, thread)) >= 0)
        nbl__loader_piece(&b->loader, &b->pieces[k]);
}

static bool is_large(const builder *b, int64_t system)
{
    return nbl__set_atoms(b->set, system) > PIECE_ATOMS && !nbl__loader_is_block(&b->loader, system);
}

static void cut_pieces(builder *b)
{
    nbl__set *set = b->set;
    nbl__piece *pieces = set->work_memory.data;
    int64_t n = 0, atoms = 0;
    bool fresh = true;
    for (int64_t s = 0; s < set->n_systems; s++) {
        const int64_t of_system = nbl__set_atoms(set, s);
        if (is_large(b, s)) {
            fresh = true;
            if (!nbl__loader_open(&b->loader, s))
                continue;
            for (int64_t atom = set->first[s]; atom < set->first[s + 1]; atom += PIECE_ATOMS) {
                const int64_t rest = set->first[s + 1] - atom;
                pieces[n++] = (nbl__piece){s, s + 1, atom, atom + (rest < PIECE_ATOMS ? rest : PIECE_ATOMS)};
            }
            continue;
        }
        if (fresh || atoms + of_system > PIECE_ATOMS || s - pieces[n - 1].first >= PIECE_SYSTEMS) {
            pieces[n++] = (nbl__piece){s, s, 0, 0};
            atoms = 0;
            fresh = false;
        }
        atoms += of_system;
        pieces[n - 1].end = s + 1;
    }
    b->pieces = pieces;
    b->n_pieces = n;
}

static void run_pieces(builder *b, void (*work)(void *context, int thread, int team_size))
{
    nbl__team_init(&b->team, b->n_pieces, 0);
    nbl__team_run(&b->team, b->input->n_threads, b->input->least_pieces, work, b);
}

static nbl_status load_all(builder *b, nbl__fault *fault)
{
    copy_ends(b, 0, b->input->n_systems);
    nbl_status status = describe_all(b, fault);
    if (status != NBL_OK)
        return status;
    cut_pieces(b);
    run_pieces(b, work_load);
    return NBL_OK;
}

/* Large systems come by falling size: from batch to batch the k-th is about as large, and its memory fits. */
typedef struct ranked {
    int64_t n, system;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (x->system > y->system) - (x->system < y->system);
}

static int64_t rank_binned(const nbl__set *set, ranked *out)
{
    int64_t n = 0;
    for (int64_t s = 0; s < set->n_systems; s++)
        if (set->members[s].status == NBL_OK && set->members[s].path != NBL__PATH_BLOCK &&
            nbl__set_atoms(set, s) > 0)
            out[n++] = (ranked){nbl__set_atoms(set, s), s};
    nbl__sort(out, (size_t)n, sizeof *out, compare_ranked, out + n);
    return n;
}

static nbl_status bin_one(const builder *b, nbl__binned *binned, int n_threads, nbl__fault *fault)
{
    const nbl__set *set = b->set;
    const int64_t n = nbl__set_atoms(set, binned->system);
    const nbl__lattice *lattice = nbl__set_lattice(set, binned->system);
    const nbl__wrapped *wrapped = &set->wrapped[binned->system];
    const nbl__plan *plan = &binned->plan;
    nbl__loader_plan(&b->loader, binned->system, &binned->plan);
    if (plan->path != NBL__PATH_CELLS)
        return NBL_OK;
    nbl_status status = nbl__grid_init(&binned->grid, lattice, wrapped, n, plan->distance, plan->width,
                                       plan->max_bins, b->memory, fault);
    if (status == NBL_OK)
        status = nbl__slots_init(&binned->slots, &binned->grid, lattice, wrapped, n, plan->distance,
                                 b->input->strips.spot, n_threads, b->memory, fault);
    return status;
}

static void work_bin(void *context, int thread, int team_size)
{
    (void)team_size;
    builder *b = context;
    nbl__set *set = b->set;
    const int64_t n_shared = set->n_binned - b->n_pieces;
    int64_t k;
    while ((k = nbl__team_next(&b->team, thread)) >= 0) {
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        nbl_status status = bin_one(b, &set->binned[n_shared + k], 1, &fault);
        if (status != NBL_OK)
            nbl__team_fail(&b->team, k, status, &fault);
    }
}

/* Memory of grids that are not in use stays with them. */
static nbl_status reserve_binned(builder *b, int64_t n, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const size_t had = set->binned_memory.bytes;
    nbl_status status = nbl__buffer_grow(b->memory, &set->binned_memory, had,
                                         nbl__size_of_count((uint64_t)n, sizeof *set->binned), fault);
    if (status != NBL_OK)
        return status;
    set->binned = set->binned_memory.data;
    if (set->binned_memory.bytes > had)
        memset((char *)set->binned_memory.data + had, 0, set->binned_memory.bytes - had);
    return NBL_OK;
}

static nbl_status bin_all(builder *b, nbl__fault *fault)
{
    nbl__set *set = b->set;
    int64_t n_large = 0;
    for (int64_t s = 0; b->wraps && s < set->n_systems; s++) {
        nbl__plan plan;
        if (set->members[s].status == NBL_OK && is_large(b, s))
            nbl__loader_plan(&b->loader, s, &plan);
        n_large += set->members[s].status == NBL_OK && set->members[s].path != NBL__PATH_BLOCK;
    }
    nbl_status status = nbl__buffer_reserve(b->memory, &set->work_memory,
                                            nbl__size_of_count((uint64_t)n_large, 2 * sizeof(ranked)), fault);
    if (status == NBL_OK)
        status = reserve_binned(b, n_large, fault);
    if (status != NBL_OK)
        return status;
    ranked *order = set->work_memory.data;
    set->n_binned = n_large > 0 ? rank_binned(set, order) : 0;
    int64_t n_shared = 0;
    for (int64_t k = 0; k < set->n_binned; k++) {
        set->binned[k].system = order[k].system;
        set->members[order[k].system].grid = (int32_t)k;
        n_shared += order[k].n >= SHARED_GRID;
    }
    for (int64_t k = 0; k < n_shared && status == NBL_OK; k++)
        status = bin_one(b, &set->binned[k], b->input->n_threads, fault);
    if (status != NBL_OK)
        return status;
    b->n_pieces = set->n_binned - n_shared;
    nbl__team_init(&b->team, b->n_pieces, 0);
    nbl__team_run(&b->team, b->input->n_threads, 1, work_bin, b);
    if (b->team.status != NBL_OK)
        *fault = b->team.fault;
    return b->team.status;
}

static double cost_of(const nbl__set *set, int64_t system)
{
    const nbl__member *member = &set->members[system];
    const double n = (double)nbl__set_atoms(set, system);
    return n * (ATOM_COST + (member->lattice < 0 ? n : member->images));
}

/* Blocks that follow each other become one piece of work. */
static void cut_chunks(nbl__set *set)
{
    double cost = CHUNK_COST;
    set->n_chunks = 0;
    for (int64_t s = 0; s < set->n_systems; s++) {
        const nbl__member *member = &set->members[s];
        if (member->status != NBL_OK || member->path != NBL__PATH_BLOCK || nbl__set_atoms(set, s) == 0)
            continue;
        if (cost >= CHUNK_COST) {
            set->chunks[set->n_chunks++] = s;
            cost = 0.0;
        }
        cost += cost_of(set, s);
    }
    set->chunks[set->n_chunks] = set->n_systems;
}

/* Whether no system has a periodic axis. */
static bool is_open(const nbl__input *input)
{
    uint8_t any = 0;
    for (int64_t k = 0; input->pbc && k < 3 * input->n_pbc; k++)
        any |= input->pbc[k];
    return input->pbc ? any == 0 : !input->cells;
}

/* Atoms of the systems of a batch. */
typedef struct sizes {
    int64_t least, most;
} sizes;

static sizes sizes_of(const nbl__input *input)
{
    sizes s = {INT64_MAX, 0};
    for (int64_t k = 0; k < input->n_systems; k++) {
        const int64_t n = nbl__input_atoms(input, k);
        s.least = n < s.least ? n : s.least;
        s.most = n > s.most ? n : s.most;
    }
    return s;
}

/* Systems of at most so many atoms that are a small part of a piece. */
static int64_t systems_at_once(int64_t most)
{
    const int64_t fit = CHUNK_COST / 8 / (most * (ATOM_COST + most) + 1);
    return fit < 1 ? 1 : fit < 64 ? fit : 64;
}

/*
 * Open blocks alone: what is searched as one piece, and what is loaded as one, depends on numbers of atoms, of
 * which a block has few; some systems at a time.
 */
static void cut_blocks(builder *b, int64_t most)
{
    nbl__set *set = b->set;
    nbl__piece *pieces = set->work_memory.data;
    const int64_t *first = b->input->first;
    const int64_t step = systems_at_once(most);
    int64_t n_pieces = 0, cost = CHUNK_COST;
    set->n_chunks = 0;
    for (int64_t s = 0, end; s < set->n_systems; s = end) {
        end = s + step < set->n_systems ? s + step : set->n_systems;
        const int64_t n = first[end] - first[s];
        if (cost >= CHUNK_COST) {
            set->chunks[set->n_chunks++] = s;
            cost = 0;
        }
        cost += n * (ATOM_COST + n / step);
        if (n_pieces == 0 || s - pieces[n_pieces - 1].first >= PIECE_SYSTEMS ||
            first[end] - first[pieces[n_pieces - 1].first] > PIECE_ATOMS)
            pieces[n_pieces++] = (nbl__piece){s, s, 0, 0};
        pieces[n_pieces - 1].end = end;
    }
    set->chunks[set->n_chunks] = set->n_systems;
    b->pieces = pieces;
    b->n_pieces = n_pieces;
}

static void work_blocks(void *context, int thread, int team_size)
{
    (void)team_size;
    builder *b = context;
    int64_t k;
    while ((k = nbl__team_next(&b->team, thread)) >= 0) {
        const nbl__piece *p = &b->pieces[k];
        copy_ends(b, p->first, p->end);
        nbl__loader_blocks(&b->loader, p);
    }
}

/* Everything is done system by system; members that are known from a batch before are not looked at. */
static nbl_status build_blocks(builder *b, sizes atoms, int64_t n_known, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const bool same = set->cutoff > 0.0 && set->cutoff <= set->known_cutoff && set->cutoff >= set->known_cutoff;
    set->n_lattices = set->n_binned = 0;
    nbl_status status = reserve_atoms(b, false, fault);
    if (status != NBL_OK)
        return status;
    b->loader.known = same && set->n_systems <= n_known;
    cut_blocks(b, atoms.most);
    run_pieces(b, work_blocks);
    if (set->n_failed > 0)
        return NBL_OK;
    set->masked = atoms.least > 0 && atoms.most <= NBL__MASK_ATOMS;
    if (b->loader.known)
        set->n_known = n_known;
    else if (atoms.least > 0 && set->cutoff > 0.0)
        set->n_known = set->n_systems;
    set->known_cutoff = set->cutoff;
    return NBL_OK;
}

nbl_status nbl__set_build(nbl__set *set, const nbl__input *input, nbl__memory *memory, nbl__refusal *refusal,
                          nbl__fault *fault)
{
    builder b = {.set = set,
                 .input = input,
                 .memory = memory,
                 .loader = {.set = set, .input = input, .refusal = refusal}};
    nbl__lock_init(&b.loader.lock);
    *refusal = (nbl__refusal){.system = -1};
    const int64_t n_known = set->n_known;
    set->built = set->masked = false;
    set->n_known = 0;
    set->n_failed = 0;
    set->all_or_nothing = input->all_or_nothing;
    set->lone = input->lone;
    set->cutoff = input->n_cutoffs == 1 ? input->cutoffs[0] : 0.0;
    nbl_status status = reserve_systems(&b, fault);
    if (status != NBL_OK)
        return status;
    set->n_systems = input->n_systems;
    set->n_atoms = input->n_atoms;
    set->first[0] = input->first[0];
    const bool open = !input->lone && is_open(input);
    const sizes atoms = open ? sizes_of(input) : (sizes){0, INT64_MAX};
    const bool blocks = open && nbl__plan_is_open_block(atoms.most, input->algorithm);
    status = blocks ? build_blocks(&b, atoms, n_known, fault) : load_all(&b, fault);
    if (status != NBL_OK || (refusal->system >= 0 && input->all_or_nothing))
        return status;
    if (!blocks)
        status = bin_all(&b, fault);
    if (status != NBL_OK)
        return status;
    if (!blocks)
        cut_chunks(set);
    set->built = true;
    return NBL_OK;
}

void nbl__set_free(nbl__set *set, nbl__memory *memory)
{
    nbl__binned *binned = set->binned_memory.data;
    for (size_t k = 0; k < set->binned_memory.bytes / sizeof *binned; k++) {
        nbl__grid_free(&binned[k].grid, memory);
        nbl__slots_free(&binned[k].slots, memory);
    }
    nbl__buffer *buffers[] = {
        &set->first_memory, &set->member_memory, &set->wrapped_memory, &set->lattice_memory, &set->r_memory,
        &set->p_memory,     &set->w_memory,      &set->binned_memory,  &set->chunk_memory,   &set->work_memory};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    set->built = set->masked = false;
    set->n_known = 0;
}
