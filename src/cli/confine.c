/* confine.c -- see confine.h. */
#include "cli/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define HERE AUDIT_ARCH_AARCH64
#endif

/* Under a sanitizer memory is laid out in ways that these bounds do not allow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_WATCHED true
#else
#define IS_WATCHED false
#endif

#ifdef HERE
/* Memory, what is open, the clock, the end; everything else answers EPERM. */
static const int allowed[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close,
    SYS_fstat, SYS_newfstatat, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
    SYS_futex, SYS_clock_gettime, SYS_getrusage, SYS_getrandom, SYS_sched_yield, SYS_getpid,
    SYS_gettid, SYS_tgkill, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_restart_syscall, SYS_exit, SYS_exit_group,
};
#define N ((int)(sizeof allowed / sizeof *allowed))

static int filter(void)
{
    struct sock_filter f[N + 6];
    struct sock_fprog program = {.len = N + 6, .filter = f};
    int n = 0;

    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                          offsetof(struct seccomp_data, arch));
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HERE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                          offsetof(struct seccomp_data, nr));
    for (int i = 0; i < N; i++)
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i],
                                              (unsigned char)(N - i), 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
#else
static int filter(void)
{
    errno = ENOSYS;
    return -1;
}
#endif

static int bound(int what, int64_t most)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){(rlim_t)most, (rlim_t)most});
}

int confine(struct ctx *cx, int64_t memory_bytes, int64_t cpu_s, int64_t file_bytes)
{
    /* The server comes first; and without it nobody waits for what is made here. */
    setpriority(PRIO_PROCESS, 0, 10);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (bound(RLIMIT_CORE, 0) < 0 || bound(RLIMIT_CPU, cpu_s) < 0 ||
        bound(RLIMIT_FSIZE, file_bytes) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(cx, E_IO, "The process cannot be bounded: %s.", strerror(errno));
    if (IS_WATCHED)
        return 0;
    if (bound(RLIMIT_AS, memory_bytes) < 0 || filter() < 0)
        return fail(cx, E_IO, "The process cannot be confined: %s.", strerror(errno));
    return 0;
}
