/* SPDX-License-Identifier: MIT */
/*
 * Rows at several cutoffs: the bodies of `nested` and `pick`. What is found within the largest cutoff is packed
 * once; which of it is within a lower one is a bit each, a mark. Included by kernel_tmpl.h alone, in the midst
 * of an instance.
 */

enum { WORD = 64 };

/* Packs those of up to a word of numbers that have a mark; returns where they end. */
static inline uint64_t pack_word(uint32_t *out, uint64_t end, const uint32_t *numbers, uint64_t marks)
{
    for (uint64_t k = 0; k < WORD && marks >> k != 0; k += KERNEL_LANES) {
        const KERNEL_CHOICE chosen = KERNEL_CHOICE_OF((uint32_t)(marks >> k) & LANE_BITS);
        KERNEL_PACK(out + end, KERNEL_LOAD_NUMBERS(numbers + k), chosen);
        end += KERNEL_COUNT(chosen);
    }
    return end;
}

#if defined(KERNEL_EXTRACT)
/*
 * All bands are asked while distances are at hand: what is found in a word of candidates, and what of it is
 * within a tier, is known as bits, and no distance is packed (random rc 5, 5.5 and 6, Zen 4: search 270 -> 243
 * ns per atom).
 */

typedef struct distances {
    KERNEL_REAL v[WORD / KERNEL_LANES]; /* squared, of a word of candidates */
} distances;

/* From candidate c on; behind the last one they are infinite. full: they are a word. */
static NBL__INLINE distances measure(const nbl__near *near, uint64_t c, const centre *at, bool full)
{
    distances d2;
    for (uint64_t k = 0; k < WORD / KERNEL_LANES; k++, c += KERNEL_LANES)
        d2.v[k] = full || c < near->n ? squares(near, c, at) : KERNEL_SET(HUGE_VALF);
    return d2;
}

static NBL__INLINE uint64_t below(const distances *d2, float limit)
{
    const KERNEL_REAL bound = KERNEL_SET(limit);
    KERNEL_MASK less[WORD / KERNEL_LANES];
    for (int k = 0; k < WORD / KERNEL_LANES; k++)
        less[k] = KERNEL_LESS(d2->v[k], bound);
    return KERNEL_WORD(less);
}

/* Which of the candidates from c on a half row may have. */
static NBL__INLINE uint64_t later(const nbl__near *near, uint64_t c, const centre *at)
{
    KERNEL_MASK allowed[WORD / KERNEL_LANES];
    for (int k = 0; k < WORD / KERNEL_LANES; k++, c += KERNEL_LANES)
        allowed[k] = c < near->n ? KERNEL_NOT_BELOW(KERNEL_LOAD_NUMBERS(near->key + c), at->from) : KERNEL_NONE;
    return KERNEL_WORD(allowed);
}

/* A band as floats in their order, which is that of their bits where none is negative. */
typedef struct doubtful {
    uint32_t from, width;
} doubtful;

static inline doubtful doubtful_of(nbl__band band)
{
    const float ends[2] = {band.inner > 0.0f ? band.inner : 0.0f, band.outer};
    uint32_t bits[2];
    memcpy(bits, ends, sizeof bits);
    return (doubtful){bits[0], bits[1] - bits[0]};
}

enum { MOST_BANDS = NBL_MAX_LISTS };

/*
 * What rows and their tiers have in common; and, of each band, how many floats the nearest distance that was
 * met lies behind where it begins.
 */
typedef struct nest {
    const nbl__near *near;
    const nbl__tier *tiers;
    int32_t n_tiers;
    doubtful bands[MOST_BANDS]; /* of the tiers, and of the rows */
    KERNEL_NUMBERS met[MOST_BANDS];
    uint64_t within[MOST_BANDS]; /* entries of the row that each tier has */
} nest;

