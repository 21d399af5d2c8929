// Owns: what a caller asks for (Task) and what was made of it before the first request (WorkerPlan).
// Promises: a plan is complete and plain data: a worker can be run, replayed and resumed from it alone.
// Never: holds a credential.
import { z } from 'zod';
import { once, type Read } from './once.ts';
import { noticeSchema, permissionModes, workerOptionsSchema } from './options.ts';

export const taskSchema = once(() =>
  z.strictObject({
    description: z.string().min(1).describe('Short name of the task (3 to 5 words).'),
    prompt: z.string().min(1).describe('Complete instructions: the worker sees nothing else of your conversation.'),
    agent_type: z
      .string()
      .min(1)
      .optional()
      .describe('general-purpose (default), Explore, an agent name, a path to an .md file, or a role description.'),
    options: workerOptionsSchema().optional().describe('Model, sampling, thinking, limits, permissions.'),
  }),
);
export type Task = Read<typeof taskSchema>;

/** The negotiated part of every request of a worker. `body` holds wire fields beside model, max_tokens, system, tools, messages. */
const modelSettingsSchema = once(() =>
  z.object({
    model: z.string(),
    api_version: z.string(),
    betas: z.array(z.string()),
    max_tokens: z.number(),
    /** Highest max_tokens the model takes; null when unknown. Used for the one retry after a truncated tool_use. */
    max_tokens_cap: z.number().nullable(),
    body: z.record(z.string(), z.unknown()),
  }),
);
export type ModelSettings = Read<typeof modelSettingsSchema>;

/** What of MCP servers a worker is offered. Configurations, and with them secrets, stay outside: they are found by name and source. */
const mcpPlanSchema = once(() =>
  z.object({
    servers: z.array(z.object({ name: z.string(), source: z.string() })),
    /** Tools that stand in the prompt, as they stand there: they are part of the prefix that thinking blocks are bound to. */
    tools: z.array(
      z.object({
        name: z.string(),
        server: z.string(),
        /** The server's own name for it. */
        tool: z.string(),
        description: z.string(),
        input_schema: z.record(z.string(), z.unknown()),
        claims_read_only: z.boolean(),
      }),
    ),
    /** Servers whose tools are found by McpSearch and called by McpCall; null: none. */
    search: z
      .object({
        servers: z.array(z.string()),
        /** What the model reads of McpSearch. */
        description: z.string(),
      })
      .nullable(),
  }),
);
export type McpPlan = Read<typeof mcpPlanSchema>;

/** A git worktree of one worker. Absolute paths. */
export const worktreePlanSchema = once(() =>
  z.object({
    path: z.string(),
    /** In the worktree: where the caller's directory is in its tree. */
    cwd: z.string(),
    branch: z.string(),
    /** The commit it starts from. */
    base: z.string(),
    /** The caller's directory and the root of its tree. */
    from: z.string(),
    top: z.string(),
    /** The repository that both share. */
    common: z.string(),
    /** The base holds what was not committed. */
    dirty: z.boolean(),
  }),
);
export type WorktreePlan = Read<typeof worktreePlanSchema>;

/** What the agent's file says of permissions, and how far that file is trusted (see who may grant). */
const agentSchema = once(() =>
  z.object({
    scope: z.enum(['builtin', 'project', 'user', 'path', 'text']),
    disallowed: z.array(z.string()),
    permission_mode: z.enum(permissionModes).optional(),
  }),
);

export const workerPlanSchema = once(() =>
  z.object({
    /** 'general-purpose', 'Explore', an agent file's name, or 'custom' for free text. */
    agent_type: z.string(),
    agent: agentSchema(),
    system: z.string(),
    /** Context blocks (memory files and the like) that stand before the prompt in the first user message. */
    context: z.array(z.string()),
    /** Names of the tools offered to the model, sorted. */
    tools: z.array(z.string()),
    /** Absent: no MCP server. */
    mcp: mcpPlanSchema().optional(),
    /** Those of them that the API runs itself, as they are sent. */
    server_tools: z.array(z.looseObject({ type: z.string(), name: z.string() })).optional(),
    settings: modelSettingsSchema(),
    /** Options in force: those of the call over the agent file's over defaults. */
    options: workerOptionsSchema(),
    cwd: z.string(),
    /** Of a worker that another worker spawned. */
    parent: z
      .object({
        worker_id: z.string(),
        /** From 1. */
        depth: z.number(),
        /** The agents above it, nearest first: what theirs may not do, it may not. */
        agents: z.array(z.object({ agent_type: z.string(), agent: agentSchema() })),
      })
      .optional(),
    /** Absent: it works in the caller's tree. */
    worktree: worktreePlanSchema().optional(),
    notices: z.array(noticeSchema()),
  }),
);
export type WorkerPlan = Read<typeof workerPlanSchema>;
