// Owns: what is known of each model: caps, thinking, effort, sampling, prices, lifecycle; aliases. The facts are models.json.
// Promises: every fact was validated, the built-in ones by a test; ids match exactly (snapshots included), never by likeness; a
// user file can override and extend all of it, and its mistakes are named by path.
// Never: reads a file or the network; guesses a fact of an id it does not know.
import { z } from 'zod';
import { AworkersError } from '../contract/errors.ts';
import { once } from '../contract/once.ts';
import { efforts } from '../contract/options.ts';
import { parse } from '../contract/parse.ts';
import builtin from './models.json' with { type: 'json' };

/** Made for a user's file only: the built-in table is part of the program, and a test judges it. */
const schemas = once(() => {
  const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-30');
  const tokens = z.int().min(1);
  const dollars = z.number().min(0);
  const effort = z.enum(efforts);

  /** Dollars per million tokens, for requests whose whole prompt is longer than `above_prompt_tokens`. */
  const bandSchema = z.strictObject({
    above_prompt_tokens: z.int().min(0).default(0),
    input: dollars,
    output: dollars,
    cache_write_5m: dollars,
    cache_write_1h: dollars,
    cache_read: dollars,
  });

  const priceSchema = z.strictObject({
    /** null: since launch. */
    effective_from: date.nullable().default(null),
    source: z.string().min(1),
    bands: z
      .array(bandSchema)
      .min(1)
      .refine(
        (bands) => bands.some((band) => band.above_prompt_tokens === 0),
        'needs a band without above_prompt_tokens',
      ),
  });

  const thinkingSchema = z.strictObject({
    types: z.array(z.enum(['adaptive', 'enabled', 'disabled', 'between_tools'])),
    /** What the model does when a request does not name thinking. */
    default: z.enum(['adaptive', 'off']),
    /** Whether thinking text comes back when a request does not say. */
    display: z.enum(['summarized', 'omitted']),
    /** Highest effort at which thinking can be turned off. */
    off_max_effort: effort.nullable().default(null),
    /** The beta that lets the model think between tool calls under a budget. */
    interleaved_beta: z.string().nullable().default(null),
    /** Text between tool calls comes back as thinking: without display "summarized" the worker looks silent. */
    narrates: z.boolean().default(false),
  });

  const model = z.strictObject({
    id: z.string().min(1),
    /** Other ids of the same model, such as dated ones. Sent as typed. */
    snapshots: z.array(z.string()).default([]),
    context_window: tokens,
    max_tokens: tokens,
    api_versions: z.array(date).min(1).default(['2023-06-01', '2026-10-21']),
    thinking: thinkingSchema,
    effort: z.strictObject({ levels: z.array(effort), default: effort.nullable() }),
    /** API versions under which temperature, top_p and top_k are accepted; empty: never. */
    sampling_api_versions: z.array(date),
    forced_tool_choice: z.enum(['always', 'never', 'unless_enabled']),
    structured_output: z.boolean(),
    /** Shortest prefix, in tokens, that the API caches. */
    cache_minimum: z.int().min(0),
    /** How the API shortens a conversation that nears the window: a summary, or older tool results left out. */
    context_edit: z.enum(['compact', 'clear_tool_uses', 'none']).default('compact'),
    /** Models of one class share rate limits. */
    model_class: z.string().min(1),
    /** Empty: unknown. */
    prices: z.array(priceSchema),
    lifecycle: z
      .strictObject({
        status: z.enum(['active', 'deprecated', 'retired']),
        retires_on: date.nullable().default(null),
        /** Announced only as "not sooner than". */
        not_before: date.nullable().default(null),
        replacement: z.string().nullable().default(null),
      })
      .default({ status: 'active', retires_on: null, not_before: null, replacement: null }),
    source: z.string().default('user file'),
  });

  const webSearchSchema = z.strictObject({
    /** The type that is sent. */
    tool: z.string().min(1),
    hosts: z.enum(['anthropic', 'any']),
    /** Ids of the models that have it. */
    models: z.array(z.string()),
    source: z.string().default('user file'),
  });

  const table = z.strictObject({
    about: z.string().optional(),
    default_model: z.string(),
    /** Takes the place of the default model when sampling is asked for. */
    sampling_model: z.string(),
    web_search_usd: dollars,
    /** Who is asked to shorten conversations: Anthropic's own API, or any server. */
    context_edit_hosts: z.enum(['anthropic', 'any']).default('anthropic'),
    web_search: webSearchSchema,
    aliases: z.record(z.string(), z.string()),
    /** Ids that people write and that do not exist. */
    corrections: z.record(z.string(), z.string()),
    models: z.array(model),
    retired: z.array(
      z.strictObject({ ids: z.array(z.string()).min(1), retired_on: date.nullable(), replacement: z.string() }),
    ),
  });

  /** Any key of the table; a model needs only its id and what differs from the known id or from the id it is `like`. */
  const userTable = z.strictObject({
    ...table.partial().shape,
    web_search: webSearchSchema.partial().optional(),
    models: z.array(z.looseObject({ id: z.string().min(1), like: z.string().optional() })).optional(),
  });

  return { model, table, userTable };
});
type Schemas = ReturnType<typeof schemas>;
export type ModelFacts = Readonly<z.infer<Schemas['model']>>;
export type FactTable = Readonly<z.infer<Schemas['table']>>;

