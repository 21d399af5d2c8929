// Owns: a verdict as text, for `permissions explain`.
// Promises: one line a part with what decided it, then the verdict; nothing of the verdict is left out.
// Never: decides, or knows of colours.
import type { Verdict } from '../contract/permission.ts';

export function explainVerdict(verdict: Verdict): string {
  const width = Math.min(60, Math.max(0, ...verdict.parts.map(({ part }) => oneLine(part).length)));
  const lines = verdict.parts.map(({ part, decision, reason, rule }) => {
    const by = rule === undefined || reason.includes(rule) ? reason : `${reason} [${rule}]`;
    return `  ${decision.padEnd(5)} ${oneLine(part).padEnd(width)}  ${by}`;
  });
  const suggestion =
    verdict.suggested_rule === undefined
      ? []
      : [`To allow it: --allow '${verdict.suggested_rule.replaceAll("'", String.raw`'\''`)}'`];
  return [...lines, `${verdict.decision}: ${verdict.reason}`, ...suggestion].join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ⏎ ');
}
