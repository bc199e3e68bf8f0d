// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/tool.h"

#include "plots/wording.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 60000
#define MOST_OUTPUT ((size_t)64 << 20)
#define MESSAGE_SIZE 240

extern char **environ;

// The surroundings without what would change the drawing.
static char **surroundings(void)
{
    static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC";
    static const char *const dropped[] = {"LC_", "LANG", "TZ=", "GNUTERM", "GNUPLOT", "GNUHELP", "GDFONTPATH", "FIT_"};
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    char **list = calloc(n + 3, sizeof *list);
    if (list == NULL)
        return NULL;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool keep = true;
        for (size_t k = 0; k < sizeof dropped / sizeof dropped[0]; k++)
            keep = keep && strncmp(environ[i], dropped[k], strlen(dropped[k])) != 0;
        if (keep)
            list[kept++] = environ[i];
    }
    list[kept++] = locale;
    list[kept] = zone;
    return list;
}

// A growing text with a 0 at the end.
struct text {
    char *bytes;
    size_t n, capacity;
};

static bool append(struct text *text, const char *bytes, size_t n)
{
    if (text->n + n > MOST_OUTPUT)
        return false;
    if (text->n + n + 1 > text->capacity) {
        size_t capacity = 2 * (text->n + n + 1) + 4096;
        char *grown = realloc(text->bytes, capacity);
        if (grown == NULL)
            return false;
        text->bytes = grown;
        text->capacity = capacity;
    }
    if (n > 0)
        memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = '\0';
    return true;
}

enum { TO, OUT, ERR, N_ENDS };

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

// Our ends in `ours`, the program's in `theirs`; all are closed in whatever else is started meanwhile.
static bool open_ends(int ours[N_ENDS], int theirs[N_ENDS])
{
    int ends[2];
    for (int i = 0; i < N_ENDS; i++)
        ours[i] = theirs[i] = -1;
    for (int i = 0; i < N_ENDS; i++) {
        if ((i == TO ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends)) != 0)
            return false;
        ours[i] = ends[0];
        theirs[i] = ends[1];
        if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
            return false;
    }
    return fcntl(ours[TO], F_SETFL, O_NONBLOCK) == 0;
}

// Starts the first of the names that is there. 0, or the reason why it did not start.
static int spawn(const struct surety_tool *tool, const posix_spawn_file_actions_t *actions, char **environment,
                 pid_t *pid)
{
    size_t n = 0;
    while (tool->arguments[n] != NULL)
        n++;
    char **arguments = calloc(n + 2, sizeof *arguments);
    int error = arguments != NULL ? ENOENT : ENOMEM;
    for (size_t i = 0; i < n && arguments != NULL; i++)
        arguments[i + 1] = tool->arguments[i];
    for (size_t i = 0; tool->names[i] != NULL && error == ENOENT; i++) {
        char *name = strdup(tool->names[i]);
        if (name == NULL) {
            error = ENOMEM;
            break;
        }
        arguments[0] = name;
        error = posix_spawnp(pid, name, actions, NULL, arguments, environment);
        free(name);
    }
    free(arguments);
    return error;
}

static int start(const struct surety_tool *tool, const int theirs[N_ENDS], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char **environment = surroundings();
    if (environment == NULL)
        return ENOMEM;
    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        for (int i = 0; i < N_ENDS && error == 0; i++)
            error = posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
        if (error == 0)
            error = spawn(tool, &actions, environment, pid);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(environment);
    return error;
}

// Takes what is there to read; closes the end when there is no more. False: memory is out or too much came.
static bool take(int *fd, struct text *text)
{
    char bytes[16384];
    ssize_t n = read(*fd, bytes, sizeof bytes);
    if (n > 0)
        return append(text, bytes, (size_t)n);
    if (n == 0 || errno != EINTR)
        close_end(fd);
    return true;
}

