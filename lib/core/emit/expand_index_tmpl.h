/* SPDX-License-Identifier: MIT */
/*
 * What an nbl__expand does with indices, once per type: INDEX is the type, INDEX_NAME(name) the name of a
 * function for it. Included by expand_row_tmpl.h alone, whose EXPAND_PAIRS, EXPAND_FILL and EXPAND_ATOMS tell
 * whether the instance has INDEX_NAME(most_pairs) and so on.
 */
static void INDEX_NAME(pairs)(const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    INDEX *out = j;
    uint32_t e = 0;
#ifdef EXPAND_PAIRS
    e = INDEX_NAME(most_pairs)(view, base, out, shifts);
#endif
    for (; e < view->count; e++) {
        const nbl__image image = shifted(view, e);
        if (out)
            out[e] = (INDEX)(image.atom + base);
        if (shifts)
            memcpy(shifts + 3 * (size_t)e, image.shift, sizeof image.shift);
    }
}

static inline void INDEX_NAME(fill)(void *out, int64_t count, int64_t value)
{
#ifdef EXPAND_FILL
    INDEX_NAME(all_fill)(out, count, (INDEX)value);
#else
    for (int64_t e = 0; e < count; e++)
        ((INDEX *)out)[e] = (INDEX)value;
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
    INDEX_NAME(all_atoms)(out, number, count, base);
#else
    for (int64_t e = 0; e < count; e++)
        ((INDEX *)out)[e] = (INDEX)((int64_t)number[e] + base);
#endif
}

#undef INDEX
#undef INDEX_NAME
