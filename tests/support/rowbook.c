/* SPDX-License-Identifier: MIT */
#include "rowbook.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *made)
{
    if (!made)
        exit(99);
    return made;
}

void rowbook_open(struct rowbook *b, int64_t n_systems, const int64_t *first)
{
    memset(b, 0, sizeof *b);
    b->n_systems = n_systems;
    b->first = first;
    b->n_atoms = first[n_systems];
    b->n_cutoffs = b->n_threads = 1;
    b->rows = must(calloc((size_t)b->n_atoms + 1, sizeof *b->rows));
}

void rowbook_clear(struct rowbook *b)
{
    for (int64_t atom = 0; atom < b->n_atoms; atom++) {
        struct rowbook_row *row = &b->rows[atom];
        free(row->j);
        free(row->s);
        free(row->d);
        free(row->d2);
        free(row->shells);
        memset(row, 0, sizeof *row);
    }
    atomic_store(&b->blocks, 0);
    atomic_store(&b->complaints, 0);
}

void rowbook_close(struct rowbook *b)
{
    rowbook_clear(b);
    free(b->rows);
    b->rows = NULL;
}

/* The first complaint is kept; the text is read after the visit only. */
static int complain(struct rowbook *b, const char *what)
{
    if (atomic_fetch_add(&b->complaints, 1) == 0)
        snprintf(b->complaint, sizeof b->complaint, "%s", what);
    return 0;
}

static void *copy(const void *from, int64_t n, size_t entry)
{
    void *made = must(malloc((size_t)n * entry + 1));
    if (n > 0)
        memcpy(made, from, (size_t)n * entry);
    return made;
}

static int as_asked(const struct rowbook *b, const nbl_rows *rows)
{
    uint32_t fields = b->fields ? b->fields : 15;
    return (rows->shifts != NULL) == ((fields & NBL_ROW_SHIFTS) != 0) &&
           (rows->vectors != NULL) == ((fields & NBL_ROW_VECTORS) != 0) &&
           (rows->d2 != NULL) == ((fields & NBL_ROW_D2) != 0) &&
           (rows->shells != NULL) == ((fields & NBL_ROW_SHELLS) != 0 && b->n_cutoffs > 1);
}

static void take_row(struct rowbook *b, const nbl_rows *rows, int32_t k)
{
    int64_t atom = rows->first_atom + rows->i[k], at = rows->row_ptr[k], n = rows->row_ptr[k + 1] - at;
    if (rows->i[k] < 0 || atom >= b->first[rows->system + 1] || n < 0) {
        complain(b, "a row that the system does not have");
        return;
    }
    struct rowbook_row *row = &b->rows[atom];
    if (atomic_fetch_add(&row->seen, 1) != 0) {
        complain(b, "a row is shown twice");
        return;
    }
    row->n = n;
    row->j = copy(rows->j + at, n, sizeof *row->j);
    row->s = rows->shifts ? copy(rows->shifts + 3 * at, n, 3 * sizeof *row->s) : NULL;
    row->d = rows->vectors ? copy(rows->vectors + 3 * at, n, 3 * sizeof *row->d) : NULL;
    row->d2 = rows->d2 ? copy(rows->d2 + at, n, sizeof *row->d2) : NULL;
    row->shells = rows->shells ? copy(rows->shells + at, n, sizeof *row->shells) : NULL;
}

int rowbook_visit(void *user, const nbl_rows *rows)
{
    struct rowbook *b = user;
    long long block = atomic_fetch_add(&b->blocks, 1) + 1, stop_at = atomic_load(&b->stop_at);
    if (rows->size < sizeof *rows)
        return complain(b, "size of the rows");
    if (rows->thread < 0 || rows->thread >= b->n_threads)
        return complain(b, "thread out of range");
    if (atomic_exchange(&b->busy[rows->thread], 1) != 0)
        return complain(b, "two threads of one number");
    if (rows->system < 0 || rows->system >= b->n_systems || rows->first_atom != b->first[rows->system])
        complain(b, "system or its first atom");
    else if (rows->n_rows < 1 || rows->row_ptr[0] != 0)
        complain(b, "number of rows, or their pointer");
    else if (!as_asked(b, rows))
        complain(b, "fields that are there, or not, against the wish");
    else
        for (int32_t k = 0; k < rows->n_rows; k++)
            take_row(b, rows, k);
    atomic_store(&b->busy[rows->thread], 0);
    return stop_at && block >= stop_at ? 7 : 0;
}

/* ----------------------------------------------------------------------------------------------- compare */

static int holds(const struct pair *p, double rc, uint32_t flags)
{
    int identity = p->i == p->j && p->s[0] == 0 && p->s[1] == 0 && p->s[2] == 0;
    return identity || p->r < rc || ((flags & NBL_INCLUSIVE) && p->r <= rc);
}

static int shell_of(const struct pair *p, const double *cutoffs, int32_t n, uint32_t flags)
{
    int shell = -1;
    for (int32_t k = 0; k < n; k++)
        if (holds(p, cutoffs[k], flags) && (shell < 0 || cutoffs[k] < cutoffs[shell]))
            shell = (int)k;
    return shell;
}

static int same_pair(const struct rowbook *b, const struct rowbook_row *row, int64_t e, const struct pair *p,
                     int64_t first, const double *cutoffs, uint32_t flags)
{
    double d2 = (p->d[0] * p->d[0] + p->d[1] * p->d[1]) + p->d[2] * p->d[2];
    if (row->j[e] != p->j - first)
        return 0;
    for (int k = 0; k < 3; k++) {
        if (row->s && row->s[3 * e + k] != p->s[k])
            return 0;
        if (row->d && memcmp(&row->d[3 * e + k], &p->d[k], sizeof(double)) != 0)
            return 0;
    }
    if (row->d2 && memcmp(&row->d2[e], &d2, sizeof d2) != 0)
        return 0;
    return !row->shells || row->shells[e] == shell_of(p, cutoffs, b->n_cutoffs, flags);
}

static int differs(char text[COMPARE_TEXT], const char *what, int64_t system, int64_t atom)
{
    snprintf(text, COMPARE_TEXT, "%s (system %lld, atom %lld of all)", what, (long long)system,
             (long long)atom);
    return 1;
}

int rowbook_compare(const struct rowbook *b, const struct pairs *list, const unsigned char *wanted,
                    const double *sets, int one_set, uint32_t flags, char text[COMPARE_TEXT])
{
    int64_t at = 0;
    if (atomic_load(&b->complaints)) {
        snprintf(text, COMPARE_TEXT, "%s", b->complaint);
        return 1;
    }
    for (int64_t system = 0; system < b->n_systems; system++)
        for (int64_t atom = b->first[system]; atom < b->first[system + 1]; atom++) {
            const struct rowbook_row *row = &b->rows[atom];
            const double *cutoffs = sets + (one_set ? 0 : system * b->n_cutoffs);
            int64_t end = at;
            while (end < list->n && list->at[end].i == atom)
                end++;
            if (atomic_load(&row->seen) != (wanted ? wanted[atom] != 0 : 1))
                return differs(text,
                               wanted && !wanted[atom] ? "a row that was not to be shown" : "a row is missing",
                               system, atom);
            if (atomic_load(&row->seen) && row->n != end - at)
                return differs(text, "length of a row", system, atom);
            for (; at < end; at++)
                if (!same_pair(b, row, at - (end - row->n), &list->at[at], b->first[system], cutoffs, flags))
                    return differs(text, "a row is not that of the list", system, atom);
        }
    if (at != list->n)
        return differs(text, "pairs of the list without a row", -1, at);
    return 0;
}
