/* SPDX-License-Identifier: MIT */
#include "choice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <nblist/metrics.h>

#include "number.h"
#include "options.h"

enum { MESSAGE = 160 }; /* bytes of a message */

/* The metric whose name stands in the first `length` characters; -1, with a message, for none. */
static int32_t find(const char *text, size_t length, char message[MESSAGE])
{
    char name[64] = "";
    int32_t metric = -1;
    if (length < sizeof name) {
        memcpy(name, text, length);
        metric = nbl_metric_find(name);
    }
    if (metric < 0)
        snprintf(message, MESSAGE, "'%.*s' is not the name of a metric", length < 60 ? (int)length : 60, text);
    return metric < 0 ? -1 : metric;
}

bool nbl__cli_choose_metrics(struct nbl__cli_options *options, const char *text, char message[MESSAGE])
{
    options->metrics = 0;
    for (;;) {
        const size_t length = strcspn(text, ",");
        const int32_t metric = find(text, length, message);
        if (metric < 0)
            return false;
        options->metrics |= NBL_METRIC_BIT(metric);
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

/* An end of a range: the first `length` characters, or the value for "-". */
static bool read_end(const char *text, size_t length, double open, double *value, char message[MESSAGE])
{
    char word[64] = "";
    const char *complaint = "is not a number";
    *value = open;
    if (length == 1 && *text == '-')
        return true;
    if (length < sizeof word) {
        memcpy(word, text, length);
        complaint = nbl__cli_parse_real(word, value);
    }
    if (complaint)
        snprintf(message, MESSAGE, "'%.*s' %s", length < 60 ? (int)length : 60, text, complaint);
    return complaint == NULL;
}

bool nbl__cli_add_filter(struct nbl__cli_options *options, const char *text, char message[MESSAGE])
{
    const char *min = strchr(text, ':'), *max = min ? strchr(min + 1, ':') : NULL;
    struct nbl__cli_filter filter;
    if (!max || strchr(max + 1, ':')) {
        snprintf(message, MESSAGE, "'%.80s' is not NAME:MIN:MAX", text);
        return false;
    }
    filter.metric = find(text, (size_t)(min - text), message);
    if (filter.metric < 0 || !read_end(min + 1, (size_t)(max - min) - 1, -INFINITY, &filter.min, message) ||
        !read_end(max + 1, strlen(max + 1), INFINITY, &filter.max, message))
        return false;
    if (filter.min > filter.max) {
        snprintf(message, MESSAGE, "'%.80s' begins above its end", text);
        return false;
    }
    if (options->n_filters == CLI_MOST_FILTERS) {
        snprintf(message, MESSAGE, "more than %d filters", CLI_MOST_FILTERS);
        return false;
    }
    options->filters[options->n_filters++] = filter;
    return true;
}