static NBL__INLINE void meet(nest *s, int32_t band, const distances *d2)
{
    const KERNEL_NUMBERS from = KERNEL_SET_NUMBER(s->bands[band].from);
    KERNEL_NUMBERS least = s->met[band];
    for (int k = 0; k < WORD / KERNEL_LANES; k++)
        least = KERNEL_LEAST(least, d2->v[k], from);
    s->met[band] = least;
}

/* What is found from candidate c on, with its marks, behind as many as there are already. */
static NBL__INLINE uint64_t find_word(nest *s, const row_ask *ask, const centre *at, uint64_t c,
                                      uint64_t marked, bool full)
{
    const distances d2 = measure(s->near, c, at, full);
    const uint64_t word = marked / WORD, shift = marked % WORD;
    uint64_t found = below(&d2, ask->band.outer);
    meet(s, s->n_tiers, &d2);
    if (ask->half)
        found &= later(s->near, c, at);
    else if (ask->but != UINT32_MAX && ask->home - c < WORD)
        found &= ~(UINT64_C(1) << (ask->home - c));
    for (int32_t t = 0; t < s->n_tiers; t++) {
        const uint64_t marks = KERNEL_EXTRACT(below(&d2, s->tiers[t].band.outer), found);
        meet(s, t, &d2);
        s->within[t] += count_ones(marks);
        s->tiers[t].marks[word] |= marks << shift;
        s->tiers[t].marks[word + 1] = marks >> 1 >> (WORD - 1 - shift);
    }
    return found;
}

/* Words between the passes, one that judges and one that packs. */
enum { WORDS = 16 };

/* Appends a row to `out`, of which `end` entries are written; returns where it ends. */
static NBL__INLINE uint64_t make_nested_row(nest *s, const row_ask *ask, uint32_t *out, uint64_t end)
{
    const centre at = place_centre(s->near, ask);
    const uint64_t n = s->near->n;
    uint64_t found[WORDS], marked = end;
    for (int32_t t = 0; t < s->n_tiers; t++)
        s->within[t] = 0;
    for (uint64_t first = ask->begin; first < n; first += WORDS * WORD) {
        const uint64_t rest = (n - first + WORD - 1) / WORD, words = rest < WORDS ? rest : WORDS;
        for (uint64_t w = 0; w < words; w++) {
            const uint64_t c = first + w * WORD;
            found[w] = c + WORD <= n ? find_word(s, ask, &at, c, marked, true)
                                     : find_word(s, ask, &at, c, marked, false);
            marked += count_ones(found[w]);
        }
        for (uint64_t w = 0; w < words; w++)
            end = pack_word(out, end, s->near->number + first + w * WORD, found[w]);
    }
    return end;
}

static NBL__INLINE uint32_t make_nested(nest *s, const nbl__ask *ask, uint32_t *out, uint32_t *counts,
                                        bool half)
{
    uint64_t total = 0;
    for (uint32_t k = 0; k < ask->n_rows; k++) {
        const row_ask row = ask_of(s->near, ask, k, half, false);
        const uint64_t end = make_nested_row(s, &row, out, total);
        counts[k] = (uint32_t)(end - total);
        for (int32_t t = 0; t < s->n_tiers; t++)
            s->tiers[t].counts[k] = (uint32_t)s->within[t];
        total = end;
    }
    return (uint32_t)total;
}

/* half and, up to two, n_tiers are constants: all that belongs to the bands is then in registers. */
static NBL__INLINE uint32_t make_nest(const nbl__near *near, const nbl__ask *ask, uint32_t *out,
                                      uint32_t *counts, const nbl__tier *tiers, int32_t n_tiers, bool half,
                                      bool *close)
{
    nest s; /* not zeroed: of its bands, few are used */
    s.near = near;
    s.tiers = tiers;
    s.n_tiers = n_tiers;
    for (int32_t t = 0; t <= n_tiers; t++) {
        s.bands[t] = doubtful_of(t < n_tiers ? tiers[t].band : ask->band);
        s.met[t] = KERNEL_SET_NUMBER(UINT32_MAX);
    }
    for (int32_t t = 0; t < n_tiers; t++)
        tiers[t].marks[0] = 0;
    const uint32_t total = make_nested(&s, ask, out, counts, half);
    *close = false;
    for (int32_t t = 0; t <= n_tiers; t++)
        if (s.bands[t].width > 0)
            *close |= KERNEL_ANY(KERNEL_NOT_BELOW(KERNEL_SET_NUMBER(s.bands[t].width - 1), s.met[t]));
    return total;
}

