// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fit.h"

#include "plots/human.h"
#include "sim/base/calendar.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void put_date(int64_t us, char out[11])
{
    surety_date_format(surety_date_from_days(us / SURETY_US_PER_DAY), out);
}

static void put_p(char out[16], double p)
{
    if (isnan(p))
        snprintf(out, 16, "-");
    else
        snprintf(out, 16, p < 0.0005 ? "<0.001" : p < 0.0995 ? "%.3f" : "%.2f", p);
}

// "shape 0.7712 (0.65 to 0.91), mean 17.1d (13.3d to 22.6d)"
static void put_parameters(FILE *out, const struct surety_fit *fit)
{
    const struct surety_fit_kind_row *row = &surety_fit_kinds[fit->kind];
    for (size_t j = 0; j < row->n; j++) {
        const struct surety_fit_parameter *p = &row->parameters[j];
        char value[32], low[SURETY_HUMAN_SIZE], high[SURETY_HUMAN_SIZE];
        surety_fit_number(fit->value[j], p->is_time, value);
        if (p->is_time) {
            surety_human_duration(low, fit->interval[j].low);
            surety_human_duration(high, fit->interval[j].high);
        } else {
            snprintf(low, sizeof low, "%.2g", fit->interval[j].low);
            snprintf(high, sizeof high, "%.2g", fit->interval[j].high);
        }
        fprintf(out, "%s%s %s", j > 0 ? ", " : "", p->name, value);
        if (!isnan(fit->interval[j].low) && !isnan(fit->interval[j].high))
            fprintf(out, " (%s to %s)", low, high);
    }
}

static void put_fits(FILE *out, const struct surety_fitted *fitted)
{
    fprintf(out, "#     %-12s %9s %7s %7s  %s\n", "law", "AICc", "p KS", "p AD", "parameters (95 % interval)");
    for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
        const struct surety_fit *fit = &fitted->fits[kind];
        char ks[16], ad[16];
        fprintf(out, "#   %c %-12s ", kind == fitted->chosen ? '*' : ' ', surety_fit_kinds[kind].name);
        if (fit->why_not != NULL) {
            fprintf(out, "%s\n", fit->why_not);
            continue;
        }
        put_p(ks, fit->p_ks);
        put_p(ad, fit->p_ad);
        fprintf(out, "%9.1f %7s %7s  ", fit->aicc, ks, ad);
        put_parameters(out, fit);
        fputs(fit->at_limit && kind != SURETY_FIT_EXPONENTIAL ? "; at a limit, not to be chosen\n" : "\n", out);
    }
}

static void put_sample(FILE *out, const char *what, const struct surety_sample *sample, const char *cut)
{
    fprintf(out, "#   %s: %zu whole", what, sample->n_whole);
    if (sample->n_cut > 0)
        fprintf(out, ", %zu %s", sample->n_cut, cut);
    if (sample->n_rest > 0)
        fprintf(out, ", the rest of one at its beginning");
    putc('\n', out);
}

static void put_source(FILE *out, const struct surety_fit_provider *provider, const struct surety_outage_model *model)
{
    const struct surety_outage_series *s = &model->series;
    char failing[SURETY_HUMAN_SIZE], range[2 * SURETY_HUMAN_SIZE] = "", record[SURETY_HUMAN_SIZE],
                                               laws[SURETY_HUMAN_SIZE];
    surety_human_target(failing, s->failing);
    if (s->failing_high > s->failing_low)
        snprintf(range, sizeof range, " (%g to %g %%)", 100 * s->failing_low, 100 * s->failing_high);
    fprintf(out, "# %s.%s: %zu outage%s, failing %s%s\n", provider->wish->name, s->name, s->n, s->n == 1 ? "" : "s",
            failing, range);
    put_sample(out, provider->rhythm.flat ? "up times" : "up times, in operational time", &model->up.sample,
               "cut at the record's end");
    put_fits(out, &model->up);
    put_sample(out, "repair times", &model->repair.sample, "still open at the record's end");
    put_fits(out, &model->repair);
    if (model->up.chosen == SURETY_N_FITS)
        fprintf(out, "#   The mean is the time watched over the number of outages.\n");
    else if (model->up.sample.n_whole < 10)
        fprintf(out, "#   Few: whatever law is chosen, the rate is known to a factor only.\n");
    if (model->repair.chosen == SURETY_N_FITS && !isnan(model->repair.mean))
        fprintf(out, "#   None has ended: the mean is that of half an end in the time they have lasted.\n");
    if (isnan(model->repair.mean))
        fprintf(out, "#   The record tells no length: its repair times are those of the provider's other outages.\n");
    surety_human_percent(record, model->share_down, 3);
    surety_human_percent(laws, model->share_down_by_laws, 3);
    fprintf(out, "#   down %s of the time in the record, %s by the laws", record,
            isnan(model->share_down_by_laws) ? "-" : laws);
    const double ratio = model->share_down_by_laws / model->share_down;
    if (ratio > 1.5 || ratio < 1 / 1.5)
        fputs(": THEY DISAGREE. The mean hangs on few long outages; look at the plot", out);
    putc('\n', out);
}

