/* SPDX-License-Identifier: MIT */
#include "json.h"

void nbl__bench_json_digest(bench_writer *w, const bench_digest *digest)
{
    char value[40];
    snprintf(value, sizeof value, "%016llx%016llx", (unsigned long long)digest->sum,
             (unsigned long long)digest->xored);
    nbl__bench_write_whole(w, "pairs", digest->pairs);
    nbl__bench_write_text(w, "digest", value);
}

void nbl__bench_json_timing(bench_writer *w, const bench_timing *time, bool phases)
{
    static const char *const names[BENCH_PHASES] = {"build", "search", "fetch"};
    nbl__bench_write_object(w, "time");
    nbl__bench_write_positive(w, "median", time->median);
    nbl__bench_write_positive(w, "lowest", time->lowest);
    nbl__bench_write_positive(w, "highest", time->highest);
    nbl__bench_write_whole(w, "repetitions", time->repetitions);
    nbl__bench_write_whole(w, "passes", time->passes);
    for (int p = 0; p < BENCH_PHASES && phases; p++)
        nbl__bench_write_positive(w, names[p], time->phases[p]);
    nbl__bench_write_end(w);
}

void nbl__bench_json_subject(bench_writer *w, const bench_subject *what)
{
    nbl__bench_write_text(w, "name", what->name);
    nbl__bench_write_text(w, "text", what->text);
    nbl__bench_write_number(w, "cutoff", what->cutoff, 17);
    if (what->n_cutoffs > 0) {
        nbl__bench_write_array(w, "cutoffs");
        for (int32_t k = 0; k < what->n_cutoffs; k++)
            nbl__bench_write_number(w, NULL, what->cutoffs[k], 17);
        nbl__bench_write_end(w);
    }
    nbl__bench_write_text(w, "way", what->way);
    nbl__bench_write_whole(w, "systems", what->systems);
    nbl__bench_write_whole(w, "atoms", what->atoms);
    nbl__bench_write_whole(w, "pair_bytes", what->pair_bytes);
}

void nbl__bench_json_store(bench_writer *w, const bench_stores *stores, double rate)
{
    nbl__bench_write_object(w, "store");
    nbl__bench_write_positive(w, "regular", stores->regular);
    nbl__bench_write_positive(w, "stream", stores->stream);
    nbl__bench_write_positive(w, "fraction", nbl__bench_ratio(rate, stores->best));
    nbl__bench_write_end(w);
}

/* What a time means; returns the bytes per second. */
static double figures(bench_writer *w, const bench_subject *subject, const bench_digest *digest, int pair_bytes,
                      double seconds)
{
    const double per_pair = nbl__bench_ns_per_pair(digest, seconds);
    const double rate = nbl__bench_bytes_per_s(pair_bytes, digest, seconds);
    nbl__bench_write_positive(w, "ns_per_atom", nbl__bench_ns_per_atom(subject, seconds));
    nbl__bench_write_positive(w, "ns_per_pair", per_pair);
    nbl__bench_write_positive(w, "mpairs_per_s", nbl__bench_ratio(1e3, per_pair));
    nbl__bench_write_positive(w, "bytes_per_s", rate);
    return rate;
}

static void memory(bench_writer *w, const bench_outcome *outcome)
{
    nbl__bench_write_object(w, "memory");
    nbl__bench_write_whole(w, "peak", outcome->peak);
    nbl__bench_write_whole(w, "above_buffers", outcome->above_buffers);
    nbl__bench_write_whole(w, "outputs", outcome->output_bytes);
    nbl__bench_write_whole(w, "list", outcome->list_bytes);
    nbl__bench_write_whole(w, "result", outcome->result_bytes);
    nbl__bench_write_whole(w, "allocations", outcome->allocations);
    nbl__bench_write_end(w);
}

static void plan(bench_writer *w, const bench_outcome *outcome)
{
    nbl__bench_write_object(w, "plan");
    nbl__bench_write_text(w, "algorithm", outcome->algorithm);
    nbl__bench_write_whole(w, "bins", outcome->bins);
    nbl__bench_write_whole(w, "images", outcome->images);
    nbl__bench_write_whole(w, "grids", outcome->grids);
    nbl__bench_write_end(w);
}

