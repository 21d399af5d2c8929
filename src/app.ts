// Owns: the composition root: from configuration to a manager over real parts.
// Promises: nothing is connected, written or started before the first worker; `close` ends everything.
// Never: reads a file of the working directory that could grant something (permissions.ts says what counts).
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import process from 'node:process';
import type { App, AppConfig, ExplainQuery } from './app-config.ts';
import { systemClock } from './clock.ts';
import { AworkersError, errorText } from './contract/errors.ts';
import type { Notice } from './contract/options.ts';
import type { Approver } from './contract/ports.ts';
import { openStore } from './journal/store.ts';
import { Manager } from './manager/manager.ts';
import { createModelClient } from './model/client.ts';
import { cacheMinimum, type FactTable, loadFacts, modelClass } from './model/facts.ts';
import { priceOf } from './model/price.ts';
import { openMcpServers } from './mcp-servers.ts';
import { modelRows } from './model-rows.ts';
import { createGate, denyApprover, type Gate } from './permission/index.ts';
import { createPermissions } from './permissions.ts';
import { createPlanner } from './planner.ts';
import { checkOutput } from './structured-output.ts';
import { throughGate } from './through-gate.ts';
import { createPathResolver, openSandbox, openToolset, sandboxStatus, toolNames } from './tools/index.ts';

const publicApi = 'https://api.anthropic.com';
const defaultConcurrency = 20;

export async function openApp(config: AppConfig): Promise<App> {
  const facts = await factTable(config.modelsFile);
  const paths = createPathResolver({ home: config.home, platform: process.platform });
  const permissions = createPermissions({ ...config, paths });
  const ripgrep = selfCommand('__rg');
  const mcp = await openMcpServers(config, ripgrep.at(-2) ?? process.execPath, permissions.grantsTool);
  const { sandbox, missing } = await openSandbox({ mode: config.sandbox, home: config.home, ripgrep });
  const baseUrl = config.baseUrl ?? nonEmpty(config.env['ANTHROPIC_BASE_URL']) ?? publicApi;
  const planner = createPlanner({
    cwd: config.cwd,
    home: config.home,
    platform: process.platform,
    trustProject: config.grants.trustProject,
    trustCaller: config.grants.trustCaller,
    facts,
    host: { anthropic: isAnthropic(baseUrl), baseUrl },
    defaultModel: config.defaultModel,
    now: () => new Date(systemClock.now()),
    tools: toolNames,
    notGranted: permissions.notGranted,
    mcp,
    always: missing.length === 0 ? [] : [noSandbox(missing)],
  });
  const model = createModelClient({
    ...(config.baseUrl === undefined ? {} : { baseUrl: config.baseUrl }),
    ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
    proxyEnv: config.env,
    price: (id, usage, at) => priceOf(facts, id, usage, at),
    cacheMinimum: (id) => cacheMinimum(id, facts),
    modelClass: (id) => modelClass(id, facts),
    clock: systemClock,
    random: Math.random,
  });
  const gate = createGate();
  const manager = new Manager({
    store: openStore({ logsDir: resolve(config.cwd, config.logsDir ?? 'logs'), clock: systemClock }),
    model,
    gate,
    approver: approverOf(config.approver, gate),
    clock: systemClock,
    newId: () => crypto.randomUUID(),
    ...planner,
    openPolicy: (_workerId, plan, remembered) => permissions.policyFor(plan, remembered),
    openToolset: async (worker_id, plan) => {
      const own = openToolset({
        worker_id,
        cwd: plan.cwd,
        names: plan.tools,
        env: config.env,
        platform: process.platform,
        paths,
        ripgrep,
        ...(sandbox === undefined ? {} : { sandbox }),
      });
      return mcp.addTo(own, plan);
    },
    outputValidator: (schema) => (text) => checkOutput(schema, text),
    maxConcurrency: config.maxConcurrency ?? defaultConcurrency,
  });
  return {
    manager,
    models: async () => modelRows(facts, new Date(systemClock.now())),
    explain: (query: ExplainQuery) => permissions.explain(query),
    sandboxStatus: () => sandboxStatus(ripgrep),
    close: async (reason) => {
      await manager.close(reason);
      model.close();
      await mcp.close();
      await sandbox?.close();
    },
  };
}

function approverOf(approver: AppConfig['approver'], gate: Gate): Approver {
  if (approver === 'host') return gate;
  return approver === 'nobody' ? denyApprover : throughGate(gate, approver);
}

async function factTable(path: string | undefined): Promise<FactTable> {
  if (path === undefined) return loadFacts();
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

function isAnthropic(baseUrl: string): boolean {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
  return host === 'anthropic.com' || host.endsWith('.anthropic.com');
}

/** A hidden sub-command of this very program: the compiled binary, or the sources on a runtime. */
function selfCommand(name: string): readonly [string, ...string[]] {
  const script = process.argv[1];
  const compiled = script === undefined || script.startsWith('/$bunfs/') || /^[A-Z]:[\\/]~BUN[\\/]/i.test(script);
  if (compiled) return [process.execPath, name];
  const runtime = 'deno' in process.versions ? ['run', '-A'] : [];
  return [process.execPath, ...runtime, script, name];
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
