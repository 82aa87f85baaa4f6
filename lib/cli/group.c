/* SPDX-License-Identifier: MIT */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "source.h"

void nbl__cli_group_clear(struct nbl__cli_group *group)
{
    for (int64_t k = 0; k < group->n; k++)
        free(group->entries[k].extras);
    group->n = group->n_atoms = 0;
}

void nbl__cli_group_free(struct nbl__cli_group *group)
{
    nbl__cli_group_clear(group);
    free(group->entries);
    free(group->first);
    free(group->positions);
    free(group->numbers);
    free(group->cells);
    free(group->has_cell);
    free(group->pbc);
    free(group->ptr);
    *group = (struct nbl__cli_group){0};
}

/* place: of a pointer to items of any type, hence the copies of its bytes. */
static bool grow(void *place, int64_t n, size_t width)
{
    void *array;
    if ((uint64_t)n > SIZE_MAX / width)
        return false;
    memcpy(&array, place, sizeof array);
    /* cppcheck-suppress memleakOnRealloc; the caller still has the old one */
    array = realloc(array, (size_t)n * width);
    if (array)
        memcpy(place, &array, sizeof array);
    return array != NULL;
}

static bool reserve_frame(struct nbl__cli_group *group)
{
    if (group->n < group->capacity)
        return true;
    const int64_t capacity = 2 * group->capacity + 16;
    if (!grow(&group->entries, capacity, sizeof *group->entries) ||
        !grow(&group->first, capacity + 1, sizeof *group->first) ||
        !grow(&group->cells, capacity, 9 * sizeof *group->cells) ||
        !grow(&group->has_cell, capacity, sizeof *group->has_cell) ||
        !grow(&group->pbc, capacity, 3 * sizeof *group->pbc) ||
        !grow(&group->ptr, capacity + 1, sizeof *group->ptr))
        return false;
    group->capacity = capacity;
    return true;
}

/* Room to spare only where there are frames before: a large one alone takes what it needs. */
static bool reserve_atoms(struct nbl__cli_group *group, const struct nbl__cli_frame *frame)
{
    const int64_t needed = group->n_atoms + frame->n;
    if (needed <= group->atom_capacity)
        return true;
    const int64_t capacity = group->n > 0 ? needed + needed / 2 : needed;
    if (!grow(&group->positions, capacity, 3 * sizeof *group->positions) ||
        (frame->numbers && !grow(&group->numbers, capacity, sizeof *group->numbers)))
        return false;
    group->atom_capacity = capacity;
    return true;
}

bool nbl__cli_group_add(struct nbl__cli_group *group, const struct nbl__cli_frame *frame,
                        struct nbl__cli_extras *extras)
{
    const int64_t k = group->n;
    if (!reserve_frame(group) || !reserve_atoms(group, frame))
        return false;
    group->entries[k] = (struct nbl__cli_group_entry){.number = frame->number,
                                                      .number_in_file = frame->number_in_file,
                                                      .line = frame->line,
                                                      .file = frame->file,
                                                      .extras = extras};
    if (frame->n > 0)
        memcpy(group->positions + 3 * group->n_atoms, frame->positions,
               3 * (size_t)frame->n * sizeof *group->positions);
    if (frame->n > 0 && frame->numbers)
        memcpy(group->numbers + group->n_atoms, frame->numbers, (size_t)frame->n * sizeof *group->numbers);
    group->has_cell[k] = frame->cell != NULL;
    if (frame->cell)
        memcpy(group->cells + 9 * k, frame->cell, 9 * sizeof *group->cells);
    else
        memset(group->cells + 9 * k, 0, 9 * sizeof *group->cells);
    memcpy(group->pbc + 3 * k, frame->pbc, 3);
    group->first[k] = group->n_atoms;
    group->n_atoms += frame->n;
    group->first[k + 1] = group->n_atoms;
    group->n++;
    return true;
}

struct nbl__cli_frame nbl__cli_group_frame(const struct nbl__cli_group *group, int64_t k)
{
    const struct nbl__cli_group_entry *entry = &group->entries[k];
    struct nbl__cli_frame frame = {.number = entry->number,
                                   .number_in_file = entry->number_in_file,
                                   .line = entry->line,
                                   .file = entry->file,
                                   .n = group->first[k + 1] - group->first[k],
                                   .positions =
                                       group->positions ? group->positions + 3 * group->first[k] : NULL,
                                   .cell = group->has_cell[k] ? group->cells + 9 * k : NULL,
                                   .numbers = group->numbers ? group->numbers + group->first[k] : NULL,
                                   .extras = entry->extras};
    memcpy(frame.pbc, group->pbc + 3 * k, 3);
    return frame;
}

nbl_batch_input nbl__cli_group_input(struct nbl__cli_group *group, int64_t first, int64_t count)
{
    nbl_batch_input input = NBL_BATCH_INPUT_INIT;
    for (int64_t k = 0; k <= count; k++)
        group->ptr[k] = group->first[first + k] - group->first[first];
    input.n_systems = count;
    input.n_atoms = group->ptr[count];
    input.positions = group->positions ? group->positions + 3 * group->first[first] : NULL;
    input.ptr = group->ptr;
    input.cells = group->cells + 9 * first;
    input.has_cell = group->has_cell + first;
    input.pbc = group->pbc + 3 * first;
    input.n_cells = input.n_pbc = count;
    return input;
}
