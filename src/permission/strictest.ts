// Owns: the order of decisions: deny over ask over allow.
// Promises: of equally strict parts the first speaks.
// Never: judges.
import { type Decision, decisions, type JudgedPart } from '../contract/permission.ts';

function isStricter(a: Decision, b: Decision): boolean {
  return decisions.indexOf(a) > decisions.indexOf(b);
}

/** Nothing to judge is allowed. */
export function strictest<Part extends JudgedPart>(parts: readonly Part[]): Part | JudgedPart {
  const [first, ...rest] = parts;
  if (first === undefined) return { part: '', decision: 'allow', reason: 'nothing to judge' };
  return rest.reduce<Part>((worst, part) => (isStricter(part.decision, worst.decision) ? part : worst), first);
}
