/* SPDX-License-Identifier: MIT */
/*
 * The bodies of an nbl__expand. An instance defines EXPAND_NAME, the name of what is defined, and, where it has
 * vectors, these macros and static functions, each for 32 and for 64 bits:
 *   EXPAND_PAIRS   most_pairs64(view, base, j, shifts): the first entries; returns how many
 *   EXPAND_REALS   most_reals64(view, vectors, distances, squared): the same; most_reals32 without `squared`
 *   EXPAND_FILL    all_fill64(out, count, value)
 *   EXPAND_ATOMS   all_atoms64(out, number, count, base)
 *   EXPAND_STREAM(to, from, bytes), EXPAND_FENCE()   all of it
 */
static inline nbl__image shifted(const nbl__view *view, uint32_t e)
{
    nbl__image image = view->images[view->number[e]];
    for (int k = 0; k < 3; k++)
        image.shift[k] += view->w[k];
    return image;
}

/* Pairs of a short row. */
enum { SHORT_ROW = 8 };

#define INDEX            int64_t
#define INDEX_NAME(name) name##64
#include "emit/expand_index_tmpl.h"
#define INDEX            int32_t
#define INDEX_NAME(name) name##32
#include "emit/expand_index_tmpl.h"

static inline void write_reals64(const nbl__view *view, double *v, double *x, bool squared)
{
    uint32_t e = 0;
#ifdef EXPAND_REALS
    e = most_reals64(view, v, x, squared);
#endif
    for (; e < view->count; e++) {
        double d[3];
        const double d2 = nbl__view_d2(view, e, d);
        if (v)
            memcpy(v + 3 * (size_t)e, d, sizeof d);
        if (x)
            x[e] = squared ? d2 : sqrt(d2);
    }
}

static void reals64(const nbl__view *view, void *vectors, void *distances)
{
    write_reals64(view, vectors, distances, false);
}

static void squares64(const nbl__view *view, void *vectors, void *d2)
{
    write_reals64(view, vectors, d2, true);
}

static void reals32(const nbl__view *view, void *vectors, void *distances)
{
    float *v = vectors, *x = distances;
    uint32_t e = 0;
#ifdef EXPAND_REALS
    e = most_reals32(view, v, x);
#endif
    for (; e < view->count; e++) {
        double d[3];
        const double d2 = nbl__view_d2(view, e, d);
        for (int k = 0; v && k < 3; k++)
            v[3 * (size_t)e + (size_t)k] = (float)d[k];
        if (x)
            x[e] = (float)sqrt(d2);
    }
}

static void stream(void *to, const void *from, size_t bytes)
{
#ifdef EXPAND_STREAM
    EXPAND_STREAM(to, from, bytes);
#else
    memcpy(to, from, bytes);
#endif
}

static void fence(void)
{
#ifdef EXPAND_FENCE
    EXPAND_FENCE();
#endif
}

#ifdef EXPAND_STREAM
#define EXPAND_STREAMS true
#else
#define EXPAND_STREAMS false
#endif
static const nbl__expand EXPAND_NAME = {pairs32, pairs64, fill32,  fill64,    rows32, rows64, atoms32,
                                        atoms64, reals32, reals64, squares64, stream, fence,  EXPAND_STREAMS};

#undef EXPAND_NAME
#undef EXPAND_PAIRS
#undef EXPAND_REALS
#undef EXPAND_FILL
#undef EXPAND_ATOMS
#undef EXPAND_STREAM
#undef EXPAND_STREAMS
#undef EXPAND_FENCE
