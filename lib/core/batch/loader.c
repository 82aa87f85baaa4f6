/* SPDX-License-Identifier: MIT */
#include "batch/loader.h"

#include "cell/load.h"

/* Keeps the lowest system and, in each system, the lowest atom: whoever finds them, and when. */
static void refuse(nbl__loader *l, int64_t system, nbl_status status, const nbl__fault *fault)
{
    nbl__refusal *refusal = l->refusal;
    nbl__member *member = &l->set->members[system];
    nbl__lock_take(&l->lock);
    if (member->status == NBL_OK || fault->a < member->bad) {
        l->set->n_failed += member->status == NBL_OK;
        member->status = status;
        member->bad = fault->a;
        if (refusal->system < 0 || system <= refusal->system)
            *refusal = (nbl__refusal){system, status, *fault};
    }
    nbl__lock_give(&l->lock);
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

/* Whether a member says what is known of an open block before anything goes wrong. */
static inline bool is_fresh(const nbl__member *member, double cutoff)
{
    return member->status == NBL_OK && member->path == NBL__PATH_BLOCK && member->grid < 0 &&
           member->lattice < 0 && member->cutoff <= cutoff && member->cutoff >= cutoff;
}

/*
 * Written only where it was not so: what stays as it was in the last batch is still in the caches of the
 * threads that read it then, and moving it back and forth costs small molecules on two threads more than their
 * build.
 */
static void reset(nbl__member *member, double cutoff)
{
    if (!is_fresh(member, cutoff))
        *member = (nbl__member){
            .cutoff = cutoff, .status = NBL_OK, .path = NBL__PATH_BLOCK, .grid = -1, .lattice = -1};
}

static inline double cutoff_of(const nbl__input *input, int64_t system)
{
    return input->cutoffs[input->n_cutoffs == 1 ? 0 : system];
}

bool nbl__loader_describe(nbl__loader *l, int64_t system)
{
    const nbl__input *input = l->input;
    nbl__member *member = &l->set->members[system];
    const int64_t n = nbl__input_atoms(input, system);
    const bool is_empty = n == 0 && !input->lone;
    const double cutoff = is_empty ? 0.0 : cutoff_of(input, system);
    reset(member, cutoff);
    if (is_empty)
        return false;
    uint8_t pbc[3] = {0, 0, 0};
    if (input->cells || input->pbc)
        nbl__input_pbc(input, system, pbc);
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    if (!(cutoff >= 1e-100 && cutoff <= 1e100)) {
        fault = (nbl__fault){.what = NBL__FAULT_CUTOFF, .value = cutoff};
        refuse(l, system, NBL_ECUTOFF, &fault);
    }
    for (int a = 0; a < 3 && member->status == NBL_OK; a++)
        if (pbc[a] && !nbl__input_cell(input, system)) {
            fault = (nbl__fault){.what = NBL__FAULT_NO_CELL, .k = a, .b = pbc[a]};
            refuse(l, system, NBL_ECELL, &fault);
        }
    if (member->status == NBL_OK && n > INT32_MAX) {
        fault = (nbl__fault){.what = NBL__FAULT_ATOMS, .a = n};
        refuse(l, system, NBL_ESIZE, &fault);
    }
    return pbc[0] || pbc[1] || pbc[2];
}

bool nbl__loader_is_block(const nbl__loader *l, int64_t system)
{
    return l->set->members[system].lattice < 0 &&
           nbl__plan_is_open_block(nbl__input_atoms(l->input, system), l->input->algorithm);
}

static nbl_status load_lattice(const nbl__loader *l, int64_t system, nbl__fault *fault)
{
    const nbl__input *input = l->input;
    nbl__member *member = &l->set->members[system];
    if (member->lattice < 0)
        return NBL_OK;
    double h[3][3];
    uint8_t pbc[3];
    nbl__input_pbc(input, system, pbc);
    nbl_status status = nbl__load_cell(h, nbl__input_cell(input, system), input->cell_dtype, pbc, fault);
    return status == NBL_OK ? nbl__lattice_init(&l->set->lattices[member->lattice], h, pbc, fault) : status;
}

static nbl_status wrap_atoms(const nbl__loader *l, int64_t system, int64_t first, int64_t n,
                             nbl__wrapped *wrapped, nbl__fault *fault)
{
    nbl__set *set = l->set;
    wrapped->p = set->p + first;
    wrapped->w = set->w + first;
    return nbl__wrap(nbl__set_lattice(set, system), n, (const double(*)[3])(set->r + first), wrapped,
                     l->input->strips.wrap, fault);
}

/* Loads some atoms of a system and wraps them. Of several bad atoms the lowest is named. */
static nbl_status load_atoms(const nbl__loader *l, int64_t system, int64_t first, int64_t n,
                             nbl__wrapped *wrapped, nbl__fault *fault)
{
    const nbl__input *input = l->input;
    nbl__fault of_wrap = {.what = NBL__FAULT_NONE};
    nbl_status status = nbl__load_positions(l->set->r + first, n, nbl__input_positions(input, first),
                                            input->positions_dtype, input->positions_stride, fault);
    const int64_t n_good = status == NBL_OK ? n : fault->a;
    const nbl_status wrap_status = wrapped ? wrap_atoms(l, system, first, n_good, wrapped, &of_wrap) : NBL_OK;
    if (wrap_status != NBL_OK) {
        *fault = of_wrap;
        status = wrap_status;
    }
    fault->a += first;
    return status;
}

void nbl__loader_plan(const nbl__loader *l, int64_t system, nbl__plan *plan)
{
    const nbl__set *set = l->set;
    nbl__member *member = &set->members[system];
    const int64_t n = nbl__set_atoms(set, system);
    const nbl__lattice *lattice = nbl__set_lattice(set, system);
    const nbl__wrapped *wrapped = &set->wrapped[system];
    nbl__plan_make(plan, lattice, wrapped, n, member->cutoff, l->input->algorithm);
    member->path = plan->path;
    member->error = plan->error;
    if (plan->path == NBL__PATH_BLOCK)
        member->images = nbl__plan_images(lattice, wrapped, n, plan->distance);
}

/* A system whose atoms are one piece of work, or less. */
static nbl_status load_system(nbl__loader *l, int64_t system, nbl__fault *fault)
{
    const nbl__set *set = l->set;
    const int64_t first = l->input->first[system], n = nbl__input_atoms(l->input, system);
    const bool open_block = nbl__loader_is_block(l, system);
    nbl__plan plan;
    nbl_status status = load_lattice(l, system, fault);
    if (status == NBL_OK)
        status = load_atoms(l, system, first, n, open_block ? NULL : &set->wrapped[system], fault);
    if (status != NBL_OK)
        return status;
    if (!open_block)
        nbl__loader_plan(l, system, &plan);
    return NBL_OK;
}

/* Some atoms of a large system, whose lattice is there. */
static nbl_status load_part(nbl__loader *l, int64_t system, int64_t atom, int64_t end, nbl__fault *fault)
{
    nbl__set *set = l->set;
    nbl__wrapped part;
    nbl_status status = load_atoms(l, system, atom, end - atom, &part, fault);
    if (status != NBL_OK)
        return status;
    nbl__lock_take(&l->lock);
    nbl__wrapped_merge(&set->wrapped[system], &part);
    nbl__lock_give(&l->lock);
    return NBL_OK;
}

/* Loads open blocks as one; false: there is something wrong with one of them. */
static bool load_blocks(const nbl__loader *l, int64_t first, int64_t end)
{
    const nbl__input *input = l->input;
    const int64_t atom = input->first[first], n = input->first[end] - atom;
    nbl__fault fault;
    return nbl__load_positions(l->set->r + atom, n, nbl__input_positions(input, atom), input->positions_dtype,
                               input->positions_stride, &fault) == NBL_OK;
}

/* Open blocks from a system on, loaded as one if there is nothing wrong with any of them; returns how many. */
static int64_t load_open(const nbl__loader *l, int64_t first, int64_t end)
{
    int64_t s = first;
    while (s < end && l->set->members[s].status == NBL_OK && nbl__loader_is_block(l, s))
        s++;
    return s > first && load_blocks(l, first, s) ? s - first : 0;
}

void nbl__loader_piece(nbl__loader *l, const nbl__piece *p)
{
    const int64_t loaded = p->atom_end > p->atom ? 0 : load_open(l, p->first, p->end);
    for (int64_t s = p->first + loaded; s < p->end; s++) {
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        const bool part = p->atom_end > p->atom;
        if (!part && l->set->members[s].status != NBL_OK)
            continue;
        if (nbl__input_atoms(l->input, s) == 0 && !l->set->lone)
            continue;
        nbl_status status = part ? load_part(l, s, p->atom, p->atom_end, &fault) : load_system(l, s, &fault);
        if (status != NBL_OK)
            refuse(l, s, status, &fault);
    }
}

bool nbl__loader_open(nbl__loader *l, int64_t system)
{
    nbl__set *set = l->set;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl_status status = set->members[system].status == NBL_OK ? load_lattice(l, system, &fault) : NBL_OK;
    if (status != NBL_OK)
        refuse(l, system, status, &fault);
    nbl__wrapped_clear(&set->wrapped[system]);
    set->wrapped[system].p = set->p + set->first[system];
    set->wrapped[system].w = set->w + set->first[system];
    return set->members[system].status == NBL_OK;
}

/* Whether a system has atoms and the member of one that was right then, which an empty one, of cutoff 0, was
 * not. */
static inline bool is_known(const nbl__loader *l, int64_t system)
{
    const double cutoff = cutoff_of(l->input, system);
    return nbl__input_atoms(l->input, system) > 0 && cutoff > 0.0 && is_fresh(&l->set->members[system], cutoff);
}

void nbl__loader_blocks(nbl__loader *l, const nbl__piece *p)
{
    for (int64_t s = p->first; s < p->end && !l->known; s++)
        if (!is_known(l, s))
            nbl__loader_describe(l, s);
    if (!load_blocks(l, p->first, p->end))
        nbl__loader_piece(l, p);
}
