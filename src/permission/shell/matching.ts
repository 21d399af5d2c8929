// Owns: which Bash rules are about a command.
// Promises: a deny or ask rule is tried on every spelling of the command and of all that its words carry; an allow rule
// only on the command as it stands, and only if it spells out enough of it.
// Never: decides.
import type { Decision } from '../../contract/permission.ts';
import type { Rule, World } from '../world.ts';
import type { Simple } from './simple.ts';
import { findCommands } from './walk.ts';
import { displayArg, exactArg } from './word.ts';
import { baseName, nameOf } from './inner.ts';
import { carriedBy, innerOf, maxDepth, wordsToName } from './wrappers.ts';

/** The command and everything that its words would run, as far as they say. */
export function seenBy(command: Simple, world: World, depth: number): readonly Simple[] {
  const inner = depth < maxDepth ? innerOf(command) : undefined;
  if (inner !== undefined) return [command, ...seenBy(inner.command, world, depth + 1)];
  const { commands, scripts } = carriedBy(command);
  const dir = command.dirs?.length === 1 ? command.dirs[0] : undefined;
  const nested = depth + 2 > maxDepth ? [] : scripts.flatMap((script) => findCommands(script, dir, world.home));
  const within = nested.flatMap((each) => (each.type === 'command' ? seenBy(each.command, world, depth + 2) : []));
  return [command, ...commands, ...within];
}

export function matchingRule(world: World, decision: Decision, seen: readonly Simple[]): Rule | undefined {
  const rules = world.rules.filter((rule) => rule.decision === decision && rule.tool === 'Bash');
  if (rules.length === 0) return undefined;
  const texts = seen.map((command) => (decision === 'allow' ? allowTexts(command) : strictTexts(command)));
  return rules.find((rule) => {
    if (rule.spec === undefined) return true;
    const { command: pattern } = rule;
    if (pattern === undefined) return false;
    return texts.some((spellings, index) => {
      if (!spellings.some((text) => pattern.test(text))) return false;
      const command = seen[index];
      return decision !== 'allow' || pattern.exact || (command !== undefined && namesEnough(pattern.literal, command));
    });
  });
}

function canonical(command: Simple): string {
  return command.argv.map(displayArg).join(' ');
}

/** As it stands, with and without the settings before it. */
function allowTexts(command: Simple): readonly string[] {
  const text = canonical(command);
  // As the person may have quoted it; never with its redirects, whose words are not the command's.
  const written = command.argv.map((arg) => arg.raw).join(' ');
  const settings = command.assignments.map((each) => each.text).join(' ');
  return settings === '' ? [text, written] : [`${settings} ${text}`, `${settings} ${written}`, text, written];
}

function strictTexts(command: Simple): readonly string[] {
  const words = command.argv.map((arg) => exactArg(arg) ?? arg.raw);
  const name = nameOf(command);
  const forms = [canonical(command), words.join(' '), command.raw];
  if (name === undefined) return forms;
  const base = baseName(name);
  const rest = words.slice(1);
  return [...forms, [base, ...rest].join(' '), [base.toLowerCase(), ...rest].join(' ')];
}

/** The rule's literal start must reach over the words that say what really runs. */
function namesEnough(literal: string, command: Simple): boolean {
  const count = wordsToName(command);
  if (count > command.argv.length) return false;
  const settings = command.assignments.map((each) => `${each.text} `).join('');
  const named = command.argv.slice(0, count).map(displayArg).join(' ');
  const plain = literal.startsWith(settings) ? literal.slice(settings.length) : literal;
  return count <= 1 || plain === named || plain.startsWith(`${named} `);
}
