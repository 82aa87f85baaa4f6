/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <string.h>

void *place_take(struct place *place, struct random *g, size_t bytes, size_t align)
{
    place->bytes = bytes;
    place->behind = random_chance(g, 2) ? 0 : align * (size_t)random_int(g, 1, (int64_t)(64 / align));
    place->at = guard_take(&place->guard, bytes + place->behind);
    memset(place->at, PLACE_BLANK, bytes + place->behind);
    return place->at;
}

bool place_untouched_outside(const struct place *place)
{
    size_t behind = 0;
    while (behind < place->behind && place->at[place->bytes + behind] == PLACE_BLANK)
        behind++;
    return behind == place->behind && guard_front_untouched(&place->guard);
}

void place_free(struct place *place)
{
    guard_free(&place->guard);
}
