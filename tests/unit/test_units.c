// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/units.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct surety_problem problem;

static double duration(const char *text)
{
    double value = NAN;
    problem = (struct surety_problem){.hint = ""};
    return surety_parse_duration(text, &value, &problem) ? value : NAN;
}

static int64_t share(const char *text)
{
    int64_t value = -1;
    problem = (struct surety_problem){.hint = ""};
    return surety_parse_share(text, &value, &problem) ? value : -1;
}

static double rate(const char *text)
{
    double value = NAN;
    problem = (struct surety_problem){.hint = ""};
    return surety_parse_rate(text, &value, &problem) ? value : NAN;
}

static double count(const char *text)
{
    double value = NAN;
    problem = (struct surety_problem){.hint = ""};
    return surety_parse_count(text, &value, &problem) ? value : NAN;
}

static double money(const char *text, const char *per, const char *currency)
{
    double value = NAN;
    char found[4] = "";
    problem = (struct surety_problem){.hint = ""};
    if (!surety_parse_money(text, per, &value, found, &problem))
        return NAN;
    cr_assert_str_eq(found, currency);
    return value;
}

Test(units, durations)
{
    cr_assert_eq(duration("350ms"), 0.35);
    cr_assert_eq(duration("45s"), 45);
    cr_assert_eq(duration("5m"), 300);
    cr_assert_eq(duration("1.5h"), 5400);
    cr_assert_eq(duration("30d"), 2592000);
    cr_assert_eq(duration("2w"), 1209600);
    cr_assert_eq(duration("010s"), 10);
    cr_assert_eq(duration("1e3s"), 1000);
    cr_assert_eq(duration(".5m"), 30);
    cr_assert_eq(duration("0s"), 0);
}

Test(units, durations_refused)
{
    static const char *const wrong[] = {"",      "30",   "30 d", "30days", "30d x", "-5s",    "s",   "1.5.2h",
                                        "0x10s", "1,5h", "1_0s", "nan",    "infs",  "1e400s", "5M",  "5min",
                                        "1e12d", "1mo",  "5m ",  " 5m",    "+-5m",  "1e",     "5m5s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert(isnan(duration(wrong[i])), "'%s' was accepted", wrong[i]);
        cr_assert_neq(problem.what[0], '\0', "'%s' has no message", wrong[i]);
    }
    duration("30");
    cr_assert(strstr(problem.hint, "30m for minutes") != NULL);
    duration("3 h");
    cr_assert_str_eq(problem.hint, "write 3h");
    duration("3 hours");
    cr_assert(strstr(problem.hint, "the units are ms, s") != NULL);
}

Test(units, shares)
{
    cr_assert_eq(share("99.95%"), 999500000);
    cr_assert_eq(share("0.9995"), 999500000);
    cr_assert_eq(share("0%"), 0);
    cr_assert_eq(share("100%"), 1000000000);
    cr_assert_eq(share("1"), 1000000000);
    cr_assert_eq(share("10%"), 100000000);
    cr_assert_eq(share("0.0000001%"), 1);
    cr_assert_eq(share("1e-3"), 1000000);
    for (int i = 0; i <= 10000; i++) { // each hundredth of a percent is exact
        char text[16];
        snprintf(text, sizeof text, "%d.%02d%%", i / 100, i % 100);
        cr_assert_eq(share(text), (int64_t)i * 100000, "%s", text);
    }
}

