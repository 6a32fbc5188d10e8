/* A disk that is slow, put before a program with LD_PRELOAD.

   SLOW_DISK_FOLDERS names folders, with a colon between them. Every call that opens, makes, flushes or looks at
   something below one of them takes SLOW_DISK_MICROSECONDS longer, and so does each 256th that reads or writes (a
   database does that in small pieces). A call on the process's first thread is noted
   in the file SLOW_DISK_NOTES, between what the program notes there itself with slow_disk_note(), and SIGUSR1 lets
   Python say where it was. What other threads call is counted: slow_disk_count(). */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))found(#name))
#define MOST_FILES 4096

static atomic_int slow_file[MOST_FILES];
static atomic_long elsewhere, moved;
static int notes = -1;

static void *found(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SLOW_DISK_NOTES");
    if (path != NULL)
        notes = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void write_note(const char *what, const char *path) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %s\n", what, path);
    if (notes >= 0 && length > 0)
        syscall(SYS_write, notes, line, (size_t)length < sizeof line ? (size_t)length : sizeof line);
}

void slow_disk_note(const char *what) { write_note("--", what); }

long slow_disk_count(void) { return atomic_load(&elsewhere); }

static int is_slow(const char *path) {
    const char *folders = getenv("SLOW_DISK_FOLDERS");
    while (path != NULL && folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        if (length > 0 && strncmp(path, folders, length) == 0 && (path[length] == '/' || path[length] == '\0'))
            return 1;
        folders += length + (folders[length] == ':');
    }
    return 0;
}

static void wait_for_disk(void) {
    const char *asked = getenv("SLOW_DISK_MICROSECONDS");
    long microseconds = asked != NULL ? atol(asked) : 0;
    struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

static void tell(const char *call, const char *path) {
    if (getpid() == syscall(SYS_gettid)) {
        write_note(call, path);
        raise(SIGUSR1);
    } else {
        atomic_fetch_add(&elsewhere, 1);
    }
}

static void at_path(const char *call, const char *path) {
    if (is_slow(path)) {
        tell(call, path);
        wait_for_disk();
    }
}

static void at_file(const char *call, int file) {
    if (file >= 0 && file < MOST_FILES && atomic_load(&slow_file[file])) {
        tell(call, "(a file that is open)");
        if (call[0] == 'f' || atomic_fetch_add(&moved, 1) % 256 == 0) /* fsync, fstat and the like */
            wait_for_disk();
    }
}

static int opened(int file, const char *path) {
    if (file >= 0 && file < MOST_FILES)
        atomic_store(&slow_file[file], is_slow(path));
    return file;
}

#define OPEN(name)                                                                                                  \
    int name(const char *path, int flags, ...) {                                                                    \
        va_list more;                                                                                               \
        va_start(more, flags);                                                                                      \
        mode_t mode = va_arg(more, mode_t);                                                                         \
        va_end(more);                                                                                               \
        at_path(#name, path);                                                                                       \
        return opened(REAL(name)(path, flags, mode), path);                                                         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                \
    int name(int folder, const char *path, int flags, ...) {                                                        \
        va_list more;                                                                                               \
        va_start(more, flags);                                                                                      \
        mode_t mode = va_arg(more, mode_t);                                                                         \
        va_end(more);                                                                                               \
        at_path(#name, path);                                                                                       \
        return opened(REAL(name)(folder, path, flags, mode), path);                                                 \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                                                                 \
    FILE *name(const char *path, const char *mode) {                                                                \
        at_path(#name, path);                                                                                       \
        return REAL(name)(path, mode);                                                                              \
    }
FOPEN(fopen)
FOPEN(fopen64)

#define OF_FILE(type, name, rest, ...)                                                                              \
    type name(int file rest) {                                                                                      \
        at_file(#name, file);                                                                                       \
        return REAL(name)(file, ##__VA_ARGS__);                                                                     \
    }
#define AND ,
OF_FILE(ssize_t, read, AND void *into AND size_t count, into, count)
OF_FILE(ssize_t, write, AND const void *from AND size_t count, from, count)
OF_FILE(ssize_t, pread, AND void *into AND size_t count AND off_t at, into, count, at)
OF_FILE(ssize_t, pread64, AND void *into AND size_t count AND off64_t at, into, count, at)
OF_FILE(ssize_t, pwrite, AND const void *from AND size_t count AND off_t at, from, count, at)
OF_FILE(ssize_t, pwrite64, AND const void *from AND size_t count AND off64_t at, from, count, at)
OF_FILE(ssize_t, readv, AND const struct iovec *into AND int count, into, count)
OF_FILE(ssize_t, writev, AND const struct iovec *from AND int count, from, count)
OF_FILE(int, fsync, )
OF_FILE(int, fdatasync, )
OF_FILE(int, ftruncate, AND off_t length, length)
OF_FILE(int, ftruncate64, AND off64_t length, length)
OF_FILE(int, fstat, AND struct stat *into, into)
OF_FILE(int, fstat64, AND struct stat64 *into, into)

int close(int file) {
    if (file >= 0 && file < MOST_FILES)
        atomic_store(&slow_file[file], 0);
    return REAL(close)(file);
}

#define OF_PATH(type, name, rest, ...)                                                                              \
    type name(const char *path rest) {                                                                              \
        at_path(#name, path);                                                                                       \
        return REAL(name)(path, ##__VA_ARGS__);                                                                     \
    }
OF_PATH(int, stat, AND struct stat *into, into)
OF_PATH(int, stat64, AND struct stat64 *into, into)
OF_PATH(int, lstat, AND struct stat *into, into)
OF_PATH(int, lstat64, AND struct stat64 *into, into)
OF_PATH(int, access, AND int mode, mode)
OF_PATH(int, euidaccess, AND int mode, mode)
OF_PATH(int, unlink, )
OF_PATH(int, rmdir, )
OF_PATH(int, mkdir, AND mode_t mode, mode)
OF_PATH(int, chmod, AND mode_t mode, mode)
OF_PATH(int, rename, AND const char *to, to)
OF_PATH(int, link, AND const char *to, to)
OF_PATH(ssize_t, readlink, AND char *into AND size_t count, into, count)
OF_PATH(char *, realpath, AND char *into, into)
OF_PATH(DIR *, opendir, )

#define OF_PATH_AT(name, rest, ...)                                                                                 \
    int name(int folder, const char *path rest) {                                                                   \
        at_path(#name, path);                                                                                       \
        return REAL(name)(folder, path, ##__VA_ARGS__);                                                             \
    }
OF_PATH_AT(fstatat, AND struct stat *into AND int flags, into, flags)
OF_PATH_AT(fstatat64, AND struct stat64 *into AND int flags, into, flags)
OF_PATH_AT(statx, AND int flags AND unsigned mask AND struct statx *into, flags, mask, into)
OF_PATH_AT(faccessat, AND int mode AND int flags, mode, flags)
OF_PATH_AT(unlinkat, AND int flags, flags)
OF_PATH_AT(mkdirat, AND mode_t mode, mode)
