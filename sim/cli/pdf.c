// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/pdf.h"

#include "plots/tool.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOWHERE ((struct surety_place){0, 0})
#define MOST_PDF ((size_t)256 << 20)

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    (void)remove(path); // what stays is in the folder for temporary files
    return 0;
}

static enum surety_err write_page(const char *path, const char *html, size_t n, struct surety_diags *diags)
{
    FILE *file = fopen(path, "wb");
    errno = file != NULL ? 0 : errno;
    const bool written = file != NULL && fwrite(html, 1, n, file) == n;
    if ((file != NULL && fclose(file) != 0) || !written) {
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL, NULL, "cannot write %s: %s", path,
                        strerror(errno != 0 ? errno : EIO));
        return SURETY_E_SYSTEM;
    }
    return SURETY_OK;
}

// The whole PDF; false when there is none.
static bool read_pdf(const char *path, char **pdf, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char *bytes = NULL;
    size_t n = 0;
    if (fstat(fileno(file), &info) == 0 && info.st_size > 0 && (size_t)info.st_size < MOST_PDF &&
        (bytes = malloc((size_t)info.st_size)) != NULL)
        n = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    static const char begin[] = "%PDF-", end[] = "%%EOF";
    bool whole = n > 64 && n == (size_t)info.st_size && memcmp(bytes, begin, sizeof begin - 1) == 0;
    bool has_end = false;
    for (size_t i = whole ? n - 32 : n; i + sizeof end - 1 <= n; i++)
        has_end = has_end || memcmp(bytes + i, end, sizeof end - 1) == 0;
    if (!has_end) {
        free(bytes);
        return false;
    }
    *pdf = bytes;
    *size = n;
    return true;
}

// FOLDER/NAME with `lead` in front, on the heap.
static char *text_of(const char *lead, const char *folder, const char *name)
{
    const size_t size = strlen(lead) + strlen(folder) + strlen(name) + 1;
    char *text = malloc(size);
    if (text != NULL)
        snprintf(text, size, "%s%s%s", lead, folder, name);
    return text;
}

static enum surety_err print_in(const char *folder, const char *html, size_t n, struct surety_diags *diags, char **pdf,
                                size_t *size)
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome", NULL};
    static char headless[] = "--headless", no_frame[] = "--no-pdf-header-footer", no_first[] = "--no-first-run",
                no_gpu[] = "--disable-gpu", no_sandbox[] = "--no-sandbox";
    char *page = text_of("", folder, "/page.html"), *out = text_of("", folder, "/page.pdf");
    char *print = text_of("--print-to-pdf=", folder, "/page.pdf"), *profile = text_of("--user-data-dir=", folder, "/p");
    // The sandbox does not start for root; the page is our own, without scripts.
    char *const arguments[] = {
        headless, no_gpu, no_first, no_frame, profile, print, page, geteuid() == 0 ? no_sandbox : NULL, NULL};
    const struct surety_tool tool = {names, "chromium", "is not printed", arguments};
    struct surety_tool_output output = {0};
    enum surety_err err = page != NULL && out != NULL && print != NULL && profile != NULL ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = write_page(page, html, n, diags);
    if (err == SURETY_OK)
        err = surety_tool_run(&tool, "", "the PDF", diags, &output);
    if (err == SURETY_OK && !read_pdf(out, pdf, size))
        err = surety_tool_fail(&tool, "the PDF", "ended without a whole PDF", diags, &output);
    surety_tool_output_finish(&output);
    free(page);
    free(out);
    free(print);
    free(profile);
    return err;
}

enum surety_err surety_pdf_print(const char *html, size_t n, struct surety_diags *diags, char **pdf, size_t *size)
{
    const char *place = getenv("TMPDIR");
    char *folder = text_of("", place != NULL && place[0] == '/' ? place : "/tmp", "/surety-XXXXXX");
    if (folder == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_E_SYSTEM;
    if (mkdtemp(folder) != NULL) {
        err = print_in(folder, html, n, diags, pdf, size);
        (void)nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    } else {
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL, NULL, "cannot make a folder for temporary files: %s",
                        strerror(errno));
    }
    free(folder);
    return err;
}
