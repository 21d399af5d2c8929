// Owns: the skill's files, as they are written into a project.
// Promises: the very files of the plugin folder: the two cannot differ.
// Never: fills anything in.
import examples from './plugin/skills/async-workers/examples.md' with { type: 'text' };
import skill from './plugin/skills/async-workers/SKILL.md' with { type: 'text' };

const folder = '.claude/skills/async-workers';

export const skillFiles: readonly { readonly name: string; readonly text: string }[] = [
  { name: `${folder}/SKILL.md`, text: skill },
  { name: `${folder}/examples.md`, text: examples },
];