static void put_capped(FILE *out, const struct surety_record_episodes *episodes)
{
    for (size_t i = 0; i < episodes->n_capped; i++) {
        const struct surety_record_capped *c = &episodes->capped[i];
        char start[21], was[SURETY_HUMAN_SIZE], is[SURETY_HUMAN_SIZE];
        surety_time_write(c->from_us, start);
        surety_human_duration(was, (double)(c->to_us - c->from_us) / 1e6);
        surety_human_duration(is, (double)(c->new_to_us - c->from_us) / 1e6);
        fprintf(out, "#   winsorised: %s, %s: %s counts as %s\n", start, surety_grade_name(c->grade), was, is);
    }
}

static void put_count(FILE *out, size_t n, const char *what)
{
    if (n > 0)
        fprintf(out, "#   %zu incident%s %s\n", n, n == 1 ? "" : "s", what);
}

// Several providers read as one are one only if somebody means it.
static void put_mixed(FILE *out, const struct surety_fit_wish *wish)
{
    const struct surety_record *record = wish->record;
    const char *first = NULL;
    for (size_t i = 0; i < record->n && wish->provider == NULL; i++) {
        const char *name = record->incidents[i].provider;
        if (first != NULL && strcmp(name, first) != 0) {
            fprintf(out, "#   SEVERAL PROVIDERS of the record are read as one: --by provider tells them apart\n");
            return;
        }
        first = name;
    }
}

static void put_provider(FILE *out, const struct surety_fit_provider *provider)
{
    const struct surety_record_episodes *e = provider->episodes;
    const struct surety_record *record = provider->wish->record;
    const char *slash = strrchr(record->file, '/');
    char from[11], until[11], part[128];
    put_date(provider->from_us, from);
    put_date(provider->until_us - 1, until);
    surety_fit_part(provider->wish, part, sizeof part);
    for (char *c = part; *c != '\0'; c++)
        *c = (unsigned char)*c < ' ' ? '?' : *c;
    fprintf(out, "#\n# %s: %zu outage%s from %zu incident%s in %s (%s)%s, ", provider->wish->name, provider->n_outages,
            provider->n_outages == 1 ? "" : "s", e->n_incidents, e->n_incidents == 1 ? "" : "s",
            slash != NULL ? slash + 1 : record->file, record->dialect, part);
    if (record->undated)
        fprintf(out, "%.0f days without dates\n", (double)(provider->until_us - provider->from_us) / 86400e6);
    else
        fprintf(out, "%s to %s\n", from, until);
    put_mixed(out, provider->wish);
    put_count(out, record->n_repeated, "left out: exact repetitions");
    put_count(out, record->n_disordered, "left out: stage times out of order");
    put_count(out, e->n_united, "united: the same outage of another component");
    put_count(out, e->n_failing_nothing, "left out: no request fails under their grade");
    put_count(out, e->n_instants, "left out: the record knows an instant, no length");
    put_count(out, e->n_unnamed, "left out: they name no component");
    put_count(out, e->n_open, "still open at the record's end: lower bounds (censored)");
    put_count(out, e->n_outside, "left out: not in the time that was watched");
    put_capped(out, e);
    for (size_t s = 0; s < provider->n_sources; s++)
        put_source(out, provider, &provider->sources[s]);
}

