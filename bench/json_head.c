/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

/* The lines "key=value" of the library as members of an object. */
static void build_info(bench_writer *w)
{
    const char *line = nbl_build_info();
    nbl__bench_write_object(w, "build");
    while (*line) {
        const size_t length = strcspn(line, "\n"), key_length = strcspn(line, "=\n");
        char key[64], value[192];
        if (key_length < length) {
            snprintf(key, sizeof key, "%.*s", (int)key_length, line);
            snprintf(value, sizeof value, "%.*s", (int)(length - key_length - 1), line + key_length + 1);
            nbl__bench_write_text(w, key, value);
        }
        line += length + (line[length] == '\n');
    }
    nbl__bench_write_end(w);
}

static const char *compiler(void)
{
#if defined(__clang__)
    return __VERSION__;
#elif defined(__GNUC__)
    return "GCC " __VERSION__;
#else
    return "";
#endif
}

static void describe_machine(bench_writer *w, const bench_machine *machine)
{
    nbl__bench_write_object(w, "machine");
    nbl__bench_write_text(w, "cpu", machine->cpu);
    nbl__bench_write_text(w, "system", machine->system);
    nbl__bench_write_whole(w, "cores", machine->cores);
    nbl__bench_write_whole(w, "memory_bytes", machine->memory);
    nbl__bench_write_number(w, "load", machine->load, 3);
    nbl__bench_write_text(w, "compiler", compiler());
    nbl__bench_write_end(w);
}

static void describe_settings(bench_writer *w, const bench_settings *settings)
{
    const char *isa = settings->isa ? nbl_isa_name(settings->isa) : "auto";
    nbl__bench_write_object(w, "settings");
    nbl__bench_write_truth(w, "quick", settings->quick);
    nbl__bench_write_truth(w, "cpu_time", settings->cpu_time);
    nbl__bench_write_whole(w, "threads", settings->n_threads);
    nbl__bench_write_whole(w, "used_threads", settings->used_threads);
    nbl__bench_write_text(w, "isa", isa);
    nbl__bench_write_text(w, "used_isa", nbl_isa_name(settings->used_isa));
    nbl__bench_write_end(w);
}

void nbl__bench_json_head(bench_writer *w, const bench_machine *machine, const bench_settings *settings)
{
    nbl__bench_write_object(w, NULL);
    nbl__bench_write_whole(w, "schema", 1);
    nbl__bench_write_text(w, "program", "nbl_bench");
    nbl__bench_write_object(w, "library");
    nbl__bench_write_text(w, "version", nbl_version_string());
    nbl__bench_write_text(w, "isa", nbl_isa_name(nbl_isa_detect()));
    build_info(w);
    nbl__bench_write_end(w);
    describe_machine(w, machine);
    describe_settings(w, settings);
}
