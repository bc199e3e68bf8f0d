// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/draws.h"

#include "sim/base/philox.h"

#include <stdio.h>
#include <stdlib.h>

#define SALT 0x72657175u // keeps these streams apart from the plan's
#define INPUT_SALT 0x696e7075u

// What the third word of the counter holds beside the world: workload and visit.
static uint64_t lane(const struct surety_draws *draws, uint32_t count)
{
    return draws->world | (uint64_t)draws->demand << 32 | (uint64_t)count << 44;
}

// --- laws ------------------------------------------------------------------------------------------------------

static enum surety_err compile(const struct surety_law *law, struct surety_sampler *out)
{
    const enum surety_sampler_err err = surety_sampler_compile(law, SURETY_SAMPLE_PLAIN, out);
    return err == SURETY_SAMPLER_OK ? SURETY_OK : err == SURETY_SAMPLER_NO_MEMORY ? SURETY_E_MEMORY : SURETY_E_NUMERIC;
}

static enum surety_err init_provider(struct surety_provider_laws *laws, const struct surety_provider *provider)
{
    laws->stream = surety_philox_stream(provider->name, SALT);
    laws->known = provider->latency.given;
    laws->batch = provider->latency.given && provider->capacity.batch.given;
    laws->per_token = provider->latency.given && provider->latency.has_per_token;
    enum surety_err err = SURETY_OK;
    if (laws->known)
        err = compile(&provider->latency.first_token, &laws->first);
    if (err == SURETY_OK && laws->per_token)
        err = compile(&provider->latency.per_output_token, &laws->each);
    return err;
}

enum surety_err surety_request_laws_init(struct surety_request_laws *laws, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan)
{
    *laws = (struct surety_request_laws){.n_providers = scenario->n_providers,
                                         .n_workloads = scenario->n_workloads,
                                         .n_architectures = plan->n_architectures,
                                         .providers = calloc(scenario->n_providers, sizeof *laws->providers),
                                         .output_tokens = calloc(scenario->n_workloads, sizeof *laws->output_tokens),
                                         .input_tokens = calloc(scenario->n_workloads, sizeof *laws->input_tokens),
                                         .input_streams = calloc(scenario->n_workloads, sizeof *laws->input_streams),
                                         .node_streams = calloc(plan->n_architectures, sizeof *laws->node_streams)};
    if (laws->providers == NULL || laws->output_tokens == NULL || laws->input_tokens == NULL ||
        laws->input_streams == NULL || laws->node_streams == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < scenario->n_providers; i++)
        err = init_provider(&laws->providers[i], &scenario->providers[i]);
    for (size_t i = 0; err == SURETY_OK && i < scenario->n_workloads; i++) {
        laws->input_streams[i] = surety_philox_stream(scenario->workloads[i].name, INPUT_SALT);
        err = compile(&scenario->workloads[i].output_tokens, &laws->output_tokens[i]);
        if (err == SURETY_OK)
            err = compile(&scenario->workloads[i].input_tokens, &laws->input_tokens[i]);
    }
    for (size_t a = 0; err == SURETY_OK && a < plan->n_architectures; a++) {
        const struct surety_plan_architecture *architecture = &plan->architectures[a];
        laws->node_streams[a] = calloc(architecture->n_nodes, sizeof **laws->node_streams);
        if (laws->node_streams[a] == NULL)
            return SURETY_E_MEMORY;
        for (uint32_t i = 0; i < architecture->n_nodes; i++)
            laws->node_streams[a][i] = surety_philox_stream(architecture->nodes[i].path, SALT);
    }
    return err;
}

void surety_request_laws_finish(struct surety_request_laws *laws)
{
    for (size_t i = 0; laws->providers != NULL && i < laws->n_providers; i++) {
        surety_sampler_free(&laws->providers[i].first);
        surety_sampler_free(&laws->providers[i].each);
    }
    for (size_t i = 0; laws->output_tokens != NULL && i < laws->n_workloads; i++)
        surety_sampler_free(&laws->output_tokens[i]);
    for (size_t i = 0; laws->input_tokens != NULL && i < laws->n_workloads; i++)
        surety_sampler_free(&laws->input_tokens[i]);
    for (size_t a = 0; laws->node_streams != NULL && a < laws->n_architectures; a++)
        free(laws->node_streams[a]);
    free(laws->providers);
    free(laws->output_tokens);
    free(laws->input_tokens);
    free(laws->input_streams);
    free(laws->node_streams);
}

// --- draws -----------------------------------------------------------------------------------------------------

