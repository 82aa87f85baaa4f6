/* SPDX-License-Identifier: MIT */
#include "batch/set.h"

#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "cell/load.h"
#include "search/team.h"

/* Atoms, and systems, that are loaded as one piece of work; systems of more atoms are several pieces. */
enum { PIECE_ATOMS = 4096, PIECE_SYSTEMS = 512 };

/* Grids of so many atoms are made one after the other by all threads; smaller ones by one thread each. */
enum { SHARED_GRID = 16384 };

/* Work of a search that is handed out in one go, in about ns. */
static const double chunk_cost = 40000.0;

/* Systems first ... end - 1, or, where there is one, its atoms atom ... atom_end - 1. */
typedef struct piece {
    int64_t first, end;
    int64_t atom, atom_end;
} piece;

typedef struct builder {
    nbl__set *set;
    const nbl__input *input;
    nbl__memory *memory;
    nbl__refusal *refusal;
    const piece *pieces;
    int64_t n_pieces;
    bool wraps; /* whether any system is more than an open block */
    nbl__lock lock;
    nbl__team team;
} builder;

/* Keeps the lowest system and, in each system, the lowest atom: whoever finds them, and when. */
static void refuse(builder *b, int64_t system, nbl_status status, const nbl__fault *fault)
{
    nbl__refusal *refusal = b->refusal;
    nbl__member *member = &b->set->members[system];
    nbl__lock_take(&b->lock);
    if (member->status == NBL_OK || fault->a < member->bad) {
        member->status = status;
        member->bad = fault->a;
        if (refusal->system < 0 || system <= refusal->system)
            *refusal = (nbl__refusal){system, status, *fault};
    }
    nbl__lock_give(&b->lock);
}

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
        {&set->work_memory, n_pieces, sizeof(piece)},
    };
    for (size_t k = 0; k < sizeof wants / sizeof *wants; k++) {
        nbl_status status = nbl__buffer_reserve(b->memory, wants[k].buffer,
                                                nbl__size_of_count(wants[k].count, wants[k].item), fault);
        if (status == NBL_OK && wants[k].buffer == &set->member_memory && set->member_memory.bytes != had)
            memset(set->member_memory.data, 0, set->member_memory.bytes);
        if (status != NBL_OK)
            return status;
    }
    set->first = set->first_memory.data;
    set->members = set->member_memory.data;
    set->chunks = set->chunk_memory.data;
    return NBL_OK;
}

const void *nbl__input_cell(const nbl__input *input, int64_t system)
{
    const size_t at = input->n_cells == 1 ? 0 : (size_t)system;
    const size_t of_cell = 9 * (input->cell_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double));
    if (!input->cells || (input->has_cell && input->has_cell[at] == 0))
        return NULL;
    return (const char *)input->cells + at * of_cell;
}

void nbl__input_pbc(const nbl__input *input, int64_t system, uint8_t pbc[3])
{
    const uint8_t *given = input->pbc ? input->pbc + 3 * (input->n_pbc == 1 ? 0 : system) : NULL;
    for (int a = 0; a < 3; a++)
        pbc[a] = given ? given[a] : nbl__input_cell(input, system) != NULL;
}

const void *nbl__input_positions(const nbl__input *input, int64_t atom)
{
    const int64_t item = input->positions_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    const int64_t step = input->positions_stride != 0 ? input->positions_stride : 3 * item;
    return atom > 0 ? (const char *)input->positions + atom * step : input->positions;
}

/*
 * What is known of an open block before anything goes wrong. Written only where it was not so: what stays as it
 * was in the last batch is still in the caches of the threads that read it then, and moving it back and forth
 * costs small molecules on two threads more than their build.
 */
static void reset(nbl__member *member, double cutoff)
{
    const bool is_fresh = member->status == NBL_OK && member->path == NBL__PATH_BLOCK && member->grid < 0 &&
                          member->lattice < 0 && member->cutoff <= cutoff && member->cutoff >= cutoff;
    if (!is_fresh)
        *member = (nbl__member){
            .cutoff = cutoff, .status = NBL_OK, .path = NBL__PATH_BLOCK, .grid = -1, .lattice = -1};
}

