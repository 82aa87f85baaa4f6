/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

bool nbl__bench_plot_gnuplot(const bench_plot *plot, const char *argument, bool silent)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = silent ? open("/dev/null", O_WRONLY) : -1;
        if (nowhere >= 0) {
            dup2(nowhere, 1);
            dup2(nowhere, 2);
        }
        if (chdir(plot->folder) == 0)
            execlp("gnuplot", "gnuplot", argument, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The variables that a script begins with. */
static void put_variables(FILE *file, const bench_plot *plot, const bench_range *time,
                          const bench_machine *machine, const bench_settings *settings)
{
    fprintf(file, "about = 'libnblist %s (%s) on ", nbl_version_string(), nbl_isa_name(settings->used_isa));
    nbl__bench_plot_text(file, machine->cpu[0] ? machine->cpu : machine->system);
    fprintf(file, "; %d thread%s, medians of %s time'\n", (int)settings->used_threads,
            settings->used_threads == 1 ? "" : "s", settings->cpu_time ? "processor" : "wall");
    fprintf(file, "libraries = %d\narray names[%d] = ['", plot->n_names, plot->n_names);
    nbl__bench_plot_names(file, plot, "", "', '");
    fprintf(file, "']\nsweep = %d\ncases = %d\n", plot->n_points > 0, plot->n_cases);
    fprintf(file, "ns_low = %.6g\nns_high = %.6g\n", time->low, time->high);
    fprintf(file, "atoms_low = %.6g\natoms_high = %.6g\n\n", plot->atoms.low, plot->atoms.high);
}

static bool draw(bench_plot *plot, const char *name, const char *const *parts, const bench_range *time,
                 const bench_machine *machine, const bench_settings *settings)
{
    FILE *file = nbl__bench_plot_file(plot, name);
    if (!file)
        return nbl__bench_plot_failed(plot, "cannot write ", name);
    fprintf(file, "# Draws a picture of the figures of nbl_bench; in this folder: gnuplot %s\n", name);
    put_variables(file, plot, time, machine, settings);
    fputs(nbl__bench_plot_style, file);
    for (int k = 0; parts[k]; k++)
        fputs(parts[k], file);
    fputc('\n', file);
    if (fclose(file) != 0)
        return nbl__bench_plot_failed(plot, "could not write all of ", name);
    return nbl__bench_plot_gnuplot(plot, name, false) ||
           nbl__bench_plot_failed(plot, "gnuplot could not draw ", name);
}

static bool close_file(FILE *file)
{
    const bool lost = file && ferror(file) != 0;
    return (!file || fclose(file) == 0) && !lost;
}

bool nbl__bench_plot_close(bench_plot *plot, const bench_machine *machine, const bench_settings *settings)
{
    const bool kept = close_file(plot->cases), swept = close_file(plot->sweep);
    if (!kept || !swept)
        return nbl__bench_plot_failed(plot, "could not write all of the data", "");
    const char *const cases[] = {nbl__bench_plot_cases, plot->n_names > 1 ? nbl__bench_plot_cases_peers : "",
                                 NULL};
    const char *const over_atoms[] = {nbl__bench_plot_time,
                                      plot->n_points > 0 ? nbl__bench_plot_time_sweep : "",
                                      plot->n_single > 0 ? nbl__bench_plot_time_cases : "", NULL};
    if (plot->n_cases > 0 && !draw(plot, "cases.gp", cases, &plot->bars, machine, settings))
        return false;
    return plot->n_single + plot->n_points == 0 ||
           draw(plot, "time.gp", over_atoms, &plot->time, machine, settings);
}