/** The built-in facts with those of a user file over them. `userFile`: its text and its path, for error messages. */
export function loadFacts(userFile?: { readonly text: string; readonly path: string }): FactTable {
  // It says every key, also those that have a default in a user's file.
  const table = builtin as FactTable;
  if (userFile === undefined) return table;
  const { models, ...rest } = parse(schemas().userTable, readJson(userFile), userFile.path);
  const { web_search: searches } = rest;
  const merged = {
    ...table,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    aliases: { ...table.aliases, ...rest.aliases },
    corrections: { ...table.corrections, ...rest.corrections },
    web_search: {
      tool: searches?.tool ?? table.web_search.tool,
      hosts: searches?.hosts ?? table.web_search.hosts,
      models: [...table.web_search.models, ...(searches?.models ?? [])],
      source: searches?.source ?? table.web_search.source,
    },
    models: table.models,
  };
  return (models ?? []).reduce<FactTable>(
    (sum, model, at) => withModel(sum, model, `${userFile.path}: models.${at}`),
    merged,
  );
}

/** The facts of an id as the API knows it (no alias); undefined when the id is not in the data. */
export function factsOf(id: string, facts: FactTable): ModelFacts | undefined {
  return facts.models.find((model) => model.id === id || model.snapshots.includes(id));
}

/** Tokens that a shared prefix needs before the API caches it; null when the id is not in the data. */
export function cacheMinimum(id: string, facts: FactTable): number | null {
  return factsOf(id, facts)?.cache_minimum ?? null;
}

/** Models with the same class share rate limits. An unknown id is a class of its own. */
export function modelClass(id: string, facts: FactTable): string {
  return factsOf(id, facts)?.model_class ?? id;
}

/** A retirement so near is worth saying. */
export const soonDays = 60;

/** Whole days from `now` until the announced retirement (negative: retired already); null when none is announced. */
export function daysToRetirement(model: ModelFacts, now: Date): number | null {
  if (model.lifecycle.retires_on === null) return null;
  return Math.floor((Date.parse(`${model.lifecycle.retires_on}T00:00:00Z`) - now.getTime()) / 86_400_000);
}

function withModel(
  table: FactTable,
  user: { readonly id: string; readonly like?: string | undefined },
  what: string,
): FactTable {
  const { like, ...given } = user;
  const known = factsOf(user.id, table);
  const model = like === undefined ? known : factsOf(like, table);
  if (like !== undefined && model === undefined) {
    throw new AworkersError(
      'usage',
      `${what}.like: "${like}" is not a known model id.`,
      'Run "aworkers models" for the ids.',
    );
  }
  const base = model === undefined ? {} : { ...model, ...(model.id === user.id ? {} : { snapshots: [] }) };
  const parsed = parse(schemas().model, { ...base, ...given }, what);
  return { ...table, models: [...table.models.filter((other) => other.id !== user.id), parsed] };
}

function readJson({ text, path }: { readonly text: string; readonly path: string }): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AworkersError(
      'usage',
      `${path} is not JSON: ${detail}.`,
      'Correct the file, or unset AWORKERS_MODELS_FILE.',
      { cause },
    );
  }
}
