/* SPDX-License-Identifier: MIT */
/*
 * What fragments on the pages may use: two systems of two atoms in small periodic cells, as single systems
 * and as a batch; arrays with room for their pairs; handles. A fragment may declare handles and counts of
 * its own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>
#if __has_include(<nblist/metrics.h>)
#include <nblist/metrics.h>
#endif

#define ROOM 4096

static void complain(const char *message)
{
    fprintf(stderr, "%s\n", message);
    exit(1);
}

static const int64_t n = 4, B = 2;
static const double positions[] = {0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 2, 2, 2};
static const double *const pos = positions;
static const int64_t batch[] = {0, 0, 1, 1};
static const double cell[] = {3, 0, 0, 0, 3, 0, 0, 0, 3, 4, 0, 0, 0, 4, 0, 0, 0, 4};
static const uint8_t pbc[] = {1, 1, 1, 1, 1, 1};
static const int32_t numbers[] = {26, 26, 26, 26};
static const double rc = 3.5;

static int64_t i[ROOM], j[ROOM], edge_index[2 * ROOM], edge_batch[ROOM];
static int32_t s[3 * ROOM], statuses[2];
static int32_t *const shift = s;
static double d[ROOM];
static double *const distance = d;

int main(void)
{
    nbl_cell_list *list = NULL;
    nbl_batch *handle = NULL;
    nbl_result *result = NULL;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    if (nbl_cell_list_create(&list, NULL) != NBL_OK || nbl_batch_create(&handle, NULL) != NBL_OK ||
        nbl_result_create(&result, NULL) != NBL_OK)
        complain("no memory");
    nbl_batch *const many = handle;
    {
        /* BODY */
    }
    if (*nbl_cell_list_message(list) != '\0')
        complain(nbl_cell_list_message(list));
    if (*nbl_batch_message(many) != '\0')
        complain(nbl_batch_message(many));
    if (*nbl_result_message(result) != '\0')
        complain(nbl_result_message(result));
    nbl_result_destroy(&result);
    nbl_batch_destroy(&handle);
    nbl_cell_list_destroy(&list);
    return 0;
}
