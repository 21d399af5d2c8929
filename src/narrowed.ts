// Owns: what two sets of grants allow together: those of a worker, and those of the one it works for.
// Promises: the stricter verdict counts; a rule that a person gives with an answer counts in both.
// Never: allows what either does not.
import { decisions, type ToolCall } from './contract/permission.ts';
import type { Policy } from './contract/ports.ts';
import type { Granted } from './permissions.ts';

export function narrowed(own: Granted, above: Granted): Granted {
  return {
    notices: own.notices,
    removes: (tool) => own.removes(tool) || above.removes(tool),
    names: (tool) => own.names(tool),
    allows: (tool) => own.allows(tool) && above.allows(tool),
    mayRead: (real) => own.mayRead(real) && above.mayRead(real),
    policy: (remembered) => both(own.policy(remembered), above.policy(remembered)),
  };
}

function both(own: Policy, above: Policy): Policy {
  return {
    evaluate(call: ToolCall) {
      const [a, b] = [own.evaluate(call), above.evaluate(call)];
      return decisions.indexOf(b.decision) > decisions.indexOf(a.decision) ? b : a;
    },
    remember(rule) {
      own.remember(rule);
      above.remember(rule);
    },
  };
}
