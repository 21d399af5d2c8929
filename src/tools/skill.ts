// Owns: the Skill tool.
// Promises: a skill's text with the directory that its paths are relative to, bounded; an unknown name is answered with the
// names there are.
// Never: runs anything of a skill, or grants what its front matter asks for.
import { z } from 'zod';
import { didYouMean } from '../contract/parse.ts';
import type { Tool } from '../contract/ports.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { visible } from './sanitize.ts';
import { boundText } from './truncate.ts';

export const skillDefinition = {
  name: 'Skill',
  description: 'Load the instructions of a skill from the list of skills.',
  input: z.strictObject({ skill: z.string().min(1).describe('Its name in the list') }),
  access: 'read',
} as const;

type Skill = {
  readonly name: string;
  /** The SKILL.md, absolute. */
  readonly path: string;
  readonly directory: string;
  readonly body: string;
};

/** The skills of one worker, as they are on disk when it asks. */
export type FindSkills = () => Promise<readonly Skill[]>;

export function skillTool({ limits }: ToolContext, findSkills: FindSkills): Tool {
  return bindTool(skillDefinition, {
    async run({ skill: name }) {
      const skills = await findSkills();
      const skill = skills.find((each) => each.name === name);
      if (skill === undefined) {
        const names = skills.map((each) => each.name);
        throw new ToolFailure(
          `There is no skill "${name}"${didYouMean(name, names) || '.'} There are: ${names.join(', ') || 'none'}.`,
        );
      }
      const bounds = { bytes: limits.outputBytes, lines: limits.outputLines };
      const body = boundText(visible(skill.body), bounds, `Read ${skill.path} for the rest.`);
      return `Skill ${name}. Paths in it are relative to ${skill.directory}\n\n${body}`;
    },
  });
}