enum surety_err surety_draws_init(struct surety_draws *draws, const struct surety_request_laws *laws,
                                  const struct surety_arrivals *arrivals, const struct surety_kernel *kernel,
                                  uint64_t seed)
{
    *draws = (struct surety_draws){.laws = laws,
                                   .kernel = kernel,
                                   .arrivals = arrivals,
                                   .demand = arrivals->demand,
                                   .key = surety_philox_key(seed),
                                   .blocks = calloc(laws->n_providers, sizeof *draws->blocks)};
    return draws->blocks != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_draws_finish(struct surety_draws *draws)
{
    free(draws->blocks);
}

void surety_draws_turn(struct surety_draws *draws, uint64_t world)
{
    draws->world = world;
    for (size_t p = 0; p < draws->laws->n_providers; p++) {
        struct surety_draw_block *b = &draws->blocks[p];
        b->usual = 8 * b->n_wanted >= draws->arrivals->n && b->n_wanted > 0;
        b->first = draws->arrivals->first;
        b->n = b->n_rests = b->n_wanted = 0;
    }
}

// The count-th two uniforms of n requests from `request` on, at a provider.
static void uniforms(const struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t count, size_t n,
                     double *u0, double *u1)
{
    draws->kernel->uniforms(draws->key, draws->laws->providers[provider].stream, lane(draws, count), request, n, u0,
                            u1);
}

static void draw_visits(const struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit, size_t n,
                        double *u, double *first_s)
{
    double u1[SURETY_REQUESTS_BLOCK];
    const struct surety_provider_laws *laws = &draws->laws->providers[provider];
    uniforms(draws, provider, request, 2 * visit, n, u, u1);
    if (laws->known)
        surety_sampler_block(&laws->first, draws->kernel, n, u1, first_s);
    else
        for (size_t i = 0; i < n; i++)
            first_s[i] = 0;
}

static void draw_rests(const struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit, size_t n,
                       double *rest_s)
{
    double u0[SURETY_REQUESTS_BLOCK], u1[SURETY_REQUESTS_BLOCK], each_s[SURETY_REQUESTS_BLOCK];
    const struct surety_provider_laws *laws = &draws->laws->providers[provider];
    const struct surety_requests_trace *trace = draws->arrivals->trace;
    uniforms(draws, provider, request, 2 * visit + 1, n, u0, u1);
    surety_sampler_block(&laws->each, draws->kernel, n, u1, each_s);
    if (trace != NULL && trace->tokens != NULL)
        for (size_t i = 0; i < n; i++)
            rest_s[i] = trace->tokens[request + i];
    else
        surety_sampler_block(&draws->laws->output_tokens[draws->demand], draws->kernel, n, u0, rest_s);
    for (size_t i = 0; i < n; i++)
        rest_s[i] *= each_s[i];
}

struct surety_visit surety_draws_visit(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit)
{
    struct surety_draw_block *b = &draws->blocks[provider];
    struct surety_visit v;
    const uint32_t at = request - b->first;
    if (visit == 0 && at < draws->arrivals->n) {
        b->n_wanted++;
        if (b->n == 0 && b->usual) {
            b->n = draws->arrivals->n;
            draw_visits(draws, provider, b->first, 0, b->n, b->u, b->first_s);
        }
        if (b->n > 0)
            return (struct surety_visit){b->u[at], b->first_s[at]};
    }
    draw_visits(draws, provider, request, visit, 1, &v.u, &v.first_s);
    return v;
}

double surety_draws_rest(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit)
{
    struct surety_draw_block *b = &draws->blocks[provider];
    double rest_s;
    const uint32_t at = request - b->first;
    if (!draws->laws->providers[provider].per_token)
        return 0;
    if (visit == 0 && at < draws->arrivals->n && b->usual) {
        if (b->n_rests == 0) {
            b->n_rests = draws->arrivals->n;
            draw_rests(draws, provider, b->first, 0, b->n_rests, b->rest_s);
        }
        return b->rest_s[at];
    }
    draw_rests(draws, provider, request, visit, 1, &rest_s);
    return rest_s;
}

double surety_draws_output(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit)
{
    const struct surety_requests_trace *trace = draws->arrivals->trace;
    double u0, u1, tokens;
    if (trace != NULL && trace->tokens != NULL)
        return trace->tokens[request];
    uniforms(draws, provider, request, 2 * visit + 1, 1, &u0, &u1);
    surety_sampler_block(&draws->laws->output_tokens[draws->demand], draws->kernel, 1, &u0, &tokens);
    return tokens;
}

double surety_draws_input(struct surety_draws *draws, uint32_t request)
{
    double u0, u1, tokens;
    draws->kernel->uniforms(draws->key, draws->laws->input_streams[draws->demand], lane(draws, 0), request, 1, &u0,
                            &u1);
    surety_sampler_block(&draws->laws->input_tokens[draws->demand], draws->kernel, 1, &u0, &tokens);
    return tokens;
}

void surety_draws_block(struct surety_draws *draws, uint32_t provider, const double **u, const double **first_s,
                        const double **rest_s)
{
    struct surety_draw_block *b = &draws->blocks[provider];
    const size_t n = draws->arrivals->n;
    if (b->n == 0) {
        b->n = n;
        draw_visits(draws, provider, b->first, 0, n, b->u, b->first_s);
    }
    if (rest_s != NULL && b->n_rests == 0) {
        b->n_rests = n;
        draw_rests(draws, provider, b->first, 0, n, b->rest_s);
    }
    *u = b->u;
    *first_s = b->first_s;
    if (rest_s != NULL)
        *rest_s = b->rest_s;
}

double surety_draws_node(const struct surety_draws *draws, uint32_t stream, uint32_t request, uint32_t count)
{
    uint32_t w[4];
    surety_philox_block(draws->key, request, stream, lane(draws, count), w);
    return surety_uniform(w[0] | (uint64_t)w[1] << 32);
}
