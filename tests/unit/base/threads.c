/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "base/threads.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { MOST = 64 };

/* What the threads of one run did: cmocka's assertions are for the main thread. */
struct log {
    atomic_int calls[MOST];
    atomic_int strangers; /* thread numbers out of range, or teams of different sizes */
    atomic_int team;
    nbl__lock lock;
    long sum;
};

static void open_log(struct log *log)
{
    memset(log, 0, sizeof *log);
    nbl__lock_init(&log->lock);
}

static void note(void *context, int thread, int team)
{
    struct log *log = context;
    int none = 0;
    if (!atomic_compare_exchange_strong(&log->team, &none, team) && none != team)
        atomic_fetch_add(&log->strangers, 1);
    if (thread < 0 || thread >= team || thread >= MOST)
        atomic_fetch_add(&log->strangers, 1);
    else
        atomic_fetch_add(&log->calls[thread], 1);
}

static void check_log(struct log *log, int most)
{
    int team = atomic_load(&log->team);
    assert_true(team >= 1 && team <= most);
    check_int(atomic_load(&log->strangers), 0);
    for (int t = 0; t < MOST; t++)
        check_int(atomic_load(&log->calls[t]), t < team);
}

/* Threads of this process, or -1 where that cannot be seen. */
static int tasks(void)
{
    DIR *folder = opendir("/proc/self/task");
    if (!folder)
        return -1;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void one_thread_stays_one_thread(void **state)
{
    (void)state;
    struct log log;
    open_log(&log);
    int before = tasks();
    check_int(nbl__threads_count(1), 1);
    nbl__threads_run(1, note, &log);
    check_log(&log, 1);
    check_int(tasks(), before);
}

static void counts_are_what_was_asked_for(void **state)
{
    (void)state;
    assert_true(nbl__threads_count(0) >= 1);
#ifdef _OPENMP
    for (int k = 1; k <= NBL__THREADS_PER_PROCESSOR; k++)
        check_int(nbl__threads_count(k), k);
    /* No more than the machine can start, however many are wished for. */
    int most = nbl__threads_count(NBL__THREADS_MAX);
    assert_true(most >= NBL__THREADS_PER_PROCESSOR && most % NBL__THREADS_PER_PROCESSOR == 0);
    check_int(nbl__threads_count(most), most);
    check_int(nbl__threads_count(most + 1), most);
#else
    for (int k = 0; k <= 8; k++)
        check_int(nbl__threads_count(k), 1);
#endif
}

static void every_thread_works_once(void **state)
{
    (void)state;
    for (int n = 0; n <= 8; n++) {
        struct log log;
        open_log(&log);
        nbl__threads_run(n, note, &log);
        check_log(&log, n > 1 ? n : 1);
#ifdef _OPENMP
        if (n == 2)
            check_int(atomic_load(&log.team), 2);
#endif
    }
}

static void add_locked(void *context, int thread, int team)
{
    struct log *log = context;
    (void)thread;
    (void)team;
    for (int k = 0; k < 2000; k++) {
        nbl__lock_take(&log->lock);
        long sum = log->sum;
        log->sum = sum + 1;
        nbl__lock_give(&log->lock);
    }
    atomic_fetch_add(&log->team, 1);
}

static void the_lock_excludes(void **state)
{
    (void)state;
    struct log log;
    open_log(&log);
    nbl__threads_run(4, add_locked, &log);
    check_int(log.sum, 2000L * atomic_load(&log.team));
}

struct nest {
    struct log outer, inner[MOST];
};

static void run_inside(void *context, int thread, int team)
{
    struct nest *nest = context;
    note(&nest->outer, thread, team);
    if (thread >= 0 && thread < MOST)
        nbl__threads_run(2, note, &nest->inner[thread]);
}

static void runs_inside_runs_are_safe(void **state)
{
    (void)state;
    static struct nest nest;
    open_log(&nest.outer);
    for (int t = 0; t < MOST; t++)
        open_log(&nest.inner[t]);
    nbl__threads_run(3, run_inside, &nest);
    check_log(&nest.outer, 3);
    for (int t = 0; t < atomic_load(&nest.outer.team); t++)
        check_log(&nest.inner[t], 2);
}

/* Calls with each number. */
struct calls {
    atomic_int of[100];
};

static void count_call(void *context, int64_t k)
{
    struct calls *calls = context;
    atomic_fetch_add(&calls->of[k], 1);
}

static void each_number_is_called_once(void **state)
{
    (void)state;
    for (int threads = 0; threads <= 5; threads++)
        for (int64_t n = 0; n <= 100; n += n < 8 ? 1 : 23) {
            struct calls calls;
            for (int k = 0; k < 100; k++)
                atomic_init(&calls.of[k], 0);
            nbl__threads_each(threads, n, count_call, &calls);
            for (int k = 0; k < 100; k++)
                check_int(atomic_load(&calls.of[k]), k < n);
        }
}

static int count_in_child(void)
{
    if (nbl__threads_count(0) != 1 || nbl__threads_count(1) != 1 || nbl__threads_count(8) != 1)
        return 1;
    struct log log;
    open_log(&log);
    nbl__threads_run(nbl__threads_count(8), note, &log);
    return atomic_load(&log.team) == 1 && atomic_load(&log.calls[0]) == 1 ? 0 : 2;
}

/* The pool of the OpenMP runtime does not survive a fork: entering it in the child would hang. */
static void a_forked_child_has_one_thread(void **state)
{
    (void)state;
    struct log log;
    open_log(&log);
    nbl__threads_run(4, note, &log);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int code = count_in_child();
        pid_t grandchild = code == 0 ? fork() : -1;
        if (grandchild == 0)
            _exit(count_in_child());
        int status = 0;
        if (grandchild > 0 && waitpid(grandchild, &status, 0) == grandchild && status != 0)
            code = 3;
        _exit(code);
    }
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
#ifdef _OPENMP
    check_int(nbl__threads_count(3), 3);
#endif
}

int main(void)
{
    /* The first test counts the threads of a process that has not started any. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_stays_one_thread), cmocka_unit_test(counts_are_what_was_asked_for),
        cmocka_unit_test(every_thread_works_once),     cmocka_unit_test(the_lock_excludes),
        cmocka_unit_test(runs_inside_runs_are_safe),   cmocka_unit_test(a_forked_child_has_one_thread),
        cmocka_unit_test(each_number_is_called_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