/* What can be said of a system before its atoms are looked at. Returns whether it has a periodic axis. */
static bool describe(builder *b, int64_t system)
{
    const nbl__input *input = b->input;
    nbl__member *member = &b->set->members[system];
    const int64_t n = input->first[system + 1] - input->first[system];
    const bool is_empty = n == 0 && !input->lone;
    const double cutoff = is_empty ? 0.0 : input->cutoffs[input->n_cutoffs == 1 ? 0 : system];
    reset(member, cutoff);
    if (is_empty)
        return false;
    uint8_t pbc[3] = {0, 0, 0};
    if (input->cells || input->pbc)
        nbl__input_pbc(input, system, pbc);
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    if (!(cutoff >= 1e-100 && cutoff <= 1e100)) {
        fault = (nbl__fault){.what = NBL__FAULT_CUTOFF, .value = cutoff};
        refuse(b, system, NBL_ECUTOFF, &fault);
    }
    for (int a = 0; a < 3 && member->status == NBL_OK; a++)
        if (pbc[a] && !nbl__input_cell(input, system)) {
            fault = (nbl__fault){.what = NBL__FAULT_NO_CELL, .k = a, .b = pbc[a]};
            refuse(b, system, NBL_ECELL, &fault);
        }
    if (member->status == NBL_OK && n > INT32_MAX) {
        fault = (nbl__fault){.what = NBL__FAULT_ATOMS, .a = n};
        refuse(b, system, NBL_ESIZE, &fault);
    }
    return pbc[0] || pbc[1] || pbc[2];
}

/* Members, and room for what their kinds need. */
static nbl_status describe_all(builder *b, nbl__fault *fault)
{
    nbl__set *set = b->set;
    const nbl__input *input = b->input;
    bool wraps = false;
    set->n_lattices = 0;
    for (int64_t s = 0; s < input->n_systems; s++) {
        const int64_t n = input->first[s + 1] - input->first[s];
        const bool periodic = describe(b, s);
        if (periodic)
            set->members[s].lattice = (int32_t)set->n_lattices++;
        wraps |= periodic || !nbl__plan_is_open_block(n, input->algorithm);
    }
    const uint64_t n = (uint64_t)input->n_atoms, n_systems = (uint64_t)input->n_systems;
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
    b->wraps = wraps;
    set->lattices = set->lattice_memory.data;
    set->r = set->r_memory.data;
    set->p = set->p_memory.data;
    set->w = set->w_memory.data;
    set->wrapped = set->wrapped_memory.data;
    return NBL_OK;
}

/* An open system without a grid is neither wrapped nor planned. */
static bool is_open_block(const builder *b, int64_t system)
{
    return b->set->members[system].lattice < 0 &&
           nbl__plan_is_open_block(nbl__set_atoms(b->set, system), b->input->algorithm);
}

static nbl_status load_lattice(const builder *b, int64_t system, nbl__fault *fault)
{
    const nbl__input *input = b->input;
    nbl__member *member = &b->set->members[system];
    if (member->lattice < 0)
        return NBL_OK;
    double h[3][3];
    uint8_t pbc[3];
    nbl__input_pbc(input, system, pbc);
    nbl_status status = nbl__load_cell(h, nbl__input_cell(input, system), input->cell_dtype, pbc, fault);
    return status == NBL_OK ? nbl__lattice_init(&b->set->lattices[member->lattice], h, pbc, fault) : status;
}

static nbl_status wrap_atoms(const builder *b, int64_t system, int64_t first, int64_t n, nbl__wrapped *wrapped,
                             nbl__fault *fault)
{
    nbl__set *set = b->set;
    wrapped->p = set->p + first;
    wrapped->w = set->w + first;
    return nbl__wrap(nbl__set_lattice(set, system), n, (const double(*)[3])(set->r + first), wrapped, fault);
}

/* Loads some atoms of a system and wraps them. Of several bad atoms the lowest is named. */
static nbl_status load_atoms(const builder *b, int64_t system, int64_t first, int64_t n, nbl__wrapped *wrapped,
                             nbl__fault *fault)
{
    const nbl__input *input = b->input;
    nbl__fault of_wrap = {.what = NBL__FAULT_NONE};
    nbl_status status = nbl__load_positions(b->set->r + first, n, nbl__input_positions(input, first),
                                            input->positions_dtype, input->positions_stride, fault);
    const int64_t n_good = status == NBL_OK ? n : fault->a;
    const nbl_status wrap_status = wrapped ? wrap_atoms(b, system, first, n_good, wrapped, &of_wrap) : NBL_OK;
    if (wrap_status != NBL_OK) {
        *fault = of_wrap;
        status = wrap_status;
    }
    fault->a += first;
    return status;
}

