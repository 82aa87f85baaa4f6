/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/* Rows with tiers, nested or shells, by every instruction set, against plain loops. */
enum { ROWS = 6, MOST = 1300, TIERS = 8, OVERRUN = NBL__KERNEL_OVERRUN, GUARDS = 8 + 2 * TIERS };

static struct random g;

/* Points, what is asked of them, what an instance writes, and what it should write. */
struct nest {
    struct guard guards[GUARDS];
    nbl__near near;
    nbl__ask ask;
    uint32_t homes[ROWS];
    nbl__tier tiers[TIERS];
    int32_t n_tiers;
    bool shells;
    uint32_t *out, *counts;
    float *d2;
    uint32_t expected[ROWS * MOST], expected_counts[ROWS], total;
    unsigned char within[TIERS][ROWS * MOST]; /* of entry e of all rows: whether it belongs to the tier */
    bool doubt;                               /* an entry is within a band */
    bool perhaps; /* an entry is within what a band would be, were it as wide as the widest */
};

static void free_guards(struct nest *s)
{
    for (int k = 0; k < GUARDS; k++)
        guard_free(&s->guards[k]);
}

/* On a lattice, so that all squares are exact; what lies behind the last point is far from all. */
static void draw_points(struct nest *s, uint32_t n)
{
    float **const coordinates[3] = {&s->near.x, &s->near.y, &s->near.z};
    for (int a = 0; a < 3; a++) {
        float *x = *coordinates[a] = guard_take(&s->guards[a], (n + OVERRUN) * sizeof *x);
        for (uint32_t k = 0; k < n + OVERRUN; k++)
            x[k] = k < n ? 0.25f * (float)random_int(&g, -8, 8) : HUGE_VALF;
    }
    s->near.n = n;
    s->near.number = guard_take(&s->guards[3], (n + OVERRUN) * sizeof *s->near.number);
    s->near.key = guard_take(&s->guards[4], (n + OVERRUN) * sizeof *s->near.key);
    for (uint32_t k = 0; k < n + OVERRUN; k++) {
        s->near.number[k] = k * 2654435761u % 4294967291u;
        s->near.key[k] = s->ask.ordered ? 3 * k : k * 2246822519u % 4294967291u;
    }
}

/* Some bands are empty, some are alike, and some hold distances. */
static void draw_bands(struct nest *s, bool wide)
{
    nbl__band band = {0.0f, 0.0f};
    for (int32_t t = 0; t <= s->n_tiers; t++) {
        if (t == 0 || !random_chance(&g, 5)) {
            band.inner = band.outer + (float)random_int(&g, 0, 48) / 16.0f;
            band.outer = band.inner + (wide && random_chance(&g, 3) ? 1.0f / 16.0f : 0.0f);
        }
        if (t < s->n_tiers)
            s->tiers[t].band = band;
    }
    s->ask.band = band;
    if (random_chance(&g, 10))
        s->ask.band.outer = HUGE_VALF;
    if (s->shells)
        s->tiers[s->n_tiers - 1].band = s->ask.band;
}

static void draw_ask(struct nest *s)
{
    const uint32_t n = s->near.n;
    s->ask.half = random_chance(&g, 2);
    s->ask.self = random_chance(&g, 2);
    s->ask.n_rows = n == 0 ? 0 : (uint32_t)random_int(&g, 0, ROWS);
    s->ask.first = 0;
    s->ask.homes = s->homes;
    for (int k = 0; k < ROWS && n > 0; k++)
        s->homes[k] = (uint32_t)random_int(&g, 0, n - 1);
    if (n >= ROWS && random_chance(&g, 2)) {
        s->ask.homes = NULL;
        s->ask.first = (uint32_t)random_int(&g, 0, n - ROWS);
    }
}

static float square_of(const struct nest *s, uint32_t a, uint32_t b)
{
    const float x = s->near.x[a] - s->near.x[b], y = s->near.y[a] - s->near.y[b],
                z = s->near.z[a] - s->near.z[b];
    return x * x + y * y + z * z;
}

static bool is_wanted(const struct nest *s, uint32_t home, uint32_t k)
{
    if (k == home)
        return s->ask.self;
    return !s->ask.half || s->near.key[k] > s->near.key[home];
}

