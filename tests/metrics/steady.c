/* SPDX-License-Identifier: MIT */
/*
 * With one thread, a second call on a handle makes no allocation at all in the whole process, whatever goes
 * through the hooks or past them.
 */
#include <nblist/metrics.h>
#include <stdio.h>

#include "malloc_count.h"
#include "random.h"

enum { ATOMS = 3000, SYSTEMS = 30, SKIPPED = 77 };

static double r[ATOMS][3], values[SYSTEMS][NBL_METRICS_COUNT], q[ATOMS][2];
static int32_t numbers[ATOMS];
static uint8_t ring[ATOMS], cna[ATOMS];

static int once(nbl_metrics *m, int batch)
{
    static const double h[9] = {14, 0, 0, 2, 14, 0, -3, 1, 15}, rc = 1.6;
    static const int32_t l[2] = {6, 5};
    static int64_t ptr[SYSTEMS + 1];
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    options.n_threads = 1;
    options.cutoffs = batch ? NULL : &rc;
    options.n_cutoffs = !batch;
    out.values = values[0];
    out.ring = ring;
    out.cna = cna;
    out.q_averaged = q[0];
    out.l = l;
    out.n_l = 2;
    out.system_capacity = SYSTEMS;
    out.atom_capacity = ATOMS;
    if (!batch)
        return nbl_metrics_compute(m, ATOMS, r, h, NULL, numbers, &options, &out);
    for (int b = 0; b < SYSTEMS; b++)
        ptr[b + 1] = b == SYSTEMS - 1 ? ATOMS : ptr[b] + 10 * (b % 12);
    in.n_systems = SYSTEMS;
    in.n_atoms = ATOMS;
    in.positions = r;
    in.ptr = ptr;
    return nbl_metrics_compute_batch(m, &in, numbers, &options, &out, NULL);
}

int main(void)
{
    struct random g;
    nbl_metrics *m = NULL;
    int bad = 0;
    if (!malloc_count_works()) {
        printf("malloc cannot be interposed here\n");
        return SKIPPED;
    }
    const long long start = malloc_count();
    if (nbl_metrics_create(&m, NULL) != NBL_OK || malloc_count() == start) {
        printf("what libraries allocate is not counted\n");
        return 1;
    }
    random_seed(&g, 8);
    for (int a = 0; a < ATOMS; a++) {
        numbers[a] = (int32_t)random_int(&g, 1, 30);
        for (int k = 0; k < 3; k++)
            r[a][k] = random_range(&g, 0, 14);
    }
    if (once(m, 0) != NBL_OK || once(m, 1) != NBL_OK) {
        printf("the first calls failed: %s\n", nbl_metrics_message(m));
        return 1;
    }
    for (int round = 0; round < 6; round++) {
        const long long before = malloc_count();
        const int status = once(m, round % 2);
        const long long made = malloc_count() - before;
        if (status != NBL_OK || made != 0) {
            printf("round %d: status %d, %lld allocations\n", round, status, made);
            bad = 1;
        }
    }
    nbl_metrics_destroy(&m);
    return bad;
}
