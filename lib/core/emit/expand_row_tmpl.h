/* SPDX-License-Identifier: MIT */
/*
 * The bodies of an nbl__expand. An instance defines EXPAND_NAME, the name of what is defined, and, where it has
 * vectors:
 *   EXPAND_PAIRS32(view, base, j, shifts), ...64   the first entries; returns how many
 *   EXPAND_REALS32(view, vectors, distances), EXPAND_REALS64(view, vectors, distances, squared)   the same
 *   EXPAND_FILL32(out, count, value), ...64   all of it
 *   EXPAND_ATOMS32(out, number, count, base), ...64   all of it
 *   EXPAND_STREAM(to, from, bytes), EXPAND_FENCE()   all of it
 */
static inline nbl__image shifted(const nbl__view *view, uint32_t e)
{
    nbl__image image = view->images[view->number[e]];
    for (int k = 0; k < 3; k++)
        image.shift[k] += view->w[k];
    return image;
}

static void pairs64(const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    int64_t *out = j;
    uint32_t e = 0;
#ifdef EXPAND_PAIRS64
    e = EXPAND_PAIRS64(view, base, out, shifts);
#endif
    for (; e < view->count; e++) {
        const nbl__image image = shifted(view, e);
        if (out)
            out[e] = image.atom + base;
        if (shifts)
            memcpy(shifts + 3 * (size_t)e, image.shift, sizeof image.shift);
    }
}

static void pairs32(const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    int32_t *out = j;
    uint32_t e = 0;
#ifdef EXPAND_PAIRS32
    e = EXPAND_PAIRS32(view, base, out, shifts);
#endif
    for (; e < view->count; e++) {
        const nbl__image image = shifted(view, e);
        if (out)
            out[e] = (int32_t)(image.atom + base);
        if (shifts)
            memcpy(shifts + 3 * (size_t)e, image.shift, sizeof image.shift);
    }
}

static inline void write_reals64(const nbl__view *view, double *v, double *x, bool squared)
{
    uint32_t e = 0;
#ifdef EXPAND_REALS64
    e = EXPAND_REALS64(view, v, x, squared);
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
#ifdef EXPAND_REALS32
    e = EXPAND_REALS32(view, v, x);
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

static inline void fill64(void *out, int64_t count, int64_t value)
{
#ifdef EXPAND_FILL64
    EXPAND_FILL64(out, count, value);
#else
    for (int64_t e = 0; e < count; e++)
        ((int64_t *)out)[e] = value;
#endif
}

static inline void fill32(void *out, int64_t count, int64_t value)
{
#ifdef EXPAND_FILL32
    EXPAND_FILL32(out, count, (int32_t)value);
#else
    for (int64_t e = 0; e < count; e++)
        ((int32_t *)out)[e] = (int32_t)value;
#endif
}

/* Rows that are short, as they are in small systems, are written without a loop: the next row mends the rest.
 */
enum { SHORT_ROW = 8 };

static void rows64(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    int64_t *at = out, left = 0;
    for (int64_t k = 0; k < n; k++)
        left += counts[k];
    for (int64_t k = 0; k < n; k++) {
        const int64_t v = value + k;
        if (left < counts[k] + SHORT_ROW)
            fill64(at, counts[k], v);
        else
            for (int64_t e = 0; e < counts[k]; e += SHORT_ROW)
                fill64(at + e, SHORT_ROW, v);
        at += counts[k];
        left -= counts[k];
    }
}

static void rows32(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    int32_t *at = out;
    int64_t left = 0;
    for (int64_t k = 0; k < n; k++)
        left += counts[k];
    for (int64_t k = 0; k < n; k++) {
        const int64_t v = value + k;
        if (left < counts[k] + SHORT_ROW)
            fill32(at, counts[k], v);
        else
            for (int64_t e = 0; e < counts[k]; e += SHORT_ROW)
                fill32(at + e, SHORT_ROW, v);
        at += counts[k];
        left -= counts[k];
    }
}

static void atoms64(void *out, const uint32_t *number, int64_t count, int64_t base)
{
#ifdef EXPAND_ATOMS64
    EXPAND_ATOMS64(out, number, count, base);
#else
    for (int64_t e = 0; e < count; e++)
        ((int64_t *)out)[e] = (int64_t)number[e] + base;
#endif
}

static void atoms32(void *out, const uint32_t *number, int64_t count, int64_t base)
{
#ifdef EXPAND_ATOMS32
    EXPAND_ATOMS32(out, number, count, base);
#else
    for (int64_t e = 0; e < count; e++)
        ((int32_t *)out)[e] = (int32_t)((int64_t)number[e] + base);
#endif
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
#undef EXPAND_PAIRS32
#undef EXPAND_PAIRS64
#undef EXPAND_REALS32
#undef EXPAND_REALS64
#undef EXPAND_FILL32
#undef EXPAND_FILL64
#undef EXPAND_ATOMS32
#undef EXPAND_ATOMS64
#undef EXPAND_STREAM
#undef EXPAND_STREAMS
#undef EXPAND_FENCE
