/* SPDX-License-Identifier: MIT */
#include <nblist/metrics.h>

#include <stddef.h>
#include <string.h>

#define NAME(constant, number, name) [number] = name,
static const char *const names[] = {NBL_METRIC_MAP(NAME)};
#undef NAME

enum { NAMES = sizeof names / sizeof *names };

const char *nbl_metric_name(int32_t metric)
{
    return metric >= 0 && metric < NAMES ? names[metric] : NULL;
}

int32_t nbl_metric_find(const char *name)
{
    if (!name)
        return NBL_ENULL;
    for (int32_t m = 0; m < NAMES; m++)
        if (strcmp(name, names[m]) == 0)
            return m;
    return NBL_EARGUMENT;
}

int32_t nbl_metrics_n_columns(uint32_t metrics)
{
    int32_t columns = 0;
    for (; metrics != 0; metrics &= metrics - 1)
        columns++;
    return columns;
}

int32_t nbl_metrics_column(uint32_t metrics, int32_t metric)
{
    if (metric < 0 || metric >= NAMES || !(metrics >> metric & 1))
        return NBL_EARGUMENT;
    return nbl_metrics_n_columns(metrics & (NBL_METRIC_BIT(metric) - 1));
}
