// Owns: the judgement of a Bash command: every part of it, each on its own.
// Promises: strictest wins; a deny or ask rule sees through wrappers, quoting and paths to a command; an allow rule
// covers exactly what it spells out. What is not understood asks, in every mode.
// Never: throws: a failure of its own asks.
import type { Decision, JudgedPart } from '../../contract/permission.ts';
import { criticalTarget } from '../critical.ts';
import { strictest } from '../strictest.ts';
import type { Rule, World } from '../world.ts';
import { isHarmlessForCommand, isHarmlessForShell } from './assignments.ts';
import { editsOnly } from './edit-commands.ts';
import { judgeArg } from './path-args.ts';
import { readsOnly } from './read-only.ts';
import { judgeReads, keptBack } from './reading.ts';
import type { Found, Simple } from './simple.ts';
import { matchingRule, seenBy } from './matching.ts';
import { findCommands } from './walk.ts';
import { displayArg, exactArg } from './word.ts';
import { baseName, nameOf } from './inner.ts';
import { innerOf, isHidden, maxDepth } from './wrappers.ts';

/** `final`: not even a rule with the command's whole text allows it. */
type Judged = JudgedPart & { readonly final?: true };

export function judgeShell(world: World, source: string): readonly JudgedPart[] {
  const judged = findCommands(source, world.cwd, world.home).map((found) => judgeFound(world, found, source));
  const whole = world.mode === 'plan' ? undefined : exactRule(world, source.trim());
  return judged.map(({ final, ...part }) => {
    // The person allowed this very text: what asks by default is no question, what a rule keeps back still is.
    const open = part.decision === 'ask' && part.rule === undefined && final !== true;
    return whole === undefined || !open
      ? part
      : { ...part, decision: 'allow', reason: `allowed by ${whole.text}`, rule: whole.text };
  });
}

function exactRule(world: World, text: string): Rule | undefined {
  return world.rules.find((rule) => rule.decision === 'allow' && rule.command?.exact === true && rule.spec === text);
}

function judgeFound(world: World, found: Found, source: string): Judged {
  switch (found.type) {
    case 'problem':
      return {
        part: found.text,
        decision: 'ask',
        reason: found.text === source ? `the command ${found.reason}` : `${found.text} ${found.reason}`,
      };
    case 'assignment': {
      const fine = isHarmlessForShell(found.name) || coversAll(world);
      const reason = fine ? 'a variable of the shell' : `\`${found.text}\` sets a variable that other commands obey`;
      return { part: found.text, decision: fine ? 'allow' : 'ask', reason };
    }
    case 'redirect':
      return judgeRedirect(world, found);
    case 'command':
      return judgeSimple(world, found.command, 0);
    default:
      return found satisfies never;
  }
}

/** Every command is allowed by mode or by a bare rule: then only rules and critical removals are left to see. */
function coversAll(world: World): boolean {
  return (
    world.mode === 'bypassPermissions' ||
    world.rules.some((rule) => rule.decision === 'allow' && rule.tool === 'Bash' && rule.spec === undefined)
  );
}

function judgeRedirect(world: World, found: Extract<Found, { type: 'redirect' }>): JudgedPart {
  const part = found.text;
  const target = exactArg(found.target);
  const copies = /^[<>]&$/.test(found.operator) && /^(\d+-?|-)$/.test(target ?? '');
  if (copies) return { part, decision: 'allow', reason: 'joins streams of the command' };
  if (/^\/dev\/(tcp|udp)\//i.test(target ?? '')) {
    return { part, decision: coversAll(world) ? 'allow' : 'ask', reason: `\`${part}\` opens a network connection` };
  }
  const use = found.operator === '<' ? 'read' : 'edit';
  return { ...judgeArg(world, use, found.target, found.dirs), part };
}

function judgeSimple(world: World, command: Simple, depth: number): Judged {
  const { part, made } = verdictsOn(command);
  const seen = seenBy(command, world, depth);
  for (const decision of ['deny', 'ask'] as const) {
    const rule = matchingRule(world, decision, seen);
    if (rule !== undefined) return made(decision, `\`${part}\` matches the ${decision} rule ${rule.text}`, rule);
  }
  const critical = seen.map((each) => criticalTarget(world, each)).find((target) => target !== undefined);
  if (critical !== undefined) {
    return { ...made('ask', `\`${part}\` removes ${critical}, which is never removed unasked`), final: true };
  }
  const kept = keptBack(world, command);
  if (kept !== undefined) return { ...kept, part };
  return judgeAllowed(world, command, depth);
}