static uint32_t nested(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2, uint32_t *counts,
                       const nbl__tier *tiers, int32_t n_tiers, bool *close)
{
    (void)d2;
    if (ask->half)
        return make_nest(near, ask, out, counts, tiers, n_tiers, true, close);
    if (n_tiers == 1)
        return make_nest(near, ask, out, counts, tiers, 1, false, close);
    if (n_tiers == 2)
        return make_nest(near, ask, out, counts, tiers, 2, false, close);
    return make_nest(near, ask, out, counts, tiers, n_tiers, false, close);
}
#else
/* How many marks each row has, of rows that are counts[k] long. */
static void count_rows(const uint64_t *marks, const uint32_t *counts, uint32_t n_rows, uint32_t *within)
{
    uint64_t end = 0, word = 0, in_words = 0, before = 0;
    for (uint32_t k = 0; k < n_rows; k++) {
        end += counts[k];
        for (; word < end / WORD; word++)
            in_words += count_ones(marks[word]);
        const uint64_t part = end % WORD;
        const uint64_t upto = in_words + (part == 0 ? 0 : count_ones(marks[word] << (WORD - part)));
        within[k] = (uint32_t)(upto - before);
        before = upto;
    }
}

/* Marks the entries that are within the band; whether any of them is in doubt. */
static bool mark_within(const float *d2, uint64_t count, const nbl__tier *tier)
{
    const KERNEL_REAL inner = KERNEL_SET(tier->band.inner), outer = KERNEL_SET(tier->band.outer);
    uint64_t doubt = 0;
    for (uint64_t e = 0; e < count; e += WORD) {
        const uint64_t rest = count - e, n = rest < WORD ? rest : WORD;
        uint64_t close = 0, sure = 0;
        for (uint64_t k = 0; k < n; k += KERNEL_LANES) {
            const KERNEL_REAL v = KERNEL_LOAD(d2 + e + k);
            close |= (uint64_t)KERNEL_BITS(KERNEL_LESS(v, outer)) << k;
            sure |= (uint64_t)KERNEL_BITS(KERNEL_LESS(v, inner)) << k;
        }
        close &= UINT64_MAX >> (WORD - n);
        doubt |= close & ~sure;
        tier->marks[e / WORD] = close;
    }
    return doubt != 0;
}

static uint32_t nested(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2, uint32_t *counts,
                       const nbl__tier *tiers, int32_t n_tiers, bool *close)
{
    const uint32_t total = rows(near, ask, out, d2, counts, close);
    for (int32_t t = 0; t < n_tiers; t++) {
        *close |= mark_within(d2, total, &tiers[t]);
        count_rows(tiers[t].marks, counts, ask->n_rows, tiers[t].counts);
    }
    return total;
}
#endif

/* Which entries of a word are wanted. */
static inline uint64_t wanted(const uint64_t *with, const uint64_t *without, uint64_t word)
{
    return (with ? with[word] : UINT64_MAX) & ~(without ? without[word] : 0);
}

static uint32_t pick(const uint32_t *numbers, uint32_t count, const uint64_t *with, const uint64_t *without,
                     uint32_t *out)
{
    uint64_t end = 0;
    for (uint64_t e = 0; e < count; e += WORD) {
        const uint64_t rest = count - e, all = rest < WORD ? UINT64_MAX >> (WORD - rest) : UINT64_MAX;
        end = pack_word(out, end, numbers + e, wanted(with, without, e / WORD) & all);
    }
    return (uint32_t)end;
}
