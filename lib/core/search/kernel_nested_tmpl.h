/* SPDX-License-Identifier: MIT */
/*
 * Rows at several cutoffs: the body of `nested`. What is found within the largest cutoff, a third of the
 * candidates, is packed together with its distances, and then split by them. Included by kernel_tmpl.h alone,
 * in the midst of an instance.
 */

/* A row as it was found; its squared distances end with a vector of infinite ones. */
typedef struct whole_row {
    const uint32_t *numbers;
    const float *d2;
    uint64_t count;
    nbl__band band;
} whole_row;

/* Tiers that are split off in one pass: what belongs to them is in registers. */
enum { PASS_TIERS = 3 };

/*
 * Appends to n tiers what they have of row k; lower: the limit below the first of them, for shells. Whether
 * anything has a doubt.
 */
static NBL__INLINE bool split_pass(const whole_row *row, uint32_t k, nbl__tier *tiers, int n, bool shells,
                                   float lower)
{
    const KERNEL_REAL row_inner = KERNEL_SET(row->band.inner), row_outer = KERNEL_SET(row->band.outer);
    KERNEL_REAL inner[PASS_TIERS], outer[PASS_TIERS];
    uint64_t end[PASS_TIERS];
    KERNEL_WATCH watch = KERNEL_UNSEEN; /* for all bands: as if all were as wide as the widest */
    bool doubt = false;
    for (int t = 0; t < n; t++) {
        inner[t] = KERNEL_SET(tiers[t].band.inner);
        outer[t] = KERNEL_SET(tiers[t].band.outer);
        end[t] = tiers[t].total;
    }
    for (uint64_t e = 0; e < row->count; e += KERNEL_LANES) {
        const KERNEL_REAL d2 = KERNEL_LOAD(row->d2 + e);
        const KERNEL_NUMBERS number = KERNEL_LOAD_NUMBERS(row->numbers + e);
        KERNEL_MASK below = shells ? KERNEL_LESS(d2, KERNEL_SET(lower)) : KERNEL_NONE;
        for (int t = 0; t < n; t++) {
            const KERNEL_MASK within = KERNEL_LESS(d2, outer[t]);
            const KERNEL_CHOICE chosen = KERNEL_CHOOSE(shells ? KERNEL_BUT(within, below) : within);
            KERNEL_PACK(tiers[t].out + end[t], number, chosen);
            end[t] += KERNEL_COUNT(chosen);
            watch = KERNEL_SEE(watch, within, d2, inner[t]);
            below = within;
        }
        watch = KERNEL_SEE(watch, KERNEL_LESS(d2, row_outer), d2, row_inner);
    }
    for (int t = 0; t < n; t++) {
        doubt |= KERNEL_SEEN(watch, inner[t], outer[t]);
        tiers[t].counts[k] = (uint32_t)end[t] - tiers[t].total;
        tiers[t].total = (uint32_t)end[t];
    }
    return doubt | KERNEL_SEEN(watch, row_inner, row_outer);
}

static NBL__INLINE bool split_row(const whole_row *row, uint32_t k, nbl__tier *tiers, int32_t n, bool shells)
{
    float lower = -1.0f;
    bool doubt = false;
    for (; n > PASS_TIERS; n -= PASS_TIERS, tiers += PASS_TIERS) {
        doubt |= split_pass(row, k, tiers, PASS_TIERS, shells, lower);
        lower = tiers[PASS_TIERS - 1].band.outer;
    }
    doubt |= n == 1   ? split_pass(row, k, tiers, 1, shells, lower)
             : n == 2 ? split_pass(row, k, tiers, 2, shells, lower)
                      : split_pass(row, k, tiers, PASS_TIERS, shells, lower);
    return doubt;
}

/*
 * A row is split after the next one is made: a processor waits where it loads what stores that overlap have
 * just written (search, Zen 4: copper rc 3 and 5, 87 -> 84 ns per atom).
 */
static NBL__INLINE uint32_t make_nested(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                                        uint32_t *counts, nbl__tier *tiers, int32_t n_tiers, bool shells,
                                        bool *close)
{
    const KERNEL_REAL far = KERNEL_SET(HUGE_VALF);
    const size_t room = NBL__NESTED_ROOM(near->n);
    whole_row made = {.band = ask->band};
    uint64_t total = 0;
    *close = false;
    for (int32_t t = 0; t < n_tiers; t++)
        tiers[t].total = 0;
    for (uint32_t k = 0; k <= ask->n_rows; k++) {
        const whole_row before = made;
        if (k < ask->n_rows) {
            const row_ask wanted = ask_of(near, ask, k, ask->half, true);
            uint32_t *numbers = shells ? out + k % 2 * room : out + total;
            float *squared = d2 + k % 2 * room;
            made.numbers = numbers;
            made.d2 = squared;
            made.count = make_any_row(near, &wanted, numbers, squared, close);
            KERNEL_STORE(squared + made.count, far);
            counts[k] = (uint32_t)made.count;
            total += made.count;
        }
        if (k > 0)
            *close |= split_row(&before, k - 1, tiers, n_tiers, shells);
    }
    return (uint32_t)total;
}

static uint32_t nested(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2, uint32_t *counts,
                       nbl__tier *tiers, int32_t n_tiers, bool shells, bool *close)
{
    return shells ? make_nested(near, ask, out, d2, counts, tiers, n_tiers, true, close)
                  : make_nested(near, ask, out, d2, counts, tiers, n_tiers, false, close);
}
