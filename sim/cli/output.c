// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The temporary that an interrupt has to remove: a signal handler can only see a global. One output at a time.
static char pending[PATH_MAX];

static void remove_pending(int signal_number)
{
    unlink(pending);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void watch_signals(const char *temporary)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    bool watch = temporary != NULL && strlen(temporary) < sizeof pending;
    if (watch)
        strcpy(pending, temporary);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action = {.sa_handler = watch ? remove_pending : SIG_DFL}, before;
        sigemptyset(&action.sa_mask);
        // nohup's choice stays
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

static enum surety_err fail(struct surety_output *output, int error, struct surety_diags *diags)
{
    const char *name = strcmp(output->path, "-") == 0 ? "standard output" : output->path;
    surety_output_abandon(output);
    surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "cannot write %s: %s", name,
                    strerror(error));
    return SURETY_E_SYSTEM;
}

int surety_output_flush(FILE *file)
{
    errno = 0;
    if (fflush(file) == 0 && !ferror(file))
        return 0;
    if (errno == 0) { // an earlier write failed: provoke its reason again
        putc('\n', file);
        fflush(file);
    }
    return errno != 0 ? errno : EIO;
}

enum surety_err surety_output_open(struct surety_output *output, const char *path, struct surety_diags *diags)
{
    *output = (struct surety_output){.path = path};
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        return SURETY_OK;
    }
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && !S_ISREG(info.st_mode)) {
        output->file = fopen(path, "w");
        return output->file != NULL ? SURETY_OK : fail(output, errno, diags);
    }
    if (exists && access(path, W_OK) != 0)
        return fail(output, errno, diags);
    output->target = exists ? realpath(path, NULL) : strdup(path);
    if (output->target == NULL)
        return fail(output, errno, diags);
    size_t size = strlen(output->target) + 32;
    output->temporary = malloc(size);
    if (output->temporary == NULL)
        return fail(output, ENOMEM, diags);
    snprintf(output->temporary, size, "%s.%ld.tmp", output->target, (long)getpid());
    int fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        int error = errno;
        free(output->temporary); // not ours
        output->temporary = NULL;
        return fail(output, error, diags);
    }
    watch_signals(output->temporary);
    if (exists)
        (void)fchmod(fd, info.st_mode & 07777); // a courtesy: the new file is as good without
    output->file = fdopen(fd, "w");
    if (output->file == NULL) {
        int error = errno;
        close(fd);
        return fail(output, error, diags);
    }
    return SURETY_OK;
}

enum surety_err surety_output_commit(struct surety_output *output, struct surety_diags *diags)
{
    int error = surety_output_flush(output->file);
    if (error == 0 && output->temporary != NULL && fsync(fileno(output->file)) != 0)
        error = errno;
    if (error != 0)
        return fail(output, error, diags);
    if (output->file != stdout) {
        FILE *file = output->file;
        output->file = NULL;
        if (fclose(file) != 0)
            return fail(output, errno, diags);
    }
    if (output->temporary != NULL) {
        if (rename(output->temporary, output->target) != 0)
            return fail(output, errno, diags);
        free(output->temporary);
        output->temporary = NULL;
        watch_signals(NULL);
    }
    surety_output_abandon(output);
    return SURETY_OK;
}

void surety_output_abandon(struct surety_output *output)
{
    if (output->file != NULL && output->file != stdout)
        fclose(output->file);
    if (output->temporary != NULL) {
        unlink(output->temporary);
        watch_signals(NULL);
    }
    free(output->temporary);
    free(output->target);
    *output = (struct surety_output){.path = output->path};
}