static bool is_doubtful(nbl__band band, float d2)
{
    return d2 < band.outer && !(d2 < band.inner);
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t width_of(nbl__band band)
{
    return bits_of(band.outer) - bits_of(band.inner);
}

static uint32_t widest(const struct nest *s)
{
    uint32_t most = width_of(s->ask.band);
    for (int32_t t = 0; t < s->n_tiers; t++)
        if (width_of(s->tiers[t].band) > most)
            most = width_of(s->tiers[t].band);
    return most;
}

static void expect_entry(struct nest *s, uint32_t k, float d2)
{
    const uint32_t most = widest(s);
    s->doubt |= is_doubtful(s->ask.band, d2);
    s->perhaps |= bits_of(d2) - bits_of(s->ask.band.inner) < most;
    for (int32_t t = 0; t < s->n_tiers; t++) {
        const bool lower = s->shells && t > 0 && d2 < s->tiers[t - 1].band.outer;
        s->doubt |= is_doubtful(s->tiers[t].band, d2);
        s->perhaps |= bits_of(d2) - bits_of(s->tiers[t].band.inner) < most;
        s->within[t][s->total] = d2 < s->tiers[t].band.outer && !lower;
    }
    s->expected[s->total++] = s->near.number[k];
}

static void expect(struct nest *s)
{
    s->total = 0;
    s->doubt = s->perhaps = false;
    for (uint32_t row = 0; row < s->ask.n_rows; row++) {
        const uint32_t home = s->ask.homes ? s->ask.homes[row] : s->ask.first + row, before = s->total;
        for (uint32_t k = 0; k < s->near.n; k++) {
            const float d2 = square_of(s, k, home);
            if (is_wanted(s, home, k) && d2 < s->ask.band.outer)
                expect_entry(s, k, d2);
        }
        s->expected_counts[row] = s->total - before;
    }
}

static void check_tier(const struct nest *s, int32_t tier)
{
    const nbl__tier *t = &s->tiers[tier];
    uint32_t e = 0, total = 0;
    for (uint32_t row = 0; row < s->ask.n_rows; row++) {
        const uint32_t before = total;
        for (const uint32_t end = e + s->expected_counts[row]; e < end; e++)
            if (s->within[tier][e])
                check_int(t->out[total++], s->expected[e]);
        check_int(t->counts[row], total - before);
    }
    check_int(t->total, total);
    assert_true(guard_front_untouched(&s->guards[8 + tier]));
    assert_true(guard_front_untouched(&s->guards[8 + TIERS + tier]));
}

static void check_nested(const nbl__kernels *kernels, struct nest *s)
{
    const size_t room = (size_t)s->near.n * s->ask.n_rows + OVERRUN, scratch = 2 * NBL__NESTED_ROOM(s->near.n);
    expect(s);
    bool close = !s->doubt;
    s->out = guard_take(&s->guards[5], (s->shells ? scratch : room) * sizeof *s->out);
    s->d2 = guard_take(&s->guards[6], scratch * sizeof *s->d2);
    s->counts = guard_take(&s->guards[7], s->ask.n_rows * sizeof *s->counts);
    for (int32_t t = 0; t < s->n_tiers; t++) {
        s->tiers[t].out = guard_take(&s->guards[8 + t], room * sizeof *s->tiers[t].out);
        s->tiers[t].counts = guard_take(&s->guards[8 + TIERS + t], s->ask.n_rows * sizeof(uint32_t));
    }
    check_int(
        kernels->nested(&s->near, &s->ask, s->out, s->d2, s->counts, s->tiers, s->n_tiers, s->shells, &close),
        s->total);
    assert_true(close ? s->perhaps : !s->doubt);
    if (!s->shells)
        assert_memory_equal(s->out, s->expected, s->total * sizeof *s->out);
    for (uint32_t k = 0; k < s->ask.n_rows; k++)
        check_int(s->counts[k], s->expected_counts[k]);
    for (int32_t t = 0; t < s->n_tiers; t++)
        check_tier(s, t);
    for (int k = 0; k < 8; k++)
        assert_true(guard_front_untouched(&s->guards[k]));
}

static void rows_are_split(void **state)
{
    (void)state;
    static struct nest s;
    const nbl__kernels *kernels;
    int64_t with_doubts = 0, without = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        random_seed(&g, 53);
        for (int64_t trial = scale_count(4000, 400); trial > 0; trial--) {
            s.n_tiers = (int32_t)random_int(&g, 1, TIERS);
            s.shells = random_chance(&g, 2);
            s.ask.ordered = random_chance(&g, 2);
            draw_points(&s, (uint32_t)random_int(&g, 0, random_chance(&g, 10) ? MOST : 200));
            draw_bands(&s, random_chance(&g, 2));
            draw_ask(&s);
            check_nested(kernels, &s);
            with_doubts += s.doubt;
            without += !s.doubt && s.total > 0;
        }
        free_guards(&s);
    }
    assert_true(with_doubts > 0 && without > 0);
}

/* One candidate in doubt at every place among others that are not, for the rows and for a tier. */
static void one_doubt_is_told(void **state)
{
    (void)state;
    static struct nest s;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        random_seed(&g, 59);
        for (uint32_t n = 1; n <= 150; n++)
            for (uint32_t place = 1; place < n + 3; place += 1 + place % 3) {
                s.n_tiers = 2;
                s.shells = false;
                s.ask = (nbl__ask){.n_rows = 1, .band = {9.0f, nextafterf(9.0f, 10.0f)}};
                s.tiers[0].band = (nbl__band){1.0f, nextafterf(1.0f, 2.0f)};
                s.tiers[1].band = (nbl__band){4.0f, nextafterf(4.0f, 5.0f)};
                draw_points(&s, n);
                for (uint32_t k = 0; k < n; k++) {
                    s.near.x[k] = k == 0 ? 0.0f : k == place ? (float)(1 + place % 3) : 0.5f + (float)(k % 4);
                    s.near.y[k] = s.near.z[k] = 0.0f;
                }
                check_nested(kernels, &s);
                check_int(s.doubt, place < n);
            }
        free_guards(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_split),
        cmocka_unit_test(one_doubt_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