static void put_rhythm(FILE *out, const struct surety_fit_report *report)
{
    const struct surety_rhythm *r = &report->rhythm;
    char p[16];
    fputs("#\n# weekly rhythm: ", out);
    if (report->rhythm_note != NULL) {
        fprintf(out, "flat: %s\n", report->rhythm_note);
        return;
    }
    if (isnan(r->p)) {
        fprintf(out, "flat: starts are too few to ask (%zu, of at least %zu)\n", r->n, SURETY_RHYTHM_LEAST);
        return;
    }
    put_p(p, r->p);
    const int first = (r->border + 12 - r->width / 2 + 48) % 24;
    if (r->flat) {
        fprintf(out, "flat: the best window gains 2 log L = %.1f, p %s\n", r->ratio, p);
        return;
    }
    fprintf(out, "p %s against flat (2 log L = %.1f); window %02d:00 to %02d:00 UTC on five days\n", p, r->ratio, first,
            (first + r->width) % 24);
    fprintf(out, "#   %-20s %8s %8s %8s\n", "", "window", "weekday", "weekend");
    for (size_t i = 0; i <= report->n; i++) {
        const struct surety_rhythm *own = i == 0 ? r : &report->providers[i - 1].rhythm;
        if (i == 1 && report->n == 1)
            break;
        const char *name = i == 0 ? "all" : report->providers[i - 1].wish->name;
        fprintf(out, "#   %-20.20s %8.2f %8.2f %8.2f  (%zu, %zu, %zu starts)\n", name, own->weights[0], own->weights[1],
                own->weights[2], own->counts[0], own->counts[1], own->counts[2]);
    }
}

static void put_dependence(FILE *out, const struct surety_fit_report *report)
{
    if (report->n < 2)
        return;
    fputs("#\n# together: outages of both that overlap, and as many as expected when one record is moved by whole "
          "weeks\n",
          out);
    for (size_t i = 0; i < report->n_pairs; i++) {
        const struct surety_pair *pair = &report->pairs[i];
        char p[16], names[64];
        put_p(p, pair->p);
        snprintf(names, sizeof names, "%.28s, %.28s", report->providers[pair->a].wish->name,
                 report->providers[pair->b].wish->name);
        fprintf(out, "#   %-40s %4zu seen", names, pair->together);
        if (isnan(pair->p))
            fputs(", too short a time to test\n", out);
        else
            fprintf(out, ", %5.1f expected, p %s (%zu shifts)%s\n", pair->expected, p, pair->n_shifts,
                    pair->significant ? ": DEPENDENT" : "");
    }
    for (size_t i = 0; i < report->n_causes; i++) {
        const struct surety_cause *c = &report->causes[i].cause;
        fprintf(
            out,
            "#   common cause %zu%s%s: %zu events hit two or more of %zu, %.1f by chance: %.3g a year, each member hit"
            " with %.3g %%%s\n",
            i + 1, report->causes[i].grade != NULL ? ", " : "",
            report->causes[i].grade != NULL ? report->causes[i].grade : "", c->together, c->n_members, c->expected,
            c->rate_per_s * 365 * 86400, 100 * c->hits, c->included ? "" : "; on top of what is left to them");
    }
    for (size_t i = 0; i < report->n; i++)
        if (report->providers[i].taken_out > 0)
            fprintf(out,
                    "#   %s: %.3g %% of its downtime is taken out of its own outages (starts x %.3g below%s), so that "
                    "it is\n"
                    "#     down for as long as without a cause\n",
                    report->providers[i].wish->name, 100 * report->providers[i].taken_out,
                    report->providers[i].own_starts, report->providers[i].causes_included ? ", less the cause's" : "");
    if (report->n_causes == 0)
        fputs("#   No common cause is written: nothing shows one, which does not prove that there is none.\n", out);
}

void surety_fit_text(const struct surety_fit_report *report, FILE *out)
{
    char profile[512];
    surety_severity_print(report->profile, profile, sizeof profile);
    fprintf(out, "# Outages fitted by maximum likelihood. * is the law that is written below: the least AICc,\n"
                 "# by more than 7 where that is a mixture.\n");
    fprintf(out,
            "# p: share of %zu records simulated from the law that lie at least as far from it (Kolmogorov-Smirnov,\n"
            "# Anderson-Darling); a small one says that the law is not what the record shows.\n",
            report->n_replicates);
    fprintf(out, "# Severities by profile %s: %s.\n", report->profile->name, profile);
    for (size_t i = 0; i < report->n_skipped; i++)
        fprintf(out, "# %s is left out: no outage, or watched for less than a day (--from says since when).\n",
                report->skipped[i]);
    for (size_t i = 0; i < report->n; i++)
        put_provider(out, &report->providers[i]);
    put_rhythm(out, report);
    put_dependence(out, report);
    fputs("\n", out);
}
