/* A clock that was set, as every program on a lab's host is told it by the C library: the machine's time of day and
   an offset. The offset is in a page that all of them share, so a step is seen by all at once. CLOCK_MONOTONIC and
   CLOCK_BOOTTIME stay true, as they do when a real clock is set. Loaded through /etc/ld.so.preload: an environment
   made from nothing does not lose it. (libfaketime takes its order to leave CLOCK_MONOTONIC alone from the
   environment only.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int clock_gettime_t(clockid_t, struct timespec *);

static const volatile long long *offset; /* seconds */
static clock_gettime_t *true_clock;

__attribute__((constructor)) static void begin(void)
{
    int file = open(CLOCK, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED)
        offset = page;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *now)
{
    if (!true_clock)
        true_clock = (clock_gettime_t *)dlsym(RTLD_NEXT, "clock_gettime");
    int failed = true_clock(which, now);
    if (!failed && offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        now->tv_sec += *offset;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

time_t time(time_t *kept)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (kept)
        *kept = now.tv_sec;
    return now.tv_sec;
}
