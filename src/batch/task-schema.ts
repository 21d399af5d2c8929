// Owns: the form of a task in a file, of the defaults of a file, and of checks.
// Promises: unknown keys are refused by name; a check is exactly one of its kinds.
import { z } from 'zod';
import { once, type Read } from '../contract/once.ts';
import { workerOptionsSchema } from '../contract/options.ts';

const kinds = ['file_exists', 'command', 'matches', 'json_schema'] as const;

const checkSchema = once(() =>
  z
    .strictObject({
      name: z.string().min(1).optional(),
      /** Relative to the worker's directory. */
      file_exists: z.string().min(1).optional(),
      /** Passes when it exits with 0. Runs in the worker's directory with the environment that tools get. */
      command: z.string().min(1).optional(),
      timeout_seconds: z.number().gt(0).max(600).optional(),
      /** A regular expression that the result must contain. */
      matches: z.string().min(1).optional(),
      /** The schema, or the path of its file behind an @. */
      json_schema: z.union([z.record(z.string(), z.unknown()), z.string().startsWith('@')]).optional(),
    })
    .superRefine((check, context) => {
      const given = kinds.filter((kind) => check[kind] !== undefined);
      if (given.length !== 1) {
        const message = `a check is one of ${kinds.join(', ')}, not ${given.length === 0 ? 'none' : given.join(' and ')}`;
        context.addIssue({ code: 'custom', message });
      }
      if (check.timeout_seconds !== undefined && check.command === undefined) {
        context.addIssue({ code: 'custom', message: 'timeout_seconds belongs to a command' });
      }
    }),
);
export type Check = Read<typeof checkSchema>;

const parts = once(() => ({
  description: z.string().min(1).optional(),
  prompt: z.string().trim().min(1, 'must not be empty').optional(),
  agent_type: z.string().min(1).optional(),
  options: workerOptionsSchema().optional(),
  checks: z.array(checkSchema()).optional(),
}));

export const fileTaskSchema = once(() => z.strictObject({ id: z.string().min(1).max(200).optional(), ...parts() }));
export type FileTaskFields = Read<typeof fileTaskSchema>;

export const defaultsSchema = once(() => z.strictObject(parts()));
export type Defaults = Read<typeof defaultsSchema>;
