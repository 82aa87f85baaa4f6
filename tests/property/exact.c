/* SPDX-License-Identifier: MIT */
/*
 * Random hard systems against the oracle: each through brute force, cells and the automatic choice, full
 * and half, with changing further flags and result modes. All pairs, vectors and distances must be those
 * of the formula to the last bit, and at least one system in ten must have a pair within 4 ulp of the
 * cutoff, or the test has lost its teeth.
 *
 * NBL_TEST_SEED sets the first seed; a failing seed is run alone with NBL_TEST_SEED=<seed> NBL_TEST_COUNT=1.
 */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "scale.h"

enum { REPORTS = 5 };

struct tally {
    int64_t systems, f32, close, compared, pairs, differences;
    int64_t masks[8];
};

static char running[80];

/* A crash must name its seed. */
static void on_crash(int number)
{
    static const char head[] = "crashed at seed ";
    ssize_t done = write(2, head, sizeof head - 1);
    done += write(2, running, strlen(running));
    signal(number, SIG_DFL);
    raise(number);
    _exit(done > 0 ? 98 : 99);
}

/* The further flags go through all eight combinations, out of step with the algorithms. */
static struct variant choose(uint64_t seed, int algorithm, int half)
{
    static const uint32_t extra[] = {0,
                                     NBL_SORTED,
                                     NBL_INCLUSIVE,
                                     NBL_SELF,
                                     NBL_INCLUSIVE | NBL_SELF,
                                     NBL_SORTED | NBL_SELF,
                                     NBL_SORTED | NBL_INCLUSIVE,
                                     NBL_SORTED | NBL_INCLUSIVE | NBL_SELF};
    struct variant v;
    memset(&v, 0, sizeof v);
    v.algorithm = algorithm;
    v.flags = extra[(seed + 3 * (uint64_t)algorithm + 5 * (uint64_t)half) % 8] | (half ? NBL_HALF : 0);
    v.mode = (int32_t)((seed / 8 + (uint64_t)algorithm) % 3);
    return v;
}

static void one_system(struct listing *l, uint64_t seed, struct tally *t)
{
    struct system s;
    struct pairs all = {0, 0, NULL};
    char text[COMPARE_TEXT];
    int64_t n_close;
    system_random(&s, seed);
    struct oracle_input in = system_input(&s);
    if (oracle_find(&in, &all, &n_close) != 0) {
        fprintf(stderr, "seed %llu: the oracle cannot search this system\n", (unsigned long long)seed);
        t->differences++;
        return;
    }
    t->systems++;
    t->f32 += s.positions_f32;
    t->close += n_close > 0;
    t->pairs += all.n - s.n;
    t->masks[in.pbc[0] + 2 * in.pbc[1] + 4 * in.pbc[2]]++;

    for (int algorithm = 0; algorithm < 3; algorithm++)
        for (int half = 0; half < 2; half++) {
            struct variant v = choose(seed, algorithm, half);
            t->compared++;
            if (compare_variant(l, &s, &all, &v, text) == 0)
                continue;
            if (t->differences++ < REPORTS)
                compare_report(&s, &v, text, stderr);
        }
    pairs_free(&all);
}

int main(void)
{
    uint64_t first = scale_seed("NBL_TEST_SEED", 20000);
    int64_t count = (int64_t)scale_seed("NBL_TEST_COUNT", (uint64_t)scale_count(20000, 300));
    struct tally t;
    struct listing l;
    memset(&t, 0, sizeof t);
    signal(SIGSEGV, on_crash);
    signal(SIGBUS, on_crash);
    signal(SIGFPE, on_crash);
    if (listing_open(&l, NULL) != 0) {
        fprintf(stderr, "%s\n", l.text);
        return 1;
    }
    for (int64_t k = 0; k < count; k++) {
        snprintf(running, sizeof running, "%llu\n", (unsigned long long)first + (unsigned long long)k);
        one_system(&l, first + (uint64_t)k, &t);
    }
    listing_close(&l);

    double close = t.systems ? 100.0 * (double)t.close / (double)t.systems : 0;
    printf("seeds %llu..%llu: %lld systems (%lld float32), %lld lists compared, %lld pairs of the oracle\n",
           (unsigned long long)first, (unsigned long long)(first + (uint64_t)count - 1), (long long)t.systems,
           (long long)t.f32, (long long)t.compared, (long long)t.pairs);
    printf("by periodic axes:");
    for (int mask = 0; mask < 8; mask++)
        printf(" %c%c%c %lld", mask & 1 ? 'a' : '-', mask & 2 ? 'b' : '-', mask & 4 ? 'c' : '-',
               (long long)t.masks[mask]);
    printf("\n%.1f %% of the systems have a pair within 4 ulp of the cutoff\n%lld differences\n", close,
           (long long)t.differences);
    return t.differences != 0 || (count >= 300 && close < 10);
}