static void plan_member(const builder *b, int64_t system, nbl__plan *plan)
{
    const nbl__set *set = b->set;
    nbl__member *member = &set->members[system];
    const int64_t n = nbl__set_atoms(set, system);
    const nbl__lattice *lattice = nbl__set_lattice(set, system);
    const nbl__wrapped *wrapped = &set->wrapped[system];
    nbl__plan_make(plan, lattice, wrapped, n, member->cutoff, b->input->algorithm);
    member->path = plan->path;
    member->error = plan->error;
    if (plan->path == NBL__PATH_BLOCK)
        member->images = nbl__plan_images(lattice, wrapped, n, plan->distance);
}

/* A system whose atoms are one piece of work, or less. */
static nbl_status load_system(builder *b, int64_t system, nbl__fault *fault)
{
    const nbl__set *set = b->set;
    const int64_t first = set->first[system], n = nbl__set_atoms(set, system);
    const bool open_block = is_open_block(b, system);
    nbl__plan plan;
    nbl_status status = load_lattice(b, system, fault);
    if (status == NBL_OK)
        status = load_atoms(b, system, first, n, open_block ? NULL : &set->wrapped[system], fault);
    if (status != NBL_OK)
        return status;
    if (!open_block)
        plan_member(b, system, &plan);
    return NBL_OK;
}

/* Some atoms of a large system, whose lattice is there. */
static nbl_status load_part(builder *b, int64_t system, int64_t atom, int64_t end, nbl__fault *fault)
{
    nbl__set *set = b->set;
    nbl__wrapped part;
    nbl_status status = load_atoms(b, system, atom, end - atom, &part, fault);
    if (status != NBL_OK)
        return status;
    nbl__lock_take(&b->lock);
    nbl__wrapped_merge(&set->wrapped[system], &part);
    nbl__lock_give(&b->lock);
    return NBL_OK;
}

/* Open blocks from a system on, loaded as one if there is nothing wrong with any of them; returns how many. */
static int64_t load_open(const builder *b, int64_t first, int64_t end)
{
    const nbl__set *set = b->set;
    nbl__fault fault;
    int64_t s = first;
    while (s < end && set->members[s].status == NBL_OK && is_open_block(b, s))
        s++;
    const int64_t atom = set->first[first], n = set->first[s] - atom;
    if (s == first ||
        nbl__load_positions(set->r + atom, n, nbl__input_positions(b->input, atom), b->input->positions_dtype,
                            b->input->positions_stride, &fault) != NBL_OK)
        return 0;
    return s - first;
}

static void load_piece(builder *b, const piece *p)
{
    const int64_t loaded = p->atom_end > p->atom ? 0 : load_open(b, p->first, p->end);
    for (int64_t s = p->first + loaded; s < p->end; s++) {
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        const bool part = p->atom_end > p->atom;
        if (!part && b->set->members[s].status != NBL_OK)
            continue;
        if (nbl__set_atoms(b->set, s) == 0 && !b->set->lone)
            continue;
        nbl_status status = part ? load_part(b, s, p->atom, p->atom_end, &fault) : load_system(b, s, &fault);
        if (status != NBL_OK)
            refuse(b, s, status, &fault);
    }
}

static void work_load(void *context, int thread, int team_size)
{
    (void)team_size;
    builder *b = context;
    int64_t k;
    while ((k = nbl__team_next(&b->team, thread)) >= 0)
        load_piece(b, &b->pieces[k]);
}

/* Starts a large system: its lattice, and bounds that its parts will widen. False: refused. */
static bool open_large(builder *b, int64_t system)
{
    nbl__set *set = b->set;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl_status status = set->members[system].status == NBL_OK ? load_lattice(b, system, &fault) : NBL_OK;
    if (status != NBL_OK)
        refuse(b, system, status, &fault);
    nbl__wrapped_clear(&set->wrapped[system]);
    set->wrapped[system].p = set->p + set->first[system];
    set->wrapped[system].w = set->w + set->first[system];
    return set->members[system].status == NBL_OK;
}

