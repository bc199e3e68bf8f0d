// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_PORTFOLIO_H
#define SURETY_ENGINE_PORTFOLIO_H

#include "sim/engine/answer.h"

// Several contracts on the same providers: an outage hits all of them in the same hour, so their credits come
// together. Every contract is answered by itself, all on the same random numbers, then the credits of each term are
// added up over the contracts.

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
    struct surety_exceedance exceedance[200];
    size_t n_exceedance;
    const char *currency;
};

// Answers all contracts of the portfolio, whose name, scenario and plan are set, and adds them up. Contracts whose
// verdict is "no" are counted with the tier that comes nearest. A contract without credits adds nothing.
enum surety_err surety_portfolio_answer(struct surety_portfolio *portfolio, const struct surety_run_options *options,
                                        struct surety_diags *diags);

// Frees what the portfolio owns: contracts with their scenarios, plans, results.
void surety_portfolio_finish(struct surety_portfolio *portfolio);

#endif