static void variant(bench_writer *w, const char *key, const bench_outcome *outcome, const bench_variant *v)
{
    const double ours = outcome->time.median, its = v->time.median;
    nbl__bench_write_object(w, key);
    nbl__bench_write_text(w, "name", v->name);
    nbl__bench_write_whole(w, "pair_bytes", v->pair_bytes);
    nbl__bench_json_timing(w, &v->time, true);
    const double rate = figures(w, &outcome->subject, &outcome->digest, v->pair_bytes, its);
    nbl__bench_write_positive(w, "store_fraction", nbl__bench_ratio(rate, outcome->stores.best));
    nbl__bench_json_digest(w, &v->digest);
    nbl__bench_write_truth(w, "same", v->same);
    nbl__bench_write_positive(w, "ratio", nbl__bench_ratio(its, ours));
    nbl__bench_write_positive(w, "share", nbl__bench_ratio(ours, its));
    nbl__bench_write_number(w, "overhead_ns_per_atom", nbl__bench_ns_per_atom(&outcome->subject, ours - its),
                            6);
    nbl__bench_write_end(w);
}

/* The only one of its kind, or null. */
static void only_variant(bench_writer *w, const char *key, const bench_outcome *outcome, int kind)
{
    for (int k = 0; k < outcome->n_variants; k++)
        if (outcome->variants[k].kind == kind) {
            variant(w, key, outcome, outcome->variants + k);
            return;
        }
    nbl__bench_write_null(w, key);
}

static void peer_figures(bench_writer *w, const bench_outcome *outcome, const bench_peer_outcome *p)
{
    const double its = p->time.median, ours = outcome->time.median;
    nbl__bench_json_timing(w, &p->time, false);
    const double rate = figures(w, &outcome->subject, &p->digest, outcome->subject.pair_bytes, its);
    nbl__bench_write_positive(w, "store_fraction", nbl__bench_ratio(rate, outcome->stores.best));
    nbl__bench_write_whole(w, "peak", p->peak);
    nbl__bench_write_whole(w, "above_inputs", p->above_inputs);
    nbl__bench_json_digest(w, &p->digest);
    nbl__bench_write_whole(w, "wrong", p->digest.wrong);
    nbl__bench_write_truth(w, "same", p->same);
    nbl__bench_write_positive(w, "ratio", nbl__bench_ratio(its, ours));
    nbl__bench_write_positive(w, "narrow_ratio", nbl__bench_ratio(its, nbl__bench_narrow_time(outcome)));
}

static void peer(bench_writer *w, const bench_outcome *outcome, const bench_peer_outcome *p)
{
    nbl__bench_write_object(w, NULL);
    nbl__bench_write_text(w, "name", p->name);
    nbl__bench_write_text(w, "interface", p->interface);
    if (p->error[0])
        nbl__bench_write_text(w, p->unable ? "unable" : "error", p->error);
    else
        peer_figures(w, outcome, p);
    nbl__bench_write_end(w);
}

static void others(bench_writer *w, const bench_outcome *outcome)
{
    only_variant(w, "reference", outcome, BENCH_REFERENCE);
    only_variant(w, "narrow", outcome, BENCH_NARROW);
    nbl__bench_write_array(w, "isas");
    for (int k = 0; k < outcome->n_variants; k++)
        if (outcome->variants[k].kind == BENCH_ISA)
            variant(w, NULL, outcome, outcome->variants + k);
    nbl__bench_write_end(w);
    nbl__bench_write_array(w, "peers");
    for (int p = 0; p < outcome->n_peers; p++)
        peer(w, outcome, outcome->peers + p);
    nbl__bench_write_end(w);
}

void nbl__bench_json_members(bench_writer *w, const bench_outcome *outcome)
{
    nbl__bench_json_subject(w, &outcome->subject);
    if (outcome->error[0]) {
        nbl__bench_write_text(w, "error", outcome->error);
        return;
    }
    nbl__bench_json_digest(w, &outcome->digest);
    nbl__bench_json_timing(w, &outcome->time, true);
    const double rate =
        figures(w, &outcome->subject, &outcome->digest, outcome->subject.pair_bytes, outcome->time.median);
    nbl__bench_json_store(w, &outcome->stores, rate);
    memory(w, outcome);
    plan(w, outcome);
    others(w, outcome);
}

void nbl__bench_json_case(bench_writer *w, const bench_outcome *outcome)
{
    nbl__bench_write_object(w, NULL);
    nbl__bench_json_members(w, outcome);
    nbl__bench_write_end(w);
}