static bool is_large(const builder *b, int64_t system)
{
    return nbl__set_atoms(b->set, system) > PIECE_ATOMS && !is_open_block(b, system);
}

static void cut_pieces(builder *b)
{
    nbl__set *set = b->set;
    piece *pieces = set->work_memory.data;
    int64_t n = 0, atoms = 0;
    bool fresh = true;
    for (int64_t s = 0; s < set->n_systems; s++) {
        const int64_t of_system = nbl__set_atoms(set, s);
        if (is_large(b, s)) {
            fresh = true;
            if (!open_large(b, s))
                continue;
            for (int64_t atom = set->first[s]; atom < set->first[s + 1]; atom += PIECE_ATOMS) {
                const int64_t rest = set->first[s + 1] - atom;
                pieces[n++] = (piece){s, s + 1, atom, atom + (rest < PIECE_ATOMS ? rest : PIECE_ATOMS)};
            }
            continue;
        }
        if (fresh || atoms + of_system > PIECE_ATOMS || s - pieces[n - 1].first >= PIECE_SYSTEMS) {
            pieces[n++] = (piece){s, s, 0, 0};
            atoms = 0;
            fresh = false;
        }
        atoms += of_system;
        pieces[n - 1].end = s + 1;
    }
    b->pieces = pieces;
    b->n_pieces = n;
}

static void load_all(builder *b)
{
    cut_pieces(b);
    nbl__team_init(&b->team, b->n_pieces, 0);
    nbl__team_run(&b->team, b->input->n_threads, b->input->least_pieces, work_load, b);
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
    plan_member(b, binned->system, &binned->plan);
    if (plan->path != NBL__PATH_CELLS)
        return NBL_OK;
    nbl_status status = nbl__grid_init(&binned->grid, lattice, wrapped, n, plan->distance, plan->width,
                                       plan->max_bins, b->memory, fault);
    if (status == NBL_OK)
        status = nbl__slots_init(&binned->slots, &binned->grid, lattice, wrapped, n, plan->distance, n_threads,
                                 b->memory, fault);
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
            plan_member(b, s, &plan);
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

/* Of the search of a block, in about ns. */
static double cost_of(const nbl__set *set, int64_t system)
{
    const nbl__member *member = &set->members[system];
    const double n = (double)nbl__set_atoms(set, system);
    return n * (20.0 + (member->lattice < 0 ? n : member->images));
}

/* Blocks that follow each other become one piece of work; systems that were refused are counted on the way. */
static void cut_chunks(nbl__set *set)
{
    double cost = chunk_cost;
    set->n_chunks = set->n_failed = 0;
    for (int64_t s = 0; s < set->n_systems; s++) {
        const nbl__member *member = &set->members[s];
        set->n_failed += member->status != NBL_OK;
        if (member->status != NBL_OK || member->path != NBL__PATH_BLOCK || nbl__set_atoms(set, s) == 0)
            continue;
        if (cost >= chunk_cost) {
            set->chunks[set->n_chunks++] = s;
            cost = 0.0;
        }
        cost += cost_of(set, s);
    }
    set->chunks[set->n_chunks] = set->n_systems;
}

nbl_status nbl__set_build(nbl__set *set, const nbl__input *input, nbl__memory *memory, nbl__refusal *refusal,
                          nbl__fault *fault)
{
    builder b = {.set = set, .input = input, .memory = memory, .refusal = refusal};
    nbl__lock_init(&b.lock);
    *refusal = (nbl__refusal){.system = -1};
    set->built = false;
    set->all_or_nothing = input->all_or_nothing;
    set->lone = input->lone;
    nbl_status status = reserve_systems(&b, fault);
    if (status != NBL_OK)
        return status;
    set->n_systems = input->n_systems;
    set->n_atoms = input->n_atoms;
    if (set->first != input->first)
        memcpy(set->first, input->first, ((size_t)input->n_systems + 1) * sizeof *set->first);
    status = describe_all(&b, fault);
    if (status != NBL_OK)
        return status;
    load_all(&b);
    if (refusal->system >= 0 && input->all_or_nothing)
        return NBL_OK;
    status = bin_all(&b, fault);
    if (status != NBL_OK)
        return status;
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
    set->built = false;
}
