// Owns: turning a command, an assignment or a redirect of the parse into what the gate judges.
// Promises: words are read before the command changes anything; assignments take effect in their order.
// Never: follows control flow (walk.ts).
import { type Assignment, type Command, forEachChild, type Redirection, type Word } from 'unbash';
import { type Place, report, textOf } from './place.ts';
import { runSimple, type Simple } from './simple.ts';
import { lookupIn, type State } from './state.ts';
import { type Arg, exactText, readWord, type Value } from './word.ts';

export function collectWord(word: Word, place: Place): Arg {
  place.visit(word, place);
  return readWord(word, lookupIn(place.state));
}

export function collectRedirect(node: Redirection, place: Place): void {
  if (node.descriptor?.type === 'FileDescriptorVariable') {
    place.found.push({ type: 'assignment', name: node.descriptor.name, text: textOf(node, place) });
    place.state.vars.set(node.descriptor.name, undefined);
  }
  if (node.type === 'HereDoc') return forEachChild(node.body, (child) => place.visit(child, place));
  if (node.target === undefined) return report(place, node, 'redirects to nothing');
  const target = collectWord(node.target, place);
  if (node.type === 'HereString') return;
  const { operator } = node;
  place.found.push({ type: 'redirect', operator, target, text: textOf(node, place), dirs: place.state.dirs });
}

export function collectCommand(node: Command, place: Place): void {
  const { state, found } = place;
  const assignments: Simple['assignments'][number][] = [];
  const argv = node.name === undefined ? [] : [collectWord(node.name, place)];
  for (const each of [...node.prefix, ...node.suffix]) {
    if (each.type === 'Word') argv.push(collectWord(each, place));
    else if (each.type !== 'Assignment') collectRedirect(each, place);
    else {
      forEachChild(each, (child) => place.visit(child, place));
      if (each.index !== undefined && !/^\d+$/.test(each.index.text)) report(place, each, 'evaluates a subscript');
      if (node.name === undefined) assign(each, place);
      else if (node.prefix.includes(each)) assignments.push(setting(each));
      else argv.push({ raw: each.text, values: declared(each, state) });
    }
  }
  if (node.name === undefined) return;
  const before = place.feeder === undefined ? {} : { feeder: place.feeder };
  const functions = new Map(place.unsets ? [] : state.functions);
  const command: Simple = { raw: textOf(node, place), argv, assignments, dirs: state.dirs, functions, ...before };
  found.push({ type: 'command', command });
  runSimple(command, state);
}

function assign(node: Assignment, place: Place): void {
  const { state, found } = place;
  found.push({ type: 'assignment', name: node.name, text: node.text });
  const whole = node.value.type === 'Word' && node.append !== true && node.index === undefined;
  const values = whole && node.value.type === 'Word' ? readWord(node.value, lookupIn(state)).values : undefined;
  const known = values?.every((value) =>
    value.pieces.every((piece) => piece.type === 'text' || piece.type === 'number'),
  );
  state.vars.set(node.name, known === true ? values : undefined);
}

/** Before a command: other settings on the same line may change what a variable in the value means, so only a plain value counts. */
function setting(node: Assignment): Simple['assignments'][number] {
  const whole = node.value.type === 'Word' && node.append !== true && node.index === undefined;
  const [value] = whole && node.value.type === 'Word' ? readWord(node.value, () => undefined).values : [];
  return { name: node.name, text: node.text, value: value === undefined ? undefined : exactText(value) };
}

function declared(node: Assignment, state: State): readonly Value[] {
  const whole = node.value.type === 'Word' && node.append !== true && node.index === undefined;
  if (!whole || node.value.type !== 'Word') return [{ pieces: [{ type: 'loose', text: node.text }] }];
  const values = readWord(node.value, lookupIn(state)).values;
  return values.map((value) => ({ pieces: [{ type: 'text', text: `${node.name}=` }, ...value.pieces] }));
}