Test(units, shares_refused)
{
    static const char *const wrong[] = {"101%", "-1%",          "1.5",         "99.9", "99.9 %",
                                        "5pp",  "99.99999999%", "0.00000001%", "%",    ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(share(wrong[i]), -1, "'%s' was accepted", wrong[i]);
    share("99.9");
    cr_assert(strstr(problem.hint, "did you mean 99.9%?") != NULL);
}

Test(units, rates)
{
    cr_assert_float_eq(rate("40/min"), 40 / 60.0, 1e-15);
    cr_assert_float_eq(rate("9/year"), 9 / 31536000.0, 1e-20);
    cr_assert_float_eq(rate("200k/month"), 200000 / (365.0 * 86400 / 12), 1e-15);
    cr_assert_eq(rate("3/s"), 3);
    cr_assert_float_eq(rate("24/day"), 24 / 86400.0, 1e-18);
    rate("9 /year");
    cr_assert_str_eq(problem.hint, "write 9/year");
    rate("9 per year");
    cr_assert(strstr(problem.hint, "like 40/min") != NULL);
    static const char *const wrong[] = {"40", "40/minute", "40 /min", "/min", "-4/min", "40/min/min", "40m/min", "40/"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert(isnan(rate(wrong[i])), "'%s' was accepted", wrong[i]);
}

Test(units, counts_factors_growth_numbers)
{
    double value = 0;
    int64_t whole = 0;
    cr_assert_eq(count("200"), 200);
    cr_assert_eq(count("1.1k"), 1100);
    cr_assert_eq(count("2M"), 2e6);
    cr_assert_eq(count("1G"), 1e9);
    cr_assert(isnan(count("2m")) && isnan(count("2K")) && isnan(count("-2")) && isnan(count("2 k")));
    cr_assert(surety_parse_factor("1.6x", &value, &problem) && value == 1.6);
    cr_assert_not(surety_parse_factor("1.6", &value, &problem));
    cr_assert_not(surety_parse_factor("0x", &value, &problem));
    cr_assert_not(surety_parse_factor("0x10", &value, &problem));
    cr_assert(surety_parse_growth("2%/month", &value, &problem) && value == 0.02);
    cr_assert(surety_parse_growth("-2%/month", &value, &problem) && value == -0.02);
    cr_assert_not(surety_parse_growth("2%/year", &value, &problem));
    cr_assert_not(surety_parse_growth("-100%/month", &value, &problem));
    cr_assert(surety_parse_integer("010", &whole, &problem) && whole == 10);
    cr_assert_not(surety_parse_integer("1.5", &whole, &problem));
    cr_assert_not(surety_parse_integer("1e16", &whole, &problem));
    cr_assert(surety_parse_number("-0.77", &value, &problem) && value == -0.77);
    cr_assert_not(surety_parse_number("1e999", &value, &problem));
    cr_assert_not(surety_parse_number("0.7777777777777777777777777777777777777777777", &value, &problem));
}

Test(units, money)
{
    cr_assert_eq(money("24000 USD/month", "month year", "USD"), 24000);
    cr_assert_eq(money("24k EUR/month", "month year", "EUR"), 24000);
    cr_assert_eq(money("12000 USD/year", "month year", "USD"), 1000);
    cr_assert_eq(money("1.25 USD/Mtok", "Mtok ktok tok", "USD"), 1.25 / 1e6);
    cr_assert_eq(money("0.006 USD/min", "min s h", "USD"), 0.006 / 60);
    cr_assert_eq(money("0 USD/request", "request", "USD"), 0);
    static const char *const wrong[] = {"24000",           "24000 USD",        "24000 USD/task", "24000/month",
                                        "24000 usd/month", "24000 USDX/month", "-1 USD/month",   "1 USD/month x",
                                        "1 USD / month",   "USD/month"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert(isnan(money(wrong[i], "month year", "USD")), "'%s' was accepted", wrong[i]);
    money("30000", "month year", "USD");
    cr_assert_str_eq(problem.hint, "write it with its currency, like 30000 USD/month");
}

Test(units, format)
{
    char out[32];
    surety_format_duration(5400, out);
    cr_assert_str_eq(out, "1.5h");
    surety_format_duration(45, out);
    cr_assert_str_eq(out, "45s");
    surety_format_duration(0.35, out);
    cr_assert_str_eq(out, "350ms");
    surety_format_duration(3504000, out);
    cr_assert_str_eq(out, "40.5556d");
    surety_format_duration(0, out);
    cr_assert_str_eq(out, "0s");
}

Test(units, any_locale)
{
    // Where the locale is not installed, setlocale fails and the test says nothing.
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        return;
    cr_assert_eq(duration("1.5h"), 5400);
    setlocale(LC_ALL, "C");
}
