/* SPDX-License-Identifier: MIT */
/*
 * What an nbl__expand does with indices, once per type: INDEX is the type, INDEX_NAME(name) the name of a
 * function for it. Included by expand_row_tmpl.h alone.
 */
static inline void INDEX_NAME(fill)(void *out, int64_t count, int64_t value)
{
#ifdef EXPAND_FILL
    EXPAND_FILL(sizeof(INDEX) == sizeof(int64_t), out, count, (INDEX)value);
#else
    for (int64_t e = 0; e < count; e++)
        ((INDEX *)out)[e] = (INDEX)value;
#endif
}

static void INDEX_NAME(pairs)(const nbl__view *view, int64_t base, void *i, void *j, int32_t *shifts)
{
    if (i)
        INDEX_NAME(fill)(i, view->count, view->atom + base);
#ifdef EXPAND_PAIRS
    EXPAND_PAIRS(sizeof(INDEX) == sizeof(int64_t), view, base, j, shifts);
#else
    INDEX *out = j;
    for (size_t e = 0; e < view->count; e++) {
        const nbl__image *image = &view->images[view->number[e]];
        if (out)
            out[e] = (INDEX)(image->atom + base);
        for (size_t k = 0; shifts && k < 3; k++)
            shifts[3 * e + k] = image->shift[k] + view->w[k];
    }
#endif
}

/* Short rows, as small systems have them, are written without a loop: the next row mends the rest. */
static void INDEX_NAME(rows)(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    INDEX *at = out;
    int64_t left = 0;
    for (int64_t k = 0; k < n; k++)
        left += counts[k];
    for (int64_t k = 0; k < n; k++) {
        const int64_t v = value + k;
        if (left < counts[k] + SHORT_ROW)
            INDEX_NAME(fill)(at, counts[k], v);
        else
            for (int64_t e = 0; e < counts[k]; e += SHORT_ROW)
                INDEX_NAME(fill)(at + e, SHORT_ROW, v);
        at += counts[k];
        left -= counts[k];
    }
}

static void INDEX_NAME(atoms)(void *out, const uint32_t *number, int64_t count, int64_t base)
{
#ifdef EXPAND_ATOMS
    EXPAND_ATOMS(sizeof(INDEX) == sizeof(int64_t), out, number, count, base);
#else
    for (int64_t e = 0; e < count; e++)
        ((INDEX *)out)[e] = (INDEX)((int64_t)number[e] + base);
#endif
}

#undef INDEX
#undef INDEX_NAME