function verdictsOn(command: Simple) {
  const part = command.argv.map(displayArg).join(' ');
  const made = (decision: Decision, reason: string, rule?: Rule): JudgedPart => {
    return { part, decision, reason, ...(rule === undefined ? {} : { rule: rule.text }) };
  };
  return { part, made };
}

/** After the rules that keep back, which have seen through all wrappers already. */
function judgeAllowed(world: World, command: Simple, depth: number): Judged {
  const { part, made } = verdictsOn(command);
  if (depth > maxDepth) return { ...made('ask', `\`${part}\` wraps commands too deeply`), final: true };
  const rule = world.mode === 'plan' ? undefined : matchingRule(world, 'allow', [command]);
  const all = rule === undefined ? world.mode === 'bypassPermissions' : rule.spec === undefined;
  if (all && isHidden(command) && world.rules.some((each) => each.decision !== 'allow' && each.command !== undefined)) {
    return made('ask', `what \`${part}\` runs is not known before it runs, and a rule may be about it`);
  }
  if (rule !== undefined && !all && rule.command?.exact !== true && isGitElsewhere(world, command)) {
    return made('ask', `\`${part}\` runs git in another directory, whose configuration can run commands`);
  }
  if (rule !== undefined) {
    const setting = all || coversAll(world) ? undefined : unsafeSetting(command, rule);
    return setting === undefined ? made('allow', `allowed by ${rule.text}`, rule) : made('ask', setting);
  }
  if (all) return made('allow', 'mode bypassPermissions');
  const setting = unsafeSetting(command, undefined);
  if (setting !== undefined) return made('ask', setting);
  const name = nameOf(command);
  if (name !== undefined && command.functions.has(name))
    return made('allow', 'a function of this command, judged where it is defined');
  const inner = innerOf(command);
  if (inner !== undefined) {
    return { ...judgeAllowed(world, inner.command, depth + 1), part };
  }
  const script = bashScript(command);
  if (script !== undefined) return { ...judgeScript(world, script, command, depth), part };
  const reads = readsOnly(command, world.cwd);
  if (typeof reads !== 'string') return { ...judgeReads(world, command, reads), part };
  const edits = world.mode === 'acceptEdits' ? editsOnly(command) : undefined;
  if (edits === undefined) {
    const reason = world.mode === 'plan' ? 'mode plan only reads' : 'no rule allows it';
    return made(world.mode === 'plan' ? 'deny' : 'ask', `\`${part}\`: ${reason}, and ${reads}`);
  }
  const judged = strictest([
    ...edits.edits.map((arg) => judgeArg(world, 'edit', arg, command.dirs)),
    ...edits.removes.map((arg) => judgeArg(world, 'edit', arg, command.dirs, { whole: true })),
    ...edits.reads.map((arg) => judgeArg(world, 'read', arg, command.dirs)),
  ]);
  return {
    ...made(
      judged.decision,
      judged.decision === 'allow' ? 'mode acceptEdits, inside the working directory' : judged.reason,
    ),
    ...ruleOf(judged),
  };
}

function ruleOf(part: JudgedPart): { rule?: string } {
  return part.rule === undefined ? {} : { rule: part.rule };
}

/** `bash -c 'text'` with nothing else: bash itself reads the text as this gate does. Other shells may read it otherwise. */
function bashScript(command: Simple): string | undefined {
  const [flag, script, ...more] = command.argv.slice(1);
  if (nameOf(command) !== 'bash' || flag === undefined || script === undefined || more.length > 0) return undefined;
  return exactArg(flag) === '-c' ? exactArg(script) : undefined;
}

function isGitElsewhere(world: World, command: Simple): boolean {
  const name = nameOf(command);
  if (name === undefined || baseName(name) !== 'git') return false;
  return command.dirs?.length !== 1 || command.dirs[0] !== world.cwd;
}

function judgeScript(world: World, script: string, command: Simple, depth: number): Judged {
  const dir = command.dirs?.length === 1 ? command.dirs[0] : undefined;
  const parts = findCommands(script, dir, world.home).map((found) =>
    found.type === 'command' ? judgeSimple(world, found.command, depth + 1) : judgeFound(world, found, script),
  );
  return strictest(parts);
}

function unsafeSetting(command: Simple, rule: Rule | undefined): string | undefined {
  const unsafe = command.assignments.find(({ name, value }) => !isHarmlessForCommand(name, value));
  const settings = command.assignments.map((each) => each.text).join(' ');
  if (unsafe === undefined || rule?.command?.literal.startsWith(`${settings} `) === true) return undefined;
  return `\`${unsafe.text}\` may change what ${nameOf(command) ?? 'the command'} does`;
}
