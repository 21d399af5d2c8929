// Owns: the rule that a person is offered with a question.
// Promises: no wider than needed, and it works: it is only offered if it would allow the very call that asks.
// Never: offers a rule for a wrapper, an interpreter, a protected path or a command that is not known before it runs.
import type { JudgedPart, ToolCall, Verdict } from '../contract/permission.ts';
import { evaluate, hostOf } from './evaluate.ts';
import { isInside, locate, protectedIn } from './paths.ts';
import type { Simple } from './shell/simple.ts';
import { findCommands } from './shell/walk.ts';
import { displayArg, exactArg } from './shell/word.ts';
import { nameOf } from './shell/inner.ts';
import { innerOf, isRunner, maxDepth, wordsToName } from './shell/wrappers.ts';
import { compileRule, type World } from './world.ts';
import { below } from './path-pattern.ts';

export function suggestRule(world: World, call: ToolCall, verdict: Verdict): string | undefined {
  if (verdict.rule !== undefined) return undefined;
  const text = ruleFor(world, call, verdict.parts);
  if (text === undefined || text.length > 200 || text.includes('\n')) return undefined;
  const rule = compileRule({ decision: 'allow', text, source: 'answer' }, world);
  return evaluate({ ...world, rules: [...world.rules, rule] }, call).decision === 'allow' ? text : undefined;
}

function ruleFor(world: World, call: ToolCall, parts: readonly JudgedPart[]): string | undefined {
  const { tool, input } = call;
  if (tool === 'Bash') return commandRule(world, String(input['command']), parts);
  if (tool === 'WebFetch') {
    const host = hostOf(input['url']);
    // A host may hold characters that no rule can name.
    return host === undefined || !/^([\w.-]+|\[[\da-f:.]+\])$/.test(host) ? undefined : `WebFetch(domain:${host})`;
  }
  const path = input['file_path'] ?? input['notebook_path'] ?? input['path'];
  if (/^(Read|Grep|Glob|LS|NotebookRead)$/.test(tool))
    return typeof path === 'string' ? pathRule(world, 'Read', path, tool !== 'Read') : undefined;
  if (/^(Edit|Write|MultiEdit|NotebookEdit)$/.test(tool))
    return typeof path === 'string' ? pathRule(world, 'Edit', path, false) : undefined;
  return /^(mcp__[\w.-]+|[A-Z]\w*)$/.test(tool) ? tool : undefined;
}

function pathRule(world: World, kind: 'Read' | 'Edit', path: string, isDirectory: boolean): string | undefined {
  const location = locate(world, path, world.cwd);
  if (kind === 'Edit' && protectedIn(world, location) !== undefined) return undefined;
  if (location.reals.length !== 1 || /[*?[\]!#\\(),]/.test(location.absolute)) return undefined;
  const directory = isDirectory ? location.absolute : location.absolute.slice(0, location.absolute.lastIndexOf('/'));
  const root = locate(world, '.', world.cwd).absolute;
  const inside = isInside(world, location) ? below(root, directory) : undefined;
  if (inside === '' && !isDirectory) return `${kind}(./${location.absolute.slice(directory.length + 1)})`;
  if (inside !== undefined && inside !== '') return `${kind}(${inside}/**)`;
  // Not for a top directory or the home directory as a whole.
  const wide = directory.split('/').length < 3 || below(directory, world.home) !== undefined;
  return wide ? `${kind}(/${location.absolute})` : `${kind}(/${directory}/**)`;
}

/** One rule for all the parts that ask, or none. */
function commandRule(world: World, source: string, parts: readonly JudgedPart[]): string | undefined {
  const asking = new Set(parts.filter((part) => part.decision === 'ask').map((part) => part.part));
  const rules = new Set<string | undefined>();
  for (const found of findCommands(source, world.cwd, world.home)) {
    if (found.type === 'redirect' && asking.has(found.text)) {
      const target = exactArg(found.target);
      rules.add(target === undefined || found.dirs?.length !== 1 ? undefined : pathRule(world, 'Edit', target, false));
    }
    if (found.type !== 'command') continue;
    if (asking.has(wordsOf(found.command).join(' '))) rules.add(simpleRule(world, unwrapped(found.command)));
  }
  const [rule] = rules;
  return rules.size === 1 ? rule : undefined;
}

/** Tools whose second word, or second and third, say what they do. */
const verbs =
  /^(npm|pnpm|yarn|bun|deno|cargo|go|git|make|just|task|docker|podman|kubectl|helm|terraform|gh|glab|pip|pip3|uv|poetry|bundle|gem|mvn|gradle|gradlew|dotnet|swift|composer|brew|apt|apt-get|systemctl|nx|turbo|lerna|rake|mix|rustup|conda|aws|gcloud|az)$/;
const twoVerbs =
  /^(npm run|pnpm run|yarn run|bun run|npm exec|docker compose|docker image|docker container|gh (pr|issue|run|repo|release|api)|uv (pip|run)|git (stash|remote|worktree|submodule|bisect|config)|cargo run|aws \S+|gcloud \S+|az \S+|deno task|go tool)$/;

/** Programs that are one thing whatever their arguments: linters, compilers, test runners. */
const plain =
  /^(tsc|eslint|prettier|oxlint|biome|vitest|jest|mocha|pytest|ruff|mypy|black|isort|flake8|pylint|rspec|rubocop|phpunit|ninja|gofmt|golangci-lint|rustfmt|clang-format|shellcheck|hadolint|knip|playwright)$/;

function wordsOf(command: Simple): readonly string[] {
  return command.argv.map(displayArg);
}

/** The rule is for what `timeout 5 npm test` runs. */
function unwrapped(command: Simple, depth = 0): Simple {
  const inner = depth < maxDepth ? innerOf(command) : undefined;
  return inner === undefined ? command : unwrapped(inner.command, depth + 1);
}

function simpleRule(world: World, command: Simple): string | undefined {
  const name = nameOf(command);
  const words = wordsOf(command);
  if (name === undefined || isRunner(name) || wordsToName(command) > 1) return undefined;
  if (words.some((word) => word.includes('*'))) return undefined;
  const texts = command.argv.slice(1).map((arg) => exactArg(arg) ?? '');
  if (texts.some((text) => protectedIn(world, locate(world, text, world.cwd)) !== undefined)) return undefined;
  if (plain.test(name)) return `Bash(${name}:*)`;
  if (verbs.test(name)) {
    const [, verb, object] = words;
    if (verb === undefined || !/^[\w:.-]+$/.test(verb) || verb.startsWith('-')) return undefined;
    if (
      /^(npm|pnpm|yarn|bun|uv|poetry|bundle|docker|podman|kubectl) (exec|x|dlx|run)$/.test(`${name} ${verb}`) &&
      !/^(npm|pnpm|yarn|bun) run$/.test(`${name} ${verb}`)
    )
      return undefined;
    if (!twoVerbs.test(`${name} ${verb}`)) return `Bash(${name} ${verb}:*)`;
    return object !== undefined && /^[\w:./-]+$/.test(object) && !object.startsWith('-')
      ? `Bash(${name} ${verb} ${object}:*)`
      : undefined;
  }
  // With a variable in it, the same text could mean something else the next time.
  if (command.argv.some((arg) => exactArg(arg) === undefined)) return undefined;
  const text = words.join(' ');
  return /(:\*| \*)$/.test(text) ? undefined : `Bash(${text})`;
}
