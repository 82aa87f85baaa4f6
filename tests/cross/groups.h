/* SPDX-License-Identifier: MIT */
/* The fixed inputs, in groups of one kind each. */
#ifndef TESTS_CROSS_GROUPS_H
#define TESTS_CROSS_GROUPS_H

#include "engine.h"

struct group {
    const char *name;
    void (*each)(struct engine *e, const struct input *in); /* for each system of the recipe */
    void (*whole)(struct engine *e);
    struct input_recipe recipe;
};

enum { GROUPS = 19 };
extern const struct group groups[GROUPS];

void group_run(struct engine *e, const struct group *group);

#endif
