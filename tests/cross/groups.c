/* SPDX-License-Identifier: MIT */
#include "groups.h"

/* A system of any group of float64 positions. */
static void draw_any(struct input *in, struct random *g)
{
    const struct group *group;
    do
        group = &groups[random_int(g, 0, GROUPS - 1)];
    while (group->each != engine_lists || group->recipe.is_f32);
    input_draw(in, g, &group->recipe, (int)random_int(g, 0, 7));
}

/* Every other batch has a system that is refused. */
static void run_batches(struct engine *e)
{
    enum { MOST = 20 };
    for (int k = 0; k < 4; k++) {
        struct input in[MOST];
        int64_t n_systems = random_int(&e->g, 0, MOST);
        for (int64_t b = 0; b < n_systems; b++)
            draw_any(&in[b], &e->g);
        if (k % 2 && n_systems > 0 && in[n_systems / 2].n > 0)
            in[n_systems / 2].r[1] = 1e200;
        engine_batch(e, in, n_systems);
        for (int64_t b = 0; b < n_systems; b++)
            input_free(&in[b]);
    }
}

/* Builds beside the ranges that are allowed, by their status. */
static void run_statuses(struct engine *e)
{
    static const double cutoffs[] = {0, -1, 1e-101, 1e-100, 2, 1e101};
    static const double entries[] = {4, 0, 1e-13, 1e-11, 1e99, 1e101, -4};
    static const double places[] = {4e9, 4.2e9, 4.4e9, 1e99, 1e101, -1e101};
    double r[6] = {0, 0, 0, 1, 1, 1};
    struct input in = {2, r, NULL, 1, {4, 0, 0, 0, 4, 0, 0, 0, 4}, {1, 1, 1}, 0};
    for (size_t k = 0; k < sizeof cutoffs / sizeof *cutoffs; k++)
        tally_number(&e->tally, engine_build(e, &in, cutoffs[k], 0, 1));
    for (size_t k = 0; k < sizeof entries / sizeof *entries; k++) {
        in.h[8] = entries[k];
        tally_number(&e->tally, engine_build(e, &in, 1e-12, 0, 1));
    }
    in.h[8] = 4;
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        r[4] = places[k];
        tally_number(&e->tally, engine_build(e, &in, 2, 0, 1));
    }
}

/* systems, shape, axes, atoms, room per atom, cutoff in sixteenths, cells away, float32, exponent */
const struct group groups[GROUPS] = {
    {"open", engine_lists, NULL, {24, INPUT_NONE, 0, 0, 240, 14, 16, 80, 0, 0, 0}},
    {"periodic", engine_lists, NULL, {24, INPUT_BOX, 7, 0, 160, 14, 16, 64, 0, 0, 0}},
    {"mixed", engine_lists, NULL, {40, INPUT_TRICLINIC, INPUT_MASK_EACH, 0, 120, 14, 16, 96, 1, 0, 0}},
    {"skewed", engine_lists, NULL, {24, INPUT_SKEWED, INPUT_MASK_EACH, 1, 60, 14, 16, 80, 2, 0, 0}},
    {"thin", engine_lists, NULL, {24, INPUT_THIN, INPUT_MASK_EACH, 1, 8, 14, 16, 64, 1, 0, 0}},
    {"lattice", engine_lists, NULL, {.systems = 16, .shape = INPUT_LATTICE}},
    {"float32", engine_lists, NULL, {24, INPUT_TRICLINIC, INPUT_MASK_EACH, 0, 120, 14, 16, 80, 1, 1, 0}},
    {"far", engine_lists, NULL, {24, INPUT_TRICLINIC, INPUT_MASK_EACH, 1, 60, 14, 16, 80, 500, 0, 0}},
    {"small", engine_lists, NULL, {16, INPUT_TRICLINIC, INPUT_MASK_EACH, 1, 80, 14, 16, 80, 1, 0, -300}},
    {"big", engine_lists, NULL, {16, INPUT_TRICLINIC, INPUT_MASK_EACH, 1, 80, 14, 16, 80, 1, 0, 300}},
    {"sparse", engine_lists, NULL, {24, INPUT_SKEWED, INPUT_MASK_EACH, 20, 60, 60, 4, 24, 100, 0, 0}},
    {"lengths", engine_lengths, NULL, {24, INPUT_TRICLINIC, INPUT_MASK_EACH, 0, 100, 14, 16, 80, 1, 0, 0}},
    {"multi", engine_multi, NULL, {24, INPUT_TRICLINIC, INPUT_MASK_EACH, 0, 100, 14, 16, 80, 1, 0, 0}},
    {"visit", engine_visit, NULL, {24, INPUT_TRICLINIC, INPUT_MASK_EACH, 0, 100, 14, 16, 80, 1, 0, 0}},
    {"large-open", engine_threads, NULL, {1, INPUT_NONE, 0, 2000, 2000, 14, 48, 48, 0, 0, 0}},
    {"large-box", engine_threads, NULL, {1, INPUT_BOX, 7, 2000, 2000, 14, 48, 48, 0, 0, 0}},
    {"large-slab", engine_threads, NULL, {1, INPUT_TRICLINIC, 5, 1500, 1500, 14, 40, 40, 1, 0, 0}},
    {"batch", NULL, run_batches, {0}},
    {"statuses", NULL, run_statuses, {0}},
};

void group_run(struct engine *e, const struct group *group)
{
    if (group->whole)
        group->whole(e);
    for (int k = 0; k < group->recipe.systems; k++) {
        struct input in;
        input_draw(&in, &e->g, &group->recipe, k);
        group->each(e, &in);
        input_free(&in);
    }
}
