// Owns: the order in which a request is checked, from raw bytes to a typed call.
// Promises: one answer: the call, or the first problem as the API would report it.
// Never: touches a socket or keeps state of its own.
import type { IncomingHttpHeaders } from 'node:http';
import { blockProblems } from './check-blocks.ts';
import { cacheControlProblems } from './check-cache-control.ts';
import { betasOf, header, headerProblems } from './check-headers.ts';
import { historyProblems } from './check-history.ts';
import { roleProblems } from './check-roles.ts';
import { samplingProblems } from './check-sampling.ts';
import {
  effortProblems,
  maxTokensProblems,
  speedProblems,
  thinkingProblems,
  toolChoiceProblems,
} from './check-thinking.ts';
import { toolPairProblems } from './check-tool-pairs.ts';
import { outputFormatProblems, toolProblems } from './check-tools.ts';
import { blocksOf, type Call } from './call.ts';
import { contextProblems, effectiveTokens } from './context-edit.ts';
import type { Issued } from './issued.ts';
import { findModel, type ModelRow } from './model-table.ts';
import { invalid, notFound, type Problem, type Problems } from './problem.ts';
import { bodyShape, type Endpoint } from './request-shape.ts';
import { fits } from './shape.ts';

export const maxBodyBytes = 32 * 1024 * 1024;

export type RequestRules = {
  readonly keys: readonly string[] | undefined;
  readonly models: readonly ModelRow[];
  readonly issued: Issued;
};

export function checkRequest(
  endpoint: Endpoint,
  headers: IncomingHttpHeaders,
  body: unknown,
  rules: RequestRules,
): { readonly call: Call } | { readonly problem: Problem } {
  for (const problem of headerProblems(headers, rules.keys)) return { problem };
  const version = header(headers, 'anthropic-version');
  const betas = new Set(betasOf(headers));
  const fit = fits(bodyShape(endpoint, version, betas), body, '');
  if ('problem' in fit) return { problem: invalid(fit.problem) };
  const parsed = fit.value;
  const model = findModel(rules.models, parsed.model);
  if (model === undefined) return { problem: notFound(`model: ${parsed.model}`) };
  const call: Call = {
    endpoint,
    version,
    betas,
    body: parsed,
    model,
    messages: parsed.messages.map(({ role, content }) => ({ role, content: blocksOf(content) })),
    system: blocksOf(parsed.system ?? ''),
    tools: parsed.tools ?? [],
  };
  for (const problem of callProblems(call, rules.issued)) return { problem };
  return { call };
}

function* callProblems(call: Call, issued: Issued): Problems {
  yield* toolProblems(call);
  yield* blockProblems(call, issued);
  yield* roleProblems(call, issued);
  yield* toolPairProblems(call);
  yield* cacheControlProblems(call);
  yield* samplingProblems(call);
  yield* thinkingProblems(call);
  yield* effortProblems(call);
  yield* toolChoiceProblems(call);
  yield* maxTokensProblems(call);
  yield* speedProblems(call);
  yield* outputFormatProblems(call);
  yield* historyProblems(call, issued);
  yield* contextProblems(call);
  const tokens = effectiveTokens(call);
  if (tokens > call.model.context) {
    yield invalid(`prompt is too long: ${tokens} tokens > ${call.model.context} maximum`);
  }
}
