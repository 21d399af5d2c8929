// Owns: the composition root: from configuration to a manager over real parts.
// Promises: nothing is connected, written or started before the first worker; `close` ends everything.
// Never: reads a file of the working directory that could grant something (permissions.ts says what counts).
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { projectOf } from './project-folders.ts';
import { type App, type AppConfig, defaultConcurrency, type ExplainQuery } from './app-config.ts';
import { systemClock } from './clock.ts';
import { checkCommand } from './check-command.ts';
import { createCohorts, inCohorts } from './cohorts.ts';
import { AworkersError, errorText } from './contract/errors.ts';
import type { Notice } from './contract/options.ts';
import type { Approver } from './contract/ports.ts';
import { openStore } from './journal/store.ts';
import { Manager } from './manager/manager.ts';
import { createModelClient } from './model/client.ts';
import { openMcpServers } from './mcp-servers.ts';
import { contextEdit } from './model/context.ts';
import { cacheMinimum, type FactTable, loadFacts, modelClass } from './model/facts.ts';
import { hostOf } from './model/host.ts';
import { modelRows } from './model/model-rows.ts';
import { priceOf } from './model/price.ts';
import { defaultSilence, type Silence } from './model/watchdog.ts';
import { createGate, denyApprover, type Gate } from './permission/index.ts';
import { createPermissions } from './permissions.ts';
import { createPlanner } from './planner.ts';
import { redacted, secretsIn } from './redact.ts';
import { selfCommand } from './self-command.ts';
import { checkOutput } from './structured-output.ts';
import { throughGate } from './through-gate.ts';
import { createWorktrees } from './worktree/index.ts';
import { createPathResolver, findProgram, openSandbox, openToolset, sandboxStatus, toolNames } from './tools/index.ts';

export async function openApp(config: AppConfig): Promise<App> {
  const facts = await factTable(config.modelsFile);
  const clock = config.clock ?? systemClock;
  const secrets = secretsIn({ ...config.env, ANTHROPIC_API_KEY: config.apiKey ?? config.env['ANTHROPIC_API_KEY'] });
  const silence: Silence = { ...defaultSilence, ...config.silence };
  const host = hostOf(config.baseUrl ?? nonEmpty(config.env['ANTHROPIC_BASE_URL']));
  const paths = createPathResolver({ home: config.home, platform: process.platform });
  const logsDir = resolve(config.cwd, config.logsDir ?? 'logs');
  const keyFile = join(config.home, '.aworkers', 'journal-key');
  const permissions = createPermissions({ ...config, logsDir, keyFile, paths });
  const ripgrep = selfCommand('__rg');
  const htmlChild = selfCommand('__html');
  const mcp = await openMcpServers(config, ripgrep.at(-2) ?? process.execPath, permissions.grantsOf);
  const { sandbox, missing } = await openSandbox({ mode: config.sandbox, home: config.home, ripgrep });
  const worktrees = createWorktrees({
    env: config.env,
    findProgram: (name) => findProgram(name, config.env['PATH'] ?? '', process.platform),
    home: config.home,
  });
  const planner = createPlanner({
    cwd: config.cwd,
    home: config.home,
    platform: process.platform,
    trustProject: config.grants.trustProject,
    trustCaller: config.grants.trustCaller,
    get facts() {
      return facts();
    },
    host,
    defaultModel: config.defaultModel,
    now: () => new Date(clock.now()),
    tools: toolNames,
    grantsOf: permissions.grantsOf,
    worktrees,
    memory: config.memory ?? true,
    mcp,
    always: missing.length === 0 ? [] : [noSandbox(missing)],
  });
  const model = createModelClient({
    ...(config.baseUrl === undefined ? {} : { baseUrl: config.baseUrl }),
    ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
    price: (id, usage, at) => priceOf(facts(), id, usage, at),
    cacheMinimum: (id) => cacheMinimum(id, facts()),
    modelClass: (id) => modelClass(id, facts()),
    contextEdit: (id) => contextEdit(id, facts(), host),
    clock,
    random: Math.random,
    watchdog: silence,
  });
  const gate = createGate();
  const starts = createCohorts(1);
  const manager = new Manager({
    store: openStore({ logsDir, clock, keyFile }),
    model: inCohorts(model),
    gate,
    approver: approverOf(config.approver, gate),
    clock,
    newId: () => crypto.randomUUID(),
    ...planner,
    worktrees,
    equip: async (worker_id, plan, remembered, delegate) => {
      await setImmediate(); // whoever spawned it is answered first
      await starts();
      const granted = permissions.grantsOf(plan);
      const asks = { tool_use_id: 'redirect', tool: 'WebFetch', access: 'execute' } as const;
      const own = openToolset({
        worker_id,
        cwd: plan.cwd,
        names: plan.tools,
        env: config.env,
        platform: process.platform,
        paths,
        mayRead: granted.mayRead,
        ripgrep,
        web: {
          htmlChild,
          mayFetch: async (url) => granted.policy([]).evaluate({ ...asks, input: { url } }).decision === 'allow',
        },
        findSkills: async () => {
          const { findSkills } = await import('./skills.ts');
          const from = plan.worktree?.from ?? plan.cwd;
          return findSkills({ project: projectOf(from), home: config.home, mayRead: granted.mayRead }).skills;
        },
        delegate,
        serverTools: plan.server_tools ?? [],
        ...(sandbox === undefined ? {} : { sandbox }),
      });
      const toolset = redacted(await mcp.addTo(own, plan), secrets);
      return { toolset, policy: granted.policy(remembered) };
    },
    outputValidator: (schema) => (text) => checkOutput(schema, text),
    maxConcurrency: config.maxConcurrency ?? defaultConcurrency,
    quietMs: silence.idleMs / 2,
  });
  return {
    manager,
    models: async () => modelRows(facts(), new Date(clock.now())),
    preflight: async (task) => (await planner.plan(task, new AbortController().signal, 'preflight')).notices,
    runCommand: checkCommand({ env: config.env, paths }),
    explain: async (query: ExplainQuery) => permissions.explain(query),
    sandboxStatus: () => sandboxStatus(ripgrep),
    close: async (reason) => {
      await manager.close(reason);
      await mcp.close();
      await sandbox?.close();
    },
  };
}

function approverOf(approver: AppConfig['approver'], gate: Gate): Approver {
  if (approver === 'host') return gate;
  return approver === 'nobody' ? denyApprover : throughGate(gate, approver);
}

/** The built-in table is not read before it is asked for: a server that only shakes hands needs none. */
async function factTable(path: string | undefined): Promise<() => FactTable> {
  let table = path === undefined ? undefined : await userFacts(path);
  return () => (table ??= loadFacts());
}

async function userFacts(path: string): Promise<FactTable> {
  try {
    return loadFacts({ text: await readFile(path, 'utf8'), path });
  } catch (cause) {
    if (cause instanceof AworkersError) throw cause;
    const hint = 'Correct AWORKERS_MODELS_FILE or unset it.';
    throw new AworkersError('usage', `${path} cannot be read: ${errorText(cause)}.`, hint, { cause });
  }
}

function noSandbox(missing: readonly string[]): Notice {
  const reason = `Commands run without a sandbox. ${missing.join(' ')}`;
  return { option: 'sandbox', requested: 'auto', sent: 'off', reason };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
