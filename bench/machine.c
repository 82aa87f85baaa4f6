/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/* The text after "key ... :" on the first line of a /proc file that begins with key. */
static void find_line(const char *path, const char *key, char *value, size_t size)
{
    char line[512];
    FILE *file = fopen(path, "r");
    value[0] = '\0';
    while (file && value[0] == '\0' && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, key, strlen(key)) != 0 || !colon)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(colon, "\n"), colon);
    }
    if (file)
        fclose(file);
}

void nbl__bench_machine(bench_machine *machine)
{
    struct utsname name;
    memset(machine, 0, sizeof *machine);
    find_line("/proc/cpuinfo", "model name", machine->cpu, sizeof machine->cpu);
    if (uname(&name) == 0)
        snprintf(machine->system, sizeof machine->system, "%.40s %.40s %.40s", name.sysname, name.release,
                 name.machine);
    machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
    machine->memory = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    if (getloadavg(&machine->load, 1) != 1)
        machine->load = 0;
}

void nbl__bench_memory_trim(void)
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void nbl__bench_memory_reset(void)
{
    nbl__bench_memory_trim();
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5\n", file);
        fclose(file);
    }
}

static int64_t status_bytes(const char *key)
{
    char value[64];
    find_line("/proc/self/status", key, value, sizeof value);
    return value[0] ? 1024 * (int64_t)strtoll(value, NULL, 10) : -1;
}

int64_t nbl__bench_memory_now(void)
{
    return status_bytes("VmRSS:");
}

int64_t nbl__bench_memory_peak(void)
{
    return status_bytes("VmHWM:");
}
