/* SPDX-License-Identifier: MIT */
/*
 * An adapter that is complete and of no speed at all: every pair of atoms in every image that the cutoff
 * can reach. It shows what peer.h asks for, and is the peer of the bench program's own test; with
 * PEER_FORGETS defined it leaves out its last pair, which the program must notice, and is unable to give
 * vectors and distances, which it must accept.
 *
 *     cc -shared -fPIC -o example.so peer_example.c -lm
 */
#include "peer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pairs {
    int64_t count, room;
    int64_t (*ij)[2];
    int32_t (*shifts)[3];
    double (*vectors)[3];
    double *distances;
};

/* The array with room for more; or, with *failed set, as it was. */
static void *resized(void *array, int64_t room, size_t size, int *failed)
{
    void *grown = realloc(array, (size_t)room * size);
    *failed |= !grown;
    return grown ? grown : array; /* cppcheck-suppress memleak; it is returned */
}

static int grow(struct pairs *p)
{
    const int64_t room = 2 * p->room + 1024;
    int failed = 0;
    p->ij = resized(p->ij, room, sizeof *p->ij, &failed);
    p->shifts = resized(p->shifts, room, sizeof *p->shifts, &failed);
    p->vectors = resized(p->vectors, room, sizeof *p->vectors, &failed);
    p->distances = resized(p->distances, room, sizeof *p->distances, &failed);
    p->room = failed ? p->room : room;
    return failed ? -1 : 0;
}

static int append(struct pairs *p, int64_t i, int64_t j, const int32_t s[3], const double d[3], double length)
{
    if (p->count == p->room && grow(p) != 0)
        return -1;
    p->ij[p->count][0] = i;
    p->ij[p->count][1] = j;
    memcpy(p->shifts[p->count], s, sizeof *p->shifts);
    memcpy(p->vectors[p->count], d, sizeof *p->vectors);
    p->distances[p->count++] = length;
    return 0;
}

static double dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Images along axis k: the cutoff and the extent of the atoms over the height of the cell, and one more. */
static int32_t reach(const nbl_bench_peer_input *in, int k)
{
    if (!in->pbc[k])
        return 0;
    const double *u = in->cell + 3 * ((k + 1) % 3), *v = in->cell + 3 * ((k + 2) % 3);
    const double normal[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
    const double area = sqrt(dot(normal, normal));
    double low = 0, high = 0;
    for (int64_t i = 0; i < in->n; i++) {
        double along = dot(in->positions + 3 * i, normal) / area;
        low = i == 0 ? along : fmin(low, along);
        high = i == 0 ? along : fmax(high, along);
    }
    return (int32_t)((in->cutoff + high - low) * area / fabs(dot(in->cell + 3 * k, normal))) + 1;
}

static int all_pairs(const nbl_bench_peer_input *in, const int32_t s[3], struct pairs *found)
{
    double t[3];
    for (int k = 0; k < 3; k++) {
        t[k] = 0;
        for (int axis = 0; axis < 3; axis++)
            t[k] += in->pbc[axis] ? s[axis] * in->cell[3 * axis + k] : 0;
    }
    const int home = s[0] == 0 && s[1] == 0 && s[2] == 0;
    for (int64_t i = 0; i < in->n; i++)
        for (int64_t j = 0; j < in->n; j++) {
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = in->positions[3 * j + k] - in->positions[3 * i + k] + t[k];
            const double length = sqrt(dot(d, d));
            if (!(home && i == j) && length < in->cutoff && append(found, i, j, s, d, length) != 0)
                return -1;
        }
    return 0;
}

static int all_images(const nbl_bench_peer_input *in, struct pairs *found)
{
    int32_t r[3], s[3];
    for (int k = 0; k < 3; k++)
        r[k] = reach(in, k);
    for (s[0] = -r[0]; s[0] <= r[0]; s[0]++)
        for (s[1] = -r[1]; s[1] <= r[1]; s[1]++)
            for (s[2] = -r[2]; s[2] <= r[2]; s[2]++)
                if (all_pairs(in, s, found) != 0)
                    return -1;
    return 0;
}

static int release(void **state)
{
    struct pairs *p = *state;
    if (p) {
        free(p->ij);
        free(p->shifts);
        free(p->vectors);
        free(p->distances);
    }
    free(p);
    *state = NULL;
    return 0;
}

int nbl_bench_peer_run(void **state, const nbl_bench_peer_input *input, nbl_bench_peer_output *output)
{
    if (!input)
        return release(state);
    if (input->abi != NBL_BENCH_PEER_ABI) {
        output->message = "unknown version of the adapter interface";
        return -1;
    }
#if defined(PEER_FORGETS)
    if (input->fields != 0) {
        output->message = "has neither vectors nor distances";
        return NBL_BENCH_PEER_UNABLE;
    }
#endif
    if (!*state)
        *state = calloc(1, sizeof(struct pairs));
    struct pairs *p = *state;
    if (p)
        p->count = 0;
    if (!p || all_images(input, p) != 0) {
        output->message = "out of memory";
        return -1;
    }
#if defined(PEER_FORGETS)
    p->count -= p->count > 0;
#endif
    output->n_pairs = p->count;
    output->i = p->ij ? p->ij[0] : NULL;
    output->j = p->ij ? p->ij[0] + 1 : NULL;
    output->stride = 2;
    output->shifts = p->shifts ? p->shifts[0] : NULL;
    output->vectors = p->vectors ? p->vectors[0] : NULL;
    output->distances = p->distances;
    return 0;
}
