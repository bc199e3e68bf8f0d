// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_reserved.h"

static void enter(const struct surety_plan *plan, const struct surety_plan_reserved *reserved,
                  const struct surety_reserved_account *account, double *sums)
{
    const double minutes = (double)plan->term_us / 6e7;
    for (size_t i = 0; i < plan->n_windows * plan->n_demands; i++) {
        const size_t d = i % plan->n_demands;
        const double sent = account->sent[i], over = account->over[i], tokens = reserved->pools[0].request[d].k1;
        sums[SURETY_SUM_CARRIED] += (sent - over) * tokens / (reserved->pools[0].limit * minutes);
        if (reserved->n_pools > 1)
            sums[SURETY_SUM_CARRIED_OUTPUT] +=
                (sent - over) * reserved->pools[1].request[d].k1 / (reserved->pools[1].limit * minutes);
        sums[SURETY_SUM_SENT] += sent * tokens;
        sums[SURETY_SUM_OVER] += over * tokens;
        sums[SURETY_SUM_OVER_COST] += reserved->rejects ? 0 : account->over_priced[i] * reserved->token_cost[d];
        sums[SURETY_SUM_WITHOUT_COST] += account->sent_priced[i] * reserved->token_cost[d];
    }
    for (size_t w = 0; w < plan->n_windows; w++)
        sums[SURETY_SUM_FEE] += account->fee[w];
    sums[SURETY_SUM_MOVED_S] += account->moved_s;
    sums[SURETY_SUM_MOVED_SENT] += account->moved_sent;
    sums[SURETY_SUM_MOVED_OVER] += account->moved_over;
}

void surety_reserved_enter(struct surety_books *books, const struct surety_walk *walk, double *sums)
{
    const struct surety_reserved_books *reserved = &walk->ledger.reserved;
    for (size_t r = 0; reserved->plan != NULL && r < books->plan->n_reserved; r++) {
        const struct surety_reserved_account *account = &reserved->accounts[r];
        if (!account->used)
            continue;
        enter(books->plan, &books->plan->reserved[r], account, &sums[surety_reserved_sums(books->plan, r)]);
        if (account->most_share > books->most_share[r])
            books->most_share[r] = account->most_share;
    }
}

void surety_reserved_merge(struct surety_books *into, const struct surety_books *from)
{
    for (size_t r = 0; r < into->plan->n_reserved; r++)
        if (from->most_share[r] > into->most_share[r])
            into->most_share[r] = from->most_share[r];
}
