// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_PORTFOLIO_H
#define SURETY_ENGINE_PORTFOLIO_H

#include "sim/engine/answer.h"

// Several contracts on the same providers: an outage hits all of them in the same hour, so their credits come
// together. Every contract is answered by itself, all on the same random numbers, then the credits of each term are
// added up over the contracts.

#define SURETY_PORTFOLIO_POINTS 400

// One contract of the portfolio.
struct surety_portfolio_contract {
    const char *name;
    struct surety_scenario *scenario; // read with this contract selected
    struct surety_plan *plan;
    struct surety_result *result;        // its answer
    double *credits;                     // n_replications: of the verdict's tier on the verdict's architecture
    double credits_mean, credits_cvar95; // of this contract alone
    double adds_cvar95;                  // CVaR of all contracts less that of all the others: what this customer adds
};

struct surety_portfolio {
    struct surety_portfolio_contract *contracts;
    size_t n_contracts;
    uint64_t n_replications;
    // the sum of all contracts' credits in a term
    struct surety_mean credits;
    struct surety_quantiles quantiles;
    double cvar95;
    double sum_of_cvar95; // of the contracts one by one: what independent books would say at worst
    struct surety_exceedance exceedance[SURETY_PORTFOLIO_POINTS]; // rising in x; finer where fewer terms are
    size_t n_exceedance;
    const char *currency;
};

// Reads and plans each contract of `scenario`, which was read with the same registry and overrides. What is wrong is in
// `diags`; the portfolio is to be given to surety_portfolio_finish in every case, and borrows the contracts' names.
enum surety_err surety_portfolio_read(const struct surety_registry *registry, const struct surety_scenario *scenario,
                                      const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_portfolio *portfolio);

// Answers all contracts of the portfolio, whose name, scenario and plan are set, and adds them up: all on the same
// n_replications terms, whatever `precision` says. `with_story` as of surety_answer. Contracts whose verdict is "no"
// are counted with the tier that comes nearest. A contract without credits adds nothing.
enum surety_err surety_portfolio_answer(struct surety_portfolio *portfolio, const struct surety_run_options *options,
                                        bool with_story, struct surety_diags *diags);

// Frees what the portfolio owns: contracts with their scenarios, plans, results.
void surety_portfolio_finish(struct surety_portfolio *portfolio);

#endif