// Writes the script and reads both answers until the program closes them. 0, or ETIMEDOUT, ENOMEM.
static int converse(int ours[N_ENDS], const char *script, struct text answers[N_ENDS])
{
    size_t left = strlen(script);
    while (ours[OUT] >= 0 || ours[ERR] >= 0) {
        struct pollfd ends[N_ENDS] = {{ours[TO], POLLOUT, 0}, {ours[OUT], POLLIN, 0}, {ours[ERR], POLLIN, 0}};
        int n_ready = poll(ends, N_ENDS, TIMEOUT_MS);
        if (n_ready == 0)
            return ETIMEDOUT;
        if (n_ready < 0)
            continue;
        if (ends[TO].revents != 0) {
            ssize_t n = send(ours[TO], script, left, MSG_NOSIGNAL);
            if (n > 0) {
                script += n;
                left -= (size_t)n;
            }
            if (left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
                close_end(&ours[TO]); // a program that died early shows in its status
        }
        for (int i = OUT; i <= ERR; i++) {
            if (ends[i].revents != 0 && !take(&ours[i], &answers[i]))
                return ENOMEM;
        }
    }
    return 0;
}

// The line of the answer that says most, cleaned, into `out`; "" when it said nothing.
static void main_message(char out[MESSAGE_SIZE], const char *messages)
{
    out[0] = '\0';
    for (const char *line = messages; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        char *copy = strndup(line, n);
        char *clean = copy != NULL ? surety_wording_clean(copy + strspn(copy, " \t^\"-"), MESSAGE_SIZE / 4 - 4) : NULL;
        if (clean != NULL && clean[0] != '\0')
            snprintf(out, MESSAGE_SIZE, ": %.*s", MESSAGE_SIZE - 8, clean); // the last one: before it come echoes
        free(clean);
        free(copy);
        line += n + (line[n] == '\n');
    }
}

static enum surety_err fail(const struct surety_tool *tool, const char *what, const char *message,
                            struct surety_diags *diags)
{
    surety_diag_add(diags, SURETY_D_TOOL, (struct surety_place){0, 0}, NULL, NULL, "%s %s: %s", what, tool->not_done,
                    message);
    return SURETY_E_SYSTEM;
}

enum surety_err surety_tool_fail(const struct surety_tool *tool, const char *what, const char *problem,
                                 struct surety_diags *diags, const struct surety_tool_output *output)
{
    char said[MESSAGE_SIZE], message[2 * MESSAGE_SIZE];
    main_message(said, output->messages);
    snprintf(message, sizeof message, "%s %.*s%s", tool->names[0], MESSAGE_SIZE - 40, problem, said);
    return fail(tool, what, message, diags);
}

static enum surety_err judge(const struct surety_tool *tool, int status, const char *what, struct surety_diags *diags,
                             const struct surety_tool_output *output)
{
    char problem[64];
    if (WIFSIGNALED(status))
        snprintf(problem, sizeof problem, "was ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 127 && output->size == 0)
        snprintf(problem, sizeof problem, "does not start"); // a loader's, a wrapper's
    else if (WEXITSTATUS(status) != 0)
        snprintf(problem, sizeof problem, "failed with status %d", WEXITSTATUS(status));
    else
        return SURETY_OK;
    return surety_tool_fail(tool, what, problem, diags, output);
}

enum surety_err surety_tool_run(const struct surety_tool *tool, const char *input, const char *what,
                                struct surety_diags *diags, struct surety_tool_output *output)
{
    int ours[N_ENDS], theirs[N_ENDS], status = 0;
    struct text answers[N_ENDS] = {{0}, {0}, {0}};
    char message[MESSAGE_SIZE];
    pid_t pid = -1;
    *output = (struct surety_tool_output){0};
    int error = open_ends(ours, theirs) ? start(tool, theirs, &pid) : errno;
    for (int i = 0; i < N_ENDS; i++)
        close_end(&theirs[i]);
    bool started = error == 0;
    if (started) {
        error = append(&answers[OUT], "", 0) && append(&answers[ERR], "", 0) ? converse(ours, input, answers) : ENOMEM;
        if (error != 0)
            kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    for (int i = 0; i < N_ENDS; i++)
        close_end(&ours[i]);
    *output = (struct surety_tool_output){answers[OUT].bytes, answers[OUT].n, answers[ERR].bytes};
    if (error == ENOMEM)
        return SURETY_E_MEMORY;
    if (!started && error == ENOENT) {
        snprintf(message, sizeof message, "%s is not found (Debian: apt-get install %s)", tool->names[0],
                 tool->package);
        return fail(tool, what, message, diags);
    }
    if (error != 0) {
        snprintf(message, sizeof message, "%s %s: %s", tool->names[0], started ? "does not answer" : "does not start",
                 strerror(error));
        return fail(tool, what, message, diags);
    }
    return judge(tool, status, what, diags, output);
}

void surety_tool_output_finish(struct surety_tool_output *output)
{
    free(output->text);
    free(output->messages);
    *output = (struct surety_tool_output){0};
}
