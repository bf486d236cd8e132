/* A double of proc_pid_rusage(3) of macOS on Linux: struct rusage_info_v0 as <sys/resource.h> of xnu has it, with the
   figures that /proc tells: RssAnon stands for the physical footprint. */

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct rusage_info_v0 {
    uint8_t ri_uuid[16];
    uint64_t ri_user_time, ri_system_time, ri_pkg_idle_wkups, ri_interrupt_wkups, ri_pageins;
    uint64_t ri_wired_size, ri_resident_size, ri_phys_footprint, ri_proc_start_abstime, ri_proc_exit_abstime;
};

int proc_pid_rusage(int pid, int flavor, struct rusage_info_v0 *info)
{
    char path[64], line[256];
    FILE *status;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (flavor != 0 || !(status = fopen(path, "r"))) {
        errno = flavor ? EINVAL : ESRCH;
        return -1;
    }
    memset(info, 0, sizeof *info);
    while (fgets(line, sizeof line, status)) {
        uint64_t kib;
        if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1)
            info->ri_phys_footprint = kib * 1024;
        if (sscanf(line, "VmRSS: %" SCNu64, &kib) == 1)
            info->ri_resident_size = kib * 1024;
    }
    fclose(status);
    return 0;
}
