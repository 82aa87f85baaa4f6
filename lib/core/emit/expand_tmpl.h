/* SPDX-License-Identifier: MIT */
/*
 * Included once per type combination of outputs: EXPAND_INDEX, EXPAND_SHIFT or EXPAND_REAL is the type,
 * EXPAND_NAME its suffix. Each function writes one row of one kind of output.
 */
#define EXPAND_PASTE_(a, b)   a##b
#define EXPAND_PASTE(a, b)    EXPAND_PASTE_(a, b)
#define EXPAND_FUNCTION(name) EXPAND_PASTE(name, EXPAND_NAME)

#ifdef EXPAND_INDEX
static void EXPAND_FUNCTION(fill_)(void *to, int64_t at, int64_t step, int64_t count, int64_t value)
{
    EXPAND_INDEX *out = (EXPAND_INDEX *)to + at;
    EXPAND_INDEX v = (EXPAND_INDEX)value;
    if (step == 1)
        for (int64_t e = 0; e < count; e++)
            out[e] = v;
    else
        for (int64_t e = 0; e < count; e++)
            out[e * step] = v;
}

static void EXPAND_FUNCTION(atoms_)(void *to, int64_t at, int64_t step, const nbl__view *view, int64_t base)
{
    EXPAND_INDEX *out = (EXPAND_INDEX *)to + at;
    const uint32_t *number = view->number;
    if (number && !view->images)
        for (uint32_t e = 0; e < view->count; e++)
            out[e * step] = (EXPAND_INDEX)((int64_t)number[e] + base);
    else if (number)
        for (uint32_t e = 0; e < view->count; e++)
            out[e * step] = (EXPAND_INDEX)(view->images[number[e]].atom + base);
    else
        for (uint32_t e = 0; e < view->count; e++)
            out[e * step] = (EXPAND_INDEX)(view->images[e].atom + base);
}
#endif

#ifdef EXPAND_SHIFT
static void EXPAND_FUNCTION(shifts_)(void *to, int64_t at, const nbl__view *view)
{
    EXPAND_SHIFT *out = (EXPAND_SHIFT *)to + 3 * at;
    const int32_t w0 = view->w[0], w1 = view->w[1], w2 = view->w[2];
    if (!view->images) {
        memset(out, 0, 3 * (size_t)view->count * sizeof *out);
        return;
    }
    for (uint32_t e = 0; e < view->count; e++, out += 3) {
        const int32_t *s = view->images[view->number ? view->number[e] : e].shift;
        out[0] = (EXPAND_SHIFT)(s[0] + w0);
        out[1] = (EXPAND_SHIFT)(s[1] + w1);
        out[2] = (EXPAND_SHIFT)(s[2] + w2);
    }
}
#endif

#ifdef EXPAND_REAL
static void EXPAND_FUNCTION(reals_)(void *vectors, void *distances, int64_t at, const nbl__view *view)
{
    EXPAND_REAL *v = vectors ? (EXPAND_REAL *)vectors + 3 * at : NULL;
    EXPAND_REAL *x = distances ? (EXPAND_REAL *)distances + at : NULL;
    for (uint32_t e = 0; e < view->count; e++) {
        double d[3], d2 = nbl__view_d2(view, e, d);
        if (v)
            for (int k = 0; k < 3; k++)
                v[3 * e + (uint32_t)k] = (EXPAND_REAL)d[k];
        if (x)
            x[e] = (EXPAND_REAL)sqrt(d2);
    }
}
#endif

#undef EXPAND_INDEX
#undef EXPAND_SHIFT
#undef EXPAND_REAL
#undef EXPAND_NAME
#undef EXPAND_FUNCTION
#undef EXPAND_PASTE
#undef EXPAND_PASTE_
